import Glibc

/// The few functions of the C library that floats need.
enum Floats {
  static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

  /// `float(text)`: white space around it and underscores between digits are allowed.
  static func parsed(_ text: Text) -> Double? {
    guard var digits = Integers.withoutUnderscores(StringMethods.stripped(text.utf8, nil, .both)) else { return nil }
    let lowered = String(decoding: digits, as: UTF8.self).lowercased()
    var magnitude = lowered[...]
    if let first = magnitude.first, first == "-" || first == "+" { magnitude = magnitude.dropFirst() }
    let sign: Double = lowered.hasPrefix("-") ? -1 : 1
    if magnitude == "inf" || magnitude == "infinity" { return sign * .infinity }
    if magnitude == "nan" { return .nan }
    let isNumber = digits.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
    guard isNumber, !digits.isEmpty else { return nil }
    digits.append(0)
    let end = digits.count - 1
    return digits.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        var stop: UnsafeMutablePointer<CChar>?
        let value = strtod(characters.baseAddress!, &stop)
        return stop.map { UnsafePointer($0) - characters.baseAddress! } == end ? value : nil
      }
    }
  }

  /// `round(value, digits)` to the nearest, ties to even, of the exact binary value.
  static func rounded(_ value: Double, digits: Int) -> Double {
    if !value.isFinite || digits > 323 { return value }
    if digits == 0 { return value.rounded(.toNearestOrEven) }
    if digits < 0 {
      if digits < -308 { return value.sign == .minus ? -0.0 : 0.0 }
      let scale = power(10, Double(-digits))
      return (value / scale).rounded(.toNearestOrEven) * scale
    }
    let text = FormatSpec.printed(value.magnitude, "f", digits)
    let result = Double(text) ?? value
    return value.sign == .minus ? -result : result
  }
}

/// Reading integers as Python's `int` does.
enum Integers {
  /// `int(text, base)`; base 0 goes by the prefix, as in source code.
  static func parsed(_ text: Text, base: Int) -> Value? {
    guard base == 0 || (2...36).contains(base) else { return nil }
    let stripped = StringMethods.stripped(text.utf8, nil, .both)
    var digits = stripped[...]
    var isNegative = false
    if let first = digits.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      isNegative = first == UInt8(ascii: "-")
      digits = digits.dropFirst()
    }
    var radix = base
    if digits.count > 2, digits.first == UInt8(ascii: "0") {
      let prefix: Int? =
        switch digits[digits.startIndex + 1] | 0x20 {
        case UInt8(ascii: "x"): 16
        case UInt8(ascii: "o"): 8
        case UInt8(ascii: "b"): 2
        default: nil
        }
      if let prefix, base == 0 || base == prefix {
        radix = prefix
        digits = digits.dropFirst(2)
        if digits.first == UInt8(ascii: "_") { digits = digits.dropFirst() }
      }
    }
    if radix == 0 {
      radix = 10
      if digits.first == UInt8(ascii: "0"), digits.contains(where: { $0 != UInt8(ascii: "0") }) { return nil }
    }
    guard let plain = withoutUnderscores(Array(digits)) else { return nil }
    if plain.count <= 18, let first = plain.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "+"),
      let int = Int(String(decoding: plain, as: UTF8.self), radix: radix)
    {
      return .int(isNegative ? -int : int)
    }
    return BigInteger(digits: plain, base: UInt32(radix), isNegative: isNegative).map(Value.integer)
  }

  /// Single underscores between digits are dropped; nil if they stand elsewhere.
  static func withoutUnderscores(_ digits: [UInt8]) -> [UInt8]? {
    let underscore = UInt8(ascii: "_")
    guard digits.contains(underscore) else { return digits }
    for (index, byte) in digits.enumerated() where byte == underscore {
      guard index > 0, index + 1 < digits.count else { return nil }
      func isDigit(_ byte: UInt8) -> Bool { byte < 0x80 && Character(Unicode.Scalar(byte)).isHexDigit }
      guard isDigit(digits[index - 1]), isDigit(digits[index + 1]) else { return nil }
    }
    return digits.filter { $0 != underscore }
  }
}
