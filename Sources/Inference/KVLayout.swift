import CKernels

/// How one page of the CPU's KV cache lies in memory: all layers and heads of 16 positions together.
///
///     page    [layer][kvHead][ keys [headDim, 16] | values [16, valueStride] ]
///
/// Keys are transposed, so that one vector holds the same dimension of 16 tokens.
struct KVLayout {
  static let tokensPerPage = 16
  let element: KVElement
  let headDim: Int
  /// headDim rounded up to a whole vector.
  let valueStride: Int
  /// Elements of one head in one layer.
  let headStride: Int
  let layerStride: Int
  let pageStride: Int

  init(_ config: Qwen3Config, element: KVElement) {
    self.element = element
    headDim = config.headDim
    valueStride = (headDim + 15) / 16 * 16
    headStride = (headDim + valueStride) * Self.tokensPerPage
    layerStride = headStride * config.kvHeadCount
    pageStride = layerStride * config.layerCount
  }

  /// Values of a head follow its keys.
  var valueOffset: Int { headDim * Self.tokensPerPage }
  var bytesPerPage: Int { pageStride * element.byteCount }
  var bytesPerLayer: Int { layerStride * element.byteCount }
}

extension KVElement {
  /// What the kernels call it.
  var kernelType: Int32 {
    switch self {
    case .float16: Int32(K_F16)
    case .float32: Int32(K_F32)
    }
  }
}
