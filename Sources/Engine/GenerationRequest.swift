public import JSON

/// Everything one answer depends on. The whole conversation is handed over each time; what of it has been computed
/// before is found by the engine, so there is no session to go stale.
public struct GenerationRequest: Sendable, Equatable {
  public var messages: [Message]
  /// Offered to the model, in this order.
  public var functions: [FunctionDefinition]
  public var toolChoice: ToolChoice
  public var thinking: ThinkingMode
  public var sampling: SamplingSettings
  /// Generated tokens, at most; nil runs to the end of the context.
  public var tokenLimit: Int?
  /// Generation ends before any of these; they are not part of the answer.
  public var stopStrings: [String]
  /// Alternatives reported for each token.
  public var candidateCount: Int
  /// Further variables for the chat template.
  public var templateOptions: JSONObject

  public init(
    messages: [Message], functions: [FunctionDefinition] = [], toolChoice: ToolChoice = .auto,
    thinking: ThinkingMode = .template, sampling: SamplingSettings = .qwen3Thinking, tokenLimit: Int? = nil,
    stopStrings: [String] = [], candidateCount: Int = 10, templateOptions: JSONObject = [:]
  ) {
    self.messages = messages
    self.functions = functions
    self.toolChoice = toolChoice
    self.thinking = thinking
    self.sampling = sampling
    self.tokenLimit = tokenLimit
    self.stopStrings = stopStrings
    self.candidateCount = candidateCount
    self.templateOptions = templateOptions
  }
}

/// Which functions the model may call.
public enum ToolChoice: Sendable, Equatable {
  /// Offered; the model decides.
  case auto
  /// Not shown to the model.
  case none
}

/// Whether the model thinks before it answers.
public enum ThinkingMode: String, Sendable, CaseIterable {
  /// As the template does by itself (`/think` and `/no_think` in the text still count).
  case template
  case on
  case off
}
