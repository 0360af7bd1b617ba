/// The kinds of characters each token consists of, so that a state of a pattern that loops on some kinds finds the tokens
/// that stay in it without walking the trie.
///
/// Tokens with the same kinds form a class; there are a few thousand.
struct TokenCharacters: Sendable {
  /// A kind of characters: all scalars of a set, in their canonical spelling.
  struct Kind: Sendable {
    let set: ScalarSet
    /// One byte range per UTF-8 byte; all members match one of the sequences.
    let sequences: [[ClosedRange<UInt8>]]
  }

  static let kinds: [Kind] = makeKinds()
  /// The first so many kinds are letters.
  static let letterKinds = 4
  /// The token contains an escape, part of a character or a quote: it must be followed byte by byte.
  static let otherBit: UInt64 = 1 << 63
  /// The token has a control character before any quote.
  static let illegalBit: UInt64 = 1 << 62

  let signatures: [UInt64]
  /// Tokens of class `i`: `tokens[starts[i] ..< starts[i + 1]]`.
  let starts: [Int32]
  let tokens: [Int32]
  /// The masks of classes with many tokens.
  let masks: [TokenMask?]

  init(_ bytes: [UInt8], _ offsets: [UInt32]) {
    let count = offsets.count - 1
    var asciiBit = [UInt64](repeating: Self.otherBit, count: 128)
    for (bit, kind) in Self.kinds.enumerated() {
      for range in kind.set.ranges where range.lowerBound < 128 {
        for value in range.lowerBound...min(127, range.upperBound) { asciiBit[Int(value)] = 1 << UInt64(bit) }
      }
    }
    var classes: [UInt64: Int] = [:]
    var members: [[Int32]] = []
    var signatures: [UInt64] = []
    let multibyte = Self.kinds.enumerated().filter { $0.element.set.ranges[0].lowerBound >= 128 }
    for id in 0..<count where offsets[id + 1] > offsets[id] {
      var signature: UInt64 = 0
      var at = Int(offsets[id])
      let end = Int(offsets[id + 1])
      while at < end {
        let byte = bytes[at]
        if byte < 0x20 {
          // No string has it, so no state of a pattern need be asked.
          signature = Self.illegalBit
          break
        }
        if byte == 0x22 {
          signature |= Self.otherBit
          break
        }
        if byte < 128 {
          signature |= asciiBit[Int(byte)]
          at += 1
          continue
        }
        let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
        var value = UInt32(byte) & (length == 4 ? 7 : length == 3 ? 15 : 31)
        var isWhole = byte >= 0xC2 && byte <= 0xF4 && at + length <= end
        for place in 1..<length where isWhole {
          if bytes[at + place] & 0xC0 != 0x80 { isWhole = false }
          value = value << 6 | UInt32(bytes[at + place] & 63)
        }
        guard isWhole, let scalar = Unicode.Scalar(value),
          let kind = multibyte.first(where: { $0.element.set.contains(scalar) })
        else {
          signature |= Self.otherBit
          break
        }
        signature |= 1 << UInt64(kind.offset)
        at += length
      }
      if let known = classes[signature] {
        members[known].append(Int32(id))
      } else {
        classes[signature] = members.count
        members.append([Int32(id)])
        signatures.append(signature)
      }
    }
    self.signatures = signatures
    var starts: [Int32] = [0]
    var tokens: [Int32] = []
    for list in members {
      tokens += list
      starts.append(Int32(tokens.count))
    }
    self.starts = starts
    self.tokens = tokens
    masks = members.map { list in
      list.count < 1500 ? nil : TokenMask(allowing: list.lazy.map { Int($0) }, tokenCount: count)
    }
  }

  /// The tokens of a class.
  @inline(__always)
  func members(_ index: Int) -> ArraySlice<Int32> { tokens[Int(starts[index])..<Int(starts[index + 1])] }

  /// How many tokens have one of some kinds, and not only others.
  func tokenCount(meeting kinds: UInt64, outside others: UInt64) -> Int {
    var count = 0
    for (index, signature) in signatures.enumerated() where signature & ~others != 0 && signature & kinds != 0 {
      count += Int(starts[index + 1] - starts[index])
    }
    return count
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
    return sets.map { Kind(set: $0, sequences: ByteNFA.sequences(of: $0)) }
  }
}
