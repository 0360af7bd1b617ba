/// A regular expression of JSON Schema: ECMA-262's syntax with the `u` flag, over Unicode scalars, matched anywhere in a
/// string unless it is anchored (JSON Schema Core §6.4).
public struct RegularExpression: Sendable, Equatable {
  /// One construct of the syntax.
  public indirect enum Node: Sendable, Equatable {
    case empty
    case scalars(ScalarSet)
    case sequence([Node])
    case alternatives([Node])
    /// `maximum` nil is without bound. Greedy or lazy makes no difference to whether a string matches.
    case repetition(Node, minimum: Int, maximum: Int?)
    /// Capturing groups are numbered from 1; nil does not capture.
    case group(Node, number: Int?)
    case start
    case end
    case wordBoundary(isNegated: Bool)
    case look(Node, isAhead: Bool, isNegated: Bool)
    case backreference(Int)
  }

  public let source: String
  public let root: Node
  public let groupCount: Int

  /// Parses the pattern. Throws with the place of the first construct that is not ECMA-262's.
  public init(_ source: String) throws(RegularExpressionError) {
    var parser = RegularExpressionParser(source)
    root = try parser.parse()
    self.source = source
    groupCount = parser.groupCount
  }
}

/// Why a pattern is none, or none that can be used.
public struct RegularExpressionError: Error, Sendable, Equatable, CustomStringConvertible {
  public let pattern: String
  /// In scalars of the pattern, from 0.
  public let offset: Int
  public let sentence: String
  public var description: String { "pattern \"\(pattern)\", position \(offset + 1): \(sentence)" }
}

/// Recursive descent over the pattern's scalars.
private struct RegularExpressionParser {
  let source: String
  let scalars: [Unicode.Scalar]
  var at = 0
  var groupCount = 0
  private let groupNames: [String: Int]
  /// Known before the groups themselves are parsed, as names are.
  private let groupsInPattern: Int
  private var depth = 0

  init(_ source: String) {
    self.source = source
    scalars = Array(source.unicodeScalars)
    // Groups may be referred to before they are defined.
    var number = 0
    var names: [String: Int] = [:]
    var index = 0
    var isInClass = false
    while index < scalars.count {
      switch scalars[index] {
      case "\\": index += 1
      case "[": isInClass = true
      case "]": isInClass = false
      case "(" where !isInClass:
        let rest = scalars[(index + 1)...]
        if rest.first != "?" {
          number += 1
        } else if rest.starts(with: "?<".unicodeScalars), let kind = rest.dropFirst(2).first, kind != "=", kind != "!" {
          number += 1
          let name = rest.dropFirst(2).prefix { $0 != ">" }
          names[String(String.UnicodeScalarView(name))] = number
        }
      default: break
      }
      index += 1
    }
    groupsInPattern = number
    groupNames = names
  }

  mutating func parse() throws(RegularExpressionError) -> RegularExpression.Node {
    let node = try parseAlternatives()
    if at < scalars.count { throw fault("\"\(scalars[at])\" closes nothing") }
    return node
  }

  private mutating func parseAlternatives() throws(RegularExpressionError) -> RegularExpression.Node {
    depth += 1
    if depth > 200 { throw fault("groups are nested deeper than 200 levels") }
    var alternatives = [try parseSequence()]
    while take("|") { alternatives.append(try parseSequence()) }
    depth -= 1
    return alternatives.count == 1 ? alternatives[0] : .alternatives(alternatives)
  }

  private mutating func parseSequence() throws(RegularExpressionError) -> RegularExpression.Node {
    var nodes: [RegularExpression.Node] = []
    while at < scalars.count, scalars[at] != "|", scalars[at] != ")" {
      let start = at
      let atom = try parseAtom()
      nodes.append(try parseQuantifier(of: atom, from: start))
    }
    switch nodes.count {
    case 0: return .empty
    case 1: return nodes[0]
    default: return .sequence(nodes)
    }
  }

  private mutating func parseQuantifier(
    of atom: RegularExpression.Node, from start: Int
  ) throws(RegularExpressionError) -> RegularExpression.Node {
    guard at < scalars.count else { return atom }
    let minimum: Int
    let maximum: Int?
    switch scalars[at] {
    case "*": (minimum, maximum) = (0, nil)
    case "+": (minimum, maximum) = (1, nil)
    case "?": (minimum, maximum) = (0, 1)
    case "{":
      // Annex B: a brace that starts no repetition stands for itself.
      guard let bounds = parseBounds() else { return atom }
      (minimum, maximum) = bounds
      at -= 1  // the closing brace is passed below, as the other quantifiers are
    default: return atom
    }
    at += 1
    _ = take("?")
    switch atom {
    case .start, .end, .wordBoundary, .look: throw fault("an assertion cannot be repeated", at: start)
    default: break
    }
    if let maximum, maximum < minimum {
      throw fault("{\(minimum),\(maximum)} has its bounds the wrong way round", at: start)
    }
    if at < scalars.count, "*+?".unicodeScalars.contains(scalars[at]) {
      throw fault("\"\(scalars[at])\" repeats nothing")
    }
    return .repetition(atom, minimum: minimum, maximum: maximum)
  }

  /// `{n}`, `{n,}`, `{n,m}`; leaves the position after the brace, or where it was if it is none of these.
  private mutating func parseBounds() -> (Int, Int?)? {
    let start = at
    at += 1
    guard let minimum = parseNumber() else {
      at = start
      return nil
    }
    var maximum: Int? = minimum
    if take(",") { maximum = parseNumber() }
    guard take("}") else {
      at = start
      return nil
    }
    return (minimum, maximum)
  }

  private mutating func parseNumber() -> Int? {
    let start = at
    var value = 0
    while at < scalars.count, let digit = scalars[at].decimalDigit {
      value = min(value * 10 + digit, 1_000_000_000)
      at += 1
    }
    return at > start ? value : nil
  }

  private mutating func parseAtom() throws(RegularExpressionError) -> RegularExpression.Node {
    let start = at
    let scalar = scalars[at]
    switch scalar {
    case "^":
      at += 1
      return .start
    case "$":
      at += 1
      return .end
    case ".":
      at += 1
      return .scalars(ScalarSet.lineTerminators.complement)
    case "(": return try parseGroup()
    case "[": return .scalars(try parseClass())
    case "\\": return try parseEscape()
    case "*", "+", "?": throw fault("\"\(scalar)\" repeats nothing")
    case "{":
      if parseBounds() != nil { throw fault("\"{\" repeats nothing; write \\{ for the character", at: start) }
      at += 1
      return .scalars(ScalarSet(scalar))
    default:
      // ECMA-262 Annex B lets "]", "}" and a "{" that starts no repetition stand for themselves; schemas in the wild rely
      // on it.
      at += 1
      return .scalars(ScalarSet(scalar))
    }
  }

  private mutating func parseGroup() throws(RegularExpressionError) -> RegularExpression.Node {
    let start = at
    at += 1
    var wrap: (RegularExpression.Node) -> RegularExpression.Node
    if take("?") {
      if take(":") {
        wrap = { .group($0, number: nil) }
      } else if take("=") {
        wrap = { .look($0, isAhead: true, isNegated: false) }
      } else if take("!") {
        wrap = { .look($0, isAhead: true, isNegated: true) }
      } else if take("<") {
        if take("=") {
          wrap = { .look($0, isAhead: false, isNegated: false) }
        } else if take("!") {
          wrap = { .look($0, isAhead: false, isNegated: true) }
        } else {
          while at < scalars.count, scalars[at] != ">" { at += 1 }
          guard take(">") else { throw fault("the group's name has no closing \">\"", at: start) }
          groupCount += 1
          let number = groupCount
          wrap = { .group($0, number: number) }
        }
      } else {
        throw fault("\"(?\(at < scalars.count ? String(scalars[at]) : "")\" is no group of ECMA-262", at: start)
      }
    } else {
      groupCount += 1
      let number = groupCount
      wrap = { .group($0, number: number) }
    }
    let body = try parseAlternatives()
    guard take(")") else { throw fault("the group that starts here has no \")\"", at: start) }
    return wrap(body)
  }

  // MARK: - Escapes

  private mutating func parseEscape() throws(RegularExpressionError) -> RegularExpression.Node {
    let start = at
    guard at + 1 < scalars.count else { throw fault("the pattern ends with a backslash") }
    switch scalars[at + 1] {
    case "b":
      at += 2
      return .wordBoundary(isNegated: false)
    case "B":
      at += 2
      return .wordBoundary(isNegated: true)
    case "k":
      at += 2
      guard take("<") else { throw fault("\\k needs a group's name: \\k<name>", at: start) }
      let nameStart = at
      while at < scalars.count, scalars[at] != ">" { at += 1 }
      let name = String(String.UnicodeScalarView(scalars[nameStart..<at]))
      guard take(">"), let number = groupNames[name] else { throw fault("there is no group \"\(name)\"", at: start) }
      return .backreference(number)
    case let digit where digit.decimalDigit.map { $0 > 0 } == true:
      at += 1
      let number = parseNumber() ?? 0
      guard number <= groupsInPattern else { throw fault("there is no group \(number)", at: start) }
      return .backreference(number)
    default: return .scalars(try parseClassEscape().set)
    }
  }

  /// An escape that stands for scalars, inside or outside a class.
  private mutating func parseClassEscape() throws(RegularExpressionError) -> ClassAtom {
    let start = at
    let letter = scalars[at + 1]
    at += 2
    switch letter {
    case "d": return .set(.digits)
    case "D": return .set(ScalarSet.digits.complement)
    case "w": return .set(.word)
    case "W": return .set(ScalarSet.word.complement)
    case "s": return .set(.whitespace)
    case "S": return .set(ScalarSet.whitespace.complement)
    case "p", "P":
      guard take("{") else { throw fault("\\\(letter) needs a property: \\\(letter){L}", at: start) }
      let nameStart = at
      while at < scalars.count, scalars[at] != "}" { at += 1 }
      let name = String(String.UnicodeScalarView(scalars[nameStart..<at]))
      guard take("}"), let set = ScalarSet.property(name) else {
        throw fault("the Unicode property \"\(name)\" is not supported", at: start)
      }
      return .set(letter == "p" ? set : set.complement)
    case "t": return .codePoint(0x09)
    case "n": return .codePoint(0x0A)
    case "r": return .codePoint(0x0D)
    case "v": return .codePoint(0x0B)
    case "f": return .codePoint(0x0C)
    case "0": return .codePoint(0x00)
    case "c":
      guard at < scalars.count, scalars[at].isASCII, scalars[at].properties.isAlphabetic else {
        throw fault("\\c needs a letter", at: start)
      }
      at += 1
      return .codePoint(scalars[at - 1].value & 0x1F)
    case "x": return .codePoint(try parseUnit(digits: 2, start))
    case "u":
      if take("{") {
        var value: UInt32 = 0
        let first = at
        while at < scalars.count, let digit = scalars[at].hexDigit, value <= 0x10FFFF {
          value = value << 4 | digit
          at += 1
        }
        guard at > first, take("}"), value <= 0x10FFFF else {
          throw fault("\\u{…} needs a code point in hexadecimal digits", at: start)
        }
        return .codePoint(value)
      }
      let unit = try parseUnit(digits: 4, start)
      if UTF16.isLeadSurrogate(UInt16(unit)), at + 1 < scalars.count, scalars[at] == "\\", scalars[at + 1] == "u" {
        let afterLead = at
        at += 2
        if let trail = try? parseUnit(digits: 4, start), UTF16.isTrailSurrogate(UInt16(trail)) {
          return .codePoint(0x10000 + (unit - 0xD800) << 10 + (trail - 0xDC00))
        }
        at = afterLead
      }
      return .codePoint(unit)
    default:
      // The `u` flag allows only syntax characters here; many schemas escape more, "-" and quotes above all.
      guard !(letter.isASCII && (letter.properties.isAlphabetic || letter.decimalDigit != nil)) else {
        throw fault("\\\(letter) is no escape of ECMA-262", at: start)
      }
      return .codePoint(letter.value)
    }
  }

  private mutating func parseUnit(digits: Int, _ start: Int) throws(RegularExpressionError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard at < scalars.count, let digit = scalars[at].hexDigit else {
        throw fault("the escape needs \(digits) hexadecimal digits", at: start)
      }
      value = value << 4 | digit
      at += 1
    }
    return value
  }

  // MARK: - Classes

  private mutating func parseClass() throws(RegularExpressionError) -> ScalarSet {
    let start = at
    at += 1
    let isNegated = take("^")
    var set = ScalarSet()
    while true {
      guard at < scalars.count else { throw fault("the class that starts here has no \"]\"", at: start) }
      if take("]") { break }
      let lowStart = at
      let low = try parseClassAtom()
      guard at + 1 < scalars.count, scalars[at] == "-", scalars[at + 1] != "]" else {
        set = set.union(low.set)
        continue
      }
      at += 1
      let high = try parseClassAtom()
      if case .codePoint(let first) = low, case .codePoint(let last) = high {
        guard first <= last else {
          let range = String(String.UnicodeScalarView(scalars[lowStart..<at]))
          throw fault("the range \(range) runs backwards", at: lowStart)
        }
        set = set.union(ScalarSet([first...last]))
      } else {
        // Annex B: a class beside the hyphen makes the hyphen itself a member.
        set = set.union(low.set).union(high.set).union(ScalarSet("-"))
      }
    }
    return isNegated ? set.complement : set
  }

  private mutating func parseClassAtom() throws(RegularExpressionError) -> ClassAtom {
    guard at < scalars.count else { throw fault("the class is not closed") }
    if scalars[at] != "\\" {
      at += 1
      return .codePoint(scalars[at - 1].value)
    }
    guard at + 1 < scalars.count else { throw fault("the pattern ends with a backslash") }
    switch scalars[at + 1] {
    case "b":
      at += 2
      return .codePoint(0x08)
    case "-":
      at += 2
      return .codePoint(Unicode.Scalar("-").value)
    default: return try parseClassEscape()
    }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard at < scalars.count, scalars[at] == scalar else { return false }
    at += 1
    return true
  }

  private func fault(_ sentence: String, at offset: Int? = nil) -> RegularExpressionError {
    RegularExpressionError(pattern: source, offset: offset ?? at, sentence: sentence)
  }
}

/// A member of a class, or an escape outside one.
private enum ClassAtom {
  /// May be half of a surrogate pair, which no string contains; a range may still end with it.
  case codePoint(UInt32)
  case set(ScalarSet)

  var set: ScalarSet {
    switch self {
    case .codePoint(let value): ScalarSet([value...value])
    case .set(let set): set
    }
  }
}

extension Unicode.Scalar {
  fileprivate var decimalDigit: Int? { value >= 0x30 && value <= 0x39 ? Int(value) - 0x30 : nil }

  fileprivate var hexDigit: UInt32? {
    switch value {
    case 0x30...0x39: value - 0x30
    case 0x41...0x46: value - 0x37
    case 0x61...0x66: value - 0x57
    default: nil
    }
  }
}
