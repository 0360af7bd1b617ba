/// A stretch of one line of JSON, as UTF-8 offsets.
struct JSONToken: Sendable, Equatable {
  enum Kind: Int, CaseIterable, Sendable { case key, string, escape, number, keyword, punctuation, invalid }
  var kind: Kind
  var range: Range<Int>
}

/// The tokens of a JSON text, line by line. What a line's meaning depends on (the open brackets, and whether a key or a
/// value comes next) is carried from line to line, so an edit costs its own line, and the lines after it only as far as
/// what they begin with has changed and they are looked at.
struct JSONHighlighter: Sendable {
  /// What a line begins with.
  struct State: Sendable, Equatable {
    /// `{` or `[` for each open bracket.
    var open: [UInt8] = []
    /// Inside an object, whether the next string is a key.
    var expectsKey = false
  }

  private struct Line: Sendable {
    var tokens: [JSONToken]
    var before: State
    var after: State
  }

  /// Nil for a line that has not been looked at.
  private var lines: [Line?] = []
  /// The first lines, up to here, are right; further ones if they begin with what they say.
  private var validCount = 0

  /// Lines of the text were replaced by so many others.
  mutating func replaced(lines range: ClosedRange<Int>, by count: Int) {
    validCount = min(validCount, range.lowerBound)
    guard range.lowerBound < lines.count else { return }
    let known = range.lowerBound...min(range.upperBound, lines.count - 1)
    lines.replaceSubrange(known, with: repeatElement(nil, count: count))
  }

  mutating func tokens(ofLine index: Int, in buffer: TextBuffer) -> [JSONToken] {
    while lines.count <= index { lines.append(nil) }
    var state = validCount > 0 ? lines[validCount - 1]?.after ?? State() : State()
    while validCount <= index {
      if let known = lines[validCount], known.before == state {
        state = known.after
      } else {
        let before = state
        let tokens = Self.tokens(of: buffer.lines[validCount], &state)
        lines[validCount] = Line(tokens: tokens, before: before, after: state)
      }
      validCount += 1
    }
    return lines[index]?.tokens ?? []
  }

  // MARK: - One line

  static func tokens(of line: String, _ state: inout State) -> [JSONToken] {
    var line = line
    return line.withUTF8 { bytes in
      var lexer = LineLexer(bytes: bytes, state: state)
      lexer.run()
      state = lexer.state
      return lexer.tokens
    }
  }

  /// Brackets outside of strings.
  static func brackets(in line: String) -> [(offset: Int, opens: Bool)] {
    var line = line
    return line.withUTF8 { bytes in
      var found: [(offset: Int, opens: Bool)] = []
      var isInString = false
      var offset = 0
      while offset < bytes.count {
        switch bytes[offset] {
        case UInt8(ascii: "\""): isInString.toggle()
        case UInt8(ascii: "\\") where isInString: offset += 1
        case UInt8(ascii: "{"), UInt8(ascii: "["): if !isInString { found.append((offset, true)) }
        case UInt8(ascii: "}"), UInt8(ascii: "]"): if !isInString { found.append((offset, false)) }
        default: break
        }
        offset += 1
      }
      return found
    }
  }
}

private struct LineLexer {
  let bytes: UnsafeBufferPointer<UInt8>
  var state: JSONHighlighter.State
  var tokens: [JSONToken] = []
  private var offset = 0

  init(bytes: UnsafeBufferPointer<UInt8>, state: JSONHighlighter.State) {
    self.bytes = bytes
    self.state = state
  }

  mutating func run() {
    while offset < bytes.count {
      let start = offset
      switch bytes[offset] {
      case 0x20, 0x09, 0x0D: offset += 1
      case UInt8(ascii: "\""): takeString()
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        state.open.append(bytes[offset])
        state.expectsKey = bytes[offset] == UInt8(ascii: "{")
        takePunctuation()
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        _ = state.open.popLast()
        state.expectsKey = false
        takePunctuation()
      case UInt8(ascii: ","):
        state.expectsKey = state.open.last == UInt8(ascii: "{")
        takePunctuation()
      case UInt8(ascii: ":"):
        state.expectsKey = false
        takePunctuation()
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        offset += 1
        while offset < bytes.count, isNumberPart(bytes[offset]) { offset += 1 }
        tokens.append(JSONToken(kind: .number, range: start..<offset))
      default: takeWord()
      }
    }
  }

  private mutating func takePunctuation() {
    tokens.append(JSONToken(kind: .punctuation, range: offset..<offset + 1))
    offset += 1
  }

  /// To the closing quote or the line's end; escapes are tokens of their own.
  private mutating func takeString() {
    let kind: JSONToken.Kind = state.expectsKey ? .key : .string
    state.expectsKey = false
    var start = offset
    offset += 1
    while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
      guard bytes[offset] == UInt8(ascii: "\\") else {
        offset += 1
        continue
      }
      if offset > start { tokens.append(JSONToken(kind: kind, range: start..<offset)) }
      let isUnicode = offset + 1 < bytes.count && bytes[offset + 1] == UInt8(ascii: "u")
      start = offset
      offset = min(bytes.count, offset + (isUnicode ? 6 : 2))
      tokens.append(JSONToken(kind: .escape, range: start..<offset))
      start = offset
    }
    offset = min(bytes.count, offset + 1)
    if offset > start { tokens.append(JSONToken(kind: kind, range: start..<offset)) }
  }

  /// `true`, `false`, `null`, or something that is none of them.
  private mutating func takeWord() {
    let start = offset
    while offset < bytes.count, !isBoundary(bytes[offset]) { offset += 1 }
    let word = String(decoding: bytes[start..<offset], as: UTF8.self)
    let isKeyword = word == "true" || word == "false" || word == "null"
    tokens.append(JSONToken(kind: isKeyword ? .keyword : .invalid, range: start..<offset))
  }

  private func isBoundary(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x09, 0x0D, UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["),
      UInt8(ascii: "]"), UInt8(ascii: ","), UInt8(ascii: ":"):
      true
    default: false
    }
  }

  private func isNumberPart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"),
      UInt8(ascii: "+"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
