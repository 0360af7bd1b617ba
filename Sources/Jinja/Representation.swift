/// Python's `str` and `repr`.
enum Representation {
  /// Appends `str(value)`.
  static func append(_ value: Value, to output: inout [UInt8]) throws(Fault) {
    switch value {
    case .string(let text): output.append(contentsOf: text.utf8)
    case .undefined: break
    default: try write(value, to: &output, depth: 0)
    }
  }

  /// `str(value)`.
  static func text(_ value: Value) throws(Fault) -> Text {
    if case .string(let text) = value { return text }
    var output: [UInt8] = []
    try append(value, to: &output)
    return Text(output)
  }

  /// `repr(value)`.
  static func of(_ value: Value) throws(Fault) -> String {
    var output: [UInt8] = []
    try write(value, to: &output, depth: 0)
    return String(decoding: output, as: UTF8.self)
  }

  /// `repr` of a string.
  static func quoted(_ string: String) -> String {
    var output: [UInt8] = []
    quote(Array(string.utf8), to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  private static func write(_ value: Value, to output: inout [UInt8], depth: Int) throws(Fault) {
    if depth > 200 { throw Fault(.recursion, "maximum recursion depth exceeded while getting the repr of an object") }
    switch value {
    case .undefined: output.append("Undefined")
    case .null: output.append("None")
    case .bool(let flag): output.append(flag ? "True" : "False")
    case .int(let int): output.append(String(int))
    case .big(let big): output.append(big.description)
    case .float(let double): output.append(float(double))
    case .string(let text):
      if text.isMarkup { output.append("Markup(") }
      quote(text.utf8, to: &output)
      if text.isMarkup { output.append(")") }
    case .list(let list):
      try write(list.elements, "[", "]", to: &output, depth: depth)
    case .tuple(let tuple):
      try write(tuple.elements, "(", tuple.elements.count == 1 ? ",)" : ")", to: &output, depth: depth)
    case .dict(let dict):
      output.append("{")
      for (index, (key, value)) in zip(dict.keys, dict.values).enumerated() {
        if index > 0 { output.append(", ") }
        try write(key, to: &output, depth: depth + 1)
        output.append(": ")
        try write(value, to: &output, depth: depth + 1)
      }
      output.append("}")
    case .object(let object): output.append(try object.representation())
    }
  }

  private static func write(
    _ elements: [Value], _ open: String, _ close: String, to output: inout [UInt8], depth: Int
  ) throws(Fault) {
    output.append(open)
    for (index, element) in elements.enumerated() {
      if index > 0 { output.append(", ") }
      try write(element, to: &output, depth: depth + 1)
    }
    output.append(close)
  }

  /// Single quotes unless that would need escapes and double quotes would not.
  private static func quote(_ utf8: [UInt8], to output: inout [UInt8]) {
    let single = UInt8(ascii: "'")
    let quote = utf8.contains(single) && !utf8.contains(UInt8(ascii: "\"")) ? UInt8(ascii: "\"") : single
    output.append(quote)
    for scalar in utf8.scalars {
      switch scalar {
      case "\\": output.append("\\\\")
      case "\n": output.append("\\n")
      case "\r": output.append("\\r")
      case "\t": output.append("\\t")
      case _ where scalar.value == UInt32(quote): output.append("\\\(scalar)")
      case _ where scalar.isPrintable: output.append(scalar)
      case _ where scalar.value < 0x100: output.append("\\x" + hex(scalar.value, width: 2))
      case _ where scalar.value < 0x10000: output.append("\\u" + hex(scalar.value, width: 4))
      default: output.append("\\U" + hex(scalar.value, width: 8))
      }
    }
    output.append(quote)
  }

  private static func hex(_ value: UInt32, width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: width - digits.count) + digits
  }

  /// `repr(float)`: the shortest digits that read back, with an exponent below 1e-4 and from 1e16.
  static func float(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    let sign = value.sign == .minus ? "-" : ""
    if value == 0 { return sign + "0.0" }
    let (digits, exponent) = shortestDigits(value.magnitude)
    if exponent < -4 || exponent >= 16 {
      let mantissa = digits.count == 1 ? digits : "\(digits.prefix(1)).\(digits.dropFirst())"
      let magnitude = String(exponent.magnitude)
      return "\(sign)\(mantissa)e\(exponent < 0 ? "-" : "+")\(magnitude.count < 2 ? "0" : "")\(magnitude)"
    }
    if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
    if digits.count <= exponent + 1 {
      return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count) + ".0"
    }
    return "\(sign)\(digits.prefix(exponent + 1)).\(digits.dropFirst(exponent + 1))"
  }

  /// Shortest significant digits d₁d₂… and the exponent e with value = d₁.d₂… × 10^e.
  private static func shortestDigits(_ value: Double) -> (digits: String, exponent: Int) {
    var mantissa = Substring(value.description)
    var exponent = 0
    if let e = mantissa.firstIndex(of: "e") {
      exponent = Int(mantissa[mantissa.index(after: e)...]) ?? 0
      mantissa = mantissa[..<e]
    }
    let parts = mantissa.split(separator: ".", omittingEmptySubsequences: false)
    var digits = String(parts[0]) + (parts.count > 1 ? parts[1] : "")
    exponent += parts[0].count - 1
    while digits.hasPrefix("0"), digits.count > 1 {
      digits.removeFirst()
      exponent -= 1
    }
    while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
    return (digits, exponent)
  }
}

extension Unicode.Scalar {
  /// `str.isprintable` for one code point.
  var isPrintable: Bool {
    if value < 0x7F { return value >= 0x20 }
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator:
      return false
    default: return true
    }
  }
}
