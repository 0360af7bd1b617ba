/// The kinds of characters each token consists of, so that a state of a pattern finds the tokens that stay in it without
/// walking the trie: what a state does with a kind it does with all tokens made of it.
///
/// Tokens with the same first kind and the same kinds behind it form a class; there are some thousands.
struct TokenCharacters: Sendable {
  /// A kind of characters: all scalars of a set, in their canonical spelling.
  struct Kind: Sendable {
    let set: ScalarSet
    /// One byte range per UTF-8 byte; all members match one of the sequences.
    let sequences: [[ClosedRange<UInt8>]]
    /// Its members, if they are ASCII.
    let asciiBytes: [UInt8]
  }

  struct Class: Sendable {
    /// The kind of the first character; `followed` for tokens whose kinds do not tell all.
    let first: UInt8
    /// The kinds of the others, one bit each.
    let others: UInt64
    /// Where its tokens are.
    let range: Range<Int>
    /// Of its tokens, if they are many.
    let mask: TokenMask?
  }

  static let kinds: [Kind] = makeKinds()
  /// The token contains an escape, part of a character or a quote: it must be followed byte by byte.
  static let followed: UInt8 = 255

  let classes: [Class]
  private let tokens: [Int32]
  /// The tokens with an ASCII letter or digit in them, by that byte.
  private let holderStarts: [Int32]
  private let holders: [Int32]

  init(_ bytes: [UInt8], _ offsets: [UInt32]) {
    struct Key: Hashable {
      var first: UInt8
      var others: UInt64
    }
    let count = offsets.count - 1
    var asciiKind = [UInt8](repeating: Self.followed, count: 128)
    for (bit, kind) in Self.kinds.enumerated() {
      for range in kind.set.ranges where range.lowerBound < 128 {
        for value in range.lowerBound...min(127, range.upperBound) { asciiKind[Int(value)] = UInt8(bit) }
      }
    }
    let multibyte = Self.kinds.enumerated().filter { $0.element.set.ranges[0].lowerBound >= 128 }
    var classes: [Key: Int] = [:]
    var keys: [Key] = []
    var members: [[Int32]] = []
    tokens: for id in 0..<count where offsets[id + 1] > offsets[id] {
      var key = Key(first: Self.followed, others: 0)
      var at = Int(offsets[id])
      let end = Int(offsets[id + 1])
      let start = at
      while at < end {
        let byte = bytes[at]
        // No string has a control character, so no state need be asked.
        if byte < 0x20 { continue tokens }
        var kind = byte < 128 ? asciiKind[Int(byte)] : Self.followed
        var length = 1
        if byte >= 128 {
          length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
          var value = UInt32(byte) & (length == 4 ? 7 : length == 3 ? 15 : 31)
          var isWhole = byte >= 0xC2 && byte <= 0xF4 && at + length <= end
          for place in 1..<length where isWhole {
            if bytes[at + place] & 0xC0 != 0x80 { isWhole = false }
            value = value << 6 | UInt32(bytes[at + place] & 63)
          }
          if isWhole, let scalar = Unicode.Scalar(value),
            let known = multibyte.first(where: { $0.element.set.contains(scalar) })
          {
            kind = UInt8(known.offset)
          }
        }
        if kind == Self.followed {
          key = Key(first: Self.followed, others: 0)
          break
        }
        if at == start { key.first = kind } else { key.others |= 1 << UInt64(kind) }
        at += length
      }
      if let known = classes[key] {
        members[known].append(Int32(id))
      } else {
        classes[key] = members.count
        members.append([Int32(id)])
        keys.append(key)
      }
    }
    var tokens: [Int32] = []
    var made: [Class] = []
    for (key, list) in zip(keys, members) {
      let mask = list.count < 1500 ? nil : TokenMask(allowing: list.lazy.map { Int($0) }, tokenCount: count)
      made.append(
        Class(first: key.first, others: key.others, range: tokens.count..<(tokens.count + list.count), mask: mask))
      tokens += list
    }
    self.classes = made
    self.tokens = tokens
    (holderStarts, holders) = Self.holders(bytes, offsets)
  }

  private static func holders(_ bytes: [UInt8], _ offsets: [UInt32]) -> (starts: [Int32], tokens: [Int32]) {
    var lists = [[Int32]](repeating: [], count: 128)
    for id in 0..<(offsets.count - 1) {
      for byte in bytes[Int(offsets[id])..<Int(offsets[id + 1])]
      where byte < 128 && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A || byte >= 0x30 && byte <= 0x39 {
        if lists[Int(byte)].last != Int32(id) { lists[Int(byte)].append(Int32(id)) }
      }
    }
    var starts: [Int32] = [0]
    for list in lists { starts.append(starts[starts.count - 1] + Int32(list.count)) }
    return (starts, lists.flatMap(\.self))
  }

  /// The tokens of a class.
  @inline(__always)
  func members(_ range: Range<Int>) -> ArraySlice<Int32> { tokens[range] }

  /// The tokens that contain a byte, an ASCII letter or digit.
  func holders(of byte: UInt8) -> ArraySlice<Int32> {
    holders[Int(holderStarts[Int(byte)])..<Int(holderStarts[Int(byte) + 1])]
  }

  private static func makeKinds() -> [Kind] {
    var sets: [ScalarSet] = [
      ScalarSet([0x61...0x66]), ScalarSet([0x67...0x7A]), ScalarSet([0x41...0x46]), ScalarSet([0x47...0x5A]),
      ScalarSet([0x30...0x30]), ScalarSet([0x31...0x39]),
    ]
    for value in UInt32(0x20)...0x7E {
      let isAlphanumeric =
        (0x30...0x39).contains(value) || (0x41...0x5A).contains(value) || (0x61...0x7A).contains(value)
      if !isAlphanumeric, value != 0x22, value != 0x5C { sets.append(ScalarSet([value...value])) }
    }
    let space = ScalarSet.whitespace.intersection(ScalarSet([0x80...0x10FFFF]))
    let blocks: [ScalarSet] = [
      ScalarSet([0x80...0x24F]), ScalarSet([0x250...0x7FF]), ScalarSet([0x4E00...0x9FFF]),
      ScalarSet([0x3040...0x30FF, 0xAC00...0xD7A3]), ScalarSet([0x10000...0x10FFFF]),
    ]
    var rest = ScalarSet([0x80...0x10FFFF]).intersection(space.complement)
    for block in blocks {
      sets.append(block.intersection(space.complement))
      rest = rest.intersection(block.complement)
    }
    sets.append(rest)
    sets.append(space)
    return sets.map { set in
      let sequences = ByteNFA.sequences(of: set)
      return Kind(set: set, sequences: sequences, asciiBytes: sequences.filter { $0.count == 1 }.flatMap { $0[0] })
    }
  }
}
