public import enum ConstrainedDecoding.KeyOrder
public import JSON

/// Everything one answer depends on. The whole conversation is handed over each time; what of it has been computed
/// before is found by the engine, so there is no session to go stale.
public struct GenerationRequest: Sendable, Equatable {
  public var messages: [Message]
  /// Offered to the model, in this order.
  public var functions: [FunctionDefinition]
  public var toolChoice: ToolChoice
  /// Whether one answer may call several times.
  public var parallelCalls: Bool
  /// A JSON Schema: text that answers without a call is one JSON value that conforms to it. Nil leaves it free.
  public var responseSchema: JSONValue?
  public var constraint: ConstraintMode
  /// In which order a call's and an answer's members may come under the constraint.
  public var keyOrder: KeyOrder
  public var thinking: ThinkingMode
  public var sampling: SamplingSettings
  /// Generated tokens, at most; nil runs to the end of the context.
  public var tokenLimit: Int?
  /// Generation ends before any of these; they are not part of the answer.
  public var stopStrings: [String]
  /// Alternatives reported for each token.
  public var candidateCount: Int
  /// When tokens are drafted and checked several in a step; no token depends on it.
  public var speculation: SpeculationMode
  /// Further variables for the chat template.
  public var templateOptions: JSONObject

  public init(
    messages: [Message], functions: [FunctionDefinition] = [], toolChoice: ToolChoice = .auto,
    parallelCalls: Bool = true, responseSchema: JSONValue? = nil, constraint: ConstraintMode = .enforce,
    keyOrder: KeyOrder = .schema, thinking: ThinkingMode = .template, sampling: SamplingSettings = .qwen3Thinking, tokenLimit: Int? = nil,
    stopStrings: [String] = [], candidateCount: Int = 10, speculation: SpeculationMode = .calls,
    templateOptions: JSONObject = [:]
  ) {
    self.messages = messages
    self.functions = functions
    self.toolChoice = toolChoice
    self.parallelCalls = parallelCalls
    self.responseSchema = responseSchema
    self.constraint = constraint
    self.keyOrder = keyOrder
    self.thinking = thinking
    self.sampling = sampling
    self.tokenLimit = tokenLimit
    self.stopStrings = stopStrings
    self.candidateCount = candidateCount
    self.speculation = speculation
    self.templateOptions = templateOptions
  }
}

/// Which functions the model may call.
public enum ToolChoice: Sendable, Equatable {
  /// Offered; the model decides.
  case auto
  /// Not shown to the model, which cannot open a call.
  case none
  /// One of them must be called.
  case required
  /// This one must be called.
  case named(String)
}

/// What is done about tokens that a function call, or an answer that has a schema, cannot have where they stand. Free text
/// and thoughts have none such.
public enum ConstraintMode: String, Sendable, CaseIterable {
  /// They cannot be drawn: a call is well-formed and its arguments conform to the schema, and so does the answer.
  case enforce
  /// They are reported, and drawn as if there were no schema.
  case observe
  /// Nothing is looked at.
  case off
}

/// Whether the model thinks before it answers.
public enum ThinkingMode: String, Sendable, CaseIterable {
  /// As the template does by itself (`/think` and `/no_think` in the text still count).
  case template
  case on
  case off
}
