import CKernels

/// How the CPU's KV cache lies in memory: a page's keys and values of one layer and head together, beside those of the next
/// pages, so that a sequence, whose pages mostly follow each other, is read in the order of addresses.
///
///     cache   [group of 16 pages][layer][kvHead][page of the group][ keys [headDim, 16] | values [16, valueStride] ]
///
/// Keys are transposed, so that one vector holds the same dimension of 16 tokens. With 8 bits, codes lie in pairs with their
/// scales behind them (`ckernels.h`), and the strides are in bytes; with 16 bits it is the same, in units
/// of two bytes.
struct KVLayout {
  static let tokensPerPage = 16
  let element: KVElement
  let headDim: Int
  /// headDim rounded up to a whole vector.
  let valueStride: Int
  /// Elements of one page of one head in one layer; from page to page of a group.
  let pageStride: Int
  /// From a page's keys to its values.
  let valueOffset: Int
  let headStride: Int
  let layerStride: Int
  let groupStride: Int
  private let headCount: Int  // of all layers

  init(_ config: Qwen3Config, element: KVElement) {
    self.element = element
    headDim = config.headDim
    valueStride = (headDim + 15) / 16 * 16
    if element == .int8 {
      valueOffset = k_key_bytes8(Int32(headDim))
      pageStride = valueOffset + k_value_bytes8(valueStride)
    } else if element == .int16 {
      valueOffset = k_key_elements16(Int32(headDim))
      pageStride = valueOffset + k_value_elements16(valueStride)
    } else {
      valueOffset = headDim * Self.tokensPerPage
      pageStride = valueOffset + valueStride * Self.tokensPerPage
    }
    headStride = pageStride * Int(K_GROUP_PAGES)
    layerStride = headStride * config.kvHeadCount
    groupStride = layerStride * config.layerCount
    headCount = config.kvHeadCount * config.layerCount
  }

  /// Of all layers and heads.
  var bytesPerPage: Int { headCount * pageStride * element.byteCount }
  var bytesPerLayer: Int { layerStride * element.byteCount }

  /// Bytes of the cache: the last group is whole, though pages that are not there are never touched.
  func byteCount(pageCount: Int) -> Int {
    (pageCount + Int(K_GROUP_PAGES) - 1) / Int(K_GROUP_PAGES) * groupStride * element.byteCount
  }

  /// Copies a page's keys and values of every layer and head.
  func copyPage(_ cache: UnsafeMutablePointer<UInt8>, from: PageID, to: PageID) {
    for head in 0..<headCount {
      let start = cache + head * headStride * element.byteCount
      (start + byteOffset(to)).update(from: start + byteOffset(from), count: pageStride * element.byteCount)
    }
  }

  private func byteOffset(_ page: PageID) -> Int { k_page_place(page, pageStride, groupStride) * element.byteCount }
}

extension KVElement {
  /// Bytes of the layout's elements; with 8 and 16 bits, scales are among them.
  var byteCount: Int {
    switch self {
    case .int8: 1
    case .float16, .int16: 2
    case .float32: 4
    }
  }

  /// What the kernels call it.
  var kernelType: Int32 {
    switch self {
    case .int8: Int32(K_I8)
    case .float16: Int32(K_F16)
    case .int16: Int32(K_I16)
    case .float32: Int32(K_F32)
    }
  }
}
