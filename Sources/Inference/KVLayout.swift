/// How one page of the CPU's KV cache lies in memory: f32, all layers and heads of 16 positions together.
///
///     page    [layer][kvHead][ keys [headDim, 16] | values [16, valueStride] ]
///
/// Keys are transposed, so that one vector holds the same dimension of 16 tokens. Storing f32 keeps the logits within
/// 1e-4 of the float32 reference; a smaller element changes this file and the kernels that read pages, nothing else.
struct KVLayout {
  typealias Element = Float

  static let tokensPerPage = 16
  let headDim: Int
  /// headDim rounded up to a whole vector.
  let valueStride: Int
  /// Elements of one head in one layer.
  let headStride: Int
  let layerStride: Int
  let pageStride: Int

  init(_ config: Qwen3Config) {
    headDim = config.headDim
    valueStride = (headDim + 15) / 16 * 16
    headStride = (headDim + valueStride) * Self.tokensPerPage
    layerStride = headStride * config.kvHeadCount
    pageStride = layerStride * config.layerCount
  }

  /// Values of a head follow its keys.
  var valueOffset: Int { headDim * Self.tokensPerPage }
  var bytesPerPage: Int { pageStride * MemoryLayout<Element>.stride }
}
