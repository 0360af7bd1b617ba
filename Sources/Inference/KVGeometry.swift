/// A page's number. The same on every device; the bytes behind it belong to the forward pass.
public typealias PageID = Int32

/// How a key or a value is stored. Attention computes in f32; with whole numbers its products' factors are rounded as well.
public enum KVElement: String, Sendable, CaseIterable {
  /// Half the memory of f32 and, behind a long context, nearly half the time; keys and values are rounded to 11 bits.
  case float16 = "f16"
  /// Whole numbers of 16 bits, with a scale for each key and value: the memory of halves and those scales, nearer to f32 and
  /// faster, since processors multiply and add two of them in a lane at once. Small random models move by up to 0.05 % of their largest logit.
  case int16 = "q16"
  /// Little more than half of that again: 8 bits with a scale for each 32 dimensions of a key and for each head's value.
  /// Small random models move by up to 3.4 % of their largest logit, where halves move them by 0.23 %.
  case int8 = "q8"
  /// Keeps the logits within 1e-4 of the float32 reference.
  case float32 = "f32"

  /// Where nothing else is asked for.
  public static let standard: KVElement = .int16
}

/// How the KV cache is cut into pages.
public struct KVGeometry: Sendable, Equatable {
  /// Positions that one page holds, for all layers and KV heads.
  public var tokensPerPage: Int
  public var pageCount: Int
  /// Keys and values of `tokensPerPage` positions in all layers.
  public var bytesPerPage: Int

  public init(tokensPerPage: Int, pageCount: Int, bytesPerPage: Int) {
    precondition(tokensPerPage > 0 && pageCount > 0, "a page pool has at least one page of one token")
    self.tokensPerPage = tokensPerPage
    self.pageCount = pageCount
    self.bytesPerPage = bytesPerPage
  }

  /// Positions that fit in all pages together.
  public var tokenCapacity: Int { tokensPerPage * pageCount }

  /// Pages that this many positions take.
  public func pages(for tokenCount: Int) -> Int { (tokenCount + tokensPerPage - 1) / tokensPerPage }
}

/// A page whose bytes the forward pass must copy before the next step, because `to` continues where a shared `from` stops.
public struct PageCopy: Sendable, Equatable {
  public var from: PageID
  public var to: PageID

  public init(from: PageID, to: PageID) {
    self.from = from
    self.to = to
  }
}
