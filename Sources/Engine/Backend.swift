import Synchronization

/// Something that answers prompts: a local model on the CPU, on a GPU, or a remote endpoint.
public protocol Backend: Sendable {
  var info: BackendInfo { get }
  /// Renders and tokenises without generating: for the prompt pane and the token count while editing.
  func preview(_ request: GenerationRequest) async throws(GenerationError) -> PromptTrace
  /// Starts at once. Dropping the stream stops the generation within a token.
  func generate(_ request: GenerationRequest) -> AsyncStream<GenerationEvent>
  /// The same, and `stop` ends it within a token while the stream is still listened to, so that `finished` arrives.
  func generate(_ request: GenerationRequest, stop: StopSignal) -> AsyncStream<GenerationEvent>
  /// The KV cache as it stands; nil from a backend that cannot see it. Answered between two steps.
  func cacheMap() async -> CacheMap?
}

extension Backend {
  /// For a backend that can be stopped only by dropping the stream.
  public func generate(_ request: GenerationRequest, stop: StopSignal) -> AsyncStream<GenerationEvent> {
    generate(request)
  }
}

/// Asks a running generation to finish with what it has. Any thread may raise it, once and for good.
public final class StopSignal: Sendable {
  private let raised = Atomic(false)

  public init() {}

  /// Asks to stop. From any thread.
  public func raise() { raised.store(true, ordering: .relaxed) }
  public var isRaised: Bool { raised.load(ordering: .relaxed) }
}

/// What a backend is, and what its events can tell.
public struct BackendInfo: Sendable, Equatable {
  /// "mini", "Qwen3-14B-Q4_K_M".
  public var name: String
  /// "CPU, AVX-512, 2 threads".
  public var device: String
  public var parameterCount: Int
  public var contextLength: Int
  public var vocabularySize: Int
  /// Bytes of weights, in memory or mapped.
  public var weightByteCount: Int
  /// What the checkpoint recommends, or Qwen3's published settings.
  public var samplingThinking: SamplingSettings
  public var samplingNonThinking: SamplingSettings
  /// A plain sentence a user should read first ("a miniature model … knows nothing of the world"); empty if none.
  public var notice: String
  /// Where the time of loading went; nil for a model that was not loaded here.
  public var loadTimes: LoadTimes?

  public init(
    name: String, device: String, parameterCount: Int, contextLength: Int, vocabularySize: Int, weightByteCount: Int,
    samplingThinking: SamplingSettings, samplingNonThinking: SamplingSettings, notice: String = "",
    loadTimes: LoadTimes? = nil
  ) {
    self.name = name
    self.device = device
    self.parameterCount = parameterCount
    self.contextLength = contextLength
    self.vocabularySize = vocabularySize
    self.weightByteCount = weightByteCount
    self.samplingThinking = samplingThinking
    self.samplingNonThinking = samplingNonThinking
    self.notice = notice
    self.loadTimes = loadTimes
  }
}
