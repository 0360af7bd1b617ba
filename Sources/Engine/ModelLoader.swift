public import Inference
internal import JSON
internal import ModelFiles
internal import Tokenization

extension LocalBackend {
  /// Loads a model: `mini`, a .gguf file or a folder from Hugging Face.
  ///
  /// What does not fit in memory is refused before it is loaded, with the arithmetic. The weights stay mapped and are
  /// read when they are first used. Blocks the calling thread's pool for as long as it takes; see `BackendInfo.loadTimes`.
  /// - Parameters:
  ///   - contextLength: positions that a conversation may have; nil for the model's own, at most 8,192.
  ///   - kv: how keys and values are stored.
  ///   - isExact: multiplies quantised weights with f32 inputs instead of rounded ones; several times slower. The embedded
  ///     model always does: it is so small that it is quick anyway and that rounding changes what it says.
  ///   - threads: for the kernels; nil for as many as there are cores.
  public static func open(
    model: String, contextLength: Int? = nil, kv: KVElement = .standard, isExact: Bool = false,
    threads: Int? = nil
  ) async throws(ModelLoadError) -> LocalBackend {
    let clock = ContinuousClock()
    let start = clock.now
    let checkpoint: Checkpoint
    do {
      checkpoint = model == EmbeddedModel.name ? try EmbeddedModel.open() : try Checkpoint.open(model)
    } catch {
      throw .file(error)
    }
    var times = LoadTimes()
    times.files = clock.now - start
    return try open(
      checkpoint, notice: model == EmbeddedModel.name ? EmbeddedModel.notice : "", contextLength: contextLength,
      kv: kv, isExact: isExact || model == EmbeddedModel.name, threads: threads, start: start, times: times)
  }

  private static func open(
    _ checkpoint: Checkpoint, notice: String, contextLength: Int?, kv: KVElement, isExact: Bool, threads: Int?,
    start: ContinuousClock.Instant,
    times: LoadTimes
  ) throws(ModelLoadError) -> LocalBackend {
    let clock = ContinuousClock()
    var times = times
    var mark = clock.now
    func lap() -> Duration {
      let now = clock.now
      defer { mark = now }
      return now - mark
    }

    // The refusal comes first: it needs nothing but the numbers.
    let forward: CPUForward
    do {
      forward = try CPUForward(
        checkpoint: checkpoint, contextLength: contextLength, kv: kv, isExact: isExact, threads: threads)
    } catch {
      throw .inference(error)
    }
    times.weights = lap()

    let data: TokenizerData
    do {
      data = try checkpoint.requireTokenizer()
    } catch {
      throw .file(error)
    }
    let tokenizer: Tokenizer
    do {
      tokenizer = try Tokenizer(data)
    } catch {
      throw .tokenizer(error)
    }
    times.tokenizer = lap()

    guard let source = checkpoint.chatTemplate else { throw .noTemplate(file: checkpoint.name) }
    let template: ChatTemplate
    do {
      template = try ChatTemplate(source: source, tokenizer: data)
    } catch {
      throw .template(error.description)
    }
    times.template = lap()
    times.total = clock.now - start
    times.sinceProcessStart = ProcessAge.now

    let defaults = checkpoint.generationDefaults
    let info = BackendInfo(
      name: checkpoint.name, device: "CPU, \(deviceName(forward))",
      parameterCount: checkpoint.tensors.reduce(0) { $0 + $1.elementCount }, contextLength: forward.contextLength,
      vocabularySize: forward.config.vocabularySize, weightByteCount: checkpoint.weightByteCount,
      samplingThinking: .recommended(defaults, over: .qwen3Thinking),
      // A model whose thinking can be switched has one set of defaults in its files: the one for thinking.
      samplingNonThinking: template.switchesThinking
        ? .qwen3NonThinking : .recommended(defaults, over: .qwen3NonThinking), notice: notice, loadTimes: times)
    return LocalBackend(
      info: info, template: template, tokenizer: tokenizer, endTokens: DecodingVocabulary.endTokens(defaults, data),
      forward: forward)
  }

  /// "AVX-512, 2 threads".
  private static func deviceName(_ forward: CPUForward) -> String {
    let instructionSet =
      switch CPUForward.instructionSet {
      case "avx512": "AVX-512"
      case "avxvnni": "AVX2 with VNNI"
      case "avx2": "AVX2"
      case "neon": "NEON"
      default: "scalar"
      }
    return "\(instructionSet), \(forward.threadCount) \(forward.threadCount == 1 ? "thread" : "threads")"
  }
}

extension SamplingSettings {
  /// What a checkpoint recommends, and `settings` where it says nothing.
  static func recommended(_ defaults: GenerationDefaults, over settings: SamplingSettings) -> SamplingSettings {
    var result = settings
    if let temperature = defaults.temperature { result.temperature = temperature }
    if let topK = defaults.topK { result.topK = topK }
    if let topP = defaults.topP { result.topP = topP }
    if let minP = defaults.minP { result.minP = minP }
    if let repetitionPenalty = defaults.repetitionPenalty { result.repetitionPenalty = repetitionPenalty }
    return result
  }
}
