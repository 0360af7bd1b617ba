/// One token of a template.
struct Token: Sendable {
  enum Kind: Sendable, Equatable {
    case data([UInt8])
    case variableBegin, variableEnd, blockBegin, blockEnd
    case name(String)
    case string([UInt8])
    case integer(BigInteger)
    case float(Double)
    case symbol(Symbol)
    case end
  }

  let kind: Kind
  /// UTF-8 offset into the normalised source.
  let offset: Int

  /// The token in the words of a message.
  var description: String {
    switch kind {
    case .data: "template data / text"
    case .variableBegin: "begin of print statement"
    case .variableEnd: "end of print statement"
    case .blockBegin: "begin of statement block"
    case .blockEnd: "end of statement block"
    case .name(let name): name
    case .string: "string"
    case .integer: "integer"
    case .float: "float"
    case .symbol(let symbol): symbol.rawValue
    case .end: "end of template"
    }
  }
}

/// Operators and punctuation.
enum Symbol: String, Sendable, CaseIterable {
  case floorDivide = "//", power = "**", equal = "==", notEqual = "!=", greaterOrEqual = ">=", lessOrEqual = "<="
  case add = "+", subtract = "-", divide = "/", multiply = "*", modulo = "%", tilde = "~"
  case leftBracket = "[", rightBracket = "]", leftParenthesis = "(", rightParenthesis = ")", leftBrace = "{",
    rightBrace = "}"
  case greater = ">", less = "<", assign = "=", dot = ".", colon = ":", pipe = "|", comma = ",", semicolon = ";"
}

/// Cuts a template into tokens as Jinja2's lexer does with `trim_blocks` and `lstrip_blocks`: a newline after a tag is
/// dropped, and so is white space between the start of a line and a tag; `-` strips all white space, `+` none.
struct Lexer {
  /// Newlines are all `\n`, and one at the very end is dropped.
  let source: [UInt8]
  var at = 0
  private var tokens: [Token] = []
  /// True where the last match ended with a newline: only there may white space before a tag be dropped.
  private var isAtLineStart = true

  init(_ text: String) {
    var source: [UInt8] = []
    source.reserveCapacity(text.utf8.count)
    var previous: UInt8 = 0
    for byte in text.utf8 {
      if byte == 0x0D {
        source.append(0x0A)
      } else if byte != 0x0A || previous != 0x0D {
        source.append(byte)
      }
      previous = byte
    }
    if source.last == 0x0A { source.removeLast() }
    self.source = source
  }

  mutating func tokenize() throws(Fault) -> [Token] {
    while at < source.count {
      guard let tag = nextTag(from: at) else {
        append(.data(Array(source[at...])), at)
        break
      }
      try readTag(tag)
    }
    append(.end, source.count)
    return tokens
  }

  private mutating func append(_ kind: Token.Kind, _ offset: Int) { tokens.append(Token(kind: kind, offset: offset)) }

  private func byte(_ offset: Int) -> UInt8 { offset < source.count ? source[offset] : 0 }

  private func starts(_ text: StaticString, at offset: Int) -> Bool {
    let count = text.utf8CodeUnitCount
    guard offset + count <= source.count else { return false }
    for index in 0..<count where source[offset + index] != text.utf8Start[index] { return false }
    return true
  }

  private func skippingSpace(_ offset: Int) -> Int { Whitespace.end(source, from: offset, limit: source.count) }

  private func nextTag(from start: Int) -> Int? {
    var offset = start
    while offset + 1 < source.count {
      if source[offset] == UInt8(ascii: "{") {
        let next = source[offset + 1]
        if next == UInt8(ascii: "{") || next == UInt8(ascii: "%") || next == UInt8(ascii: "#") { return offset }
      }
      offset += 1
    }
    return nil
  }

  private mutating func readTag(_ tag: Int) throws(Fault) {
    let opening = source[tag + 1]
    let mark = byte(tag + 2)
    let hasMark = mark == UInt8(ascii: "-") || mark == UInt8(ascii: "+")
    appendData(from: at, to: tag, mark: hasMark ? mark : 0, isVariable: opening == UInt8(ascii: "{"))
    at = tag + (hasMark ? 3 : 2)
    isAtLineStart = false
    switch opening {
    case UInt8(ascii: "#"): try skipComment(tag)
    case UInt8(ascii: "{"):
      append(.variableBegin, tag)
      try readExpressionTokens(isVariable: true)
    default:
      if let content = rawContentStart() {
        at = content
        try readRaw(tag)
      } else {
        append(.blockBegin, tag)
        try readExpressionTokens(isVariable: false)
      }
    }
  }

  /// Text before a tag, stripped as the tag's mark demands.
  private mutating func appendData(from start: Int, to end: Int, mark: UInt8, isVariable: Bool) {
    var stop = end
    if mark == UInt8(ascii: "-") {
      stop = Whitespace.start(source, to: end, limit: start)
    } else if mark == 0, !isVariable {
      let lineStart = source[start..<end].lastIndex(of: 0x0A).map { $0 + 1 } ?? start
      if lineStart > start || isAtLineStart, Whitespace.end(source, from: lineStart, limit: end) == end {
        stop = lineStart
      }
    }
    if stop > start { append(.data(Array(source[start..<stop])), start) }
  }

  private mutating func skipComment(_ tag: Int) throws(Fault) {
    guard let end = source[at...].firstOffset(of: Array("#}".utf8)) else {
      throw .syntax("Missing end of comment tag", at: tag)
    }
    let mark = end > at ? source[end - 1] : 0
    at = end + 2
    finishTag(mark: mark)
  }

  /// After `%}` or `#}`: `-` takes the white space that follows, `+` leaves it, nothing takes one newline.
  private mutating func finishTag(mark: UInt8) {
    if mark == UInt8(ascii: "-") {
      at = skippingSpace(at)
    } else if mark != UInt8(ascii: "+"), byte(at) == 0x0A {
      at += 1
    }
    isAtLineStart = source[at - 1] == 0x0A
  }

  /// Where the content starts, if the block that was opened is `raw`.
  private func rawContentStart() -> Int? {
    var offset = skippingSpace(at)
    guard starts("raw", at: offset) else { return nil }
    offset = skippingSpace(offset + 3)
    if starts("-%}", at: offset) { return skippingSpace(offset + 3) }
    return starts("%}", at: offset) ? offset + 2 : nil
  }

  private mutating func readRaw(_ tag: Int) throws(Fault) {
    isAtLineStart = source[at - 1] == 0x0A
    var search = at
    while let found = source[search...].firstOffset(of: Array("{%".utf8)) {
      search = found + 2
      let mark = byte(search) == UInt8(ascii: "-") || byte(search) == UInt8(ascii: "+") ? byte(search) : 0
      var offset = skippingSpace(search + (mark == 0 ? 0 : 1))
      guard starts("endraw", at: offset) else { continue }
      offset = skippingSpace(offset + 6)
      let closing = byte(offset) == UInt8(ascii: "-") || byte(offset) == UInt8(ascii: "+") ? byte(offset) : 0
      if closing != 0 { offset += 1 }
      guard starts("%}", at: offset) else { continue }
      appendData(from: at, to: found, mark: mark, isVariable: false)
      at = offset + 2
      finishTag(mark: closing)
      return
    }
    throw .syntax("Missing end of raw directive", at: tag)
  }

  // MARK: - Inside a tag

  private mutating func readExpressionTokens(isVariable: Bool) throws(Fault) {
    var brackets: [(closing: Symbol, offset: Int)] = []
    while at < source.count {
      at = skippingSpace(at)
      if at == source.count { break }
      if brackets.isEmpty, endTag(isVariable: isVariable) { return }
      let start = at
      if let number = try readNumber() {
        append(number, start)
      } else if let end = Self.wordEnd(source, from: at) {
        let word = Array(source[at..<end])
        guard Self.isIdentifier(word) else { throw .syntax("Invalid character in identifier", at: at) }
        at = end
        append(.name(String(decoding: word, as: UTF8.self)), start)
      } else if let string = try readString() {
        append(.string(string), start)
      } else if let symbol = readSymbol() {
        switch symbol {
        case .leftBrace: brackets.append((.rightBrace, start))
        case .leftParenthesis: brackets.append((.rightParenthesis, start))
        case .leftBracket: brackets.append((.rightBracket, start))
        case .rightBrace, .rightParenthesis, .rightBracket:
          guard let open = brackets.popLast() else { throw .syntax("unexpected '\(symbol.rawValue)'", at: start) }
          if open.closing != symbol {
            throw .syntax("unexpected '\(symbol.rawValue)', expected '\(open.closing.rawValue)'", at: start)
          }
        default: break
        }
        append(.symbol(symbol), start)
      } else {
        let character = String(decoding: source[at..<min(at + utf8Width(source[at]), source.count)], as: UTF8.self)
        let position = source[..<at].count { $0 & 0xC0 != 0x80 }
        throw .syntax("unexpected char \(Representation.quoted(character)) at \(position)", at: at)
      }
    }
  }

  /// Takes the end of the tag, if it stands here.
  private mutating func endTag(isVariable: Bool) -> Bool {
    let start = at
    if isVariable {
      guard starts("-}}", at: at) || starts("}}", at: at) else { return false }
      at = source[at] == UInt8(ascii: "-") ? skippingSpace(at + 3) : at + 2
      isAtLineStart = source[at - 1] == 0x0A
      append(.variableEnd, start)
      return true
    }
    guard starts("-%}", at: at) || starts("+%}", at: at) || starts("%}", at: at) else { return false }
    let mark = source[at] == UInt8(ascii: "%") ? 0 : source[at]
    at += mark == 0 ? 2 : 3
    finishTag(mark: mark)
    append(.blockEnd, start)
    return true
  }

  private mutating func readSymbol() -> Symbol? {
    for length in [2, 1] where at + length <= source.count {
      if let symbol = Symbol(rawValue: String(decoding: source[at..<at + length], as: UTF8.self)) {
        at += length
        return symbol
      }
    }
    return nil
  }

  private func isDigit(_ offset: Int) -> Bool { byte(offset) >= 0x30 && byte(offset) <= 0x39 }

  /// End of digits with single underscores between them.
  private func digitsEnd(_ start: Int, isDigit: (UInt8) -> Bool = { $0 >= 0x30 && $0 <= 0x39 }) -> Int? {
    guard isDigit(byte(start)) else { return nil }
    var end = start + 1
    while isDigit(byte(end)) || byte(end) == UInt8(ascii: "_") && isDigit(byte(end + 1)) { end += 1 }
    return end
  }

  private mutating func readNumber() throws(Fault) -> Token.Kind? {
    guard isDigit(at), let whole = digitsEnd(at) else { return nil }
    // A float needs a fraction or an exponent; after a dot a number is an index.
    if at == 0 || source[at - 1] != UInt8(ascii: ".") {
      var end = whole
      if byte(end) == UInt8(ascii: "."), let fraction = digitsEnd(end + 1) { end = fraction }
      if byte(end) | 0x20 == UInt8(ascii: "e") {
        let hasSign = byte(end + 1) == UInt8(ascii: "+") || byte(end + 1) == UInt8(ascii: "-")
        if let exponent = digitsEnd(end + (hasSign ? 2 : 1)) { end = exponent }
      }
      if end > whole {
        let digits = source[at..<end].filter { $0 != UInt8(ascii: "_") }
        at = end
        return .float(Double(String(decoding: digits, as: UTF8.self)) ?? .infinity)
      }
    }
    if byte(at) == UInt8(ascii: "0") {
      let radix: UInt32? =
        switch byte(at + 1) | 0x20 {
        case UInt8(ascii: "x"): 16
        case UInt8(ascii: "o"): 8
        case UInt8(ascii: "b"): 2
        default: nil
        }
      let start = at + 2 + (byte(at + 2) == UInt8(ascii: "_") ? 1 : 0)
      if let radix, let end = digitsEnd(start, isDigit: { BigInteger(digits: [$0], base: radix) != nil }) {
        return try integer(start, end, radix)
      }
      // Zeros only: 07 is the number 0 followed by the number 7.
      return try integer(at, digitsEnd(at, isDigit: { $0 == UInt8(ascii: "0") }) ?? at + 1, 10)
    }
    return try integer(at, whole, 10)
  }

  private mutating func integer(_ start: Int, _ end: Int, _ radix: UInt32) throws(Fault) -> Token.Kind {
    guard let value = BigInteger(digits: source[start..<end].filter { $0 != UInt8(ascii: "_") }, base: radix) else {
      throw .syntax("Exceeds the limit for integer string conversion", at: start)
    }
    at = end
    return .integer(value)
  }

  /// End of the word at `start`: letters, digits, underscores and what else Unicode lets continue an identifier.
  static func wordEnd(_ source: [UInt8], from start: Int) -> Int? {
    var end = start
    while end < source.count {
      let byte = source[end]
      if byte < 0x80 {
        guard byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) else {
          break
        }
        end += 1
      } else {
        let next = min(end + utf8Width(byte), source.count)
        guard let scalar = Array(source[end..<next]).scalars.first, scalar.properties.isXIDContinue else { break }
        end = next
      }
    }
    return end > start ? end : nil
  }

  static func isIdentifier(_ utf8: [UInt8]) -> Bool {
    guard let first = utf8.scalars.first, first == "_" || first.properties.isXIDStart else { return false }
    return wordEnd(utf8, from: 0) == utf8.count
  }
}
