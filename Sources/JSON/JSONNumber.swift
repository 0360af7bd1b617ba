/// A JSON number, kept as it was written, so that nothing is lost between reading and writing.
public struct JSONNumber: Sendable {
  /// The literal, valid by RFC 8259 §6 (`-0`, `1.50`, `6.02e23`).
  public let literal: String

  /// Takes a literal that the parser has already checked.
  init(checked literal: String) { self.literal = literal }

  public init(_ value: Int) { literal = String(value) }

  /// The shortest literal that reads back as the same double.
  /// - Precondition: `value` is finite; JSON has no spelling for the others.
  public init(_ value: Double) {
    precondition(value.isFinite, "JSON has no number for \(value)")
    self.init(description: value.description)
  }

  /// The shortest literal that reads back as the same float.
  /// - Precondition: `value` is finite.
  public init(_ value: Float) {
    precondition(value.isFinite, "JSON has no number for \(value)")
    self.init(description: value.description)
  }

  /// From Swift's description of a finite number, which differs from JSON only in writing `1.0` for `1`.
  private init(description text: String) {
    literal = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// True if the literal has neither fraction nor exponent.
  public var isWrittenAsInteger: Bool {
    !literal.utf8.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
  }

  /// The value, if it is integral (`1.0` and `1e3` are) and fits.
  public var int: Int? {
    if isWrittenAsInteger { return Int(literal) }
    let decimal = self.decimal
    guard decimal.exponent >= 0 else { return decimal.digits.isEmpty ? 0 : nil }
    guard decimal.digits.count + decimal.exponent <= 19 else { return nil }
    return Int((decimal.isNegative ? "-" : "") + decimal.digits + String(repeating: "0", count: decimal.exponent))
  }

  /// The nearest double; infinite where the literal is beyond a double's range.
  public var double: Double { Double(literal) ?? .nan }

  /// The value as ± digits × 10^exponent, without leading or trailing zeros: equal numbers have equal decimals.
  var decimal: (isNegative: Bool, digits: String, exponent: Int) {
    var mantissa = Substring(literal)
    var exponent = 0
    if let e = mantissa.firstIndex(where: { $0 == "e" || $0 == "E" }) {
      // Past the range of Int the exponent's exact value no longer matters.
      let text = mantissa[mantissa.index(after: e)...]
      exponent = Int(text) ?? (text.hasPrefix("-") ? Int.min / 4 : Int.max / 4)
      mantissa = mantissa[..<e]
    }
    let isNegative = mantissa.hasPrefix("-")
    if isNegative { mantissa.removeFirst() }
    var digits = String(mantissa)
    if let point = digits.firstIndex(of: ".") {
      exponent -= digits.distance(from: point, to: digits.endIndex) - 1
      digits.remove(at: point)
    }
    digits = String(digits.drop { $0 == "0" })
    while digits.last == "0" {
      digits.removeLast()
      exponent += 1
    }
    return digits.isEmpty ? (false, "", 0) : (isNegative, digits, exponent)
  }
}

/// Equal by value, exactly: `1`, `1.0` and `10e-1` are one number.
extension JSONNumber: Hashable {
  public static func == (a: JSONNumber, b: JSONNumber) -> Bool {
    if a.literal == b.literal { return true }
    return a.decimal == b.decimal
  }

  public func hash(into hasher: inout Hasher) {
    let decimal = self.decimal
    hasher.combine(decimal.isNegative)
    hasher.combine(decimal.digits)
    hasher.combine(decimal.exponent)
  }
}
