/// Exact comparison and divisibility, for any number of digits and any exponent.
extension JSONNumber: Comparable {
  public static func < (a: JSONNumber, b: JSONNumber) -> Bool { compare(a.decimal, b.decimal) < 0 }

  private static func compare(
    _ a: (isNegative: Bool, digits: String, exponent: Int), _ b: (isNegative: Bool, digits: String, exponent: Int)
  ) -> Int {
    let signA = a.digits.isEmpty ? 0 : a.isNegative ? -1 : 1
    let signB = b.digits.isEmpty ? 0 : b.isNegative ? -1 : 1
    if signA != signB { return signA < signB ? -1 : 1 }
    if signA == 0 { return 0 }
    // The place of the first digit decides; then the digits, as text, the shorter one padded with zeros.
    let (placeA, placeB) = (a.digits.utf8.count + a.exponent, b.digits.utf8.count + b.exponent)
    if placeA != placeB { return placeA < placeB ? -signA : signA }
    if a.digits == b.digits { return 0 }
    return a.digits < b.digits ? -signA : signA
  }

  /// Whether the number is integral, however it is written.
  public var isInteger: Bool { decimal.exponent >= 0 }

  /// Whether this number is an integer times `divisor`, exactly.
  /// - Precondition: `divisor` is not zero.
  public func isMultiple(of divisor: JSONNumber) -> Bool {
    let (a, b) = (decimal, divisor.decimal)
    precondition(!b.digits.isEmpty, "a multiple of zero")
    if a.digits.isEmpty { return true }
    // a = A·10^x and b = B·10^y, A and B without trailing zeros. For x < y the factor 10^(y-x) would have to divide A.
    guard a.exponent >= b.exponent else { return false }
    guard let divisor = UInt64(b.digits) else {
      // More than 19 digits: long division on text.
      return Self.remainder(
        of: a.digits + String(repeating: "0", count: min(a.exponent - b.exponent, 4096)), by: b.digits
      )
      .isEmpty
    }
    var remainder: UInt64 = 0
    func take(_ digit: UInt64) {
      let (high, low) = remainder.multipliedFullWidth(by: 10)
      let (sum, carry) = low.addingReportingOverflow(digit)
      remainder = divisor.dividingFullWidth((high + (carry ? 1 : 0), sum)).remainder
    }
    for byte in a.digits.utf8 { take(UInt64(byte - 0x30)) }
    var zeros = a.exponent - b.exponent
    while zeros > 0, remainder != 0 {
      take(0)
      zeros -= 1
      // The powers of ten modulo the divisor repeat; past its bit count nothing new divides.
      if a.exponent - b.exponent - zeros > 200 { break }
    }
    return remainder == 0
  }

  /// Remainder of two positive integers in decimal digits, without leading zeros; empty for zero.
  private static func remainder(of dividend: String, by divisor: String) -> [UInt8] {
    let divisor = divisor.utf8.map { $0 - 0x30 }
    var rest: [UInt8] = []
    func isAtLeast() -> Bool {
      if rest.count != divisor.count { return rest.count > divisor.count }
      return !rest.lexicographicallyPrecedes(divisor)
    }
    for byte in dividend.utf8 {
      if !(rest.isEmpty && byte == 0x30) { rest.append(byte - 0x30) }
      while isAtLeast() {
        var borrow: Int8 = 0
        for place in 1...rest.count {
          let subtrahend = place <= divisor.count ? Int8(divisor[divisor.count - place]) : 0
          var digit = Int8(rest[rest.count - place]) - subtrahend - borrow
          borrow = digit < 0 ? 1 : 0
          if digit < 0 { digit += 10 }
          rest[rest.count - place] = UInt8(digit)
        }
        rest = Array(rest.drop { $0 == 0 })
      }
    }
    return rest
  }
}
