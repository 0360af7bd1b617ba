import JSON
import Jinja
import TestSupport

extension Reference {
  /// A file of one JSON object a line.
  static func rows(_ relative: String) throws -> [JSONObject] { try lines(relative).map { $0.object ?? [:] } }
}

/// The time at which the reference was rendered.
let referenceClock = TemplateClock.fixed(LocalTime(year: 2025, month: 11, day: 23, hour: 12, minute: 34, second: 56))

extension TemplateError.Kind {
  /// The Python exceptions that an error of this kind stands for.
  var pythonNames: Set<String> {
    switch self {
    case .syntax: ["TemplateSyntaxError", "TemplateAssertionError", "SyntaxError"]
    case .raised: ["TemplateError"]
    case .undefined: ["UndefinedError"]
    case .type: ["TypeError"]
    case .value: ["ValueError", "AssertionError"]
    case .lookup: ["KeyError", "IndexError"]
    case .zeroDivision: ["ZeroDivisionError"]
    case .overflow: ["OverflowError"]
    case .security: ["SecurityError"]
    case .recursion: ["RecursionError"]
    case .runtime: ["TemplateRuntimeError", "FilterArgumentError", "RuntimeError"]
    case .limit: ["MemoryError"]
    }
  }
}

/// A rendering or the error instead, compared with what a row of the reference expects.
func mismatch(_ row: JSONObject, _ render: () throws(TemplateError) -> RenderedTemplate) -> String? {
  let outcome: Result<RenderedTemplate, TemplateError> = Result { () throws(TemplateError) in try render() }
  switch (outcome, row["rendered"]?.string, row["error"]?.string) {
  case (.success(let rendered), let expected?, nil):
    return rendered.text == expected && rendered.text.utf8.elementsEqual(expected.utf8)
      ? nil : "got \(rendered.text.debugDescription), expected \(expected.debugDescription)"
  case (.failure(let error), nil, let expected?):
    if !error.kind.pythonNames.contains(expected) { return "got \(error), expected a \(expected)" }
    // Python's parser names a line of the code that Jinja2 generated; imports are refused with our own sentence.
    let message = row["message"]?.string ?? ""
    return error.message == message || message.hasPrefix(error.message) || error.message.hasPrefix(message)
      ? nil : "got \"\(error.message)\", expected \"\(message)\""
  case (.success(let rendered), _, let expected):
    return "got \(rendered.text.debugDescription), expected a \(expected ?? "?")"
  case (.failure(let error), let expected, _): return "got \(error), expected \(expected?.debugDescription ?? "?")"
  }
}
