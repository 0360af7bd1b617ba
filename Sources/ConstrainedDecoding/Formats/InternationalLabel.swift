/// Labels of internationalised domain names: IDNA2008 (RFC 5890 to 5893).
enum InternationalLabel {
  /// The ASCII form and the Unicode form of a label; nil if it is none.
  static func forms(
    of label: [Unicode.Scalar], isInternational: Bool
  ) -> (ascii: [Unicode.Scalar], unicode: [Unicode.Scalar])? {
    guard !label.isEmpty, label.first != "-", label.last != "-" else { return nil }
    if label.allSatisfy(\.isASCII) {
      guard label.count <= 63, label.allSatisfy({ $0.isASCIIAlphanumeric || $0 == "-" }) else { return nil }
      let hasHyphens = label.count >= 4 && label[2] == "-" && label[3] == "-"
      guard hasHyphens else { return (label, label) }
      let prefix = label.prefix(2).map { Unicode.Scalar($0.value | 0x20) }
      guard prefix == ["x", "n"] else { return isInternational ? nil : (label, label) }
      let encoded = Array(label.dropFirst(4))
      guard let decoded = Punycode.decode(encoded), !decoded.allSatisfy(\.isASCII), isUnicodeLabel(decoded),
        Punycode.encode(decoded).map({ $0.map(\.lowercased) }) == encoded.map(\.lowercased)
      else { return nil }
      return (label, decoded)
    }
    guard isInternational, isUnicodeLabel(label), let encoded = Punycode.encode(label), encoded.count + 4 <= 63 else {
      return nil
    }
    return (Array("xn--".unicodeScalars) + encoded, label)
  }

  private static func isUnicodeLabel(_ label: [Unicode.Scalar]) -> Bool {
    if label.count >= 4, label[2] == "-", label[3] == "-" { return false }
    guard let first = label.first, first != "-", label.last != "-", !first.isMark else { return false }
    return label.indices.allSatisfy { label[$0].isAlwaysValid || isValidInContext($0, label) }
  }

  /// The contextual rules (RFC 5892 appendix A).
  private static func isValidInContext(_ index: Int, _ label: [Unicode.Scalar]) -> Bool {
    let before = index > 0 ? label[index - 1] : nil
    let after = index + 1 < label.count ? label[index + 1] : nil
    switch label[index].value {
    case 0x200C, 0x200D:
      if before?.properties.canonicalCombiningClass == .virama { return true }
      // Between letters that join, as of Arabic script.
      let joining = ScalarSet([0x0620...0x064A, 0x066E...0x06D3, 0x0710...0x072F, 0x07CA...0x07EA])
      return label[index].value == 0x200C && before.map(joining.contains) == true && after.map(joining.contains) == true
    case 0xB7: return before == "l" && after == "l"
    case 0x375: return after.map { isIn("Greek", $0) } == true
    case 0x5F3, 0x5F4: return before.map { isIn("Hebrew", $0) } == true
    case 0x30FB:
      return label.contains { $0.value != 0x30FB && (isIn("Hiragana", $0) || isIn("Katakana", $0) || isIn("Han", $0)) }
    case 0x660...0x669: return !label.contains { (0x6F0...0x6F9).contains($0.value) }
    case 0x6F0...0x6F9: return !label.contains { (0x660...0x669).contains($0.value) }
    default: return false
    }
  }

  private static func isIn(_ script: String, _ scalar: Unicode.Scalar) -> Bool {
    ScalarSet.property("Script=" + script)?.contains(scalar) ?? false
  }

  /// RFC 5893 §2, for the labels of one name; the classes of scalars are those of their blocks.
  static func satisfyBidiRule(_ labels: [[Unicode.Scalar]]) -> Bool {
    guard labels.contains(where: { $0.contains { $0.isRightToLeft || $0.isArabicNumber } }) else { return true }
    return labels.allSatisfy { label in
      guard let first = label.first, let last = label.last(where: { !$0.isMark }), !first.isEuropeanNumber,
        !first.isArabicNumber
      else { return false }
      if first.isRightToLeft {
        let hasLeftToRight = label.contains { $0.properties.isAlphabetic && !$0.isRightToLeft && !$0.isMark }
        let hasBothNumbers = label.contains(where: \.isEuropeanNumber) && label.contains(where: \.isArabicNumber)
        return !hasLeftToRight && !hasBothNumbers
          && (last.isRightToLeft || last.isEuropeanNumber || last.isArabicNumber)
      }
      return !label.contains { $0.isRightToLeft || $0.isArabicNumber }
        && (last.properties.isAlphabetic || last.isEuropeanNumber)
    }
  }
}

extension Unicode.Scalar {
  fileprivate var lowercased: Unicode.Scalar { isASCIILetter ? Unicode.Scalar(UInt8(value | 0x20)) : self }

  fileprivate var isMark: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: true
    default: false
    }
  }

  fileprivate var isRightToLeft: Bool {
    switch value {
    case 0x660...0x669, 0x6F0...0x6F9: false
    case 0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF: !isMark
    default: false
    }
  }

  fileprivate var isArabicNumber: Bool { (0x660...0x669).contains(value) }
  fileprivate var isEuropeanNumber: Bool { isASCIIDigit || (0x6F0...0x6F9).contains(value) }

  /// PVALID (RFC 5892 §3), derived from the properties of Unicode.
  fileprivate var isAlwaysValid: Bool {
    switch value {
    case 0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007: return true
    case 0x640, 0x7FA, 0x302E, 0x302F, 0x3031...0x3035, 0x303B: return false
    case 0xB7, 0x375, 0x5F3, 0x5F4, 0x30FB, 0x660...0x669, 0x6F0...0x6F9, 0x200C, 0x200D: return false
    // Jamo that combine into syllables.
    case 0x1100...0x11FF, 0xA960...0xA97C, 0xD7B0...0xD7FB: return false
    case 0x2D, 0x30...0x39, 0x61...0x7A: return true
    default: break
    }
    guard !properties.changesWhenNFKCCaseFolded, !properties.isDefaultIgnorableCodePoint, !properties.isWhitespace
    else { return false }
    switch properties.generalCategory {
    case .lowercaseLetter, .uppercaseLetter, .otherLetter, .modifierLetter, .decimalNumber, .nonspacingMark,
      .spacingMark:
      return true
    default: return false
    }
  }
}

/// Unicode in ASCII letters, digits and hyphens (RFC 3492).
enum Punycode {
  private static let (base, minimum, maximum, skew, damp) = (36, 1, 26, 38, 700)

  static func decode(_ text: [Unicode.Scalar]) -> [Unicode.Scalar]? {
    var output: [Unicode.Scalar] = []
    var rest = text[...]
    if let delimiter = text.lastIndex(of: "-") {
      output = Array(text[..<delimiter])
      rest = text[(delimiter + 1)...]
    }
    guard !rest.isEmpty else { return nil }
    var (code, index, bias) = (128, 0, 72)
    while !rest.isEmpty {
      let old = index
      var weight = 1
      var k = base
      while true {
        guard let scalar = rest.popFirst(), let digit = digit(of: scalar) else { return nil }
        index += digit * weight
        guard index < 1 << 40 else { return nil }
        let threshold = min(max(k - bias, minimum), maximum)
        if digit < threshold { break }
        weight *= base - threshold
        guard weight < 1 << 40 else { return nil }
        k += base
      }
      bias = adapt(index - old, output.count + 1, isFirst: old == 0)
      code += index / (output.count + 1)
      index %= output.count + 1
      guard code <= 0x10FFFF, let scalar = Unicode.Scalar(UInt32(code)) else { return nil }
      output.insert(scalar, at: index)
      index += 1
    }
    return output
  }

  static func encode(_ input: [Unicode.Scalar]) -> [Unicode.Scalar]? {
    var output = input.filter(\.isASCII)
    var done = output.count
    let basic = done
    if basic > 0 { output.append("-") }
    var (code, delta, bias) = (128, 0, 72)
    while done < input.count {
      guard let next = input.lazy.map({ Int($0.value) }).filter({ $0 >= code }).min() else { return nil }
      delta += (next - code) * (done + 1)
      code = next
      for scalar in input {
        if scalar.value < code { delta += 1 }
        guard scalar.value == code else { continue }
        var q = delta
        var k = base
        while true {
          let threshold = min(max(k - bias, minimum), maximum)
          if q < threshold { break }
          output.append(letter(threshold + (q - threshold) % (base - threshold)))
          q = (q - threshold) / (base - threshold)
          k += base
        }
        output.append(letter(q))
        bias = adapt(delta, done + 1, isFirst: done == basic)
        delta = 0
        done += 1
      }
      delta += 1
      code += 1
    }
    return output
  }

  private static func adapt(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
    var delta = isFirst ? delta / damp : delta / 2
    delta += delta / count
    var k = 0
    while delta > (base - minimum) * maximum / 2 {
      delta /= base - minimum
      k += base
    }
    return k + (base - minimum + 1) * delta / (delta + skew)
  }

  private static func digit(of scalar: Unicode.Scalar) -> Int? {
    if scalar.isASCIIDigit { return Int(scalar.value) - 0x30 + 26 }
    return scalar.isASCIILetter ? Int(scalar.value | 0x20) - 0x61 : nil
  }

  private static func letter(_ digit: Int) -> Unicode.Scalar {
    Unicode.Scalar(UInt8(digit < 26 ? 0x61 + digit : 0x30 + digit - 26))
  }
}
