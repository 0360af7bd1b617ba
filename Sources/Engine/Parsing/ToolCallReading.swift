internal import JSON

/// What stands between `<tool_call>` and `</tool_call>`, read.
enum ToolCallReading: Equatable {
  /// `note` says what was put right on the way, if anything was.
  case call(ToolCall, note: String?)
  case malformed(reason: String)

  /// `{"name": "…", "arguments": {…}}`. Arguments given as a string that holds a JSON object are taken, and so is a
  /// call without arguments.
  init(_ body: String) {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: body, name: "tool call")
    } catch {
      self = .malformed(reason: error.description)
      return
    }
    guard let object = value.object else {
      self = .malformed(
        reason: "the call is \(Self.words(value)); an object with \"name\" and \"arguments\" is expected")
      return
    }
    guard let name = object["name"] else {
      self = .malformed(reason: "the call has \(Self.list(object.keys)); \"name\" and \"arguments\" are expected")
      return
    }
    guard let name = name.string, !name.isEmpty else {
      self = .malformed(reason: "the call's \"name\" is \(name.text()); the name of a function is expected")
      return
    }
    switch object["arguments"] {
    case .object(let arguments):
      self = .call(ToolCall(name: name, arguments: arguments), note: nil)
    case .string(let text):
      do {
        let inner = try JSONValue(parsing: text, name: "arguments of \(name)")
        guard let arguments = inner.object else {
          self = .malformed(
            reason: "the arguments of \(name) are \(Self.words(inner)) in a string; an object is expected")
          return
        }
        self = .call(
          ToolCall(name: name, arguments: arguments),
          note: "the arguments of \(name) came as a string that holds JSON; read as an object")
      } catch {
        self = .malformed(reason: error.description)
      }
    case nil where object.count == 1:
      self = .call(ToolCall(name: name, arguments: [:]), note: "the call of \(name) has no \"arguments\"; read as {}")
    case nil:
      self = .malformed(reason: "the call has \(Self.list(object.keys)); \"name\" and \"arguments\" are expected")
    case let other?:
      self = .malformed(reason: "the arguments of \(name) are \(Self.words(other)); an object is expected")
    }
  }

  private static func words(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool, .number: value.text()
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  private static func list(_ keys: [String]) -> String {
    keys.isEmpty ? "no members" : keys.map { "\"\($0)\"" }.joined(separator: ", ")
  }
}
