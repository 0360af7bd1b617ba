/// What a backend has done since its model was loaded.
public struct EngineMeters: Sendable, Equatable {
  /// Finished, failed and stopped ones included.
  public var requests = 0
  public var promptTokens = 0
  /// Of them, found computed. The prefix hit rate is `cachedTokens / promptTokens`.
  public var cachedTokens = 0
  public var generatedTokens = 0
  /// Time in the forward pass. A step that computes some of a prompt counts as prefill, also where answers' tokens are
  /// computed beside it.
  public var prefill: Duration = .zero
  public var decode: Duration = .zero
  /// Bytes of weights and KV that the forward pass read.
  public var bytesMoved = 0

  public init() {}

  /// 0 to 1; nil before a prompt was looked up.
  public var prefixHitRate: Double? {
    promptTokens > 0 ? Double(cachedTokens) / Double(promptTokens) : nil
  }
}
