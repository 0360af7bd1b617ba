internal import Inference
internal import ModelFiles
internal import Tokenization

/// One request on its way from prompt to answer. Lives on the engine thread; `LocalBackend` drives it:
///
///     lookUp ─▶ prefillChunk … ─▶ nextToken, compute, nextToken, compute, … nextToken ─▶ summary
///
/// A step may compute drafted tokens behind the one that was drawn (`Speculation`); while they come true, `compute` has
/// nothing to do but to keep them. Between any two of these calls other work of the backend may run, and the request may be stopped.
final class Generation {
  /// What of the model an answer needs.
  struct Model {
    let forward: any ForwardPass
    let pool: PagePool
    let tokenizer: Tokenizer
    /// Tokens that end a turn.
    let endTokens: Set<TokenID>
  }

  private(set) var trace: PromptTrace
  private(set) var times: PhaseTimes
  private(set) var counts = TokenCounts()
  /// Set by the step that ended the generation.
  private(set) var stopReason: StopReason?
  /// Nil before `lookUp` and after `release`.
  private(set) var sequence: Inference.Sequence?
  private(set) var bytesMoved = 0
  private(set) var speculation: Speculation

  private let model: Model
  private let tokenLimit: Int
  private let candidateCount: Int
  private let seed: UInt64
  private let arrival: ContinuousClock.Instant
  private let clock = ContinuousClock()
  private var sampler: Sampler
  private var decoder: StreamDecoder
  private var stops: StopStringMatcher
  private var parser: ToolCallParser
  private var batch = Batch()
  private var chunkRows = 32
  private var nextTokenID: TokenID?
  private var stepRows = 1
  /// Of the step whose logits have not been seen yet.
  private var stepTime: Duration?
  private var constraint: AnswerConstraint?
  private var checkedCallCount = 0
  private var invalidToolCalls: [InvalidToolCall] = []

  /// `times` has what passed before: render, tokenise, queue. Throws `badSetting`.
  init(
    _ request: GenerationRequest, trace: PromptTrace, times: PhaseTimes, arrival: ContinuousClock.Instant, model: Model,
    startsThinking: Bool, constraint: AnswerConstraint? = nil, draftLength: DraftLength = DraftLength()
  ) throws(GenerationError) {
    if let limit = request.tokenLimit, limit < 1 {
      throw .badSetting(name: "token limit", found: "\(limit)", expected: "1 or more, or none")
    }
    self.trace = trace
    self.times = times
    self.arrival = arrival
    self.model = model
    self.constraint = constraint
    tokenLimit = request.tokenLimit ?? .max
    candidateCount = max(0, request.candidateCount)
    seed = request.sampling.seed ?? UInt64.random(in: .min ... .max)
    sampler = try Sampler(
      request.sampling, vocabularySize: model.forward.config.vocabularySize, prompt: trace.tokens, seed: seed)
    decoder = model.tokenizer.makeStreamDecoder(skippingSpecialTokens: false)
    stops = StopStringMatcher(request.stopStrings)
    parser = ToolCallParser(startsThinking: startsThinking)
    speculation = Speculation(request.speculation, length: draftLength)
  }

  // MARK: - Prompt

  /// Finds the computed prefix and holds its pages; the trace tells how much there was.
  func lookUp() throws(GenerationError) {
    let start = clock.now
    do {
      trace.reuse = trace.reuse(in: model.pool)
      let sequence = try model.pool.makeSequence(prompt: trace.tokens)
      self.sequence = sequence
      counts.prompt = trace.tokens.count
      counts.cached = sequence.reusedTokenCount
    } catch {
      throw .inference(error.description)
    }
    times.lookUp = clock.now - start
  }

  var isPrefilled: Bool { sequence?.pendingTokenCount == 0 }
  /// Computed positions, the reused ones included.
  var doneTokenCount: Int { sequence?.computedTokenCount ?? 0 }

  /// Computes some more of the prompt: as much as takes about a tenth of a second, so that a stop is heard soon.
  func prefillChunk() throws(GenerationError) {
    guard let sequence else { return }
    let start = clock.now
    let rows = min(chunkRows, sequence.pendingTokenCount, model.forward.maxBatchRows)
    let copy = try reserve(rows)
    try submit(rows, copying: copy, logits: rows == sequence.pendingTokenCount ? .last : .none)
    model.pool.commit(rows, of: sequence)
    let elapsed = clock.now - start
    times.prefill += elapsed
    if elapsed < .milliseconds(60) { chunkRows = min(chunkRows * 2, model.forward.maxBatchRows) }
    if elapsed > .milliseconds(200) { chunkRows = max(chunkRows / 2, 8) }
  }

  // MARK: - Answer

  /// Draws one token from a row of the last step's logits and works out what it says. Sets `stopReason` if it was the last.
  func nextToken() throws(GenerationError) -> [GenerationEvent] {
    let start = clock.now
    let drawn: Result<SampledToken, GenerationError>
    do {
      drawn = try model.forward.withLogits { logits in
        note(waited: clock.now - start)
        let width = model.forward.config.vocabularySize
        let row = speculation.row
        do throws(GenerationError) {
          return .success(try draw(logits.span.extracting(row * width..<(row + 1) * width)))
        } catch {
          return .failure(error)
        }
      }
    } catch {
      throw .inference(error.description)
    }
    let sample = try drawn.get()
    speculation.drew(sample.id)
    let sampled = clock.now
    let index = counts.generated
    let (outputs, lane) = read(sample.id, index: index)
    count(lane)

    let now = clock.now
    let time = now - arrival
    if index == 0 {
      times.firstSample = sampled - start
      times.detokenise = now - sampled
      times.firstToken = time
    }
    times.decode = time - times.firstToken
    times.total = time
    return events(of: sample, index: index, lane: lane, outputs: outputs, time: time)
  }

  /// A token that the constraint, if there is one, follows.
  private func draw(_ logits: Span<Float>) throws(GenerationError) -> SampledToken {
    guard let mode = constraint?.mode else { return try sampler.sample(logits, candidateCount: candidateCount) }
    var mask = constraint?.mask()
    var refused: [TokenID] = []
    while true {
      let sample = try sampler.sample(logits, mask: mask, mode: mode, candidateCount: candidateCount)
      if constraint?.accept(sample.id) != false || mode == .observe { return sample }
      // In free text a token may end a spelt tag and go on with what no call has there.
      refused.append(sample.id)
      mask = constraint?.mask(without: refused)
    }
  }

  /// Puts the token that was drawn last through the model, and a draft behind it. Only while there is no `stopReason`.
  func compute() throws(GenerationError) {
    guard let sequence, let token = nextTokenID else { return }
    if speculation.isConfirmed {
      // It has been through the model with the step before.
      model.pool.commit(1, of: sequence)
      speculation.advance()
      return
    }
    // A draft that did not come true.
    model.pool.truncate(sequence, to: sequence.computedTokenCount)
    model.pool.append(CollectionOfOne(token), to: sequence)
    let draft = speculation.begin(after: sequence.tokens, speculation.isOn(isInSchema: isInSchema) ? makeDraft : nil)
    stepRows = 1 + draft.count
    var copy: PageCopy?
    do {
      copy = try reserve(stepRows)
    } catch where stepRows > 1 {
      // No room for a draft.
      stepRows = 1
      copy = try reserve(1)
    }
    model.pool.append(draft.prefix(stepRows - 1), to: sequence)
    speculation.computed(stepRows - 1)
    let start = clock.now
    try submit(stepRows, copying: copy, logits: .all)
    model.pool.commit(1, of: sequence)
    stepTime = clock.now - start
  }

  /// Ends the generation between two tokens. What was held back is in the summary's message.
  func cancel() -> [GenerationEvent] {
    stopReason = .cancelled
    return flush().flatMap(events(of:))
  }

  /// Gives the pages back; they stay cached for the next turn.
  func release() {
    if let sequence, sequence.isLive { model.pool.release(sequence) }
    sequence = nil
  }

  /// What came of it, once there is a `stopReason`.
  func summary(stopReason: StopReason) -> GenerationSummary {
    let message = parser.message
    let isAnswer = stopReason == .endOfTurn && message.toolCalls.isEmpty
    return GenerationSummary(
      stopReason: stopReason, message: message, malformedToolCalls: parser.malformed, counts: counts, phases: times,
      seed: seed, bytesMoved: bytesMoved, invalidToolCalls: invalidToolCalls,
      answerFaults: isAnswer ? constraint?.faults(ofAnswer: message.content) ?? [] : [],
      speculation: speculationCounts)
  }

  private var speculationCounts: SpeculationCounts? { speculation.mode == .off ? nil : speculation.counts }

  // MARK: - Steps

  /// Pages for the next `rows` tokens of the sequence.
  private func reserve(_ rows: Int) throws(GenerationError) -> PageCopy? {
    guard let sequence else { return nil }
    do {
      return try model.pool.reserve(rows, for: sequence)
    } catch {
      throw .inference(error.description)
    }
  }

  /// The next `rows` tokens of the sequence through the model, in pages that are reserved.
  private func submit(_ rows: Int, copying copy: PageCopy?, logits: Batch.LogitRows) throws(GenerationError) {
    guard let sequence else { return }
    do {
      if let copy { try model.forward.copyPage(from: copy.from, to: copy.to) }
      batch.removeAll()
      batch.add(sequence, tokenCount: rows, logits: logits)
      try model.forward.submit(batch)
      bytesMoved += model.forward.bytesMoved.total
    } catch {
      throw .inference(error.description)
    }
  }

  private var isInSchema: Bool { parser.lane == .toolCall || constraint?.isInAnswer == true }

  /// No longer than the answer may become.
  private func makeDraft(_ lookup: PromptLookup) -> Draft {
    let answerLimit = min(tokenLimit, model.forward.contextLength - trace.tokens.count)
    let limit = min(Draft.longest, answerLimit - counts.generated - 1, model.forward.maxBatchRows - 1)
    return Draft(
      after: lookup, constraint: constraint, tokenizer: model.tokenizer, endTokens: model.endTokens, limit: limit)
  }

  /// A step is over when its logits can be read.
  private func note(waited: Duration) {
    if let stepTime { speculation.took(rows: stepRows, stepTime + waited) }
    stepTime = nil
  }

  /// The text a token releases, lane by lane, and why it is the last one, if it is.
  private func read(_ token: TokenID, index: Int) -> (outputs: [ToolCallParser.Output], lane: Lane) {
    nextTokenID = token
    if model.endTokens.contains(token) {
      stopReason = .endOfTurn
      return (flush(), .control)
    }
    let isControl = model.tokenizer.isSpecial(token) && !ToolCallParser.isTag(model.tokenizer.bytes(of: token))
    let (released, stop) = stops.accept(isControl ? "" : decoder.append(token))
    var outputs = parser.accept(released)
    var lane = isControl ? .control : parser.laneOfSilentToken
    if let stop {
      stopReason = .stopString(stop)
      outputs += parser.finish()
    } else if index + 1 >= tokenLimit {
      stopReason = .tokenLimit
      outputs += flush()
    } else if trace.tokens.count + index + 1 >= model.forward.contextLength {
      stopReason = .contextFull
      outputs += flush()
    }
    for case .text(let piece) in outputs where !isControl { lane = piece.lane }
    return (outputs, lane)
  }

  /// Everything that was held back, when no more will come.
  private func flush() -> [ToolCallParser.Output] {
    var text = stops.accept(decoder.finish()).released
    text += stops.finish()
    return parser.accept(text) + parser.finish()
  }

  private func count(_ lane: Lane) {
    switch lane {
    case .thinking: counts.thinking += 1
    case .answer: counts.answer += 1
    case .toolCall: counts.toolCall += 1
    case .control: counts.control += 1
    }
  }

  // MARK: - Events

  private func events(
    of sample: SampledToken, index: Int, lane: Lane, outputs: [ToolCallParser.Output], time: Duration
  ) -> [GenerationEvent] {
    var pieces: [LanePiece] = []
    for case .text(let piece) in outputs {
      if pieces.last?.lane == piece.lane {
        pieces[pieces.count - 1].text += piece.text
      } else {
        pieces.append(piece)
      }
    }
    let token = TokenEvent(
      index: index, id: sample.id, bytes: Array(model.tokenizer.bytes(of: sample.id)),
      text: pieces.map(\.text).joined(), lane: lane, logprob: sample.logprob, rank: sample.rank,
      entropy: sample.entropy,
      candidates: sample.candidates.map {
        TokenCandidate(
          id: $0.id, bytes: Array(model.tokenizer.bytes(of: $0.id)), probability: $0.probability,
          sampledProbability: $0.sampledProbability)
      },
      removals: sample.removals, time: time, pieces: pieces, mask: sample.mask.map(summary(of:)),
      speculation: speculationCounts)
    var events: [GenerationEvent] = [.token(token)]
    for output in outputs {
      if case .call(_, let note?) = output { events.append(.warning(note)) }
      events += self.events(of: output)
    }
    return events
  }

  private func summary(of effect: SampledToken.MaskEffect) -> MaskSummary {
    MaskSummary(
      allowedCount: effect.allowedCount, forbiddenCount: effect.forbiddenCount, removedMass: effect.removedMass,
      bestForbidden: effect.bestForbidden.map {
        .init(id: $0, bytes: Array(model.tokenizer.bytes(of: $0)), probability: effect.bestForbiddenProbability)
      },
      isEnforced: constraint?.mode == .enforce, forbidsToken: effect.forbidsToken)
  }

  /// A call is checked against its function's whole schema when it is closed.
  private func events(of output: ToolCallParser.Output) -> [GenerationEvent] {
    switch output {
    case .text: return []
    case .malformed(let call): return [.malformedToolCall(call)]
    case .call(let call, _):
      let index = checkedCallCount
      checkedCallCount += 1
      let faults = constraint?.faults(of: call) ?? []
      if faults.isEmpty { return [.toolCall(call)] }
      invalidToolCalls.append(InvalidToolCall(index: index, name: call.name, faults: faults))
      return [
        .toolCall(call), .warning("the call of \(call.name) violates its schema: \(faults.joined(separator: "; "))"),
      ]
    }
  }
}

extension PromptTrace {
  /// What the pool has of this prompt, and why no more.
  func reuse(in pool: PagePool) -> PrefixReuse {
    let match = pool.prefixMatch(for: tokens)
    let ending: PrefixReuse.Ending =
      switch match.cause {
      case .complete: .whole
      case .neverComputed: .neverComputed
      case .evicted: .evicted
      case .diverged(let position, let expected, let found):
        .diverged(computed: expected, prompt: found, owner: owner(ofToken: position))
      }
    return PrefixReuse(reusedTokens: match.reusedTokenCount, promptTokens: tokens.count, ending: ending)
  }
}
