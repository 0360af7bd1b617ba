internal import ModelFiles

/// Finds where the end of a text has stood before, and what followed it there: function calls repeat names, values and
/// whole passages of their prompt (Saxena, "Prompt Lookup Decoding", 2023).
///
/// Places are chained by the token that stands there, the latest first, as deflate chains strings (RFC 1951, section 4):
/// a token costs two stores when it is added, and a search walks one chain.
struct PromptLookup {
  /// An earlier place where the end of the text stands too.
  struct Match: Equatable {
    /// Place of the token that followed there.
    var next: Int
    /// Tokens before it that equal the text's last ones, at most `longest`.
    var length: Int
  }

  /// Of the tokens that are compared.
  static let longest = 4
  /// Places that one search looks at.
  static let searchLimit = 256

  private(set) var tokens: [TokenID] = []
  private var heads: [Int32]  // [bucketCount], the latest place of a bucket's tokens, or -1
  private var previous: [Int32] = []  // [tokens], the place before it in its bucket, or -1
  private static let bucketBits = 12

  init() { heads = Array(repeating: -1, count: 1 << Self.bucketBits) }

  mutating func append(contentsOf more: some Sequence<TokenID>) {
    for token in more {
      let bucket = Self.bucket(token)
      previous.append(heads[bucket])
      heads[bucket] = Int32(tokens.count)
      tokens.append(token)
    }
  }

  /// The place where most of the last tokens of the text and a draft behind it stand, the latest of equals, if a wanted token
  /// follows there.
  func match(behind draft: some RandomAccessCollection<TokenID>, where isWanted: (TokenID) -> Bool) -> Match? {
    let end = tokens.count + draft.count
    guard let last = token(at: end - 1, draft) else { return nil }
    var best: Match?
    func look(_ place: Int) {
      guard place + 1 < end, let next = token(at: place + 1, draft) else { return }
      var length = 0
      while length < Self.longest, length <= place, token(at: place - length, draft) == token(at: end - 1 - length, draft) {
        length += 1
      }
      if length > best?.length ?? 0, isWanted(next) { best = Match(next: place + 1, length: length) }
    }
    for place in (tokens.count..<end).reversed() { look(place) }
    var place = Int(heads[Self.bucket(last)])
    var seenCount = 0
    while place >= 0, seenCount < Self.searchLimit, best?.length ?? 0 < Self.longest {
      look(place)
      place = Int(previous[place])
      seenCount += 1
    }
    return best
  }

  /// Of the text with a draft behind it; nil outside of both.
  func token(at place: Int, _ draft: some RandomAccessCollection<TokenID>) -> TokenID? {
    if tokens.indices.contains(place) { return tokens[place] }
    let offset = place - tokens.count
    guard offset >= 0, offset < draft.count else { return nil }
    return draft[draft.index(draft.startIndex, offsetBy: offset)]
  }

  /// Knuth's multiplicative hash.
  private static func bucket(_ token: TokenID) -> Int {
    Int((UInt32(bitPattern: token) &* 2_654_435_769) >> UInt32(32 - bucketBits))
  }
}
