/// Which tokens may come next; immutable and shared by everyone in the same place of the same grammar.
///
/// Few tokens are kept as a list, many as one bit a token: at most places of a call there are fewer than ten.
public final class TokenMask: Sendable {
  enum Storage: Sendable {
    /// Ascending ids.
    case few([Int32])
    /// Bit `id & 63` of word `id >> 6`.
    case many(ContiguousArray<UInt64>)
  }

  let storage: Storage
  public let allowedCount: Int
  public let tokenCount: Int

  /// A mask of words in which a walk has set its bits.
  convenience init(words: ContiguousArray<UInt64>, tokenCount: Int) {
    var count = 0
    for word in words { count += word.nonzeroBitCount }
    guard count <= TokenMaskBuilder.fewLimit else {
      self.init(.many(words), allowedCount: count, tokenCount: tokenCount)
      return
    }
    var few: [Int32] = []
    few.reserveCapacity(count)
    for (index, word) in words.enumerated() where word != 0 {
      var rest = word
      while rest != 0 {
        few.append(Int32(index << 6 | rest.trailingZeroBitCount))
        rest &= rest &- 1
      }
    }
    self.init(.few(few), allowedCount: count, tokenCount: tokenCount)
  }

  init(_ storage: Storage, allowedCount: Int, tokenCount: Int) {
    self.storage = storage
    self.allowedCount = allowedCount
    self.tokenCount = tokenCount
  }

  /// A mask of the listed ids.
  public convenience init(allowing ids: some Sequence<Int>, tokenCount: Int) {
    var builder = TokenMaskBuilder(tokenCount: tokenCount)
    for id in ids { builder.insert(id) }
    let made = builder.finish()
    self.init(made.storage, allowedCount: made.allowedCount, tokenCount: tokenCount)
  }

  /// Of memory.
  var byteCount: Int {
    switch storage {
    case .few(let ids): 96 + 4 * ids.count
    case .many(let words): 96 + 8 * words.count
    }
  }

  public func allows(_ id: Int) -> Bool {
    switch storage {
    case .few(let ids):
      var low = 0
      var high = ids.count
      while low < high {
        let middle = (low + high) / 2
        if Int(ids[middle]) < id { low = middle + 1 } else { high = middle }
      }
      return low < ids.count && Int(ids[low]) == id
    case .many(let words): return id >= 0 && id >> 6 < words.count && words[id >> 6] >> UInt64(id & 63) & 1 == 1
    }
  }

  /// The allowed ids, ascending, if they are few (at most some hundreds) and so quicker gone through than bits.
  public var fewIDs: [Int32]? {
    if case .few(let ids) = storage { return ids }
    return nil
  }

  /// One bit a token: bit `id & 63` of word `id >> 6`. Made on each call where the ids are few.
  public var words: ContiguousArray<UInt64> {
    switch storage {
    case .many(let words): return words
    case .few(let ids):
      var words = ContiguousArray<UInt64>(repeating: 0, count: (tokenCount + 63) / 64)
      for id in ids { words[Int(id) >> 6] |= 1 << UInt64(id & 63) }
      return words
    }
  }

  /// The allowed ids, ascending.
  public var allowedIDs: [Int] {
    switch storage {
    case .few(let ids): return ids.map { Int($0) }
    case .many(let words):
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
  }

  /// The allowed id with so many allowed ones before it.
  /// - Precondition: 0 ≤ index < allowedCount.
  public func allowedID(at index: Int) -> Int {
    switch storage {
    case .few(let ids): return Int(ids[index])
    case .many(let words):
      var left = index
      for (place, word) in words.enumerated() {
        let count = word.nonzeroBitCount
        if left >= count {
          left -= count
          continue
        }
        var rest = word
        for _ in 0..<left { rest &= rest &- 1 }
        return place << 6 | rest.trailingZeroBitCount
      }
      preconditionFailure("the mask allows \(allowedCount) tokens; there is none at \(index)")
    }
  }

  /// The same mask with some tokens more.
  func adding(_ ids: [Int]) -> TokenMask {
    var builder = TokenMaskBuilder(copying: self)
    for id in ids { builder.insert(id) }
    return builder.finish()
  }

  /// The tokens that both masks allow.
  func intersection(_ other: TokenMask) -> TokenMask {
    var builder = TokenMaskBuilder(tokenCount: tokenCount)
    switch (storage, other.storage) {
    case (.few(let ids), _): for id in ids where other.allows(Int(id)) { builder.insert(Int(id)) }
    case (_, .few(let ids)): for id in ids where allows(Int(id)) { builder.insert(Int(id)) }
    case (.many(let own), .many(let others)):
      var words = own
      var count = 0
      for index in words.indices {
        words[index] &= others[index]
        count += words[index].nonzeroBitCount
      }
      return TokenMask(.many(words), allowedCount: count, tokenCount: tokenCount)
    }
    return builder.finish()
  }

  /// The allowed ids that another mask does not allow, ascending.
  func forEach(except other: TokenMask?, _ body: (Int) -> Void) {
    switch storage {
    case .few(let ids): for id in ids where other?.allows(Int(id)) != true { body(Int(id)) }
    case .many(let words):
      let others = other?.words
      for (index, word) in words.enumerated() {
        var rest = word & ~(others?[index] ?? 0)
        while rest != 0 {
          body(index << 6 | rest.trailingZeroBitCount)
          rest &= rest &- 1
        }
      }
    }
  }

  /// The same mask without some of its tokens.
  func removing(_ ids: [Int]) -> TokenMask {
    var builder = TokenMaskBuilder(copying: self)
    for id in ids { builder.remove(id) }
    return builder.finish()
  }
}

/// A mask while it is computed: a list until there are too many, then words; counts as it goes, which spares a pass.
struct TokenMaskBuilder {
  static let fewLimit = 384

  private let tokenCount: Int
  /// In any order and with repetitions; unused once there are words.
  private var few: [Int32] = []
  private var words: ContiguousArray<UInt64> = []
  private var count = 0

  init(tokenCount: Int) { self.tokenCount = tokenCount }

  init(copying mask: TokenMask) {
    tokenCount = mask.tokenCount
    switch mask.storage {
    case .few(let ids): few = ids
    case .many(let words): self.words = words
    }
    count = words.isEmpty ? 0 : mask.allowedCount
  }

  @inline(__always)
  mutating func insert(_ id: Int) {
    if words.isEmpty {
      if few.count < Self.fewLimit {
        few.append(Int32(id))
        return
      }
      spread()
    }
    let bit: UInt64 = 1 << UInt64(id & 63)
    let word = words[id >> 6]
    if word & bit == 0 {
      words[id >> 6] = word | bit
      count &+= 1
    }
  }

  mutating func remove(_ id: Int) {
    if words.isEmpty {
      few.removeAll { $0 == Int32(id) }
      return
    }
    let bit: UInt64 = 1 << UInt64(id & 63)
    let word = words[id >> 6]
    if word & bit != 0 {
      words[id >> 6] = word & ~bit
      count &-= 1
    }
  }

  @inline(never)
  private mutating func spread() {
    words = ContiguousArray(repeating: 0, count: (tokenCount + 63) / 64)
    for id in few {
      let bit: UInt64 = 1 << UInt64(id & 63)
      if words[Int(id) >> 6] & bit == 0 {
        words[Int(id) >> 6] |= bit
        count += 1
      }
    }
    few = []
  }

  /// Takes over a whole mask; into an empty builder that is a copy.
  mutating func formUnion(_ mask: TokenMask) {
    guard case .many(let other) = mask.storage else {
      if case .few(let ids) = mask.storage { for id in ids { insert(Int(id)) } }
      return
    }
    if words.isEmpty, few.isEmpty {
      words = other
      count = mask.allowedCount
      return
    }
    if words.isEmpty { spread() }
    words.withUnsafeMutableBufferPointer { own in
      other.withUnsafeBufferPointer { other in
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

  consuming func finish() -> TokenMask {
    if !words.isEmpty { return TokenMask(.many(words), allowedCount: count, tokenCount: tokenCount) }
    if few.count > 1 {
      few.sort()
      var kept = 1
      for place in 1..<few.count where few[place] != few[kept - 1] {
        few[kept] = few[place]
        kept += 1
      }
      few.removeLast(few.count - kept)
    }
    return TokenMask(.few(few), allowedCount: few.count, tokenCount: tokenCount)
  }
}
