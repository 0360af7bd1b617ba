internal import Synchronization

/// A set of Unicode scalars as sorted, separate ranges that do not touch.
public struct ScalarSet: Sendable, Equatable, Hashable {
  /// Of scalar values; surrogates are never contained.
  public private(set) var ranges: [ClosedRange<UInt32>]

  /// The ranges may overlap and be in any order; surrogates are cut out.
  public init(_ ranges: [ClosedRange<UInt32>] = []) {
    self.ranges = Self.normalized(ranges)
  }

  public init(_ scalar: Unicode.Scalar) { ranges = [scalar.value...scalar.value] }

  public static let all = ScalarSet([0...0xD7FF, 0xE000...0x10FFFF])

  public var isEmpty: Bool { ranges.isEmpty }

  /// By binary search.
  public func contains(_ scalar: Unicode.Scalar) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < scalar.value { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].lowerBound <= scalar.value
  }

  public func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

  /// All scalars that are not in the set.
  public var complement: ScalarSet {
    var gaps: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { gaps.append(next...range.lowerBound - 1) }
      next = range.upperBound + 1
    }
    if next <= 0x10FFFF { gaps.append(next...0x10FFFF) }
    return ScalarSet(gaps)
  }

  public func intersection(_ other: ScalarSet) -> ScalarSet {
    complement.union(other.complement).complement
  }

  /// Sorted and merged, surrogates cut out.
  private static func normalized(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var merged: [ClosedRange<UInt32>] = []
    for range in ranges.flatMap(withoutSurrogates).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }

  private static func withoutSurrogates(_ range: ClosedRange<UInt32>) -> [ClosedRange<UInt32>] {
    guard range.upperBound >= 0xD800, range.lowerBound <= 0xDFFF else { return [range] }
    var parts: [ClosedRange<UInt32>] = []
    if range.lowerBound < 0xD800 { parts.append(range.lowerBound...0xD7FF) }
    if range.upperBound > 0xDFFF { parts.append(0xE000...range.upperBound) }
    return parts
  }
}

// MARK: - The classes of ECMA-262 §22.2.2.9

extension ScalarSet {
  public static let digits = ScalarSet([0x30...0x39])
  public static let word = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
  /// WhiteSpace and LineTerminator (§12.2, §12.3).
  public static let whitespace = ScalarSet([
    0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
    0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
  ])
  static let lineTerminators = ScalarSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029])

  /// `\p{name}` or `\p{name=value}`: general categories and the binary properties that schemas use; nil if unknown.
  /// The first use of a name asks every scalar, some tenths of a second in an unoptimised build.
  static func property(_ text: String) -> ScalarSet? {
    if let known = knownProperties.withLock({ $0[text] }) { return known }
    let set = computedProperty(text)
    knownProperties.withLock { $0[text] = set }
    return set
  }

  private static let knownProperties = Mutex<[String: ScalarSet]>([:])

  private static func computedProperty(_ text: String) -> ScalarSet? {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    let value = parts.last ?? ""
    if parts.count == 2, parts[0] == "Script" || parts[0] == "sc" { return scripts[value].map { ScalarSet($0) } }
    if parts.count == 2, parts[0] != "General_Category", parts[0] != "gc" { return nil }
    if parts.count == 1, value == "ASCII" { return ScalarSet([0...0x7F]) }
    if parts.count == 1, let test = binaryProperties[value] { return matching(test) }
    let short = categoryNames[value] ?? value
    guard !short.isEmpty, categories.contains(where: { $0.hasPrefix(short) }) || short == "LC" else { return nil }
    return matching { properties in
      let category = abbreviation(properties.generalCategory)
      return short == "LC" ? ["Lu", "Ll", "Lt"].contains(category) : category.hasPrefix(short)
    }
  }

  private static func matching(_ test: (Unicode.Scalar.Properties) -> Bool) -> ScalarSet {
    var ranges: [ClosedRange<UInt32>] = []
    var start: UInt32?
    for value in UInt32(0)...0x10FFFF {
      let isMember = Unicode.Scalar(value).map { test($0.properties) } ?? false
      if isMember {
        start = start ?? value
      } else if let first = start {
        ranges.append(first...value - 1)
        start = nil
      }
    }
    if let first = start { ranges.append(first...0x10FFFF) }
    return ScalarSet(ranges)
  }

  private static let binaryProperties: [String: @Sendable (Unicode.Scalar.Properties) -> Bool] = [
    "Alphabetic": { $0.isAlphabetic }, "Alpha": { $0.isAlphabetic }, "Lowercase": { $0.isLowercase },
    "Lower": { $0.isLowercase }, "Uppercase": { $0.isUppercase }, "Upper": { $0.isUppercase },
    "White_Space": { $0.isWhitespace }, "space": { $0.isWhitespace }, "Emoji": { $0.isEmoji },
    "Emoji_Presentation": { $0.isEmojiPresentation }, "ID_Start": { $0.isIDStart }, "ID_Continue": { $0.isIDContinue },
    "Ideographic": { $0.isIdeographic }, "Math": { $0.isMath }, "Any": { _ in true },
    "ASCII_Hex_Digit": { $0.isASCIIHexDigit }, "Hex_Digit": { $0.isHexDigit },
    "Assigned": { $0.generalCategory != .unassigned }, "Cased": { $0.isCased }, "Dash": { $0.isDash },
    "Diacritic": { $0.isDiacritic }, "Emoji_Modifier": { $0.isEmojiModifier },
    "Emoji_Modifier_Base": { $0.isEmojiModifierBase }, "Quotation_Mark": { $0.isQuotationMark },
    "Unified_Ideograph": { $0.isUnifiedIdeograph }, "XID_Start": { $0.isXIDStart },
    "XID_Continue": { $0.isXIDContinue },
  ]

  private static let categories = [
    "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm",
    "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
  ]

  private static let categoryNames = [
    "Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt",
    "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Cased_Letter": "LC", "Mark": "M", "Nonspacing_Mark": "Mn",
    "Spacing_Mark": "Mc", "Enclosing_Mark": "Me", "Number": "N", "Decimal_Number": "Nd", "digit": "Nd",
    "Letter_Number": "Nl", "Other_Number": "No", "Punctuation": "P", "punct": "P", "Connector_Punctuation": "Pc",
    "Dash_Punctuation": "Pd", "Open_Punctuation": "Ps", "Close_Punctuation": "Pe", "Initial_Punctuation": "Pi",
    "Final_Punctuation": "Pf", "Other_Punctuation": "Po", "Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc",
    "Modifier_Symbol": "Sk", "Other_Symbol": "So", "Separator": "Z", "Space_Separator": "Zs", "Line_Separator": "Zl",
    "Paragraph_Separator": "Zp", "Other": "C", "Control": "Cc", "cntrl": "Cc", "Format": "Cf", "Private_Use": "Co",
    "Unassigned": "Cn",
  ]

  private static func abbreviation(_ category: Unicode.GeneralCategory) -> String {
    switch category {
    case .uppercaseLetter: "Lu"
    case .lowercaseLetter: "Ll"
    case .titlecaseLetter: "Lt"
    case .modifierLetter: "Lm"
    case .otherLetter: "Lo"
    case .nonspacingMark: "Mn"
    case .spacingMark: "Mc"
    case .enclosingMark: "Me"
    case .decimalNumber: "Nd"
    case .letterNumber: "Nl"
    case .otherNumber: "No"
    case .connectorPunctuation: "Pc"
    case .dashPunctuation: "Pd"
    case .openPunctuation: "Ps"
    case .closePunctuation: "Pe"
    case .initialPunctuation: "Pi"
    case .finalPunctuation: "Pf"
    case .otherPunctuation: "Po"
    case .mathSymbol: "Sm"
    case .currencySymbol: "Sc"
    case .modifierSymbol: "Sk"
    case .otherSymbol: "So"
    case .spaceSeparator: "Zs"
    case .lineSeparator: "Zl"
    case .paragraphSeparator: "Zp"
    case .control: "Cc"
    case .format: "Cf"
    case .surrogate: "Cs"
    case .privateUse: "Co"
    case .unassigned: "Cn"
    @unknown default: "Cn"
    }
  }
}
