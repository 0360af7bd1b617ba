public import JSON

/// What a function call came to: a JSON value for the model, or an error that it is told of.
public enum ToolResult: Sendable, Equatable {
  case value(JSONValue)
  case error(String)

  /// The text of the tool's message: the value as the model's own training writes it, an error as an object.
  public var content: String {
    switch self {
    case .value(.string(let text)): text
    case .value(let value): value.text(.spaced)
    case .error(let sentence): JSONValue.object(["error": .string(sentence)]).text(.spaced)
    }
  }

  public var isError: Bool { if case .error = self { true } else { false } }

  /// Text as a person or a program gives it: JSON if it is that, else a string.
  public init(text: String) {
    if let value = try? JSONValue(parsing: text) {
      self = .value(value)
    } else {
      self = .value(.string(text))
    }
  }
}
