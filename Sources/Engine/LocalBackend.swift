internal import Glibc
internal import Inference
internal import ModelFiles
internal import Tokenization

/// A model in this process. All of its work runs on one thread of its own (`EngineThread`); requests are answered one
/// after the other in the order they came, and `preview` and `cacheMap` between two of their steps.
public actor LocalBackend: Backend {
  public nonisolated let info: BackendInfo
  private nonisolated let thread: EngineThread
  public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let template: ChatTemplate
  private let model: Generation.Model
  /// Byte counts of the tokens that are found in text as a whole.
  private let addedTokens: [TokenID: Int]
  private let callGrammars: CallGrammars
  private let clock = ContinuousClock()

  private var ledger: PageLedger
  private var requestCount = 0
  private var current: Generation?
  private var isBusy = false
  private var waiting: [CheckedContinuation<Void, Never>] = []
  /// What was learnt of drafts, for the next answer.
  private var draftLength = DraftLength()
  /// What was done since the model was loaded.
  public private(set) var meters = EngineMeters()

  init(
    info: BackendInfo, template: ChatTemplate, tokenizer: Tokenizer, endTokens: Set<TokenID>,
    forward: sending any ForwardPass
  ) {
    self.info = info
    self.template = template
    thread = EngineThread()
    ledger = PageLedger(pageCount: forward.geometry.pageCount)
    model = Generation.Model(
      forward: forward, pool: PagePool(geometry: forward.geometry), tokenizer: tokenizer, endTokens: endTokens)
    callGrammars = CallGrammars(
      tokenizer: tokenizer, vocabularySize: forward.config.vocabularySize, controlTokens: template.addedTokens.map(\.id),
      endTokens: endTokens)
    addedTokens = Dictionary(template.addedTokens.map { ($0.id, $0.content.utf8.count) }) { first, _ in first }
  }

  deinit { thread.stop() }

  // MARK: - Backend

  public func preview(_ request: GenerationRequest) async throws(GenerationError) -> PromptTrace {
    var times = PhaseTimes()
    var trace = try render(request, &times)
    trace.reuse = trace.reuse(in: model.pool)
    // Who looks at a prompt will probably send it; the engine has nothing else to do meanwhile.
    Task.detached(priority: .background) { [callGrammars] in callGrammars.prepare(for: request) }
    return trace
  }

  public nonisolated func generate(_ request: GenerationRequest) -> AsyncStream<GenerationEvent> {
    generate(request, stop: StopSignal())
  }

  public nonisolated func generate(
    _ request: GenerationRequest, stop: StopSignal
  ) -> AsyncStream<GenerationEvent> {
    let arrival = clock.now
    let (stream, continuation) = AsyncStream.makeStream(of: GenerationEvent.self)
    // Dropped: nobody listens any more.
    let dropped = StopSignal()
    continuation.onTermination = { _ in dropped.raise() }
    Task.detached(priority: .userInitiated) {
      await self.answer(request, arrival: arrival, stops: [stop, dropped], continuation)
      continuation.finish()
    }
    return stream
  }

  public func cacheMap() async -> CacheMap? {
    if let current { notePages(of: current) }
    return ledger.map(model.pool.snapshot(), request: requestCount)
  }

  /// The probability of each function of the request and of no call; `FunctionChoice` defines them. Of the request only
  /// messages, functions and template options count. Waits for its turn as `generate` does.
  public func choose(_ request: GenerationRequest) async throws(GenerationError) -> FunctionChoice {
    if request.functions.isEmpty {
      throw .badSetting(name: "functions", found: "none", expected: "one to choose at least")
    }
    var request = request
    request.thinking = .off
    request.toolChoice = .auto
    var times = PhaseTimes()
    let trace = try render(request, &times)
    await takeTurn()
    defer { passTurn() }
    let names = request.functions.map(\.name)
    var scoring = FunctionScoring(model: model, prompt: trace.tokens, names: names)
    let scores: [(tokens: [TokenID], logprobs: [Double])]
    do {
      scores = try scoring.run()
    } catch {
      throw .inference(error.description)
    }
    let options = zip(names, scores).map { name, score in
      FunctionChoice.Option(
        name: name, probability: exp(score.logprobs.reduce(0, +)), tokens: score.tokens, logprobs: score.logprobs)
    }
    return FunctionChoice(
      options: options.enumerated().sorted {
        ($1.element.probability, $0.offset) < ($0.element.probability, $1.offset)
      }.map(\.element),
      noCall: -expm1(scores[0].logprobs[0]), promptTokens: trace.tokens.count, cachedTokens: scoring.cachedTokenCount)
  }

  // MARK: - Rendering

  /// Text, tokens and where they come from. Fills `times.render` and `times.tokenise`.
  private func render(
    _ request: GenerationRequest, _ times: inout PhaseTimes
  ) throws(GenerationError) -> PromptTrace {
    let start = clock.now
    let rendering = try template.render(request)
    let rendered = clock.now
    let (ids, ends) = model.tokenizer.encodeWithOffsets(rendering.text)
    times.render = rendered - start
    times.tokenise = clock.now - rendered
    return PromptTrace(rendering, tokens: ids, tokenEnds: ends, addedTokens: addedTokens)
  }

  // MARK: - Answering

  private func answer(
    _ request: GenerationRequest, arrival: ContinuousClock.Instant, stops: [StopSignal],
    _ continuation: AsyncStream<GenerationEvent>.Continuation
  ) async {
    var times = PhaseTimes()
    times.queue = clock.now - arrival
    do throws(GenerationError) {
      try request.sampling.check(vocabularySize: info.vocabularySize)
      let trace = try render(request, &times)
      guard trace.tokens.count < info.contextLength else {
        throw .promptTooLong(promptTokens: trace.tokens.count, contextLength: info.contextLength)
      }
      let queued = clock.now
      // Beside the queue and the engine's work for others.
      let compilation = Task.detached { [callGrammars] in callGrammars.grammar(for: request) }
      await takeTurn()
      defer { passTurn() }
      let callGrammar = try await compilation.value.get()
      times.queue += clock.now - queued

      requestCount += 1
      let generation = try Generation(
        request, trace: trace, times: times, arrival: arrival, model: model,
        startsThinking: ToolCallParser.endsInThinking(turn(of: trace)),
        constraint: callGrammar.grammar.map {
          AnswerConstraint(
            $0, mode: request.constraint, thinking: template.thinking(after: turn(of: trace)))
        }, draftLength: draftLength)
      current = generation
      defer { close(generation) }
      let summary = try await run(generation, request, callGrammar.warnings, stops, continuation)
      continuation.yield(.finished(summary))
    } catch {
      continuation.yield(.failed(error))
    }
  }

  /// From tokens to events. A stop is heard before each chunk of the prompt and before each token.
  private func run(
    _ generation: Generation, _ request: GenerationRequest, _ warnings: [String], _ stops: [StopSignal],
    _ continuation: AsyncStream<GenerationEvent>.Continuation
  ) async throws(GenerationError) -> GenerationSummary {
    try generation.lookUp()
    continuation.yield(.accepted(generation.trace))
    for warning in template.warnings(for: request, prompt: generation.trace.text) + warnings {
      continuation.yield(.warning(warning))
    }

    let total = generation.trace.tokens.count
    while !generation.isPrefilled {
      if stops.contains(where: { $0.isRaised }) { return cancelled(generation, continuation) }
      try generation.prefillChunk()
      continuation.yield(.prefilled(done: generation.doneTokenCount, total: total))
      await thread.yield()
    }
    while true {
      if stops.contains(where: { $0.isRaised }) { return cancelled(generation, continuation) }
      for event in try generation.nextToken() { continuation.yield(event) }
      if let reason = generation.stopReason { return generation.summary(stopReason: reason) }
      try generation.compute()
      await thread.yield()
    }
  }

  private func cancelled(
    _ generation: Generation, _ continuation: AsyncStream<GenerationEvent>.Continuation
  ) -> GenerationSummary {
    for event in generation.cancel() { continuation.yield(event) }
    return generation.summary(stopReason: .cancelled)
  }

  /// Gives the pages back and adds what was done to the meters.
  private func close(_ generation: Generation) {
    notePages(of: generation)
    generation.release()
    draftLength = generation.speculation.length
    current = nil
    meters.requests += 1
    meters.promptTokens += generation.counts.prompt
    meters.cachedTokens += generation.counts.cached
    meters.generatedTokens += generation.counts.generated
    meters.prefill += generation.times.prefill
    meters.decode += generation.times.decode
    meters.bytesMoved += generation.bytesMoved
  }

  private func notePages(of generation: Generation) {
    guard let sequence = generation.sequence else { return }
    ledger.note(
      sequence, generation.trace, request: requestCount, tokensPerPage: model.forward.geometry.tokensPerPage)
  }

  /// The prompt behind its last control token: what has been said of the turn that is to be answered.
  private func turn(of trace: PromptTrace) -> Substring {
    guard let last = trace.tokens.lastIndex(where: model.tokenizer.isSpecial) else { return trace.text[...] }
    return Substring(trace.text.utf8.dropFirst(trace.tokenEnds[last]))
  }

  // MARK: - One request at a time

  private func takeTurn() async {
    if !isBusy {
      isBusy = true
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  private func passTurn() {
    if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
  }
}
