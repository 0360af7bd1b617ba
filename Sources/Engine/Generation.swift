internal import Inference
internal import ModelFiles
internal import Tokenization

/// One request on its way from prompt to answer. Lives on the engine thread; the `Scheduler` drives it, several in a step:
///
///     lookUp ─▶ plan, add, computed, … ─▶ nextToken ─▶ plan, add, computed, nextToken, … ─▶ summary
///
/// A step computes some of the prompt, or the token that was drawn last and drafted ones behind it (`Speculation`); while
/// those come true `keepDraft` takes the place of a step. Between any two of these calls the request may be stopped, and
/// between two steps `suspend` gives its pages to others: after the next `lookUp` it goes on where it was.
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
  /// What has to be computed before the next token can be drawn: the prompt, and behind it what a suspension interrupted.
  private var text: [TokenID]
  private var nextTokenID: TokenID?
  /// The rows of the next step, or of the last.
  private var planned = (rows: 0, logits: Batch.LogitRows.none)
  /// Of the last step's logits, the first that are of this sequence.
  private var firstLogitRow = 0
  /// Of the step whose logits have not been seen yet, if nothing else was computed in it.
  private var stepTime: Duration?
  /// Before the first token: since when it has waited for the engine.
  private var idleSince: ContinuousClock.Instant
  private var constraint: AnswerConstraint?
  private var checkedCallCount = 0
  private var invalidToolCalls: [InvalidToolCall] = []

  /// `times` has what passed before `idleSince`: render, tokenise, queue. Throws `badSetting`.
  init(
    _ request: GenerationRequest, trace: PromptTrace, times: PhaseTimes, arrival: ContinuousClock.Instant,
    idleSince: ContinuousClock.Instant, model: Model, startsThinking: Bool, constraint: AnswerConstraint? = nil,
    draftLength: DraftLength = DraftLength()
  ) throws(GenerationError) {
    if let limit = request.tokenLimit, limit < 1 {
      throw .badSetting(name: "token limit", found: "\(limit)", expected: "1 or more, or none")
    }
    self.trace = trace
    self.times = times
    self.arrival = arrival
    self.idleSince = idleSince
    self.model = model
    self.constraint = constraint
    text = trace.tokens
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

  // MARK: - Steps

  /// Finds the computed prefix and holds its pages; the trace tells how much there was at first. Throws `pagesExhausted`,
  /// and holds none, if there is no room now for all that has to be computed before a token can be drawn.
  func lookUp() throws(InferenceError) {
    let start = clock.now
    let pool = model.pool
    let reuse = trace.reuse(in: pool)
    let sequence = try pool.makeSequence(prompt: text)
    let needed = pool.geometry.pages(for: text.count) - sequence.pageTable.count
    guard needed <= pool.availablePageCount else {
      let available = pool.availablePageCount
      pool.release(sequence)
      throw .pagesExhausted(
        needed: needed, available: available, pageCount: pool.geometry.pageCount,
        tokensPerPage: pool.geometry.tokensPerPage)
    }
    self.sequence = sequence
    if counts.prompt == 0 {
      trace.reuse = reuse
      counts.prompt = trace.tokens.count
      counts.cached = sequence.reusedTokenCount
    }
    if counts.generated == 0 {
      times.queue += start - idleSince
      idleSince = clock.now
      times.lookUp += idleSince - start
    }
  }

  /// Whether the next step's row is a token that was drawn.
  var isPrefilled: Bool { doneTokenCount >= text.count }
  /// Computed positions, the reused ones included.
  var doneTokenCount: Int { sequence?.computedTokenCount ?? 0 }

  /// Chooses the rows of the next step and holds their pages: of what is left of the prompt at most `promptRows`, or the
  /// token that was drawn last and at most `draftLimit` drafted ones behind it. Throws `pagesExhausted` if others hold too
  /// many; it may be tried again. Only while there is no `stopReason`.
  func plan(promptRows: Int, draftLimit: Int) throws(InferenceError) {
    guard let sequence else { return }
    if !isPrefilled {
      let rows = min(promptRows, sequence.pendingTokenCount)
      try reserve(rows, for: sequence)
      planned = (rows, rows == sequence.pendingTokenCount ? .last : .none)
      // After a suspension it ends with the token that was drawn before.
      if planned.logits == .last, counts.generated > 0 { _ = speculation.begin(after: sequence.tokens, nil) }
      return
    }
    guard let token = nextTokenID else { return }
    // A draft that did not come true, or the token of a step that found no room.
    model.pool.truncate(sequence, to: sequence.computedTokenCount)
    model.pool.append(CollectionOfOne(token), to: sequence)
    try reserve(1, for: sequence)
    let isDrafting = speculation.isOn(isInSchema: isInSchema)
    var draft = speculation.begin(
      after: sequence.tokens, isDrafting ? { self.draft(after: $0, limit: draftLimit) } : nil)
    if !draft.isEmpty {
      do {
        try reserve(1 + draft.count, for: sequence)
      } catch {
        // No room for a draft.
        draft = []
      }
    }
    model.pool.append(draft, to: sequence)
    speculation.computed(draft.count)
    planned = (1 + draft.count, .all)
  }

  /// The planned rows, behind those of others.
  func add(to batch: inout Batch) {
    if let sequence { batch.add(sequence, tokenCount: planned.rows, logits: planned.logits) }
  }

  var plannedRows: Int { planned.rows }
  /// The step that computed the planned rows gives a token.
  var hasLogits: Bool { planned.logits != .none }

  /// The planned rows have gone through the model.
  /// - Parameters:
  ///   - firstLogitRow: of the step's logits, the first of this sequence.
  ///   - bytesMoved: this sequence's share of what the step read.
  ///   - isAlone: nothing else was computed in the step.
  func computed(
    firstLogitRow: Int, from start: ContinuousClock.Instant, to end: ContinuousClock.Instant, bytesMoved: Int,
    isAlone: Bool
  ) {
    guard let sequence else { return }
    self.firstLogitRow = firstLogitRow
    self.bytesMoved += bytesMoved
    let isDecode = isPrefilled
    model.pool.commit(isDecode ? 1 : planned.rows, of: sequence)
    if counts.generated == 0 {
      times.queue += start - idleSince
      times.prefill += end - start
      idleSince = end
    }
    stepTime = isDecode && isAlone ? end - start : nil
  }

  /// Whether the token that was drawn last went through the model with the step before, as a draft: the next one can be
  /// drawn at once.
  func keepDraft() -> Bool {
    guard speculation.isConfirmed, let sequence else { return false }
    model.pool.commit(1, of: sequence)
    speculation.advance()
    return true
  }

  /// Gives the pages back between two steps, to go on behind another `lookUp`.
  func suspend() {
    if let sequence, isPrefilled, let nextTokenID {
      text = sequence.tokens.prefix(sequence.computedTokenCount) + [nextTokenID]
    }
    release()
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
        let row = firstLogitRow + speculation.row
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
      times.queue += start - idleSince
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

  // MARK: - Parts of a step

  /// Pages for the next `rows` tokens of the sequence.
  private func reserve(_ rows: Int, for sequence: Inference.Sequence) throws(InferenceError) {
    if let copy = try model.pool.reserve(rows, for: sequence) {
      try model.forward.copyPage(from: copy.from, to: copy.to)
    }
  }

  private var isInSchema: Bool { parser.lane == .toolCall || constraint?.isInAnswer == true }

  /// No longer than the answer may become.
  private func draft(after lookup: PromptLookup, limit: Int) -> Draft {
    let answerLimit = min(tokenLimit, model.forward.contextLength - trace.tokens.count)
    return Draft(
      after: lookup, constraint: constraint, tokenizer: model.tokenizer, endTokens: model.endTokens,
      limit: min(limit, answerLimit - counts.generated - 1))
  }

  /// A step is over when its logits can be read. What it took tells what a draft costs only if it computed nothing else.
  private func note(waited: Duration) {
    if let stepTime { speculation.took(rows: planned.rows, stepTime + waited) }
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
