/// URIs (RFC 3986), IRIs (RFC 3987) and URI templates (RFC 6570).
extension FormatScanner {
  mutating func takeURI(needsScheme: Bool, isInternational: Bool) -> Bool {
    let start = at
    var hasScheme = false
    if let first = next, first.isASCIILetter {
      _ = skip { $0.isASCIIAlphanumeric || "+-.".unicodeScalars.contains($0) }
      hasScheme = take(":")
    }
    if !hasScheme {
      if needsScheme { return false }
      at = start
    }
    if at + 1 < scalars.count, scalars[at] == "/", scalars[at + 1] == "/" {
      at += 2
      guard takeAuthority(isInternational), isAtEnd || next == "/" || next == "?" || next == "#" else { return false }
    } else if !hasScheme {
      // Before the first slash a colon would make a scheme of what precedes it.
      let segment = scalars[at...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
      if segment.contains(":") { return false }
    }
    guard takeCharacters("/:@", isInternational) else { return false }
    if take("?"), !takeCharacters("/:@?", isInternational, isQuery: true) { return false }
    if take("#"), !takeCharacters("/:@?", isInternational) { return false }
    return true
  }

  /// `[userinfo "@"] host [":" port]`.
  private mutating func takeAuthority(_ isInternational: Bool) -> Bool {
    let end = scalars[at...].firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? scalars.count
    if let sign = scalars[at..<end].firstIndex(of: "@") {
      guard takeCharacters(":", isInternational), at == sign else { return false }
      at += 1
    }
    if take("[") {
      guard let close = scalars[at..<end].firstIndex(of: "]") else { return false }
      var literal = FormatScanner(scalars[at..<close])
      at = close + 1
      guard literal.takeIPLiteral(), literal.isAtEnd else { return false }
    } else {
      guard takeCharacters("", isInternational) else { return false }
    }
    if take(":") { _ = skip(while: \.isASCIIDigit) }
    return at == end
  }

  private mutating func takeIPLiteral() -> Bool {
    guard take(anyOf: "vV") else { return takeIPv6() }
    return skip(while: \.isASCIIHexDigit) > 0 && take(".")
      && skip { $0.isASCIIAlphanumeric || "-._~!$&'()*+,;=:".unicodeScalars.contains($0) } > 0
  }

  /// Unreserved characters, sub-delimiters, percent escapes and those given; false for a broken escape.
  private mutating func takeCharacters(_ others: String, _ isInternational: Bool, isQuery: Bool = false) -> Bool {
    while let scalar = next {
      if scalar == "%" {
        at += 1
        guard takeHexPair() else { return false }
      } else if scalar.isASCIIAlphanumeric || "-._~!$&'()*+,;=".unicodeScalars.contains(scalar)
        || others.unicodeScalars.contains(scalar) || isInternational && scalar.isInternational(isQuery: isQuery)
      {
        at += 1
      } else {
        return true
      }
    }
    return true
  }

  private mutating func takeHexPair() -> Bool {
    guard at + 1 < scalars.count, scalars[at].isASCIIHexDigit, scalars[at + 1].isASCIIHexDigit else { return false }
    at += 2
    return true
  }

  mutating func takeURITemplate() -> Bool {
    while let scalar = next {
      at += 1
      switch scalar {
      case "{": if !takeExpression() { return false }
      case "%": if !takeHexPair() { return false }
      case "}", "\"", "<", ">", "\\", "^", "`", "|", " ": return false
      default:
        guard scalar.value > 0x20, scalar.value != 0x7F, scalar.isASCII || scalar.isInternational(isQuery: true) else {
          return false
        }
      }
    }
    return true
  }

  /// What stands between the braces of a template, and the closing one.
  private mutating func takeExpression() -> Bool {
    _ = take(anyOf: "+#./;?&=,!@|")
    repeat {
      repeat {
        var length = 0
        while let scalar = next {
          if scalar == "%" {
            at += 1
            guard takeHexPair() else { return false }
          } else if scalar.isASCIIAlphanumeric || scalar == "_" {
            at += 1
          } else {
            break
          }
          length += 1
        }
        if length == 0 { return false }
      } while take(".")
      if take(":") {
        let start = at
        guard next != "0" else { return false }
        guard (1...4).contains(skip(while: \.isASCIIDigit)) else { return false }
        if at == start { return false }
      } else {
        _ = take("*")
      }
    } while take(",")
    return take("}")
  }
}

extension Unicode.Scalar {
  /// `ucschar`, and in a query `iprivate` (RFC 3987 §2.2).
  fileprivate func isInternational(isQuery: Bool) -> Bool {
    switch value {
    case 0xA0...0xD7FF, 0xF900...0xFDCF, 0xFDF0...0xFFEF: true
    case 0x10000...0xDFFFF: value & 0xFFFF <= 0xFFFD
    case 0xE1000...0xEFFFD: true
    case 0xE000...0xF8FF, 0xF0000...0xFFFFD, 0x100000...0x10FFFD: isQuery
    default: false
    }
  }
}
