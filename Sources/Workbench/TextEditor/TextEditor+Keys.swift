import Terminal

extension TextEditor {
  /// Does what a key means in a text. False if it means nothing here, so that the owner may take it.
  ///
  ///     arrows, ctrl- or alt-arrows    by characters, rows and words; with shift they select
  ///     home ctrl-a, end ctrl-e        start and end of the line; with ctrl of the text
  ///     backspace, delete ctrl-d       one character
  ///     ctrl-w alt-backspace, alt-d    the word before, the word after
  ///     ctrl-u, ctrl-k                 to the line's start, to its end
  ///     ctrl-y                         brings back what was killed
  ///     alt-z ctrl-_, alt-shift-z      undo, redo
  ///     alt-a                          selects everything
  ///     alt-enter ctrl-j               a line break, always; Enter is the owner's except in code
  ///     alt-m, tab, shift-tab          in code: the matching bracket, deeper, less deep
  mutating func handle(_ key: KeyPress) -> Bool {
    switch key.key {
    case .character(let character): return handle(character, key.modifiers)
    case .enter: return breakLine(key.modifiers)
    case .tab where options.isCode && key.modifiers.isSubset(of: .shift):
      if key.modifiers.isEmpty { indent() } else { outdent() }
      return true
    case .backspace:
      if !selection.isEmpty {
        replaceSelection(with: "", kind: .other)
      } else if key.modifiers.isEmpty || key.modifiers == .shift {
        erase(backspaceRange)
      } else {
        kill(wordStart(before: cursor)..<cursor)
      }
      return true
    case .delete:
      if !selection.isEmpty {
        replaceSelection(with: "", kind: .other)
      } else if key.modifiers.isEmpty {
        erase(cursor..<buffer.after(cursor))
      } else {
        kill(cursor..<wordEnd(after: cursor))
      }
      return true
    default: return motion(for: key).map { move($0, extending: key.modifiers.contains(.shift)) } ?? false
    }
  }

  /// One character, or in code the blanks of one step of indentation.
  private var backspaceRange: Range<TextPosition> {
    let line = buffer.lines[cursor.line]
    if options.isCode, cursor.offset >= options.tabWidth, cursor.offset % options.tabWidth == 0,
      line.utf8.prefix(cursor.offset).allSatisfy({ $0 == 0x20 })
    {
      return TextPosition(cursor.line, cursor.offset - options.tabWidth)..<cursor
    }
    return buffer.before(cursor)..<cursor
  }

  private mutating func breakLine(_ modifiers: Modifiers) -> Bool {
    guard !options.isSingleLine, options.isCode || modifiers.contains(.alt) else { return false }
    insertLineBreak()
    return true
  }

  private func motion(for key: KeyPress) -> CursorMotion? {
    let byWord = key.modifiers.contains(.control) || key.modifiers.contains(.alt)
    switch key.key {
    case .left: return byWord ? .wordLeft : .left
    case .right: return byWord ? .wordRight : .right
    case .up: return options.isSingleLine || byWord ? nil : .up(rows: 1)
    case .down: return options.isSingleLine || byWord ? nil : .down(rows: 1)
    case .home:
      if !key.modifiers.contains(.control) { return .lineStart }
      return options.takesPaging ? .textStart : nil
    case .end:
      if !key.modifiers.contains(.control) { return .lineEnd }
      return options.takesPaging ? .textEnd : nil
    case .pageUp: return options.takesPaging ? .up(rows: max(1, viewport.height - 1)) : nil
    case .pageDown: return options.takesPaging ? .down(rows: max(1, viewport.height - 1)) : nil
    default: return nil
    }
  }

  private mutating func handle(_ character: Character, _ modifiers: Modifiers) -> Bool {
    if modifiers.isSubset(of: .shift) {
      type(character)
      return true
    }
    if modifiers.contains(.control), !modifiers.contains(.alt) { return handleControl(character) }
    guard modifiers.isSubset(of: [.alt, .shift]) else { return false }
    switch character {
    case "b": move(.wordLeft)
    case "f": move(.wordRight)
    case "d": kill(cursor..<wordEnd(after: cursor))
    case "a": selectAll()
    case "z": return modifiers.contains(.shift) ? redo() : undo()
    case "Z": return redo()
    case "m" where options.isCode: return move(.matchingBracket)
    case "<" where options.takesPaging: move(.textStart)
    case ">" where options.takesPaging: move(.textEnd)
    default: return false
    }
    return true
  }

  private mutating func handleControl(_ character: Character) -> Bool {
    switch character {
    case "a": move(.lineStart)
    case "e": move(.lineEnd)
    case "b": move(.left)
    case "f": move(.right)
    case "d": erase(selection.isEmpty ? cursor..<buffer.after(cursor) : selection.range)
    case "h": erase(selection.isEmpty ? backspaceRange : selection.range)
    case "k": kill(rangeToLineEnd)
    case "u": kill(TextPosition(cursor.line, 0)..<cursor)
    case "w": kill(wordStart(before: cursor)..<cursor)
    case "y": yank()
    case "_", "/", "7": return undo()
    case "j" where !options.isSingleLine: insertLineBreak()
    default: return false
    }
    return true
  }

  /// To the line's end; there, the line's end itself.
  private var rangeToLineEnd: Range<TextPosition> {
    let end = TextPosition(cursor.line, buffer.lines[cursor.line].utf8.count)
    return cursor..<(cursor == end ? buffer.after(cursor) : end)
  }
}
