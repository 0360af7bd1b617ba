/// One replacement: at `start`, `removed` became `inserted`.
struct TextEdit: Sendable, Equatable {
  var start: TextPosition
  var removed: String
  var inserted: String

  /// After the inserted text.
  var insertedEnd: TextPosition { Self.end(of: inserted, from: start) }
  /// After the removed text, before the edit.
  var removedEnd: TextPosition { Self.end(of: removed, from: start) }

  private static func end(of text: String, from start: TextPosition) -> TextPosition {
    let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
    let last = lines[lines.count - 1].count
    return lines.count == 1
      ? TextPosition(start.line, start.offset + last) : TextPosition(start.line + lines.count - 1, last)
  }
}

/// Where the cursor stands and what is selected: everything between the anchor and the cursor.
struct TextSelection: Sendable, Equatable {
  var anchor: TextPosition
  var cursor: TextPosition

  init(anchor: TextPosition, cursor: TextPosition) {
    self.anchor = anchor
    self.cursor = cursor
  }

  init(_ cursor: TextPosition) { self.init(anchor: cursor, cursor: cursor) }

  var isEmpty: Bool { anchor == cursor }
  var range: Range<TextPosition> { min(anchor, cursor)..<max(anchor, cursor) }
}

/// What was done to a text and what was undone of it. A run of typing is one step, word by word; so is a run of erasing.
struct UndoLog: Sendable {
  enum Kind: Sendable { case typing, erasing, other }

  struct Step: Sendable {
    var kind: Kind
    var edit: TextEdit
    var before: TextSelection
    var after: TextSelection
  }

  private var done: [Step] = []
  private var undone: [Step] = []
  /// Whether the next edit may still join the last step; a motion ends this.
  private var isOpen = false

  mutating func close() { isOpen = false }

  mutating func record(_ edit: TextEdit, kind: Kind, before: TextSelection, after: TextSelection) {
    undone.removeAll()
    if isOpen, kind != .other, join(edit, kind: kind, after: after) { return }
    done.append(Step(kind: kind, edit: edit, before: before, after: after))
    isOpen = kind != .other
  }

  mutating func undo() -> Step? {
    guard let step = done.popLast() else { return nil }
    undone.append(step)
    isOpen = false
    return step
  }

  mutating func redo() -> Step? {
    guard let step = undone.popLast() else { return nil }
    done.append(step)
    isOpen = false
    return step
  }

  /// Adds the edit to the last step if it goes on where that one stopped.
  private mutating func join(_ edit: TextEdit, kind: Kind, after: TextSelection) -> Bool {
    guard let index = done.indices.last, done[index].kind == kind else { return false }
    let last = done[index].edit
    switch kind {
    case .typing:
      guard edit.removed.isEmpty, last.insertedEnd == edit.start else { return false }
      // A new word starts a new step.
      if last.inserted.last?.isWhitespace == true, edit.inserted.first?.isWhitespace == false { return false }
      done[index].edit.inserted += edit.inserted
    case .erasing:
      guard edit.inserted.isEmpty, last.inserted.isEmpty else { return false }
      if edit.start == last.start {
        done[index].edit.removed += edit.removed
      } else if edit.removedEnd == last.start {
        done[index].edit.removed = edit.removed + last.removed
        done[index].edit.start = edit.start
      } else {
        return false
      }
    case .other: return false
    }
    done[index].after = after
    return true
  }
}
