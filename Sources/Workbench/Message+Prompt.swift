public import Documents
public import Engine

// A message as a prompt's file has it, and as the engine takes it.

extension Message.Role {
  init(_ role: PromptMessage.Role) {
    switch role {
    case .system: self = .system
    case .user: self = .user
    case .assistant: self = .assistant
    case .tool: self = .tool
    }
  }
}

extension PromptMessage.Role {
  init(_ role: Message.Role) {
    switch role {
    case .system: self = .system
    case .user: self = .user
    case .assistant: self = .assistant
    case .tool: self = .tool
    }
  }
}

extension Message {
  /// A message of a prompt file.
  public init(_ message: PromptMessage) {
    self.init(
      Role(message.role), message.content, reasoning: message.thinking,
      toolCalls: message.calls.map { ToolCall(name: $0.name, arguments: $0.arguments) }, toolName: message.toolName)
  }
}

extension PromptMessage {
  init(_ message: Message) {
    self.init(
      Role(message.role), message.content, thinking: message.reasoning,
      calls: message.toolCalls.map { Call(name: $0.name, arguments: $0.arguments) }, toolName: message.toolName)
  }
}
