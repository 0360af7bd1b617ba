internal import Glibc
internal import Inference
internal import ModelFiles
internal import Tokenization

/// A model in this process. All of its work runs on one thread of its own (`EngineThread`): requests that are there at the
/// same time are answered together, several rows in a step (`Scheduler`), `preview` and `cacheMap` between two steps. What
/// else is asked changes when an answer's tokens come, and none of them.
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

  private let scheduler: Scheduler
  /// There is a task that steps the scheduler until it is idle.
  private var isStepping = false

  /// What was done since the model was loaded.
  public var meters: EngineMeters { scheduler.meters }

  init(
    info: BackendInfo, template: ChatTemplate, tokenizer: Tokenizer, endTokens: Set<TokenID>,
    forward: sending any ForwardPass
  ) {
    self.info = info
    self.template = template
    thread = EngineThread()
    model = Generation.Model(
      forward: forward, pool: PagePool(geometry: forward.geometry), tokenizer: tokenizer, endTokens: endTokens)
    scheduler = Scheduler(model)
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
    }
    return stream
  }

  public func cacheMap() async -> CacheMap? {
    scheduler.cacheMap()
  }

  /// The probability of each function of the request and of no call; `FunctionChoice` defines them. Of the request only
  /// messages, functions and template options count. Has the model for itself, when all that came before has ended.
  public func choose(_ request: GenerationRequest) async throws(GenerationError) -> FunctionChoice {
    if request.functions.isEmpty {
      throw .badSetting(name: "functions", found: "none", expected: "one to choose at least")
    }
    var request = request
    request.thinking = .off
    request.toolChoice = .auto
    var times = PhaseTimes()
    let trace = try render(request, &times)
    let names = request.functions.map(\.name)
    let scored = await withCheckedContinuation { continuation in
      scheduler.addAlone { [model] in
        var scoring = FunctionScoring(model: model, prompt: trace.tokens, names: names)
        let scores = Result { () throws(InferenceError) in try scoring.run() }
        continuation.resume(returning: scores.map { ($0, cachedTokenCount: scoring.cachedTokenCount) })
      }
      step()
    }
    let (scores, cachedTokenCount): ([(tokens: [TokenID], logprobs: [Double])], Int)
    do {
      (scores, cachedTokenCount) = try scored.get()
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
      noCall: -expm1(scores[0].logprobs[0]), promptTokens: trace.tokens.count, cachedTokens: cachedTokenCount)
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

  /// Renders the request and hands it to the scheduler, which ends the stream.
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
      let readySince = clock.now
      // Beside the engine's work for others.
      let compilation = Task.detached { [callGrammars] in callGrammars.grammar(for: request) }
      let callGrammar = try await compilation.value.get()
      let turn = turn(of: trace)
      scheduler.add(
        ScheduledRequest(
          request, trace: trace, times: times, arrival: arrival, readySince: readySince,
          startsThinking: ToolCallParser.endsInThinking(turn),
          constraint: callGrammar.grammar.map {
            AnswerConstraint($0, mode: request.constraint, thinking: template.thinking(after: turn))
          },
          warnings: template.warnings(for: request, prompt: trace.text) + callGrammar.warnings, stops: stops,
          events: continuation))
      step()
    } catch {
      continuation.yield(.failed(error))
      continuation.finish()
    }
  }

  /// Sees to it that the scheduler's work is done, step by step, with room for the actor's other work between them.
  private func step() {
    if isStepping { return }
    isStepping = true
    Task {
      while !scheduler.isIdle {
        scheduler.step()
        await thread.yield()
      }
      isStepping = false
    }
  }

  /// The prompt behind its last control token: what has been said of the turn that is to be answered.
  private func turn(of trace: PromptTrace) -> Substring {
    guard let last = trace.tokens.lastIndex(where: model.tokenizer.isSpecial) else { return trace.text[...] }
    return Substring(trace.text.utf8.dropFirst(trace.tokenEnds[last]))
  }
}
