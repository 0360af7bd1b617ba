public import ConstrainedDecoding
internal import Glibc
public import ModelFiles

/// A drawn token and what is known of the choice.
public struct SampledToken: Sendable, Equatable {
  /// One of the tokens that could have been drawn.
  public struct Candidate: Sendable, Equatable {
    public var id: TokenID
    /// Softmax of the logits as the model gave them.
    public var probability: Float
    /// After all stages.
    public var sampledProbability: Float
  }

  /// What a mask forbids at this place.
  public struct MaskEffect: Sendable, Equatable {
    public var allowedCount: Int
    public var forbiddenCount: Int
    /// Softmax of the logits as the model gave them, summed over the forbidden tokens.
    public var removedMass: Float
    /// The most probable forbidden token, nil if there is none.
    public var bestForbidden: TokenID?
    /// Of that token, before the stages.
    public var bestForbiddenProbability: Float
    /// The drawn token is forbidden, which a mask that is only observed does not prevent.
    public var forbidsToken: Bool
  }

  public var id: TokenID
  /// Before the stages, as `rank` and `entropy` (nats) are.
  public var logprob: Float
  public var rank: Int
  public var entropy: Float
  /// The most probable before the stages, most probable first; the drawn token is among them or last.
  public var candidates: [Candidate]
  /// What each stage that is on took away, in their order.
  public var removals: [StageRemoval]
  /// Nil without a mask.
  public var mask: MaskEffect?
}

/// Draws tokens from logits, one row at a time, for one answer.
///
/// The stages run in the order of `SamplingSettings.order`; each sees the distribution that the one before left:
///
/// | stage | does |
/// |---|---|
/// | mask | drops the tokens that cannot come, if one is given and enforced |
/// | bias | adds to single logits |
/// | penalties | repetition: divides positive, multiplies other logits of tokens seen; then subtracts presence once and frequency per sight. Prompt and answer count, except that vLLM's presence and frequency look at the answer only |
/// | temperature | divides all logits; 0 keeps only the most probable token, the lowest id of equals |
/// | top-k | keeps k tokens; with equals of the k-th in transformers' and vLLM's order, exactly k in llama.cpp's |
/// | top-p | keeps the fewest most probable tokens with mass p |
/// | min-p | drops tokens below this share of the most probable one |
/// | typical | keeps the mass p whose surprisal is nearest the entropy |
///
/// Wherever equals must be told apart, the lower id goes first. The draw inverts the cumulative distribution in order
/// of ids with one number from `RandomSource` a token, temperature 0 included, so that a seed fixes the answer.
///
/// All large memory is allocated by `init`. Cost for 151,936 logits with Qwen3's settings: under a millisecond.
public struct Sampler: ~Copyable {
  public let settings: SamplingSettings
  private var survivors: Survivors
  private var history: TokenHistory?
  private var random: RandomSource
  private let bias: [(id: TokenID, value: Float)]
  private let stages: [SamplerStage]

  /// `prompt` is what the penalties count before the first token. Throws `badSetting`.
  public init(
    _ settings: SamplingSettings, vocabularySize: Int, prompt: [TokenID], seed: UInt64
  ) throws(GenerationError) {
    try settings.check(vocabularySize: vocabularySize)
    self.settings = settings
    survivors = Survivors(vocabularySize: vocabularySize)
    history =
      settings.hasPenalties
      ? TokenHistory(prompt: prompt, window: settings.penaltyWindow, vocabularySize: vocabularySize) : nil
    random = RandomSource(seed: seed)
    bias = settings.logitBias.map { (id: $0.key, value: $0.value) }.sorted { $0.id < $1.id }
    stages = settings.order.stages.filter(settings.isOn)
  }

  /// Draws from one row of logits, [vocabularySize], which stays as it is, and counts the token as seen. Throws
  /// `inference` if no token has a finite logit, one is NaN, or the mask and the bias leave none.
  /// - Parameter mask: enforced, it comes before all stages; observed, it is only reported. As long as the vocabulary.
  public mutating func sample(
    _ logits: Span<Float>, mask: TokenMask? = nil, mode: ConstraintMode = .enforce, candidateCount: Int
  ) throws(GenerationError) -> SampledToken {
    survivors.load(logits)
    guard survivors.total.isFinite, survivors.total > 0 else {
      throw .inference("the forward pass gave no finite logits; the model's file may be damaged")
    }
    let logPartition = survivors.logPartition
    var result = SampledToken(
      id: 0, logprob: 0, rank: 1, entropy: Float(survivors.entropy), candidates: [], removals: [])
    result.candidates.reserveCapacity(candidateCount + 1)
    let best = survivors.best(candidateCount)
    for place in best {
      let probability = Float(Double(survivors.weight(place)) / survivors.total)
      result.candidates.append(
        .init(id: survivors.id(place), probability: probability, sampledProbability: 0))
    }

    if let mask, mode != .off {
      result.mask = effect(of: mask, best: best)
      result.removals.reserveCapacity(stages.count + 1)
      if mode == .enforce {
        survivors.keep(mask)
        result.removals.append(
          StageRemoval(
            stage: .mask, removedTokens: survivors.vocabularySize - mask.allowedCount,
            removedMass: result.mask?.removedMass ?? 0))
      }
    } else {
      result.removals.reserveCapacity(stages.count)
    }

    for stage in stages { result.removals.append(run(stage)) }
    guard let id = survivors.draw(random.nextUnit()) else {
      throw .inference(
        mask == nil
          ? "no token is left to draw from: the logit bias forbids every one of them"
          : "no token is left to draw from: the logit bias forbids all that the functions' schemas allow here")
    }

    result.id = id
    if let mask { result.mask?.forbidsToken = !mask.allows(Int(id)) }
    result.logprob = Float(Double(logits[Int(id)]) - logPartition)
    result.rank = Survivors.rank(of: id, in: logits)
    if !result.candidates.contains(where: { $0.id == id }) {
      let probability = Float(exp(Double(result.logprob)))
      result.candidates.append(.init(id: id, probability: probability, sampledProbability: 0))
    }
    for index in result.candidates.indices {
      result.candidates[index].sampledProbability = Float(survivors.probability(of: result.candidates[index].id))
    }
    history?.append(id)
    return result
  }

  /// Counts a token that was not drawn here as seen: one that was forced, or of an answer that is continued.
  public mutating func accept(_ token: TokenID) { history?.append(token) }

  /// The probabilities after all stages, [vocabularySize], without drawing.
  public mutating func probabilities(_ logits: Span<Float>) -> [Double] {
    survivors.load(logits)
    for stage in stages { _ = run(stage) }
    return (0..<survivors.vocabularySize).map { survivors.probability(of: TokenID($0)) }
  }

  // MARK: - Stages

  /// `best`: places of the most probable tokens, in order.
  private func effect(of mask: TokenMask, best: [Int]) -> SampledToken.MaskEffect {
    let forbidden = best.first { !mask.allows($0) } ?? survivors.bestForbidden(by: mask)
    return SampledToken.MaskEffect(
      allowedCount: mask.allowedCount, forbiddenCount: survivors.vocabularySize - mask.allowedCount,
      removedMass: Float(survivors.forbiddenShare(of: mask)), bestForbidden: forbidden.map { TokenID($0) },
      bestForbiddenProbability: forbidden.map { Float(Double(survivors.weight($0)) / survivors.total) } ?? 0,
      forbidsToken: false)
  }

  private mutating func run(_ stage: SamplerStage) -> StageRemoval {
    let countBefore = survivors.count
    let massBefore = survivors.total
    switch stage {
    case .mask: preconditionFailure("the mask is given with the logits, not by a setting")
    case .logitBias: return addBias()
    case .penalties: return penalise()
    case .temperature:
      if settings.isGreedy {
        survivors.keepBest()
      } else {
        survivors.setTemperature(settings.temperature)
        return StageRemoval(stage: .temperature, removedTokens: 0, removedMass: 0)
      }
    case .topK: survivors.keepTop(settings.topK, keepingTies: settings.order != .llamaCpp)
    case .topP: survivors.keepMass(settings.topP)
    case .minP: survivors.keepAbove(share: settings.minP)
    case .typicalP:
      let kept = survivors.keepTypical(settings.typicalP)
      return StageRemoval(
        stage: stage, removedTokens: countBefore - survivors.count, removedMass: Float(max(0, 1 - kept)))
    }
    let removedMass = countBefore == survivors.count ? 0 : max(0, 1 - survivors.total / massBefore)
    return StageRemoval(stage: stage, removedTokens: countBefore - survivors.count, removedMass: Float(removedMass))
  }

  private mutating func addBias() -> StageRemoval {
    let before = mass(of: bias.lazy.map(\.id))
    for (id, value) in bias {
      guard let place = survivors.place(of: id) else { continue }
      survivors.setLogit(at: place, to: survivors.logit(place) + value)
    }
    survivors.changedLogits()
    let forbidden = bias.count { $0.value == -.infinity }
    return StageRemoval(
      stage: .logitBias, removedTokens: forbidden, removedMass: Float(max(0, before - mass(of: bias.lazy.map(\.id)))))
  }

  private mutating func penalise() -> StageRemoval {
    guard let seen = history?.distinct else { return StageRemoval(stage: .penalties, removedTokens: 0, removedMass: 0) }
    let before = mass(of: seen)
    for id in seen {
      let count = history!.count(of: id)
      let charged = settings.order == .vLLM ? history!.outputCount(of: id) : count
      guard count > 0, let place = survivors.place(of: id) else { continue }
      var logit = survivors.logit(place)
      logit = logit > 0 ? logit / settings.repetitionPenalty : logit * settings.repetitionPenalty
      if charged > 0 { logit -= settings.presencePenalty + Float(charged) * settings.frequencyPenalty }
      survivors.setLogit(at: place, to: logit)
    }
    survivors.changedLogits()
    return StageRemoval(stage: .penalties, removedTokens: 0, removedMass: Float(max(0, before - mass(of: seen))))
  }

  /// Share of the distribution, as it stands, that these tokens have.
  private func mass(of tokens: some Sequence<TokenID>) -> Double {
    tokens.reduce(into: 0) { $0 += survivors.probability(of: $1) }
  }
}
