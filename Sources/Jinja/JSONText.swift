/// `tojson` as transformers defines it: Python's `json.dumps`, without escapes for HTML.
enum JSONText {
  private struct Style {
    var isASCII = false
    var indent: [UInt8]?
    var itemSeparator: [UInt8] = [UInt8(ascii: ","), 0x20]
    var keySeparator: [UInt8] = [UInt8(ascii: ":"), 0x20]
    var sortsKeys = false
  }

  /// - Parameter given: `ensure_ascii`, `indent`, `separators`, `sort_keys`; nil where not given.
  static func of(_ value: Value, _ given: [Value?]) throws(Fault) -> [UInt8] {
    var style = Style()
    style.isASCII = given[0]?.isTrue ?? false
    switch given[1] {
    case nil, .some(.null): break
    case .string(let text): style.indent = text.utf8
    case let other?:
      guard let width = other.index, width <= FormatSpec.widthLimit else {
        throw .type("can't multiply sequence by non-int of type '\(other.typeName)'")
      }
      style.indent = Array(repeating: 0x20, count: max(width, 0))
    }
    if style.indent != nil { style.itemSeparator = [UInt8(ascii: ",")] }
    if let separators = given[2], !separators.isNull {
      let parts = try separators.elements()
      guard parts.count == 2, case .string(let item) = parts[0], case .string(let key) = parts[1] else {
        throw .type("separators must be a pair of strings")
      }
      style.itemSeparator = item.utf8
      style.keySeparator = key.utf8
    }
    style.sortsKeys = given[3]?.isTrue ?? false
    var output: [UInt8] = []
    try write(value, style, depth: 0, to: &output)
    return output
  }

  private static func write(_ value: Value, _ style: Style, depth: Int, to output: inout [UInt8]) throws(Fault) {
    if depth > 300 { throw Fault(.recursion, "maximum recursion depth exceeded while encoding a JSON object") }
    switch value {
    case .null: output.append("null")
    case .bool(let flag): output.append(flag ? "true" : "false")
    case .int(let int): output.append(String(int))
    case .big(let big): output.append(big.description)
    case .float(let double): output.append(number(double))
    case .string(let text): write(text.utf8, style, to: &output)
    case .list(let list), .tuple(let list):
      if list.elements.isEmpty {
        output.append("[]")
        return
      }
      output.append(UInt8(ascii: "["))
      for (index, element) in list.elements.enumerated() {
        if index > 0 { output += style.itemSeparator }
        breakLine(style, depth + 1, &output)
        try write(element, style, depth: depth + 1, to: &output)
      }
      breakLine(style, depth, &output)
      output.append(UInt8(ascii: "]"))
    case .dict(let dict): try write(dict, style, depth: depth, to: &output)
    case .undefined, .object: throw .type("Object of type \(value.typeName) is not JSON serializable")
    }
  }

  private static func write(_ dict: Dict, _ style: Style, depth: Int, to output: inout [UInt8]) throws(Fault) {
    if dict.count == 0 {
      output.append("{}")
      return
    }
    var order = Array(dict.keys.indices)
    if style.sortsKeys {
      order = try Operators.sorted(order.map(Value.int), keys: dict.keys).map { $0.index! }  // ints put in
    }
    output.append(UInt8(ascii: "{"))
    for (count, index) in order.enumerated() {
      if count > 0 { output += style.itemSeparator }
      breakLine(style, depth + 1, &output)
      switch dict.keys[index] {
      case .string(let text): write(text.utf8, style, to: &output)
      case .null: output.append("\"null\"")
      case .bool(let flag): output.append(flag ? "\"true\"" : "\"false\"")
      case .int(let int): output.append("\"\(int)\"")
      case .big(let big): output.append("\"\(big.description)\"")
      case .float(let double): output.append("\"\(number(double))\"")
      case let other: throw .type("keys must be str, int, float, bool or None, not \(other.typeName)")
      }
      output += style.keySeparator
      try write(dict.values[index], style, depth: depth + 1, to: &output)
    }
    breakLine(style, depth, &output)
    output.append(UInt8(ascii: "}"))
  }

  private static func number(_ double: Double) -> String {
    if double.isNaN { return "NaN" }
    if double.isInfinite { return double < 0 ? "-Infinity" : "Infinity" }
    return Representation.float(double)
  }

  private static func breakLine(_ style: Style, _ depth: Int, _ output: inout [UInt8]) {
    guard let indent = style.indent else { return }
    output.append(0x0A)
    for _ in 0..<depth { output += indent }
  }

  /// The same characters are escaped as in `JSONWriter`, except that Python's ASCII ends before U+007F.
  private static func write(_ utf8: [UInt8], _ style: Style, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    if style.isASCII {
      for scalar in utf8.scalars {
        if scalar.value < 0x7F {
          write(UInt8(scalar.value), to: &output)
        } else {
          for unit in UTF16.encode(scalar)! { writeEscape(unit, to: &output) }  // every scalar has a UTF-16 form
        }
      }
    } else {
      for byte in utf8 { write(byte, to: &output) }
    }
    output.append(UInt8(ascii: "\""))
  }

  @inline(__always)
  private static func write(_ byte: UInt8, to output: inout [UInt8]) {
    if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
      output.append(byte)
      return
    }
    switch byte {
    case UInt8(ascii: "\""): output.append("\\\"")
    case UInt8(ascii: "\\"): output.append("\\\\")
    case 0x0A: output.append("\\n")
    case 0x0D: output.append("\\r")
    case 0x09: output.append("\\t")
    case 0x08: output.append("\\b")
    case 0x0C: output.append("\\f")
    default: writeEscape(UInt16(byte), to: &output)
    }
  }

  private static func writeEscape(_ unit: UInt16, to output: inout [UInt8]) {
    let digits = String(unit, radix: 16)
    output.append("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
  }
}
