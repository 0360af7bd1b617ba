public import ModelFiles

/// The numbers of a Qwen3 that the forward pass relies on, checked. See `Qwen3.md`.
public struct Qwen3Config: Sendable, Equatable {
  public let layerCount: Int
  public let hiddenSize: Int
  public let headCount: Int
  public let kvHeadCount: Int
  /// From the file: not always hiddenSize / headCount.
  public let headDim: Int
  public let feedForwardSize: Int
  /// Rows of the embedding and of the head, padding included: the width of the logits.
  public let vocabularySize: Int
  /// Positions that the checkpoint was made for.
  public let contextLength: Int
  public let rmsNormEps: Float
  public let ropeTheta: Float
  public let ropeScaling: RopeScaling
  /// The embedding is also the head.
  public let tiesEmbedding: Bool

  /// Throws when the architecture is not Qwen3 or a number cannot be right.
  public init(_ hyperparameters: Hyperparameters) throws(InferenceError) {
    guard hyperparameters.architecture == "qwen3" else {
      throw .architecture(found: hyperparameters.architecture)
    }
    let sizes: [(String, Int, ClosedRange<Int>)] = [
      ("layer count", hyperparameters.layerCount, 1...1024),
      ("hidden size", hyperparameters.hiddenSize, 1...1 << 20),
      ("head count", hyperparameters.headCount, 1...4096),
      ("KV head count", hyperparameters.kvHeadCount, 1...4096),
      ("head size", hyperparameters.headDim, 2...1024),
      ("feed-forward size", hyperparameters.feedForwardSize, 1...1 << 22),
      ("vocabulary size", hyperparameters.vocabularySize, 1...1 << 24),
      ("context length", hyperparameters.contextLength, 1...1 << 27),
    ]
    for (name, value, range) in sizes where !range.contains(value) {
      throw .hyperparameter(name: name, found: "\(value)", expected: "\(range.lowerBound) to \(range.upperBound)")
    }
    guard hyperparameters.headDim % 2 == 0 else {
      throw .hyperparameter(
        name: "head size", found: "\(hyperparameters.headDim)", expected: "an even number, since RoPE turns pairs")
    }
    guard hyperparameters.headCount % hyperparameters.kvHeadCount == 0 else {
      throw .hyperparameter(
        name: "head count", found: "\(hyperparameters.headCount)",
        expected: "a multiple of the KV head count, \(hyperparameters.kvHeadCount)")
    }
    guard hyperparameters.headCount / hyperparameters.kvHeadCount <= Self.maxGroupSize else {
      throw .hyperparameter(
        name: "head count", found: "\(hyperparameters.headCount)",
        expected: "at most \(Self.maxGroupSize) for each of the \(hyperparameters.kvHeadCount) KV heads")
    }
    guard hyperparameters.rmsNormEps > 0, hyperparameters.rmsNormEps < 1 else {
      throw .hyperparameter(
        name: "RMSNorm epsilon", found: "\(hyperparameters.rmsNormEps)", expected: "between 0 and 1")
    }
    guard hyperparameters.ropeTheta > 1, hyperparameters.ropeTheta.isFinite else {
      throw .hyperparameter(name: "RoPE theta", found: "\(hyperparameters.ropeTheta)", expected: "more than 1")
    }
    if case .yarn(let factor, let original, let betaFast, let betaSlow, _) = hyperparameters.ropeScaling {
      guard factor >= 1, factor.isFinite, original > 0, betaFast > betaSlow, betaSlow > 0 else {
        throw .hyperparameter(
          name: "YaRN scaling", found: "factor \(factor) over \(original), beta \(betaFast) and \(betaSlow)",
          expected: "a factor of at least 1 over a positive context, and beta fast above beta slow above 0")
      }
    }
    layerCount = hyperparameters.layerCount
    hiddenSize = hyperparameters.hiddenSize
    headCount = hyperparameters.headCount
    kvHeadCount = hyperparameters.kvHeadCount
    headDim = hyperparameters.headDim
    feedForwardSize = hyperparameters.feedForwardSize
    vocabularySize = hyperparameters.vocabularySize
    contextLength = hyperparameters.contextLength
    rmsNormEps = hyperparameters.rmsNormEps
    ropeTheta = hyperparameters.ropeTheta
    ropeScaling = hyperparameters.ropeScaling
    tiesEmbedding = hyperparameters.tiesEmbedding
  }

  /// Query heads that may share a KV head; Qwen3 has 2 to 8.
  public static let maxGroupSize = 16

  /// headCount * headDim: columns of `wo`.
  public var queryWidth: Int { headCount * headDim }
  /// kvHeadCount * headDim: what a position stores of keys, and again of values, in a layer.
  public var kvWidth: Int { kvHeadCount * headDim }
  /// Query heads that read one KV head.
  public var groupSize: Int { headCount / kvHeadCount }
}
