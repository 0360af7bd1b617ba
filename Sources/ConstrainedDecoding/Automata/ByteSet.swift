/// A set of bytes.
struct ByteSet: Hashable, Sendable {
  private var a: UInt64 = 0
  private var b: UInt64 = 0
  private var c: UInt64 = 0
  private var d: UInt64 = 0

  init() {}
  init(_ byte: UInt8) { insert(byte) }
  init(_ text: StaticString) { text.withUTF8Buffer { for byte in $0 { insert(byte) } } }

  @inline(__always)
  mutating func insert(_ byte: UInt8) {
    let bit: UInt64 = 1 << UInt64(byte & 63)
    switch byte >> 6 {
    case 0: a |= bit
    case 1: b |= bit
    case 2: c |= bit
    default: d |= bit
    }
  }

  mutating func remove(_ byte: UInt8) {
    let bit: UInt64 = 1 << UInt64(byte & 63)
    switch byte >> 6 {
    case 0: a &= ~bit
    case 1: b &= ~bit
    case 2: c &= ~bit
    default: d &= ~bit
    }
  }

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    let word = byte >> 6
    let bits = word == 0 ? a : word == 1 ? b : word == 2 ? c : d
    return bits >> UInt64(byte & 63) & 1 == 1
  }

  mutating func formUnion(_ other: ByteSet) {
    a |= other.a
    b |= other.b
    c |= other.c
    d |= other.d
  }

  var isEmpty: Bool { a | b | c | d == 0 }
  var count: Int { a.nonzeroBitCount + b.nonzeroBitCount + c.nonzeroBitCount + d.nonzeroBitCount }

  /// The only member, if there is exactly one.
  var only: UInt8? {
    guard count == 1 else { return nil }
    return first
  }

  var first: UInt8? {
    if a != 0 { return UInt8(a.trailingZeroBitCount) }
    if b != 0 { return UInt8(64 + b.trailingZeroBitCount) }
    if c != 0 { return UInt8(128 + c.trailingZeroBitCount) }
    if d != 0 { return UInt8(192 + d.trailingZeroBitCount) }
    return nil
  }

  /// Ascending.
  @inline(__always)
  func forEach(_ body: (UInt8) -> Void) {
    for (index, word) in [a, b, c, d].enumerated() {
      var rest = word
      while rest != 0 {
        body(UInt8(index << 6 | rest.trailingZeroBitCount))
        rest &= rest &- 1
      }
    }
  }
}
