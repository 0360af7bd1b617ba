public import JSON

/// One message of a conversation, as the chat template sees it.
public struct Message: Sendable, Equatable {
  /// Who speaks.
  public enum Role: String, Sendable, CaseIterable { case system, user, assistant, tool }

  public var role: Role
  public var content: String
  /// What an assistant thought before it answered; templates drop it from earlier turns.
  public var reasoning: String?
  /// Functions an assistant called, in order.
  public var toolCalls: [ToolCall]
  /// For a tool's message: the function whose result this is.
  public var toolName: String?

  public init(
    _ role: Role, _ content: String, reasoning: String? = nil, toolCalls: [ToolCall] = [], toolName: String? = nil
  ) {
    self.role = role
    self.content = content
    self.reasoning = reasoning
    self.toolCalls = toolCalls
    self.toolName = toolName
  }
}

/// A function call that a model wrote.
public struct ToolCall: Sendable, Equatable {
  public var name: String
  public var arguments: JSONObject

  public init(name: String, arguments: JSONObject) {
    self.name = name
    self.arguments = arguments
  }
}

/// A function that is offered to the model: one tool in OpenAI's form, kept whole.
public struct FunctionDefinition: Sendable, Equatable {
  /// `{"type": "function", "function": {"name": …, "description": …, "parameters": …}}`.
  public let definition: JSONValue
  public let name: String

  /// Takes OpenAI's form or the bare inner object. Throws if there is no name.
  public init(_ definition: JSONValue) throws(GenerationError) {
    let wrapped = definition["function"] == nil ? ["type": "function", "function": definition] : definition
    guard let name = wrapped["function"]?["name"]?.string, !name.isEmpty else {
      throw .badFunction("a function needs a \"name\"; found \(definition.text().prefix(80))")
    }
    self.definition = wrapped
    self.name = name
  }

  public var description: String? { definition["function"]?["description"]?.string }
  /// The JSON Schema of the arguments, if there is one.
  public var parameters: JSONValue? { definition["function"]?["parameters"] }
}
