/// Which tokens may come next: one bit a token id, immutable and shared by everyone in the same place of the same grammar.
public final class TokenMask: Sendable {
  /// Bit `id & 63` of word `id >> 6`.
  public let words: ContiguousArray<UInt64>
  public let allowedCount: Int

  init(words: ContiguousArray<UInt64>, allowedCount: Int) {
    self.words = words
    self.allowedCount = allowedCount
  }

  /// A mask of the listed ids.
  public init(allowing ids: some Sequence<Int>, tokenCount: Int) {
    var builder = TokenMaskBuilder(wordCount: (tokenCount + 63) / 64)
    for id in ids { builder.insert(id) }
    words = builder.words
    allowedCount = builder.count
  }

  public func allows(_ id: Int) -> Bool {
    id >= 0 && id >> 6 < words.count && words[id >> 6] >> UInt64(id & 63) & 1 == 1
  }

  /// The allowed ids, ascending.
  public var allowedIDs: [Int] {
    var ids: [Int] = []
    ids.reserveCapacity(allowedCount)
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        ids.append(index << 6 | rest.trailingZeroBitCount)
        rest &= rest &- 1
      }
    }
    return ids
  }

  /// The same mask with some tokens more.
  func adding(_ ids: [Int]) -> TokenMask {
    var builder = TokenMaskBuilder(copying: self)
    for id in ids { builder.insert(id) }
    return builder.finish()
  }
}

/// A mask while it is computed; counts as it goes, which spares a pass over the words.
struct TokenMaskBuilder {
  private(set) var words: ContiguousArray<UInt64>
  private(set) var count = 0

  init(wordCount: Int) { words = ContiguousArray(repeating: 0, count: wordCount) }

  init(copying mask: TokenMask) {
    words = mask.words
    count = mask.allowedCount
  }

  @inline(__always)
  mutating func insert(_ id: Int) {
    let bit: UInt64 = 1 << UInt64(id & 63)
    let word = words[id >> 6]
    if word & bit == 0 {
      words[id >> 6] = word | bit
      count &+= 1
    }
  }

  @inline(__always)
  mutating func remove(_ id: Int) {
    let bit: UInt64 = 1 << UInt64(id & 63)
    let word = words[id >> 6]
    if word & bit != 0 {
      words[id >> 6] = word & ~bit
      count &-= 1
    }
  }

  /// Takes over a whole mask; into an empty builder that is a copy.
  mutating func formUnion(_ mask: TokenMask) {
    if count == 0 {
      words = mask.words
      count = mask.allowedCount
      return
    }
    words.withUnsafeMutableBufferPointer { own in
      mask.words.withUnsafeBufferPointer { other in
        for index in 0..<own.count {
          let added = other[index] & ~own[index]
          if added != 0 {
            own[index] |= added
            count &+= added.nonzeroBitCount
          }
        }
      }
    }
  }

  consuming func finish() -> TokenMask { TokenMask(words: words, allowedCount: count) }
}
