public import ModelFiles

/// How much of a prompt is in the pages already, and why no more of it.
public struct PrefixMatch: Sendable, Equatable {
  /// Positions that a sequence over this prompt would reuse.
  public var reusedTokenCount: Int
  public var cause: Cause

  /// Why the reuse ends where it does.
  public enum Cause: Sendable, Equatable {
    /// All but the last token, which is always computed.
    case complete
    /// No sequence has gone on from here.
    case neverComputed
    /// The best-matching sequence goes on with another token at this position.
    case diverged(at: Int, expected: TokenID, found: TokenID)
    /// It was computed and given up to make room.
    case evicted
  }

  public init(reusedTokenCount: Int, cause: Cause) {
    self.reusedTokenCount = reusedTokenCount
    self.cause = cause
  }
}

/// The hash of a token prefix, one token at a time: the same whatever the page borders are.
enum PrefixHash {
  static let seed: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// A multiply–xorshift round (constants of splitmix64).
  static func extend(_ hash: UInt64, with token: TokenID) -> UInt64 {
    var mixed = (hash ^ UInt64(UInt32(bitPattern: token))) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 31)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 29)
  }
}

/// Hashes of the prefixes evicted last, to tell "evicted" from "never computed".
struct EvictedPrefixes {
  private var ring: [UInt64] = []
  private var next = 0
  private var counts: [UInt64: Int] = [:]
  private let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  func contains(_ hash: UInt64) -> Bool { counts[hash] != nil }

  mutating func insert(_ hash: UInt64) {
    if ring.count < capacity {
      ring.append(hash)
    } else {
      let oldest = ring[next]
      counts[oldest] = counts[oldest].flatMap { $0 > 1 ? $0 - 1 : nil }
      ring[next] = hash
      next = (next + 1) % capacity
    }
    counts[hash, default: 0] += 1
  }
}

extension PagePool {
  /// What `makeSequence` would reuse of this prompt, and the first difference if that is not all. Changes nothing.
  public func prefixMatch(for tokens: [TokenID]) -> PrefixMatch {
    let limit = max(0, tokens.count - 1)
    let match = longestPrefix(of: tokens, limit: limit)
    let end = match.tokenCount
    guard end < limit else { return PrefixMatch(reusedTokenCount: end, cause: .complete) }

    // The page that should have gone on, if it was evicted whole or as somebody's partial tail.
    var hash = match.fullPrefixHash
    for position in match.fullTokenCount..<min(tokens.count, match.fullTokenCount + geometry.tokensPerPage) {
      hash = PrefixHash.extend(hash, with: tokens[position])
      if position >= end, evictedPrefixes.contains(hash) {
        return PrefixMatch(reusedTokenCount: end, cause: .evicted)
      }
    }
    // Otherwise the best-matching page goes on with another token, or ends here.
    let offset = end - match.fullTokenCount
    let candidates = match.tail.map { [$0] } ?? children(of: match.lastFullPage)
    let following = candidates.filter { pages[$0].fill > offset }.max { pages[$0].lastUse < pages[$1].lastUse }
    guard let following else { return PrefixMatch(reusedTokenCount: end, cause: .neverComputed) }
    return PrefixMatch(
      reusedTokenCount: end,
      cause: .diverged(at: end, expected: pageTokens[slot(following, offset)], found: tokens[end]))
  }

  struct Prefix {
    /// Full pages, then perhaps one of which only a part matches.
    var pages: [PageID] = []
    var tokenCount = 0
    var fullTokenCount = 0
    var fullPrefixHash = PrefixHash.seed
    var lastFullPage: PageID?
    /// The page of which only a part matches.
    var tail: PageID?
  }

  /// The longest chain of computed pages whose tokens begin `tokens[..<limit]`: found by hash, verified by comparing.
  func longestPrefix(of tokens: [TokenID], limit: Int) -> Prefix {
    var prefix = Prefix()
    while prefix.fullTokenCount + geometry.tokensPerPage <= limit {
      let range = prefix.fullTokenCount..<prefix.fullTokenCount + geometry.tokensPerPage
      let hash = tokens[range].reduce(prefix.fullPrefixHash, PrefixHash.extend)
      guard let page = fullPages[hash], pages[page].parent == prefix.lastFullPage,
        commonLength(page, tokens[range]) == geometry.tokensPerPage
      else { break }
      prefix.pages.append(page)
      prefix.lastFullPage = page
      prefix.fullPrefixHash = hash
      prefix.fullTokenCount = range.upperBound
    }
    prefix.tokenCount = prefix.fullTokenCount
    let rest = tokens[prefix.fullTokenCount..<min(limit, prefix.fullTokenCount + geometry.tokensPerPage)]
    var longest = 0
    for page in children(of: prefix.lastFullPage) {
      let length = commonLength(page, rest)
      // Of equal ones a page that nobody holds: it can be continued without a copy.
      let isBetter = length == longest && pages[page].referenceCount == 0
      if length > longest || (length > 0 && isBetter) {
        longest = length
        prefix.tail = page
      }
    }
    if let tail = prefix.tail {
      prefix.pages.append(tail)
      prefix.tokenCount += longest
    }
    return prefix
  }

  private func children(of page: PageID?) -> [PageID] { page.map { pages[$0].children } ?? rootPages }

  /// Leading computed tokens of the page that equal `tokens`.
  private func commonLength(_ page: PageID, _ tokens: ArraySlice<TokenID>) -> Int {
    var length = 0
    for token in tokens.prefix(pages[page].fill) {
      guard pageTokens[slot(page, length)] == token else { break }
      length += 1
    }
    return length
  }
}
