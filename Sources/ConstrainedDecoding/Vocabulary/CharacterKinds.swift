/// A set of characters as far as the walks tell them apart: ASCII characters one by one, the others by block.
struct CharacterKinds: Equatable, Sendable {
  /// Bit `b` is the ASCII character `b`. No string has control characters, so the blocks stand in their place, from bit 1
  /// on; bit 0 is what is no whole character, or none that a string can have.
  private(set) var low: UInt64 = 0
  private(set) var high: UInt64 = 0

  static let nothing = CharacterKinds()

  @inline(__always)
  mutating func insert(ascii byte: UInt8) {
    if byte < 0x20 {
      low |= 1
    } else if byte < 64 {
      low |= 1 << UInt64(byte)
    } else {
      high |= 1 << UInt64(byte & 63)
    }
  }

  mutating func insert(block: Int) { low |= 1 << UInt64(1 + block) }
  mutating func insertBroken() { low |= 1 }
  var hasBroken: Bool { low & 1 == 1 }

  @inline(__always)
  func isSubset(of other: CharacterKinds) -> Bool { low & ~other.low == 0 && high & ~other.high == 0 }

  mutating func formUnion(_ other: CharacterKinds) {
    low |= other.low
    high |= other.high
  }

  mutating func formIntersection(_ other: CharacterKinds) {
    low &= other.low
    high &= other.high
  }

  // MARK: - Blocks

  /// Characters past ASCII, which patterns seldom tell apart.
  struct Block: Sendable {
    let set: ScalarSet
    /// One byte range per UTF-8 byte; all members match one of the sequences.
    let sequences: [[ClosedRange<UInt8>]]
  }

  /// They have no character in common and leave none out; white space, which patterns do tell apart, is one.
  static let blocks: [Block] = {
    let space = ScalarSet.whitespace.intersection(ScalarSet([0x80...0x10FFFF]))
    var rest = ScalarSet([0x80...0x10FFFF]).intersection(space.complement)
    var sets: [ScalarSet] = []
    for set in [
      ScalarSet([0x80...0x24F]), ScalarSet([0x250...0x7FF]), ScalarSet([0x4E00...0x9FFF]),
      ScalarSet([0x3040...0x30FF, 0xAC00...0xD7A3]), ScalarSet([0x10000...0x10FFFF]),
    ] {
      sets.append(set.intersection(space.complement))
      rest = rest.intersection(set.complement)
    }
    return (sets + [rest, space]).map { Block(set: $0, sequences: ByteNFA.sequences(of: $0)) }
  }()

  /// The block of a character past ASCII.
  static func block(of scalar: Unicode.Scalar) -> Int? { blocks.firstIndex { $0.set.contains(scalar) } }

  /// The characters of a text in their order: where each begins, and what it is. A byte that belongs to no whole character
  /// stands by itself.
  static func forEach(
    in text: UnsafeBufferPointer<UInt8>, _ body: (_ start: Int, _ kinds: CharacterKinds) -> Void
  ) {
    var at = 0
    while at < text.count {
      let byte = text[at]
      var kinds = CharacterKinds()
      var length = 1
      if byte < 0x80 {
        kinds.insert(ascii: byte)
      } else {
        let claimed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
        var value = UInt32(byte) & (claimed == 4 ? 7 : claimed == 3 ? 15 : 31)
        var isWhole = byte >= 0xC2 && byte <= 0xF4 && at + claimed <= text.count
        for place in 1..<claimed where isWhole {
          if text[at + place] & 0xC0 != 0x80 { isWhole = false }
          value = value << 6 | UInt32(text[at + place] & 63)
        }
        if isWhole, let scalar = Unicode.Scalar(value), UTF8.width(scalar) == claimed, let block = block(of: scalar) {
          kinds.insert(block: block)
          length = claimed
        } else {
          kinds.insertBroken()
        }
      }
      body(at, kinds)
      at += length
    }
  }
}
