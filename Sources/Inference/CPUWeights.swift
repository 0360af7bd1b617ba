import CKernels
import ModelFiles

/// The bound tensors as the kernels take them: matrices in the file's own format, norm weights expanded to f32.
struct CPUWeights: ~Copyable {
  struct Layer {
    var attentionNorm: UnsafePointer<Float>  // [hiddenSize]
    var wq: k_matrix
    var wk: k_matrix
    var wv: k_matrix
    var wo: k_matrix
    var qNorm: UnsafePointer<Float>  // [headDim]
    var kNorm: UnsafePointer<Float>  // [headDim]
    var feedForwardNorm: UnsafePointer<Float>  // [hiddenSize]
    var gate: k_matrix
    var up: k_matrix
    var down: k_matrix
  }

  let tokenEmbedding: k_matrix
  let layers: [Layer]
  let outputNorm: UnsafePointer<Float>  // [hiddenSize]
  let lmHead: k_matrix
  let layerByteCount: Int
  /// All norm weights, one after the other.
  private let norms: MemoryRegion<Float>

  /// - Parameter weights: borrowed; their checkpoint must outlive this value.
  init(_ weights: Qwen3Weights, config: Qwen3Config, kernels: UnsafePointer<k_kernels>) throws(InferenceError) {
    let normsPerLayer = 2 * config.hiddenSize + 2 * config.headDim
    norms = try MemoryRegion(count: config.layerCount * normsPerLayer + config.hiddenSize, purpose: "norm weights")
    var next = norms.base
    func expand(_ tensor: TensorView) -> UnsafePointer<Float> {
      let start = next
      kernels.pointee.dequantise(
        Int32(tensor.type.rawValue), tensor.bytes.baseAddress, start, Int32(tensor.elementCount))
      next += tensor.elementCount
      return UnsafePointer(start)
    }
    func matrix(_ tensor: TensorView) -> k_matrix {
      k_matrix(
        type: Int32(tensor.type.rawValue), weights: tensor.bytes.baseAddress, rows: Int32(tensor.shape[0]),
        columns: Int32(tensor.shape[1]), out: nil, outStride: 0)
    }
    layers = weights.layers.map { layer in
      Layer(
        attentionNorm: expand(layer.attentionNorm), wq: matrix(layer.wq), wk: matrix(layer.wk), wv: matrix(layer.wv),
        wo: matrix(layer.wo), qNorm: expand(layer.qNorm), kNorm: expand(layer.kNorm),
        feedForwardNorm: expand(layer.feedForwardNorm), gate: matrix(layer.gate), up: matrix(layer.up),
        down: matrix(layer.down))
    }
    outputNorm = expand(weights.outputNorm)
    tokenEmbedding = matrix(weights.tokenEmbedding)
    lmHead = matrix(weights.lmHead)
    layerByteCount = weights.layerByteCount
  }
}

extension k_matrix {
  /// The product's place: [rows of the batch, stride], of which this matrix fills the first `rows` columns.
  func into(_ out: UnsafeMutablePointer<Float>, stride: Int) -> k_matrix {
    var placed = self
    placed.out = out
    placed.outStride = stride
    return placed
  }
}
