/// A Qwen3 of exact shape with random weights, made in memory: any size and type can be measured without its file.
///
///     random:qwen3-4b:q4_k_m
///
/// The weights have the scale of trained ones, so that activations stay finite; what the model says means nothing. It
/// has no tokenizer. Until `fill` is called its tensors read as zeros and take no memory.
public struct RandomModel: Sendable {
  /// The numbers that set the published Qwen3 models apart (their config.json).
  struct Shape: Sendable {
    var name: String
    var layerCount: Int
    var hiddenSize: Int
    var headCount: Int
    var kvHeadCount: Int
    var headDim: Int
    var feedForwardSize: Int
    var vocabularySize: Int
    var tiesEmbedding: Bool
  }

  static let shapes: [Shape] = [
    shape("mini", 8, 320, 8, 4, 64, 960, 4096, tied: true),
    shape("qwen3-0.6b", 28, 1024, 16, 8, 128, 3072, 151_936, tied: true),
    shape("qwen3-1.7b", 28, 2048, 16, 8, 128, 6144, 151_936, tied: true),
    shape("qwen3-4b", 36, 2560, 32, 8, 128, 9728, 151_936, tied: true),
    shape("qwen3-8b", 36, 4096, 32, 8, 128, 12288, 151_936, tied: false),
    shape("qwen3-14b", 40, 5120, 40, 8, 128, 17408, 151_936, tied: false),
    shape("qwen3-32b", 64, 5120, 64, 8, 128, 25600, 151_936, tied: false),
  ]

  /// Which type each matrix has: one for all, or a mix.
  enum Scheme: String, Sendable, CaseIterable {
    case f32, f16, bf16, q8_0, q4_0, q4_k, q5_k, q6_k, q4_k_m
  }

  public static let prefix = "random:"
  static let contextLength = 40_960

  /// Zeros until `fill`.
  public let checkpoint: Checkpoint
  private let tensors: [PlannedTensor]

  /// - Parameter name: `random:SHAPE:TYPE`.
  /// - Throws: with what there is, when the shape or the type is not known or the type's blocks do not fit the shape.
  public init(_ name: String) throws(ModelFileError) {
    let parts = name.dropFirst(Self.prefix.count).split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard name.hasPrefix(Self.prefix), parts.count == 2 else {
      throw .mismatch(file: name, field: "the model", found: "\"\(name)\"", expected: "random:SHAPE:TYPE, such as random:qwen3-0.6b:q8_0")
    }
    guard let shape = Self.shapes.first(where: { $0.name == parts[0] }) else {
      throw .unsupported(
        file: name, field: "the shape", found: "\"\(parts[0])\"", supported: Self.shapes.map(\.name).joined(separator: ", "))
    }
    guard let scheme = Scheme(rawValue: parts[1]) else {
      throw .unsupported(
        file: name, field: "the type", found: "\"\(parts[1])\"",
        supported: Scheme.allCases.map(\.rawValue).joined(separator: ", "))
    }
    tensors = PlannedTensor.all(of: shape, scheme: scheme)
    for tensor in tensors where tensor.columnCount % tensor.type.elementsPerBlock != 0 {
      throw .tensor(
        file: name, tensor: tensor.name, found: "has rows of \(tensor.columnCount)",
        expected: "a multiple of \(tensor.type.elementsPerBlock), the block of \(tensor.type.name)")
    }
    let memory = try MappedFile(zeroedByteCount: tensors.reduce(0) { $0 + $1.alignedByteCount }, name: name)
    var offset = 0
    var views: [TensorView] = []
    for tensor in tensors {
      views.append(
        TensorView(
          name: tensor.name, type: tensor.type, shape: tensor.shape,
          bytes: UnsafeRawBufferPointer(rebasing: memory.bytes[offset..<offset + tensor.byteCount])))
      offset += tensor.alignedByteCount
    }
    checkpoint = Checkpoint(
      Checkpoint.Contents(
        name: name, format: .random, hyperparameters: Self.hyperparameters(shape), tokenizer: nil, chatTemplate: nil,
        generationDefaults: GenerationDefaults(), tensors: views, metadata: [], files: [memory]))
  }

  /// Writes the weights, the same for the same seed. Before anything else reads them; about a second for each 1 to 2 GB.
  public func fill(seed: UInt64 = 1) {
    for (index, (tensor, view)) in zip(tensors, checkpoint.tensors).enumerated() {
      var random = SplitMix(state: seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(index) << 40)
      RandomBlocks.fill(
        UnsafeMutableRawBufferPointer(mutating: view.bytes), type: tensor.type, deviation: tensor.deviation, &random)
    }
  }

  private static func shape(
    _ name: String, _ layers: Int, _ hidden: Int, _ heads: Int, _ kvHeads: Int, _ headDim: Int, _ feedForward: Int,
    _ vocabulary: Int, tied: Bool
  ) -> Shape {
    Shape(
      name: name, layerCount: layers, hiddenSize: hidden, headCount: heads, kvHeadCount: kvHeads, headDim: headDim,
      feedForwardSize: feedForward, vocabularySize: vocabulary, tiesEmbedding: tied)
  }

  private static func hyperparameters(_ shape: Shape) -> Hyperparameters {
    Hyperparameters(
      architecture: "qwen3", layerCount: shape.layerCount, hiddenSize: shape.hiddenSize, headCount: shape.headCount,
      kvHeadCount: shape.kvHeadCount, headDim: shape.headDim, feedForwardSize: shape.feedForwardSize,
      vocabularySize: shape.vocabularySize, contextLength: contextLength, rmsNormEps: 1e-6, ropeTheta: 1e6,
      ropeScaling: .none, tiesEmbedding: shape.tiesEmbedding)
  }
}

/// A tensor before it has memory.
private struct PlannedTensor: Sendable {
  var name: String
  var type: TensorType
  var shape: [Int]
  /// Standard deviation of the numbers; nil for a norm's weight, which is all ones.
  var deviation: Float?

  var columnCount: Int { shape[shape.count - 1] }
  var byteCount: Int { shape.reduce(1, *) / type.elementsPerBlock * type.bytesPerBlock }
  /// Each tensor starts at a cache line.
  var alignedByteCount: Int { (byteCount + 63) / 64 * 64 }

  static func all(of shape: RandomModel.Shape, scheme: RandomModel.Scheme) -> [PlannedTensor] {
    let naming = TensorNaming.gguf
    let hidden = shape.hiddenSize
    let head = scheme.head(columnCount: hidden)
    // As wide as a product of unit vectors; the two that write to the residual stream are smaller, as in GPT-2.
    func deviation(_ columns: Int) -> Float { 1 / Float(columns).squareRoot() }
    let residual = 1 / Float(2 * shape.layerCount).squareRoot()
    let matrix = [shape.vocabularySize, hidden]
    var all = [
      PlannedTensor(
        name: naming.name(.tokenEmbedding), type: shape.tiesEmbedding ? head : scheme.body, shape: matrix,
        deviation: shape.tiesEmbedding ? 1.5 * deviation(hidden) : 1)
    ]
    if !shape.tiesEmbedding {
      all.append(
        PlannedTensor(name: naming.name(.lmHead), type: head, shape: matrix, deviation: 1.5 * deviation(hidden)))
    }
    all.append(PlannedTensor(name: naming.name(.outputNorm), type: .f32, shape: [hidden]))
    for layer in 0..<shape.layerCount {
      for role in TensorNaming.LayerRole.allCases {
        let size = Self.shape(of: role, shape)
        let isNorm = size.count == 1
        let writesResidual = role == .wo || role == .down
        all.append(
          PlannedTensor(
            name: naming.name(role, layer: layer),
            type: isNorm ? .f32 : scheme.type(of: role, layer: layer, layerCount: shape.layerCount), shape: size,
            deviation: isNorm ? nil : deviation(size[1]) * (writesResidual ? residual : 1)))
      }
    }
    return all
  }

  private static func shape(of role: TensorNaming.LayerRole, _ shape: RandomModel.Shape) -> [Int] {
    let queryWidth = shape.headCount * shape.headDim
    let kvWidth = shape.kvHeadCount * shape.headDim
    return switch role {
    case .attentionNorm, .feedForwardNorm: [shape.hiddenSize]
    case .qNorm, .kNorm: [shape.headDim]
    case .wq: [queryWidth, shape.hiddenSize]
    case .wk, .wv: [kvWidth, shape.hiddenSize]
    case .wo: [shape.hiddenSize, queryWidth]
    case .gate, .up: [shape.feedForwardSize, shape.hiddenSize]
    case .down: [shape.hiddenSize, shape.feedForwardSize]
    }
  }
}

extension RandomModel.Scheme {
  /// The type of most matrices.
  fileprivate var body: TensorType {
    switch self {
    case .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    case .q8_0: .q8_0
    case .q4_0: .q4_0
    case .q4_k, .q4_k_m: .q4_k
    case .q5_k: .q5_k
    case .q6_k: .q6_k
    }
  }

  /// The head's, also where it is the embedding: llama-quantize gives it Q6_K in files of 4 bits, and Q8_0 where Q6_K's
  /// blocks do not divide its rows.
  fileprivate func head(columnCount: Int) -> TensorType {
    guard self == .q4_0 || self == .q4_k_m else { return body }
    return columnCount % TensorType.q6_k.elementsPerBlock == 0 ? .q6_k : .q8_0
  }

  /// Q4_K_M as llama-quantize mixes it (llama-quant.cpp, use_more_bits): V and the down projection have six bits in the
  /// first and the last eighth of the layers and in every third between.
  fileprivate func type(of role: TensorNaming.LayerRole, layer: Int, layerCount: Int) -> TensorType {
    guard self == .q4_k_m, role == .wv || role == .down else { return body }
    let eighth = layerCount / 8
    let hasMoreBits = layer < eighth || layer >= 7 * layerCount / 8 || (layer - eighth) % 3 == 2
    return hasMoreBits ? .q6_k : .q4_k
  }
}
