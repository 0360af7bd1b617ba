/// The inside of a JSON string, byte by byte, as a small table: exact UTF-8 (Unicode 16 table 3-7, no overlong forms,
/// no surrogates) and escapes (RFC 8259 §7). The closing quote belongs to the caller.
struct StringLexer: Sendable {
  /// Between two characters: where the string may end.
  static let boundary: UInt8 = 0
  static let dead: UInt8 = 255
  /// [states * 256]
  let next: [UInt8]

  /// Every spelling that JSON has; `\u` halves of surrogate pairs only in pairs.
  static let anySpelling = StringLexer(isCanonical: false)
  /// One spelling for each string, the one `JSONValue.text` writes: escapes only where they are needed.
  static let canonical = StringLexer(isCanonical: true)

  private init(isCanonical: Bool) {
    var table: [UInt8] = []
    func state() -> UInt8 {
      table += [UInt8](repeating: Self.dead, count: 256)
      return UInt8(table.count / 256 - 1)
    }
    func add(_ from: UInt8, _ bytes: ClosedRange<UInt8>, _ to: UInt8) {
      for byte in bytes { table[Int(from) << 8 | Int(byte)] = to }
    }
    func addHex(_ from: UInt8, _ to: UInt8) {
      add(from, 0x30...0x39, to)
      add(from, 0x61...0x66, to)
      add(from, 0x41...0x46, to)
    }
    let inside = state()
    let escape = state()
    add(inside, 0x20...0x21, inside)
    add(inside, 0x23...0x5B, inside)
    add(inside, 0x5D...0x7F, inside)
    add(inside, 0x5C...0x5C, escape)
    let (one, two, three) = (state(), state(), state())
    let (e0, ed, f0, f4) = (state(), state(), state(), state())
    add(inside, 0xC2...0xDF, one)
    add(inside, 0xE0...0xE0, e0)
    add(inside, 0xE1...0xEF, two)
    add(inside, 0xED...0xED, ed)
    add(inside, 0xF0...0xF0, f0)
    add(inside, 0xF1...0xF3, three)
    add(inside, 0xF4...0xF4, f4)
    add(one, 0x80...0xBF, inside)
    add(two, 0x80...0xBF, one)
    add(three, 0x80...0xBF, two)
    add(e0, 0xA0...0xBF, one)
    add(ed, 0x80...0x9F, one)
    add(f0, 0x90...0xBF, two)
    add(f4, 0x80...0x8F, two)
    for byte in "\"\\bfnrt".utf8 { add(escape, byte...byte, inside) }
    let unit = state()
    add(escape, 0x75...0x75, unit)
    if isCanonical {
      // \u0000 … \u001f in lower case, without those that have a short form.
      let (zero, zeroZero, low, high) = (state(), state(), state(), state())
      add(unit, 0x30...0x30, zero)
      add(zero, 0x30...0x30, zeroZero)
      add(zeroZero, 0x30...0x30, low)
      add(zeroZero, 0x31...0x31, high)
      for byte in "01234567bef".utf8 { add(low, byte...byte, inside) }
      add(high, 0x30...0x39, inside)
      add(high, 0x61...0x66, inside)
    } else {
      add(escape, 0x2F...0x2F, inside)
      let (three, two, one, d) = (state(), state(), state(), state())
      addHex(unit, three)
      add(unit, 0x44...0x44, d)
      add(unit, 0x64...0x64, d)
      addHex(three, two)
      addHex(two, one)
      addHex(one, inside)
      add(d, 0x30...0x37, two)
      let (highTwo, highOne, slash, u, lowD, lowThree) = (state(), state(), state(), state(), state(), state())
      add(d, 0x38...0x39, highTwo)
      for byte in "abAB".utf8 { add(d, byte...byte, highTwo) }
      addHex(highTwo, highOne)
      addHex(highOne, slash)
      add(slash, 0x5C...0x5C, u)
      add(u, 0x75...0x75, lowD)
      add(lowD, 0x44...0x44, lowThree)
      add(lowD, 0x64...0x64, lowThree)
      for byte in "cdefCDEF".utf8 { add(lowThree, byte...byte, two) }
    }
    next = table
  }

  /// The bytes a state admits, the closing quote apart.
  func allowed(_ state: Int) -> ByteSet {
    var set = ByteSet()
    for byte in 0..<256 where next[state << 8 | byte] != Self.dead { set.insert(UInt8(byte)) }
    return set
  }

  var stateCount: Int { next.count / 256 }
}
