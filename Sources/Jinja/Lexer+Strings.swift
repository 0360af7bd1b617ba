extension Lexer {
  /// A string literal, unescaped as Python unescapes; nil if none starts here or it does not end.
  mutating func readString() throws(Fault) -> [UInt8]? {
    let quote = source[at]
    guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
    var end = at + 1
    while end < source.count, source[end] != quote { end += source[end] == UInt8(ascii: "\\") ? 2 : 1 }
    guard end < source.count else { return nil }
    let value = try unescaped(from: at + 1, to: end)
    at = end + 1
    return value
  }

  private func unescaped(from start: Int, to end: Int) throws(Fault) -> [UInt8] {
    var output: [UInt8] = []
    var at = start
    while at < end {
      guard source[at] == UInt8(ascii: "\\"), at + 1 < end else {
        output.append(source[at])
        at += 1
        continue
      }
      let letter = source[at + 1]
      let escape = at
      at += 2
      switch letter {
      case 0x0A: break
      case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): output.append(letter)
      case UInt8(ascii: "n"): output.append(0x0A)
      case UInt8(ascii: "t"): output.append(0x09)
      case UInt8(ascii: "r"): output.append(0x0D)
      case UInt8(ascii: "a"): output.append(0x07)
      case UInt8(ascii: "b"): output.append(0x08)
      case UInt8(ascii: "f"): output.append(0x0C)
      case UInt8(ascii: "v"): output.append(0x0B)
      case 0x30...0x37:
        var value = UInt32(letter - 0x30)
        var count = 1
        while count < 3, at < end, (0x30...0x37).contains(source[at]) {
          value = value * 8 + UInt32(source[at] - 0x30)
          at += 1
          count += 1
        }
        output.append(try scalar(value, escape))
      case UInt8(ascii: "x"): output.append(try hexadecimal(2, "\\xXX", &at, end, escape))
      case UInt8(ascii: "u"): output.append(try hexadecimal(4, "\\uXXXX", &at, end, escape))
      case UInt8(ascii: "U"): output.append(try hexadecimal(8, "\\UXXXXXXXX", &at, end, escape))
      case UInt8(ascii: "N"): throw .syntax("\\N escapes are not supported; write the character itself", at: escape)
      default: output += [UInt8(ascii: "\\"), letter]
      }
    }
    return output
  }

  private func hexadecimal(
    _ count: Int, _ form: String, _ at: inout Int, _ end: Int, _ escape: Int
  ) throws(Fault) -> Unicode.Scalar {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard at < end, source[at] < 0x80, let digit = Character(Unicode.Scalar(source[at])).hexDigitValue else {
        throw .syntax("truncated \(form) escape", at: escape)
      }
      value = value << 4 | UInt32(digit)
      at += 1
    }
    return try scalar(value, escape)
  }

  private func scalar(_ value: UInt32, _ escape: Int) throws(Fault) -> Unicode.Scalar {
    guard let scalar = Unicode.Scalar(value) else {
      let isSurrogate = (0xD800...0xDFFF).contains(value)
      throw .syntax(isSurrogate ? "the escape is half of a surrogate pair" : "illegal Unicode character", at: escape)
    }
    return scalar
  }
}
