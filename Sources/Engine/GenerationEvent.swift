public import ModelFiles

/// What a backend reports while it answers a request. A stream is
/// `accepted`, `prefilled`…, then `token` and `toolCall` as they come, and one of `finished` and `failed`, which is last.
public enum GenerationEvent: Sendable, Equatable {
  /// Once, first, unless the request fails before it is rendered.
  case accepted(PromptTrace)
  /// After each chunk of the prompt. `done` counts the reused positions too; the last one has `done == total`.
  case prefilled(done: Int, total: Int)
  /// For each generated token, the ending one included.
  case token(TokenEvent)
  /// After the token that closed the call.
  case toolCall(ToolCall)
  /// After the token at which a call could no longer be understood; its text stays in the answer.
  case malformedToolCall(MalformedToolCall)
  /// The request's warnings (temperature 0 while thinking), after `accepted`.
  case warning(String)
  /// Last, if the generation ended by itself or was stopped.
  case finished(GenerationSummary)
  /// Last, otherwise.
  case failed(GenerationError)
}

/// Which part of an answer a token belongs to.
public enum Lane: String, Sendable, CaseIterable {
  case thinking, answer, toolCall
  /// Tags and the end of the turn: tokens that belong to no text.
  case control
}

/// Text and the part of the answer it belongs to.
public struct LanePiece: Sendable, Equatable {
  public var lane: Lane
  public var text: String

  public init(lane: Lane, text: String) {
    self.lane = lane
    self.text = text
  }
}

/// One generated token and what is known of the choice.
public struct TokenEvent: Sendable, Equatable {
  /// From 0, among the generated tokens.
  public var index: Int
  public var id: TokenID
  /// The token's own bytes; not always whole characters.
  public var bytes: [UInt8]
  /// The characters this token released, lanes put together. A character that a token leaves incomplete, or that may
  /// yet turn out to begin a tag or a stop string, is released by a later token; what was released stays.
  public var text: String
  /// What the token counts as: the lane of its last character.
  public var lane: Lane
  /// `text`, lane by lane. One piece or none, unless a token spans a tag's border.
  public var pieces: [LanePiece]
  /// Natural logarithm of the probability before the sampler's stages. Nil from a backend that cannot know it.
  public var logprob: Float?
  /// From 1, by probability before the sampler's stages.
  public var rank: Int?
  /// In nats, before the sampler's stages.
  public var entropy: Float?
  /// The most probable tokens before the sampler's stages, most probable first; the chosen one is among them or last.
  public var candidates: [TokenCandidate]
  /// What each stage of the sampler took away, in their order; a stage that is off is absent.
  public var removals: [StageRemoval]
  /// What the functions' schemas say about this place; nil where any token may come.
  public var mask: MaskSummary?
  /// Since the request arrived. Tokens that were drafted and computed in one step come close together.
  public var time: Duration
  /// What drafts have done for the answer so far; nil where there are none by choice, or none are known of.
  public var speculation: SpeculationCounts?

  public init(
    index: Int, id: TokenID, bytes: [UInt8], text: String, lane: Lane, logprob: Float? = nil, rank: Int? = nil,
    entropy: Float? = nil, candidates: [TokenCandidate] = [], removals: [StageRemoval] = [], time: Duration,
    pieces: [LanePiece]? = nil, mask: MaskSummary? = nil, speculation: SpeculationCounts? = nil
  ) {
    self.index = index
    self.id = id
    self.bytes = bytes
    self.text = text
    self.lane = lane
    self.pieces = pieces ?? (text.isEmpty ? [] : [LanePiece(lane: lane, text: text)])
    self.logprob = logprob
    self.rank = rank
    self.entropy = entropy
    self.candidates = candidates
    self.removals = removals
    self.mask = mask
    self.time = time
    self.speculation = speculation
  }
}

/// One of the tokens that could have come at a place.
public struct TokenCandidate: Sendable, Equatable {
  public var id: TokenID
  public var bytes: [UInt8]
  /// Softmax of the logits as the model gave them.
  public var probability: Float
  /// After all stages; 0 for a token that a stage removed.
  public var sampledProbability: Float

  public init(id: TokenID, bytes: [UInt8], probability: Float, sampledProbability: Float) {
    self.id = id
    self.bytes = bytes
    self.probability = probability
    self.sampledProbability = sampledProbability
  }
}

/// What one stage of the sampler took away at a place.
public struct StageRemoval: Sendable, Equatable {
  public var stage: SamplerStage
  public var removedTokens: Int
  /// Of the probability that stood before this stage.
  public var removedMass: Float

  public init(stage: SamplerStage, removedTokens: Int, removedMass: Float) {
    self.stage = stage
    self.removedTokens = removedTokens
    self.removedMass = removedMass
  }
}

/// Which tokens a function call could not have at one place, and what the model made of them.
public struct MaskSummary: Sendable, Equatable {
  /// The forbidden token that the model found most probable.
  public struct Forbidden: Sendable, Equatable {
    public var id: TokenID
    public var bytes: [UInt8]
    /// Before the sampler's stages.
    public var probability: Float

    public init(id: TokenID, bytes: [UInt8], probability: Float) {
      self.id = id
      self.bytes = bytes
      self.probability = probability
    }
  }

  public var allowedCount: Int
  public var forbiddenCount: Int
  /// Probability of all forbidden tokens together, before the sampler's stages.
  public var removedMass: Float
  /// Nil if every token is allowed.
  public var bestForbidden: Forbidden?
  /// False while observing: then forbidden tokens stay in the draw.
  public var isEnforced: Bool
  /// The token that was drawn is a forbidden one; only while observing.
  public var forbidsToken: Bool

  public init(
    allowedCount: Int, forbiddenCount: Int, removedMass: Float, bestForbidden: Forbidden?, isEnforced: Bool,
    forbidsToken: Bool
  ) {
    self.allowedCount = allowedCount
    self.forbiddenCount = forbiddenCount
    self.removedMass = removedMass
    self.bestForbidden = bestForbidden
    self.isEnforced = isEnforced
    self.forbidsToken = forbidsToken
  }
}

/// Text between tool-call tags that is not a call, and why.
public struct MalformedToolCall: Sendable, Equatable {
  public var text: String
  public var reason: String

  public init(text: String, reason: String) {
    self.text = text
    self.reason = reason
  }
}

/// A call whose arguments the whole schema of its function refuses: what the mask leaves open is checked when the call is
/// closed.
public struct InvalidToolCall: Sendable, Equatable {
  /// Its place among the message's calls.
  public var index: Int
  public var name: String
  /// A sentence each, with the places in the arguments and in the schema.
  public var faults: [String]

  public init(index: Int, name: String, faults: [String]) {
    self.index = index
    self.name = name
    self.faults = faults
  }
}

/// What came of a request.
public struct GenerationSummary: Sendable, Equatable {
  public var stopReason: StopReason
  /// The answer as a message for the next request, complete or cut short.
  public var message: Message
  public var malformedToolCalls: [MalformedToolCall]
  /// Calls of the message that violate their schema; none are looked for where the constraint is off.
  public var invalidToolCalls: [InvalidToolCall]
  /// Where an answer that has a schema violates it, a sentence each.
  public var answerFaults: [String]
  public var counts: TokenCounts
  public var phases: PhaseTimes
  /// The seed that was used.
  public var seed: UInt64
  /// Bytes of weights and KV that were read, prefill and decode together, of a step that several requests share a part; nil
  /// where unknown.
  public var bytesMoved: Int?
  /// What drafts have done; nil where there are none by choice, or none are known of.
  public var speculation: SpeculationCounts?

  public init(
    stopReason: StopReason, message: Message, malformedToolCalls: [MalformedToolCall], counts: TokenCounts,
    phases: PhaseTimes, seed: UInt64, bytesMoved: Int?, invalidToolCalls: [InvalidToolCall] = [],
    answerFaults: [String] = [], speculation: SpeculationCounts? = nil
  ) {
    self.stopReason = stopReason
    self.message = message
    self.malformedToolCalls = malformedToolCalls
    self.invalidToolCalls = invalidToolCalls
    self.answerFaults = answerFaults
    self.counts = counts
    self.phases = phases
    self.seed = seed
    self.bytesMoved = bytesMoved
    self.speculation = speculation
  }
}

/// Why an answer ended.
public enum StopReason: Sendable, Equatable {
  /// A token that ends a turn.
  case endOfTurn
  case stopString(String)
  case tokenLimit
  /// The context has no room for another token.
  case contextFull
  /// The stream was dropped or its task cancelled.
  case cancelled
}

/// Tokens of a request, by what they were for.
public struct TokenCounts: Sendable, Equatable {
  public var prompt = 0
  /// Of the prompt, found computed.
  public var cached = 0
  public var thinking = 0
  public var answer = 0
  public var toolCall = 0
  /// Tags and the end of the turn.
  public var control = 0

  public init() {}
  public var prefilled: Int { prompt - cached }
  public var generated: Int { thinking + answer + toolCall + control }
}

/// Where a request's time went, on one monotonic clock. Arrival is the moment `generate` was called, before rendering;
/// queue, render, tokenise, look-up, prefill, first sample and detokenise follow one another from there to the first
/// token, with little between them.
public struct PhaseTimes: Sendable, Equatable {
  /// Running the chat template.
  public var render: Duration = .zero
  public var tokenise: Duration = .zero
  /// Waiting: for the engine thread, for the grammar, for the prompts of requests that came before, and between two chunks
  /// of the prompt for the answers beside it.
  public var queue: Duration = .zero
  /// Finding and holding the pages of the computed prefix.
  public var lookUp: Duration = .zero
  /// The forward pass over the rest of the prompt, chunk by chunk; rows of other answers are computed in the same steps.
  public var prefill: Duration = .zero
  /// Drawing the first token, its statistics included.
  public var firstSample: Duration = .zero
  /// Turning the first token into text and lanes.
  public var detokenise: Duration = .zero
  /// Arrival to the first token, all waiting included: TTFT.
  public var firstToken: Duration = .zero
  /// First token to last token.
  public var decode: Duration = .zero
  /// Arrival to the last token: E2EL.
  public var total: Duration = .zero

  public init() {}
}
