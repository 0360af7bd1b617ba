/// A vocabulary as a constrained decoder needs it: the tokens' bytes as a trie, and what each token does inside a string.
///
/// Built once per vocabulary (about 0.1 s for 151,669 tokens), shared by all grammars.
public final class TokenTrie: Sendable {
  public let tokenCount: Int
  let trie: ByteTrie
  let bytes: [UInt8]
  let offsets: [UInt32]
  /// Inside strings in any spelling, and inside names, whose spelling is canonical.
  let strings: StringTokens
  let names: StringTokens
  let preorder: TokenPreorder
  /// Tokens in which a whole name can stand, by the name: between two quotes, with a colon or nothing behind.
  let wholeNames: [[UInt8]: [Int]]

  /// - Parameters:
  ///   - count: of token ids.
  ///   - tokenBytes: a token's bytes; empty for control tokens and ids without text, which no grammar then admits.
  public init(count: Int, tokenBytes: (Int) -> ArraySlice<UInt8>) {
    tokenCount = count
    var bytes: [UInt8] = []
    var offsets: [UInt32] = [0]
    bytes.reserveCapacity(count * 7)
    offsets.reserveCapacity(count + 1)
    for id in 0..<count {
      bytes += tokenBytes(id)
      offsets.append(UInt32(bytes.count))
    }
    self.bytes = bytes
    self.offsets = offsets
    trie = ByteTrie(bytes: bytes, offsets: offsets)
    strings = StringTokens(bytes, offsets, lexer: .anySpelling)
    names = StringTokens(bytes, offsets, lexer: .canonical)
    preorder = TokenPreorder(trie, bytes: bytes, offsets: offsets)
    wholeNames = Self.wholeNames(bytes, offsets)
  }

  private static func wholeNames(_ bytes: [UInt8], _ offsets: [UInt32]) -> [[UInt8]: [Int]] {
    var names: [[UInt8]: [Int]] = [:]
    for id in 0..<(offsets.count - 1) {
      let token = bytes[Int(offsets[id])..<Int(offsets[id + 1])]
      for open in token.indices where token[open] == 0x22 {
        var close = open + 1
        while close < token.endIndex, token[close] != 0x22 { close += token[close] == 0x5C ? 2 : 1 }
        guard close < token.endIndex else { continue }
        let behind = token[(close + 1)...].first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        let name = Array(token[(open + 1)..<close])
        if behind == nil || behind == 0x3A, names[name]?.last != id { names[name, default: []].append(id) }
      }
    }
    return names
  }

  func bytes(of id: Int) -> ArraySlice<UInt8> {
    id >= 0 && id < tokenCount ? bytes[Int(offsets[id])..<Int(offsets[id + 1])] : []
  }
}

/// What every token does between two characters of a string: stay inside, or close it and go on with some suffix.
struct StringTokens: Sendable {
  struct Exit: Sendable {
    let token: Int32
    /// Code points before the closing quote.
    let characterCount: Int32
  }

  /// Tokens that stay inside.
  let staying: TokenMask
  /// Tokens that stay inside and begin at most so many characters, from 0 on; longer ones are in `long`.
  let stayingByLength: [TokenMask]
  /// Tokens that begin more characters than `stayingByLength` covers, the longest first.
  let long: [Exit]
  let longest: Int
  /// What follows the closing quote in some token, and the tokens in which it does, by the trie's string number.
  let suffixes: ByteTrie
  let exits: [[Exit]]
  /// Tokens that end with the closing quote.
  let closing: [Exit]
  /// All tokens that close the string, whole, and which they are, by the trie's string number.
  let leaving: ByteTrie
  let leavingTokens: [Int32]

  init(_ bytes: [UInt8], _ offsets: [UInt32], lexer: StringLexer) {
    let count = offsets.count - 1
    let covered = 24
    var groups: [[UInt8]: Int] = [:]
    var exits: [[Exit]] = []
    var closing: [Exit] = []
    var byLength = (0...covered).map { _ in TokenMaskBuilder(tokenCount: count) }
    var long: [Exit] = []
    var longest = 0
    bytes.withUnsafeBufferPointer { bytes in
      lexer.next.withUnsafeBufferPointer { next in
        for id in 0..<count {
          let end = Int(offsets[id + 1])
          var at = Int(offsets[id])
          if at == end { continue }
          var state = Int(StringLexer.boundary)
          var characters = 0
          while at < end {
            let byte = bytes[at]
            if state == 0 {
              if byte == 0x22 { break }
              characters += 1
            }
            let following = next[state << 8 | Int(byte)]
            if following == StringLexer.dead { break }
            state = Int(following)
            at += 1
          }
          if at == end {
            longest = max(longest, characters)
            if characters <= covered {
              byLength[characters].insert(id)
            } else {
              long.append(Exit(token: Int32(id), characterCount: Int32(characters)))
            }
          } else if state == 0, bytes[at] == 0x22 {
            let exit = Exit(token: Int32(id), characterCount: Int32(characters))
            if at + 1 == end {
              closing.append(exit)
            } else {
              let suffix = Array(bytes[(at + 1)..<end])
              if let group = groups[suffix] {
                exits[group].append(exit)
              } else {
                groups[suffix] = exits.count
                exits.append([exit])
              }
            }
          }
        }
      }
    }
    var stayingByLength: [TokenMask] = []
    for length in 0...covered {
      var builder = byLength[length]
      if let last = stayingByLength.last { builder.formUnion(last) }
      stayingByLength.append(builder.finish())
    }
    self.stayingByLength = stayingByLength
    self.long = long.sorted { $0.characterCount > $1.characterCount }
    staying = stayingByLength[covered].adding(long.map { Int($0.token) })
    self.longest = longest
    var texts = [[UInt8]](repeating: [], count: exits.count)
    for (suffix, group) in groups { texts[group] = suffix }
    suffixes = ByteTrie(strings: texts)
    self.exits = exits
    self.closing = closing
    leavingTokens = (closing + exits.flatMap(\.self)).map(\.token)
    leaving = ByteTrie(strings: leavingTokens.map { Array(bytes[Int(offsets[Int($0)])..<Int(offsets[Int($0) + 1])]) })
  }

  /// The tokens that stay inside with at most so many characters more.
  func staying(within limit: Int) -> TokenMask {
    if limit >= longest { return staying }
    if limit < stayingByLength.count { return stayingByLength[limit] }
    var builder = TokenMaskBuilder(copying: staying)
    for exit in long {
      if Int(exit.characterCount) <= limit { break }
      builder.remove(Int(exit.token))
    }
    return builder.finish()
  }
}
