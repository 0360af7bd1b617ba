/// Addresses, host names and mailboxes.
extension FormatScanner {
  /// Four decimal numbers below 256 without leading zeros (RFC 2673 §3.2).
  mutating func takeIPv4() -> Bool {
    for group in 0..<4 {
      if group > 0, !take(".") { return false }
      let start = at
      let length = skip(while: \.isASCIIDigit)
      guard (1...3).contains(length), length == 1 || scalars[start] != "0" else { return false }
      let value = scalars[start..<at].reduce(0) { $0 * 10 + Int($1.value - 0x30) }
      guard value < 256 else { return false }
    }
    return true
  }

  /// Eight groups, or fewer with one `::`, the last two perhaps as an IPv4 address (RFC 4291 §2.2).
  mutating func takeIPv6() -> Bool {
    var groups = 0
    var hasGap = false
    if at + 1 < scalars.count, scalars[at] == ":", scalars[at + 1] == ":" {
      at += 2
      hasGap = true
    }
    while let first = next, first.isASCIIHexDigit {
      let start = at
      let length = skip(while: \.isASCIIHexDigit)
      if next == "." {
        at = start
        guard takeIPv4() else { return false }
        groups += 2
        break
      }
      guard length <= 4 else { return false }
      groups += 1
      guard take(":") else { break }
      if take(":") {
        if hasGap { return false }
        hasGap = true
      } else if next.map(\.isASCIIHexDigit) != true {
        return false
      }
    }
    return hasGap ? groups < 8 : groups == 8
  }

  /// Labels of at most 63 octets, 253 in all (RFC 1123 §2.1); labels that start with `xn--` are decoded and checked.
  mutating func takeHostname(isInternational: Bool) -> Bool {
    let dots: Set<Unicode.Scalar> = isInternational ? [".", "\u{3002}", "\u{FF0E}", "\u{FF61}"] : ["."]
    var labels: [[Unicode.Scalar]] = [[]]
    var octets = 0
    for scalar in scalars[at...] {
      if dots.contains(scalar) { labels.append([]) } else { labels[labels.count - 1].append(scalar) }
    }
    at = scalars.count
    var unicodeLabels: [[Unicode.Scalar]] = []
    for label in labels {
      guard let (ascii, unicode) = InternationalLabel.forms(of: label, isInternational: isInternational) else {
        return false
      }
      octets += ascii.count + 1
      unicodeLabels.append(unicode)
    }
    return octets - 1 <= 253 && InternationalLabel.satisfyBidiRule(unicodeLabels)
  }

  /// `Local-part "@" (Domain / address-literal)` (RFC 5321 §4.1.2, RFC 6531 §3.3).
  mutating func takeMailbox(isInternational: Bool) -> Bool {
    if take("\"") {
      while let scalar = next, scalar != "\"" {
        at += 1
        if scalar == "\\" {
          guard !isAtEnd else { return false }
          at += 1
        } else if scalar.value < 0x20 || scalar.value == 0x7F || !scalar.isASCII && !isInternational {
          return false
        }
      }
      guard take("\"") else { return false }
    } else {
      repeat {
        let length = skip {
          $0.isASCIIAlphanumeric || "!#$%&'*+-/=?^_`{|}~".unicodeScalars.contains($0)
            || isInternational && !$0.isASCII
        }
        guard length > 0 else { return false }
      } while take(".")
    }
    guard take("@") else { return false }
    if take("[") {
      guard scalars.last == "]" else { return false }
      var literal = FormatScanner(scalars[at..<(scalars.count - 1)])
      at = scalars.count
      let tag = "IPv6:".unicodeScalars
      if literal.scalars.starts(with: tag) {
        literal.at = tag.count
        return literal.takeIPv6() && literal.isAtEnd
      }
      return literal.takeIPv4() && literal.isAtEnd
    }
    if isInternational {
      // The labels need no normal form here, so only their letters are looked at.
      let labels = scalars[at...].split(separator: ".", omittingEmptySubsequences: false)
      at = scalars.count
      return labels.allSatisfy { label in
        !label.isEmpty && label.first != "-" && label.last != "-"
          && label.allSatisfy { $0.isASCIIAlphanumeric || $0 == "-" || !$0.isASCII }
      }
    }
    return takeHostname(isInternational: false)
  }
}
