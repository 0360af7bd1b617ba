import JSON

/// What shows at once to be wrong with the text of a function: its JSON, its name, and the plain shape of its parameters.
struct FunctionCheck {
  /// In the order of the text.
  private(set) var diagnostics: [TextDiagnostic] = []
  private let buffer: TextBuffer

  static let schemaTypes = ["string", "number", "integer", "boolean", "object", "array", "null"]
  private static let members = ["name", "description", "parameters", "strict"]

  /// - Parameter otherNames: of the workspace's other functions.
  init(_ buffer: TextBuffer, otherNames: [String] = []) {
    self.buffer = buffer
    do throws(JSONError) {
      let document = try JSONDocument(parsing: buffer.text)
      for key in document.duplicateKeys {
        warn(key.range, "the object already has a key \"\(key.key)\"; only this last one counts")
      }
      checkTool(Node(document.value, document.positions), otherNames: otherNames)
    } catch {
      fail(error.offset..<error.offset, error.message)
    }
    diagnostics.sort { $0.range.lowerBound < $1.range.lowerBound }
  }

  // MARK: - The function

  private mutating func checkTool(_ root: Node, otherNames: [String]) {
    guard case .object(let tool) = root.value else {
      return fail(root.range, "a function is an object; found \(article(root.value.typeName))")
    }
    guard let inner = root["function"] else { return checkFunction(root, otherNames: otherNames) }
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
    checkFunction(inner, otherNames: otherNames)
  }

  private mutating func checkFunction(_ function: Node, otherNames: [String]) {
    checkName(function, otherNames: otherNames)
    if let description = function["description"] {
      if description.value.string == nil {
        fail(description.range, "\"description\" is \(article(description.value.typeName)); a string is expected")
      } else if description.value.string?.isEmpty == true {
        warn(description.range, "the description is empty; the model chooses by it")
      }
    } else {
      warn(function.opening, "\"description\" is missing; the model chooses by it")
    }
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

  private mutating func checkName(_ function: Node, otherNames: [String]) {
    guard let name = function["name"] else { return fail(function.opening, "\"name\" is missing") }
    guard let text = name.value.string else {
      return fail(name.range, "\"name\" is \(article(name.value.typeName)); a string is expected")
    }
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    if text.isEmpty {
      fail(name.range, "the name is empty")
    } else if otherNames.contains(text) {
      fail(name.range, "another function is called \"\(text)\" too")
    } else if !isPlain || text.utf8.count > 64 {
      warn(name.range, "other programs take only names of 1 to 64 letters, digits, \"_\" and \"-\"")
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
    checkSchema(parameters, isRoot: true)
  }

  private mutating func checkSchema(_ schema: Node, isRoot: Bool = false) {
    if case .bool = schema.value { return }
    guard schema.value.object != nil else {
      return fail(schema.range, "a schema is an object; found \(article(schema.value.typeName))")
    }
    if !isRoot { checkType(schema) }
    checkEnum(schema)
    checkRequired(schema)
    if let properties = schema["properties"] {
      guard properties.value.object != nil else {
        return fail(properties.range, "\"properties\" is \(article(properties.value.typeName)); an object is expected")
      }
      for child in properties.children { checkSchema(child) }
    }
    for key in ["items", "additionalProperties", "not"] {
      if let child = schema[key], child.value.array == nil { checkSchema(child) }
    }
    for key in ["anyOf", "oneOf", "allOf"] {
      guard let list = schema[key] else { continue }
      if list.value.array?.isEmpty ?? true {
        fail(list.range, "\"\(key)\" is \(list.shown); an array of schemas is expected")
      }
      if list.value.array != nil { for child in list.children { checkSchema(child) } }
    }
  }

  private mutating func checkType(_ schema: Node) {
    guard let type = schema["type"] else {
      let others = ["enum", "const", "anyOf", "oneOf", "allOf", "$ref"]
      if !others.contains(where: { schema[$0] != nil }) { warn(schema.opening, "\"type\" is missing") }
      return
    }
    let names = type.value.array != nil ? type.children : [type]
    for name in names where name.value.string.map({ !Self.schemaTypes.contains($0) }) ?? true {
      fail(name.range, "\(name.shown) is not a type; \(Self.schemaTypes.joined(separator: ", ")) are")
    }
  }

  private mutating func checkEnum(_ schema: Node) {
    guard let list = schema["enum"] else { return }
    guard let values = list.value.array, !values.isEmpty else {
      return fail(list.range, "\"enum\" is \(list.shown); an array of at least one value is expected")
    }
    guard let type = schema["type"]?.value.string, Self.schemaTypes.contains(type) else { return }
    for (value, child) in zip(values, list.children) {
      let isInteger = value.number != nil && value.int != nil
      if value.typeName != type, !(type == "integer" && isInteger) {
        fail(child.range, "\(child.shown) is \(article(value.typeName)); the type here is \"\(type)\"")
      }
    }
  }

  private mutating func checkRequired(_ schema: Node) {
    guard let required = schema["required"] else { return }
    guard let values = required.value.array else {
      return fail(
        required.range,
        "\"required\" is \(required.shown); the array of the names that must be given is expected, beside \"properties\""
      )
    }
    let known = schema["properties"]?.value.object
    for (value, child) in zip(values, required.children) {
      guard let name = value.string else {
        fail(child.range, "\(child.shown) in \"required\" is \(article(value.typeName)); a name is expected")
        continue
      }
      if let known, known[name] == nil { fail(child.range, "\"\(name)\" is required but not among the properties") }
      if known == nil { fail(child.range, "\"\(name)\" is required but there are no \"properties\"") }
    }
  }

  // MARK: - Saying it

  private mutating func fail(_ range: Range<Int>, _ message: String) { add(.error, range, message) }
  private mutating func warn(_ range: Range<Int>, _ message: String) { add(.warning, range, message) }

  /// An empty range takes in the character there, or before it at the end of a line. Of several lines only the first is
  /// marked.
  private mutating func add(_ severity: TextDiagnostic.Severity, _ bytes: Range<Int>, _ message: String) {
    let from = buffer.boundary(buffer.position(atByte: bytes.lowerBound))
    var to = buffer.boundary(buffer.position(atByte: bytes.upperBound))
    let lineEnd = TextPosition(from.line, buffer.lines[from.line].utf8.count)
    if to.line > from.line { to = lineEnd }
    var range = from..<max(from, to)
    if range.isEmpty {
      range = from < lineEnd ? from..<buffer.after(from) : from.offset > 0 ? buffer.before(from)..<from : from..<from
    }
    diagnostics.append(TextDiagnostic(severity: severity, range: range, place: from, message: message))
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

  /// Elements, or the members' values.
  var children: [Node] {
    let values = value.array ?? value.object?.values ?? []
    return zip(values, positions.children).map { Node($0, $1) }
  }
}
