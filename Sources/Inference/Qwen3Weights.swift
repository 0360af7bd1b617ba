public import ModelFiles

/// The tensors of a Qwen3, bound by name and checked against the configuration. The bytes stay in the checkpoint's mapping.
public struct Qwen3Weights: Sendable {
  /// The tensors of one decoder layer; a row is the weights of one output.
  public struct Layer: Sendable {
    public var attentionNorm: TensorView  // [hiddenSize]
    public var wq: TensorView  // [headCount * headDim, hiddenSize]
    public var wk: TensorView  // [kvHeadCount * headDim, hiddenSize]
    public var wv: TensorView  // [kvHeadCount * headDim, hiddenSize]
    public var wo: TensorView  // [hiddenSize, headCount * headDim]
    public var qNorm: TensorView  // [headDim]
    public var kNorm: TensorView  // [headDim]
    public var feedForwardNorm: TensorView  // [hiddenSize]
    public var gate: TensorView  // [feedForwardSize, hiddenSize]
    public var up: TensorView  // [feedForwardSize, hiddenSize]
    public var down: TensorView  // [hiddenSize, feedForwardSize]
  }

  public var tokenEmbedding: TensorView  // [vocabularySize, hiddenSize]
  public var layers: [Layer]
  public var outputNorm: TensorView  // [hiddenSize]
  /// The embedding where it is tied.
  public var lmHead: TensorView  // [vocabularySize, hiddenSize]

  /// Throws when a tensor is missing, has another shape, or rows that are no whole number of blocks.
  public init(_ checkpoint: Checkpoint, config: Qwen3Config) throws(InferenceError) {
    let hidden = config.hiddenSize
    func model(_ role: TensorNaming.ModelRole, _ shape: [Int]) throws(InferenceError) -> TensorView {
      try Self.bind(checkpoint.naming.name(role), shape, in: checkpoint)
    }
    tokenEmbedding = try model(.tokenEmbedding, [config.vocabularySize, hidden])
    outputNorm = try model(.outputNorm, [hidden])
    lmHead = config.tiesEmbedding ? tokenEmbedding : try model(.lmHead, [config.vocabularySize, hidden])
    layers = []
    for layer in 0..<config.layerCount {
      func bind(_ role: TensorNaming.LayerRole, _ shape: [Int]) throws(InferenceError) -> TensorView {
        try Self.bind(checkpoint.naming.name(role, layer: layer), shape, in: checkpoint)
      }
      layers.append(
        Layer(
          attentionNorm: try bind(.attentionNorm, [hidden]),
          wq: try bind(.wq, [config.queryWidth, hidden]),
          wk: try bind(.wk, [config.kvWidth, hidden]),
          wv: try bind(.wv, [config.kvWidth, hidden]),
          wo: try bind(.wo, [hidden, config.queryWidth]),
          qNorm: try bind(.qNorm, [config.headDim]),
          kNorm: try bind(.kNorm, [config.headDim]),
          feedForwardNorm: try bind(.feedForwardNorm, [hidden]),
          gate: try bind(.gate, [config.feedForwardSize, hidden]),
          up: try bind(.up, [config.feedForwardSize, hidden]),
          down: try bind(.down, [hidden, config.feedForwardSize])))
    }
  }

  private static func bind(
    _ name: String, _ shape: [Int], in checkpoint: Checkpoint
  ) throws(InferenceError) -> TensorView {
    let tensor: TensorView
    do {
      tensor = try checkpoint.require(name, shape: shape)
    } catch {
      throw .modelFile(error)
    }
    let columns = shape[shape.count - 1]
    guard columns % tensor.type.elementsPerBlock == 0 else {
      throw .partialBlocks(file: checkpoint.name, tensor: name, columns: columns, type: tensor.type)
    }
    let expected = tensor.elementCount / tensor.type.elementsPerBlock * tensor.type.bytesPerBlock
    precondition(tensor.bytes.count >= expected, "a checkpoint's tensor covers its shape")
    return tensor
  }

  /// Every tensor once; a tied head is the embedding.
  public var byteCount: Int {
    let tied = lmHead.name == tokenEmbedding.name
    return tokenEmbedding.bytes.count + outputNorm.bytes.count + (tied ? 0 : lmHead.bytes.count) + layerByteCount
  }

  var layerByteCount: Int {
    layers.reduce(0) { sum, layer in
      sum
        + [
          layer.attentionNorm, layer.wq, layer.wk, layer.wv, layer.wo, layer.qNorm, layer.kNorm,
          layer.feedForwardNorm, layer.gate, layer.up, layer.down,
        ].reduce(0) { $0 + $1.bytes.count }
    }
  }
}
