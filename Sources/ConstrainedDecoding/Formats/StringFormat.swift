/// A `format` that can be checked (Validation §7.3). Any other name is an annotation.
public enum StringFormat: String, Sendable, CaseIterable {
  case dateTime = "date-time"
  case date, time, duration
  case email
  case idnEmail = "idn-email"
  case hostname
  case idnHostname = "idn-hostname"
  case ipv4, ipv6
  case uri
  case uriReference = "uri-reference"
  case iri
  case iriReference = "iri-reference"
  case uriTemplate = "uri-template"
  case uuid
  case jsonPointer = "json-pointer"
  case relativeJSONPointer = "relative-json-pointer"
  case regex

  /// Whether a string has the format.
  public func accepts(_ text: String) -> Bool {
    var scanner = FormatScanner(text)
    let isAccepted =
      switch self {
      case .dateTime: scanner.takeDate() && scanner.take(anyOf: "Tt") && scanner.takeTime()
      case .date: scanner.takeDate()
      case .time: scanner.takeTime()
      case .duration: scanner.takeDuration()
      case .email: scanner.takeMailbox(isInternational: false)
      case .idnEmail: scanner.takeMailbox(isInternational: true)
      case .hostname: scanner.takeHostname(isInternational: false)
      case .idnHostname: scanner.takeHostname(isInternational: true)
      case .ipv4: scanner.takeIPv4()
      case .ipv6: scanner.takeIPv6()
      case .uri: scanner.takeURI(needsScheme: true, isInternational: false)
      case .uriReference: scanner.takeURI(needsScheme: false, isInternational: false)
      case .iri: scanner.takeURI(needsScheme: true, isInternational: true)
      case .iriReference: scanner.takeURI(needsScheme: false, isInternational: true)
      case .uriTemplate: scanner.takeURITemplate()
      case .uuid: scanner.takeUUID()
      case .jsonPointer: scanner.takeJSONPointer()
      case .relativeJSONPointer: scanner.takeRelativeJSONPointer()
      case .regex:
        // The grammar of ECMA-262 is wider than what can be matched here only in Unicode properties.
        scanner.takeRegularExpression()
      }
    return isAccepted && scanner.isAtEnd
  }
}

/// A place in a string, with the rules of the formats as functions that pass what they recognise.
///
/// Each `take` function answers whether it found its form; after false the place has no meaning.
struct FormatScanner {
  let scalars: [Unicode.Scalar]
  var at = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars) }
  init(_ scalars: some Sequence<Unicode.Scalar>) { self.scalars = Array(scalars) }

  var isAtEnd: Bool { at == scalars.count }
  var next: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    at += 1
    return true
  }

  mutating func take(anyOf choices: String) -> Bool {
    guard let next, choices.unicodeScalars.contains(next) else { return false }
    at += 1
    return true
  }

  /// Passes as many scalars as fit.
  mutating func skip(while fits: (Unicode.Scalar) -> Bool) -> Int {
    let start = at
    while let next, fits(next) { at += 1 }
    return at - start
  }

  /// A number of exactly so many ASCII digits.
  mutating func takeNumber(digits: Int) -> Int? {
    guard at + digits <= scalars.count else { return nil }
    var value = 0
    for scalar in scalars[at..<at + digits] {
      guard scalar.isASCIIDigit else { return nil }
      value = value * 10 + Int(scalar.value - 0x30)
    }
    at += digits
    return value
  }

  mutating func takeUUID() -> Bool {
    for (group, length) in [8, 4, 4, 4, 12].enumerated() {
      if group > 0, !take("-") { return false }
      for _ in 0..<length {
        guard let digit = next, digit.isASCIIHexDigit else { return false }
        at += 1
      }
    }
    return true
  }

  mutating func takeJSONPointer() -> Bool {
    guard isAtEnd || next == "/" else { return false }
    while let scalar = next {
      at += 1
      if scalar == "~", !take(anyOf: "01") { return false }
    }
    return true
  }

  mutating func takeRelativeJSONPointer() -> Bool {
    if !take("0"), skip(while: \.isASCIIDigit) == 0 { return false }
    return take("#") || takeJSONPointer()
  }

  mutating func takeRegularExpression() -> Bool {
    defer { at = scalars.count }
    return (try? RegularExpression(String(String.UnicodeScalarView(scalars)))) != nil
  }
}

extension Unicode.Scalar {
  var isASCIIDigit: Bool { value >= 0x30 && value <= 0x39 }
  var isASCIILetter: Bool { (value | 0x20) >= 0x61 && (value | 0x20) <= 0x7A }
  var isASCIIHexDigit: Bool { isASCIIDigit || (value | 0x20) >= 0x61 && (value | 0x20) <= 0x66 }
  var isASCIIAlphanumeric: Bool { isASCIIDigit || isASCIILetter }
}
