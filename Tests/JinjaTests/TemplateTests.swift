import Foundation
import JSON
import Jinja
import Testing

/// `Fixtures/cases.jsonl`: Jinja2's own answers, made by the script beside it.
@Suite struct TemplateTests {
  static let lines =
    (try? String(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "Fixtures/cases.jsonl"), encoding: .utf8))?.split(separator: "\n").map(String.init) ?? []

  @Test func `values, operators, methods, filters and scopes are those of Jinja2`() throws {
    let context = try JSONValue(parsing: #require(Self.lines.first)).object ?? [:]
    #expect(Self.lines.count > 300)
    var failures: [String] = []
    for line in Self.lines.dropFirst() {
      let row = try JSONValue(parsing: line).object ?? [:]
      let failure = mismatch(row) { () throws(TemplateError) in
        try Template(row["template"]?.string ?? "").render(context, now: referenceClock)
      }
      if let failure { failures.append("\(row["template"]?.string ?? "")\n  \(failure)") }
    }
    #expect(failures.isEmpty, "\(failures.count)\n\(failures.joined(separator: "\n"))")
  }

  @Test(arguments: [
    (
      "a\n{% if x %}\n{{ messages.history.length }}",
      "chat template:2:4: Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'."
    ),
    (
      "{{ messages.history }}", "chat template:1:13: 'messages' is undefined\n  {{ messages.history }}\n              ^"
    ),
    (
      "中文\n  {{ '中' + 5 }}",
      "chat template:2:10: can only concatenate str (not \"int\") to str\n    {{ '中' + 5 }}\n            ^"
    ),
    (
      "{{ tools | tojson(indnt=2) }}",
      "chat template:1:12: tojson() got an unexpected keyword argument 'indnt'\n  {{ tools | tojson(indnt=2) }}\n             ^"
    ),
    (
      "{% include 'a' %}",
      "chat template:1:4: no loader for this environment specified; a chat template cannot use \"include\"\n  {% include 'a' %}\n     ^"
    ),
    (
      "{{ range(10 ** 12) }}",
      "chat template:1:9: Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).\n  {{ range(10 ** 12) }}\n          ^"
    ),
    (
      "{{ 'ab' * 10 ** 9 }}",
      "chat template:1:9: a repetition beyond 16777216 bytes or elements is refused\n  {{ 'ab' * 10 ** 9 }}\n          ^"
    ),
    (
      "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
      "chat template:1:20: maximum recursion depth exceeded\n  {% macro f() %}{{ f() }}{% endmacro %}{{ f() }}\n                     ^"
    ),
    (
      "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
      "chat template:1:30: the loops of the template ran 2000000 rounds\n  {% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}\n                               ^"
    ),
  ])
  func `an error shows the place, the line and a caret`(source: String, expected: String) {
    let error = #expect(throws: TemplateError.self) { try Template(source).render([:]) }
    #expect(error.map { $0.description.hasPrefix(expected) } == true, "\(error?.description ?? "no error")")
  }

  @Test func `deep nesting is refused, not fatal`() {
    for source in [
      "{{ " + String(repeating: "(", count: 10_000), "{{ " + String(repeating: "[", count: 10_000),
      "{{ " + String(repeating: "-", count: 10_000) + "1 }}", "{{ 1" + String(repeating: " + 1", count: 10_000) + " }}",
      "{{ a" + String(repeating: ".b", count: 10_000) + " }}", String(repeating: "{% if 1 %}", count: 10_000),
    ] {
      let error = #expect(throws: TemplateError.self) { try Template(source) }
      #expect(error?.kind == .recursion)
    }
  }
}
