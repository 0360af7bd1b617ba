import ConstrainedDecoding
import JSON

/// What the text of a function lacks before its schema can be looked at: its JSON, and the form of a tool. What is in it
/// `SchemaLint` judges.
struct FunctionCheck {
  /// In the order of the text.
  private(set) var diagnostics: [TextDiagnostic] = []
  private let buffer: TextBuffer

  private static let members = ["name", "description", "parameters", "strict"]

  /// The text's JSON, for what is looked at next; nil where it has none.
  private(set) var document: JSONDocument?

  init(_ buffer: TextBuffer) {
    self.buffer = buffer
    do throws(JSONError) {
      let document = try JSONDocument(parsing: buffer.text)
      for key in document.duplicateKeys {
        warn(key.range, "the object already has a key \"\(key.key)\"; only this last one counts")
      }
      checkTool(Node(document.value, document.positions))
      self.document = document
    } catch {
      fail(error.offset..<error.offset, error.message)
    }
    sort()
  }

  /// Adds what the linter finds.
  mutating func lint(profile: LintProfile, besides others: [JSONValue]) {
    guard let document else { return }
    for finding in SchemaLint(profiles: [profile]).findings(in: document.value, name: "", besides: others) {
      let severity: TextDiagnostic.Severity =
        switch finding.severity {
        case .error: .error
        case .warning: .warning
        case .info: .remark
        }
      var sentence = "\(finding.rule) \(finding.sentence)"
      if let fix = finding.fix { sentence += "; fix: \(fix.title)" }
      var range = document.range(of: finding.pointer)
      // Of an object that lacks something its bracket is marked.
      if buffer.text.utf8.dropFirst(range.lowerBound).first == UInt8(ascii: "{") {
        range = range.lowerBound..<range.lowerBound + 1
      }
      add(severity, range, sentence, fix: finding.fix)
    }
    sort()
  }

  private mutating func sort() { diagnostics.sort { $0.range.lowerBound < $1.range.lowerBound } }

  // MARK: - The function

  private mutating func checkTool(_ root: Node) {
    guard case .object(let tool) = root.value else {
      return fail(root.range, "a function is an object; found \(article(root.value.typeName))")
    }
    guard let inner = root["function"] else { return checkFunction(root) }
    if let type = root["type"] {
      if type.value.string != "function" { fail(type.range, "\"type\" is \(type.shown); \"function\" is expected") }
    } else {
      warn(root.opening, "\"type\": \"function\" is missing beside \"function\"")
    }
    for (key, range) in root.keys where !["type", "function"].contains(key) && tool.count > 1 {
      warn(range, "\"\(key)\" is not a member of a tool; \"type\" and \"function\" are")
    }
    guard inner.value.object != nil else {
      return fail(
        inner.range, "\"function\" is \(article(inner.value.typeName)); an object with a \"name\" is expected")
    }
    checkFunction(inner)
  }

  private mutating func checkFunction(_ function: Node) {
    if let parameters = function["parameters"] {
      checkParameters(parameters)
    } else {
      warn(
        function.opening,
        "\"parameters\" is missing; without arguments it is {\"type\": \"object\", \"properties\": {}}")
    }
    for (key, range) in function.keys where !Self.members.contains(key) {
      warn(range, "\"\(key)\" is not a member of a function; name, description, parameters and strict are")
    }
  }

  // MARK: - Its parameters

  private mutating func checkParameters(_ parameters: Node) {
    guard parameters.value.object != nil else {
      return fail(
        parameters.range,
        "\"parameters\" is \(article(parameters.value.typeName)); a schema with \"type\": \"object\" is expected")
    }
    if let type = parameters["type"] {
      if type.value.string != "object" {
        fail(type.range, "the type of \"parameters\" is \(type.shown); \"object\" is expected")
      }
    } else {
      fail(parameters.opening, "\"parameters\" needs \"type\": \"object\"")
    }
  }

  // MARK: - Saying it

  private mutating func fail(_ range: Range<Int>, _ message: String) { add(.error, range, message) }
  private mutating func warn(_ range: Range<Int>, _ message: String) { add(.warning, range, message) }

  /// An empty range takes in the character there, or before it at the end of a line. Of several lines only the first is
  /// marked.
  private mutating func add(
    _ severity: TextDiagnostic.Severity, _ bytes: Range<Int>, _ message: String, fix: LintFix? = nil
  ) {
    let from = buffer.boundary(buffer.position(atByte: bytes.lowerBound))
    var to = buffer.boundary(buffer.position(atByte: bytes.upperBound))
    let lineEnd = TextPosition(from.line, buffer.lines[from.line].utf8.count)
    if to.line > from.line { to = lineEnd }
    var range = from..<max(from, to)
    if range.isEmpty {
      range = from < lineEnd ? from..<buffer.after(from) : from.offset > 0 ? buffer.before(from)..<from : from..<from
    }
    diagnostics.append(TextDiagnostic(severity: severity, range: range, place: from, message: message, fix: fix))
  }

  private func article(_ type: String) -> String {
    switch type {
    case "null": "null"
    case "array", "object", "integer": "an \(type)"
    default: "a \(type)"
    }
  }
}

/// A value and where it stands.
private struct Node {
  let value: JSONValue
  let positions: JSONPositions

  init(_ value: JSONValue, _ positions: JSONPositions) {
    self.value = value
    self.positions = positions
  }

  var range: Range<Int> { positions.range }
  /// The opening bracket.
  var opening: Range<Int> { range.lowerBound..<range.lowerBound + 1 }
  /// The value in a sentence.
  var shown: String {
    let text = value.text(.spaced)
    return text.count <= 40 ? text : String(text.prefix(39)) + "…"
  }

  subscript(key: String) -> Node? {
    guard let object = value.object, let index = object.position(of: key) else { return nil }
    return Node(object.values[index], positions.children[index])
  }

  var keys: [(String, Range<Int>)] { Array(zip(value.object?.keys ?? [], positions.keyRanges)) }
}
