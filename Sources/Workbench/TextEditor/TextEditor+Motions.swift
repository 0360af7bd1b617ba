import Terminal

extension TextEditor {
  /// Where the cursor can be sent.
  enum CursorMotion: Sendable {
    case left, right, wordLeft, wordRight
    case up(rows: Int), down(rows: Int)
    /// First of the indentation, then the line's start.
    case lineStart
    case lineEnd, textStart, textEnd
    case matchingBracket
  }

  /// False if the motion leads nowhere from here, so that the owner may take the key.
  @discardableResult
  mutating func move(_ motion: CursorMotion, extending: Bool = false) -> Bool {
    if !extending, !selection.isEmpty {
      // An arrow leaves a selection at its end on that side.
      switch motion {
      case .left:
        moveCursor(to: selection.range.lowerBound)
        return true
      case .right:
        moveCursor(to: selection.range.upperBound)
        return true
      default: break
      }
    }
    let column: Int?
    switch motion {
    case .up, .down: column = wantedColumn ?? visualPlace(of: cursor).column
    default: column = nil
    }
    guard let target = target(of: motion, column: column ?? 0) else { return false }
    moveCursor(to: target, extending: extending)
    wantedColumn = column
    return true
  }

  private func target(of motion: CursorMotion, column: Int) -> TextPosition? {
    let line = buffer.lines[cursor.line]
    let found: TextPosition
    switch motion {
    case .left: found = buffer.before(cursor)
    case .right: found = buffer.after(cursor)
    case .wordLeft: found = wordStart(before: cursor)
    case .wordRight: found = wordEnd(after: cursor)
    case .up(let rows): return position(rows: -rows, from: cursor, column: column)
    case .down(let rows): return position(rows: rows, from: cursor, column: column)
    case .lineStart:
      let indent = indentation(of: line)
      found = TextPosition(cursor.line, cursor.offset == indent || !options.isCode ? 0 : indent)
    case .lineEnd: found = TextPosition(cursor.line, line.utf8.count)
    case .textStart: found = .start
    case .textEnd: found = buffer.end
    case .matchingBracket: return bracketPair()?.other
    }
    return found
  }

  // MARK: - Words

  private enum CharacterClass { case word, ideograph, blank, other }

  private func characterClass(_ character: Character?) -> CharacterClass {
    guard let character, let scalar = character.unicodeScalars.first else { return .blank }
    if character.isWhitespace { return .blank }
    if scalar.value >= 0x2E80, Terminal.columns(of: String(character)) == 2, character.isLetter { return .ideograph }
    return character.isLetter || character.isNumber || character == "_" ? .word : .other
  }

  private func isWord(_ character: Character?) -> Bool {
    let kind = characterClass(character)
    return kind == .word || kind == .ideograph
  }

  /// As readline's `forward-word`; a run of ideographs is a word.
  func wordEnd(after start: TextPosition) -> TextPosition {
    var position = start
    let end = buffer.end
    while position < end, !isWord(buffer.character(after: position)) { position = buffer.after(position) }
    let kind = characterClass(buffer.character(after: position))
    while position < end, characterClass(buffer.character(after: position)) == kind {
      position = buffer.after(position)
    }
    return position
  }

  func wordStart(before start: TextPosition) -> TextPosition {
    var position = start
    while position > .start, !isWord(buffer.character(before: position)) { position = buffer.before(position) }
    let kind = characterClass(buffer.character(before: position))
    while position > .start, characterClass(buffer.character(before: position)) == kind {
      position = buffer.before(position)
    }
    return position
  }

  // MARK: - Code

  /// UTF-8 count of the blanks a line begins with.
  func indentation(of line: String) -> Int { line.utf8.prefix { $0 == 0x20 || $0 == 0x09 }.count }

  /// Enter: the new line begins as this one does; after an opening bracket one step deeper, and its closing bracket, if
  /// it follows at once, goes to a line of its own.
  mutating func insertLineBreak() {
    guard options.isCode else { return replaceSelection(with: "\n", kind: .other) }
    let start = selection.range.lowerBound
    let line = buffer.lines[start.line]
    let indent = String(line.utf8.prefix(min(start.offset, indentation(of: line)))) ?? ""
    let before = line[..<line.at(start.offset)].last { $0 != " " }
    let step = String(repeating: " ", count: options.tabWidth)
    guard let before, "{[".contains(before) else { return replaceSelection(with: "\n" + indent, kind: .other) }
    let closes = buffer.character(after: selection.range.upperBound) == (before == "{" ? "}" : "]")
    let text = "\n" + indent + step
    let target = TextPosition(start.line + 1, indent.utf8.count + step.utf8.count)
    change(selection.range, with: closes ? text + "\n" + indent : text, kind: .other, cursor: target)
  }

  /// A closing bracket on a line of blanks takes the place of one step of them.
  var blanksBeforeClosingBracket: Range<TextPosition>? {
    let line = buffer.lines[cursor.line]
    guard cursor.offset >= options.tabWidth, indentation(of: line) == line.utf8.count, cursor.offset == line.utf8.count
    else { return nil }
    return TextPosition(cursor.line, cursor.offset - options.tabWidth)..<cursor
  }

  /// Tab: blanks to the next step, or one step more for every selected line.
  mutating func indent() {
    if selection.range.lowerBound.line != selection.range.upperBound.line { return shiftLines(by: options.tabWidth) }
    let line = buffer.lines[selection.range.lowerBound.line]
    let column = Terminal.columns(of: line[..<line.at(selection.range.lowerBound.offset)])
    let count = options.tabWidth - column % options.tabWidth
    replaceSelection(with: String(repeating: " ", count: count), kind: .other)
  }

  mutating func outdent() { shiftLines(by: -options.tabWidth) }

  /// All selected lines as one step; blank lines stay blank.
  private mutating func shiftLines(by columns: Int) {
    let (from, to) = (selection.range.lowerBound, selection.range.upperBound)
    let last = to.offset == 0 && to.line > from.line ? to.line - 1 : to.line
    let old = buffer.lines[from.line...last]
    let new = old.map { line in
      if line.isEmpty { return line }
      if columns > 0 { return String(repeating: " ", count: columns) + line }
      return String(line.dropFirst(min(-columns, line.prefix { $0 == " " }.count)))
    }
    guard Array(old) != new else { return }
    func moved(_ position: TextPosition) -> TextPosition {
      guard (from.line...last).contains(position.line) else { return position }
      let delta = new[position.line - from.line].utf8.count - buffer.lines[position.line].utf8.count
      return TextPosition(position.line, position.offset == 0 && columns > 0 ? 0 : max(0, position.offset + delta))
    }
    let (anchor, cursor) = (moved(selection.anchor), moved(selection.cursor))
    let range = TextPosition(from.line, 0)..<TextPosition(last, buffer.lines[last].utf8.count)
    change(range, with: new.joined(separator: "\n"), kind: .other, cursor: anchor)
    moveCursor(to: cursor, extending: true)
  }

  /// The bracket at the cursor (or just before it) and the one it belongs to, by the rules of the text's language.
  func bracketPair() -> (own: TextPosition, other: TextPosition)? {
    let candidates = [cursor, cursor.offset > 0 ? buffer.before(cursor) : cursor]
    for own in candidates {
      if let other = matchingBracket(of: own) { return (own, other) }
    }
    return nil
  }

  /// Brackets inside strings do not count. Looks at most 20,000 lines far.
  private func matchingBracket(of own: TextPosition) -> TextPosition? {
    let bytes = buffer.lines[own.line].utf8
    guard own.offset < bytes.count else { return nil }
    let bracket = bytes[bytes.index(bytes.startIndex, offsetBy: own.offset)]
    let forward = bracket == UInt8(ascii: "{") || bracket == UInt8(ascii: "[")
    guard forward || bracket == UInt8(ascii: "}") || bracket == UInt8(ascii: "]") else { return nil }
    let ownBrackets = JSONHighlighter.brackets(in: buffer.lines[own.line])
    guard var index = ownBrackets.firstIndex(where: { $0.offset == own.offset }) else { return nil }
    var line = own.line
    var brackets = ownBrackets
    var depth = 0
    while abs(line - own.line) < 20_000 {
      while brackets.indices.contains(index) {
        depth += brackets[index].opens == forward ? 1 : -1
        if depth == 0 { return TextPosition(line, brackets[index].offset) }
        index += forward ? 1 : -1
      }
      line += forward ? 1 : -1
      guard buffer.lines.indices.contains(line) else { return nil }
      brackets = JSONHighlighter.brackets(in: buffer.lines[line])
      index = forward ? 0 : brackets.count - 1
    }
    return nil
  }
}
