/// A Python integer beyond 64 bits: sign and magnitude, schoolbook arithmetic.
///
/// Templates meet such numbers as literals and identifiers that are only printed; speed does not matter.
struct BigInteger: Sendable, Hashable {
  private(set) var isNegative: Bool
  /// Base 2^32, least significant first, no leading zeros.
  private(set) var words: [UInt32]

  /// Results beyond this are refused (some 19,000 digits).
  static let wordLimit = 2048

  private init(_ isNegative: Bool, _ words: [UInt32]) {
    var words = words
    while words.last == 0 { words.removeLast() }
    self.words = words
    self.isNegative = isNegative && !words.isEmpty
  }

  init(_ value: Int) {
    let magnitude = value.magnitude
    self.init(value < 0, [UInt32(truncatingIfNeeded: magnitude), UInt32(truncatingIfNeeded: magnitude >> 32)])
  }

  /// Digits of `base`, lower or upper case, without sign; nil if there is another character or none.
  init?(digits: some Sequence<UInt8>, base: UInt32, isNegative: Bool = false) {
    var words: [UInt32] = []
    var isEmpty = true
    for byte in digits {
      guard let digit = Character(Unicode.Scalar(byte)).hexOrLetterDigit, digit < base else { return nil }
      isEmpty = false
      var carry = UInt64(digit)
      for index in words.indices {
        carry += UInt64(words[index]) * UInt64(base)
        words[index] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
      if carry > 0 { words.append(UInt32(carry)) }
      if words.count > Self.wordLimit { return nil }
    }
    if isEmpty { return nil }
    self.init(isNegative, words)
  }

  /// The integer part of a finite double.
  init(truncating value: Double) {
    var words: [UInt32] = []
    let exponent = value == 0 ? 0 : Int(value.exponent) - 52
    let significand = UInt64(value.significandBitPattern | 1 << 52)
    guard abs(value) >= 1 else {
      self.init(false, [])
      return
    }
    if exponent <= 0 {
      let magnitude = significand >> UInt64(-exponent)
      words = [UInt32(truncatingIfNeeded: magnitude), UInt32(truncatingIfNeeded: magnitude >> 32)]
    } else {
      words = [UInt32](repeating: 0, count: exponent / 32)
      let low = significand << UInt64(exponent % 32)
      let high = exponent % 32 == 0 ? 0 : significand >> UInt64(64 - exponent % 32)
      words += [
        UInt32(truncatingIfNeeded: low), UInt32(truncatingIfNeeded: low >> 32), UInt32(truncatingIfNeeded: high),
      ]
    }
    self.init(value < 0, words)
  }

  /// The value as an `Int`, if it fits.
  var int: Int? {
    guard words.count <= 2 else { return nil }
    let magnitude = words.reversed().reduce(UInt(0)) { $0 << 32 | UInt($1) }
    if isNegative { return magnitude <= UInt(Int.max) + 1 ? Int(truncatingIfNeeded: 0 &- magnitude) : nil }
    return Int(exactly: magnitude)
  }

  /// The nearest double; infinite beyond a double's range.
  var double: Double { Double(description) ?? .infinity }

  var isOdd: Bool { (words.first ?? 0) & 1 == 1 }
  var isZero: Bool { words.isEmpty }

  static prefix func - (a: BigInteger) -> BigInteger { BigInteger(!a.isNegative, a.words) }

  static func + (a: BigInteger, b: BigInteger) -> BigInteger {
    if a.isNegative == b.isNegative { return BigInteger(a.isNegative, sum(a.words, b.words)) }
    return isLess(a.words, b.words)
      ? BigInteger(b.isNegative, difference(b.words, a.words)) : BigInteger(a.isNegative, difference(a.words, b.words))
  }

  static func - (a: BigInteger, b: BigInteger) -> BigInteger { a + -b }

  static func * (a: BigInteger, b: BigInteger) -> BigInteger {
    var words = [UInt32](repeating: 0, count: a.words.count + b.words.count)
    for (i, x) in a.words.enumerated() {
      var carry: UInt64 = 0
      for (j, y) in b.words.enumerated() {
        carry += UInt64(words[i + j]) + UInt64(x) * UInt64(y)
        words[i + j] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
      words[i + b.words.count] = UInt32(carry)
    }
    return BigInteger(a.isNegative != b.isNegative, words)
  }

  /// Quotient rounded towards minus infinity and the remainder with the divisor's sign, as Python divides.
  func dividedFloor(by divisor: BigInteger) -> (quotient: BigInteger, remainder: BigInteger) {
    var quotient = [UInt32](repeating: 0, count: words.count)
    var remainder = BigInteger(false, [])
    let magnitude = BigInteger(false, divisor.words)
    for bit in stride(from: words.count * 32 - 1, through: 0, by: -1) {
      remainder = remainder + remainder
      if words[bit / 32] >> UInt32(bit % 32) & 1 == 1 { remainder = remainder + BigInteger(1) }
      if !Self.isLess(remainder.words, magnitude.words) {
        remainder = remainder - magnitude
        quotient[bit / 32] |= 1 << UInt32(bit % 32)
      }
    }
    var result = (BigInteger(isNegative != divisor.isNegative, quotient), BigInteger(isNegative, remainder.words))
    if !result.1.isZero, isNegative != divisor.isNegative { result = (result.0 - BigInteger(1), result.1 + divisor) }
    return result
  }

  /// Nil if the result would pass `wordLimit`.
  func power(_ exponent: Int) -> BigInteger? {
    var result = BigInteger(1)
    var base = self
    var exponent = exponent
    while exponent > 0 {
      if exponent & 1 == 1 { result = result * base }
      exponent >>= 1
      if result.words.count > Self.wordLimit || (exponent > 0 && base.words.count > Self.wordLimit) { return nil }
      if exponent > 0 { base = base * base }
    }
    return result
  }

  /// Decimal digits, nine at a time.
  var description: String {
    if words.isEmpty { return "0" }
    var words = self.words
    var groups: [UInt32] = []
    while !words.isEmpty {
      var carry: UInt64 = 0
      for index in words.indices.reversed() {
        carry = carry << 32 | UInt64(words[index])
        words[index] = UInt32(carry / 1_000_000_000)
        carry %= 1_000_000_000
      }
      groups.append(UInt32(carry))
      while words.last == 0 { words.removeLast() }
    }
    var text = (isNegative ? "-" : "") + String(groups[groups.count - 1])
    for group in groups.dropLast().reversed() {
      let digits = String(group)
      text += String(repeating: "0", count: 9 - digits.count) + digits
    }
    return text
  }

  private static func sum(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var words: [UInt32] = []
    var carry: UInt64 = 0
    for index in 0..<max(a.count, b.count) {
      carry += (index < a.count ? UInt64(a[index]) : 0) + (index < b.count ? UInt64(b[index]) : 0)
      words.append(UInt32(truncatingIfNeeded: carry))
      carry >>= 32
    }
    return carry > 0 ? words + [UInt32(carry)] : words
  }

  /// `a` is not less than `b`.
  private static func difference(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var words: [UInt32] = []
    var borrow: Int64 = 0
    for index in a.indices {
      var word = Int64(a[index]) - borrow - (index < b.count ? Int64(b[index]) : 0)
      borrow = word < 0 ? 1 : 0
      if word < 0 { word += 1 << 32 }
      words.append(UInt32(word))
    }
    return words
  }

  private static func isLess(_ a: [UInt32], _ b: [UInt32]) -> Bool {
    a.count != b.count ? a.count < b.count : a.reversed().lexicographicallyPrecedes(b.reversed())
  }
}

extension BigInteger: Comparable {
  static func < (a: BigInteger, b: BigInteger) -> Bool {
    if a.isNegative != b.isNegative { return a.isNegative }
    return a.isNegative ? isLess(b.words, a.words) : isLess(a.words, b.words)
  }
}

extension Character {
  /// 0–9, then a–z as 10–35 in either case.
  fileprivate var hexOrLetterDigit: UInt32? {
    guard let byte = asciiValue else { return nil }
    switch byte {
    case 0x30...0x39: return UInt32(byte - 0x30)
    case 0x41...0x5A: return UInt32(byte - 0x41 + 10)
    case 0x61...0x7A: return UInt32(byte - 0x61 + 10)
    default: return nil
    }
  }
}
