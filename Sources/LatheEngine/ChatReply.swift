public import Engine

/// What a model answered: text or calls, and what is known of how it came about.
public struct ChatReply: Sendable, Equatable {
  /// What the answer asks of the program.
  public enum Content: Sendable, Equatable {
    /// An answer for the user.
    case text(String)
    /// Functions to call, in order; what the model said before them is in `text`.
    case calls([ToolCall])
  }

  /// The stop reason, token counts and times. An answer whose stop reason is not `endOfTurn` is cut short.
  public let summary: GenerationSummary

  public init(summary: GenerationSummary) { self.summary = summary }

  public var content: Content { calls.isEmpty ? .text(text) : .calls(calls) }
  /// To be appended to the conversation before the results of its calls.
  public var message: Message { summary.message }
  public var text: String { message.content }
  public var calls: [ToolCall] { message.toolCalls }
  /// What the model thought before it answered.
  public var reasoning: String? { message.reasoning }
}
