/// The numbers that fix a Qwen3's shape, the same from a GGUF file and from a Hugging Face folder.
public struct Hyperparameters: Sendable, Equatable {
  /// "qwen3".
  public var architecture: String
  public var layerCount: Int
  public var hiddenSize: Int
  public var headCount: Int
  public var kvHeadCount: Int
  /// Not always hiddenSize / headCount.
  public var headDim: Int
  public var feedForwardSize: Int
  /// Rows of the embedding, padding included.
  public var vocabularySize: Int
  public var contextLength: Int
  public var rmsNormEps: Float
  public var ropeTheta: Float
  public var ropeScaling: RopeScaling
  /// The embedding is also the head: there is no `output.weight`.
  public var tiesEmbedding: Bool

  public init(
    architecture: String, layerCount: Int, hiddenSize: Int, headCount: Int, kvHeadCount: Int, headDim: Int,
    feedForwardSize: Int, vocabularySize: Int, contextLength: Int, rmsNormEps: Float, ropeTheta: Float,
    ropeScaling: RopeScaling, tiesEmbedding: Bool
  ) {
    self.architecture = architecture
    self.layerCount = layerCount
    self.hiddenSize = hiddenSize
    self.headCount = headCount
    self.kvHeadCount = kvHeadCount
    self.headDim = headDim
    self.feedForwardSize = feedForwardSize
    self.vocabularySize = vocabularySize
    self.contextLength = contextLength
    self.rmsNormEps = rmsNormEps
    self.ropeTheta = ropeTheta
    self.ropeScaling = ropeScaling
    self.tiesEmbedding = tiesEmbedding
  }
}

/// How rotary positions are stretched past the trained context.
public enum RopeScaling: Sendable, Equatable {
  case none
  /// YaRN (arXiv 2309.00071): `factor` over `originalContextLength`, with its ramp and attention temperature.
  case yarn(factor: Float, originalContextLength: Int, betaFast: Float, betaSlow: Float, attentionFactor: Float?)
}

/// Sampling settings that a checkpoint recommends (generation_config.json); nil where it says nothing.
public struct GenerationDefaults: Sendable, Equatable {
  public var temperature: Float?
  public var topK: Int?
  public var topP: Float?
  public var minP: Float?
  public var repetitionPenalty: Float?
  /// Tokens that end a turn.
  public var eosTokenIDs: [TokenID]

  public init(
    temperature: Float? = nil, topK: Int? = nil, topP: Float? = nil, minP: Float? = nil,
    repetitionPenalty: Float? = nil, eosTokenIDs: [TokenID] = []
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
    self.repetitionPenalty = repetitionPenalty
    self.eosTokenIDs = eosTokenIDs
  }
}
