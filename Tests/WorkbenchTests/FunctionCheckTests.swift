import ConstrainedDecoding
import Foundation
import JSON
import Terminal
import Testing

@testable import Workbench

struct FunctionCheckTests {
  private static func tool(_ inner: String) -> String { "{\"type\": \"function\", \"function\": \(inner)}" }
  private static func parameters(_ schema: String) -> String {
    "{\"name\": \"f\", \"description\": \"d\", \"parameters\": \(schema)}"
  }

  /// Every diagnostic as the status row says it, errors with "!".
  private func spoken(_ text: String) -> [String] {
    let editor = TextEditor(text: text, options: .code)
    return FunctionCheck(editor.buffer).diagnostics.map { diagnostic in
      let place = editor.place(of: diagnostic.place)
      return "\(place.line):\(place.column)\(diagnostic.severity == .error ? "!" : "") \(diagnostic.message)"
    }
  }

  @Test(arguments: [
    ("{\n  \"a\" 1\n}", ["2:7! found \"1\", expected \":\" after the key"]),
    ("{\"城市\" 1}", ["1:7! found \"1\", expected \":\" after the key"]),
    ("", ["1:1! found the end of the text, expected a value"]),
    ("[]", ["1:1! a function is an object; found an array"]),
    (
      "{\"name\": \"f\", \"description\": \"d\", \"parameters\": {\"type\": \"object\"}, \"name\": \"g\"}",
      ["1:69 the object already has a key \"name\"; only this last one counts"]
    ),
    (tool("\"f\""), ["1:34! \"function\" is a string; an object with a \"name\" is expected"]),
    (
      "{\"function\": \(parameters("{\"type\": \"object\"}")), \"x\": 1}",
      [
        "1:1 \"type\": \"function\" is missing beside \"function\"",
        "1:83 \"x\" is not a member of a tool; \"type\" and \"function\" are",
      ]
    ),
    (
      "{\"type\": \"tool\", \"function\": \(parameters("{\"type\": \"object\"}"))}",
      ["1:10! \"type\" is \"tool\"; \"function\" is expected"]
    ),
    (
      "{\"name\": 1}",
      [
        "1:1 \"parameters\" is missing; without arguments it is {\"type\": \"object\", \"properties\": {}}"
      ]
    ),
    (
      "{\"name\": \"taken\", \"description\": \"\", \"parameters\": [], \"parameter\": 1}",
      [
        "1:52! \"parameters\" is an array; a schema with \"type\": \"object\" is expected",
        "1:56 \"parameter\" is not a member of a function; name, description, parameters and strict are",
      ]
    ),
    (
      "{\"name\": \"查询\", \"description\": null, \"parameters\": {}}",
      ["1:51! \"parameters\" needs \"type\": \"object\""]
    ),
    (parameters("{\"type\": \"array\"}"), ["1:58! the type of \"parameters\" is \"array\"; \"object\" is expected"]),
    (tool(parameters("{\"type\": \"object\", \"properties\": {}}")), []),
  ])
  func `a function's text gets these sentences`(text: String, sentences: [String]) {
    #expect(spoken(text) == sentences)
  }

  @Test func `the underlined part is the value, or the character at which the text stops being JSON`() {
    let editor = TextEditor(text: "{\n  \"name\": 1,\n  \"x\": tru\n", options: .code)
    let diagnostics = FunctionCheck(editor.buffer).diagnostics
    #expect(diagnostics.map { editor.buffer.text(in: $0.range) } == ["t"])
    let other = TextEditor(text: "{\"parameters\": [\n]}", options: .code)
    let errors = FunctionCheck(other.buffer).diagnostics.filter { $0.severity == .error }
    #expect(errors.map { other.buffer.text(in: $0.range) } == ["["])
  }

  @Test func `pretty-printing keeps numbers and can be undone, and a faulty text is left alone`() {
    var schema = SchemaEditor(text: "{\"a\":1.50,\"b\":[]}")
    let isFormatted = schema.format()
    #expect(isFormatted)
    #expect(schema.text == "{\n  \"a\": 1.50,\n  \"b\": []\n}")
    schema.editor.undo()
    #expect(schema.text == "{\"a\":1.50,\"b\":[]}")
    var faulty = SchemaEditor(text: "{\"a\":")
    let isFaultyFormatted = faulty.format()
    #expect(!isFaultyFormatted)
    #expect(faulty.text == "{\"a\":")
  }

  @Test func `the linter's sentences come with their rule and their fix, and the fix is one step`() throws {
    let text = """
      {
        "name": "get_weather",
        "description": "Returns the weather of a city. Use it for today. It fails for unknown cities.",
        "parameters": {
          "type": "object",
          "properties": {"city": {"type": "string", "description": "名"}},
          "required": ["ctiy"]
        }
      }
      """
    var schema = SchemaEditor(text: text)
    schema.check()
    #expect(
      schema.spokenDiagnostic?.message
        == "P6 the required \"ctiy\" is not among the properties; fix: write \"city\"")
    #expect(schema.editor.buffer.text(in: try #require(schema.spokenDiagnostic).range) == "\"ctiy\"")
    let fix = schema.fix()
    #expect(fix?.title == "write \"city\"")
    #expect(schema.text == text.replacingOccurrences(of: "ctiy", with: "city"))
    schema.check()
    #expect(schema.diagnostics.isEmpty)
    #expect(schema.fix() == nil)
    schema.editor.undo()
    #expect(schema.text == text)
  }

  @Test func `another profile has other rules, and another function of the same name is one too many`() throws {
    let text = """
      {"name": "f", "description": "Returns it. Use it now. It fails at night.", "parameters": {"type": "object", "properties": {}}}
      """
    var schema = SchemaEditor(text: text)
    func rules() -> [String] {
      schema.check()
      return schema.diagnostics.map { String($0.message.prefix(2)) }
    }
    #expect(rules() == [])
    schema.profile = .openAIStrict
    #expect(rules() == ["S2"])
    schema.profile = .qwen3
    schema.others = [["name": "f"]]
    #expect(rules() == ["N2"])
  }

  @Test(arguments: [(60, 10), (40, 8)])
  func `the status row says the place and the sentence`(width: Int, height: Int) throws {
    var schema = SchemaEditor(text: "{\n  \"name\": \"get_weather\",\n  \"parameters\" {}\n}")
    schema.editor.moveCursor(to: TextPosition(1, 3))
    let buffer = drawn(width: width, height: height) {
      schema.draw(into: $0, $0.bounds, context(), summary: "132 tokens")
    }
    try expectSnapshot(buffer, "schema-error-\(width)x\(height)")
  }
}
