import Engine
import Terminal

/// Where a message, a tool's result or the new text of an old message is written.
struct Composer {
  enum Purpose: Equatable {
    case message
    /// The result of the call that waits for one.
    case result(ToolCall)
    /// The text of the entry at this index, to run again from it.
    case edit(Int)
    /// The calls of the entry at this index, to be run in the place of those it has.
    case calls(Int)

    /// The entry that is changed.
    var editedEntry: Int? {
      switch self {
      case .edit(let index), .calls(let index): index
      case .message, .result: nil
      }
    }
    var isEdit: Bool { editedEntry != nil }
  }

  private(set) var purpose: Purpose = .message
  var editor = TextEditor()
  /// What was sent before, oldest first.
  var history: [String] = []
  /// The message that was being written when something else had to be.
  private var waitingDraft = ""
  /// A walk through what was sent before: the texts, newest first, where it stands, and what stood here at its start.
  private var recall: (texts: [String], index: Int, draft: String)?

  var text: String { editor.text }

  mutating func set(_ text: String) {
    editor.text = text
    recall = nil
  }

  /// Turns to something else; a message that is being written waits.
  mutating func begin(_ purpose: Purpose, text: String) {
    if self.purpose == .message { waitingDraft = editor.text }
    self.purpose = purpose
    set(text)
  }

  /// Back to writing a message.
  mutating func beginMessage() {
    guard purpose != .message else { return }
    purpose = .message
    set(waitingDraft)
    waitingDraft = ""
  }

  /// Empties it after sending, and remembers what was sent.
  mutating func sent() {
    if purpose == .message, !editor.isEmpty, history.last != editor.text { history.append(editor.text) }
    if purpose == .message { set("") } else { beginMessage() }
  }

  // MARK: - What was sent before

  /// Brings the next older text, or the next newer one. False at either end.
  /// - Parameter examples: come before what was sent, for a conversation that has not begun.
  mutating func recall(older: Bool, examples: [String]) -> Bool {
    if recall == nil {
      guard older else { return false }
      var texts = examples
      for text in history.reversed() where !texts.contains(text) { texts.append(text) }
      recall = (texts, -1, editor.text)
    }
    guard var walk = recall else { return false }
    let next = walk.index + (older ? 1 : -1)
    guard next >= -1, next < walk.texts.count else { return false }
    walk.index = next
    editor.text = next < 0 ? walk.draft : walk.texts[next]
    recall = next < 0 ? nil : walk
    return true
  }

  /// Brings the next older text that holds what was written when the search began.
  mutating func recallMatching() -> Bool {
    let walk = recall ?? (history.reversed(), -1, editor.text)
    let wanted = walk.draft.lowercased()
    guard
      let found = walk.texts.indices.dropFirst(walk.index + 1).first(where: {
        walk.texts[$0].lowercased().contains(wanted) && walk.texts[$0] != editor.text
      })
    else { return false }
    editor.text = walk.texts[found]
    recall = (walk.texts, found, walk.draft)
    return true
  }

  // MARK: - Keys

  /// A key the commands left. False if it means nothing here.
  mutating func handle(_ key: KeyPress) -> Bool {
    let revision = editor.revision
    defer { if editor.revision != revision { recall = nil } }
    return editor.handle(key)
  }

  // MARK: - Drawing

  /// Rows of text, at most `limit`, and one for the line above.
  func height(width: Int, limit: Int) -> Int {
    1 + editor.rowCount(width: max(1, width - 3), limit: max(1, limit - 1))
  }

  /// What is being written, for the line above.
  var label: String {
    switch purpose {
    case .message: "message"
    case .result(let call): "result of \(call.name)"
    case .calls(let index): "calls of message \(index + 1), changed"
    case .edit(let index): "message \(index + 1), changed"
    }
  }

  var hint: String {
    switch purpose {
    case .message: ""
    case .result: "Enter gives it, Alt-x as an error"
    case .calls: "Enter runs them, Esc leaves them as they were"
    case .edit: "Enter runs again from here, Esc leaves it as it was"
    }
  }

  mutating func draw(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    guard !rect.isEmpty else { return }
    let theme = context.theme
    let line = Rect(x: rect.x, y: rect.y, width: rect.width, height: 1)
    buffer.rule(x: line.x, y: line.y, width: line.width, theme[context.isFocused ? .accent : .border])
    let role: Theme.Role = purpose == .message ? (context.isFocused ? .accent : .dim) : .toolCall
    let end = buffer.write(" \(label) ", x: line.x + 1, y: line.y, style: theme[role], clip: line)
    let tail = hint
    if !tail.isEmpty, line.maxX - end > columns(of: tail) + 4 {
      buffer.write(" \(tail) ", x: line.maxX - columns(of: tail) - 3, y: line.y, style: theme[.dim], clip: line)
    }
    let area = Rect(x: rect.x + 2, y: rect.y + 1, width: rect.width - 3, height: rect.height - 1)
    guard !area.isEmpty else { return }
    buffer.write(context.glyphs.prompt, x: rect.x, y: area.y, style: theme[role], clip: rect)
    editor.draw(into: buffer, area, context)
    if editor.isEmpty {
      buffer.write(
        truncated(placeholder(session), to: area.width), x: area.x, y: area.y, style: theme[.faint], clip: area)
    }
  }

  private func placeholder(_ session: Session) -> String {
    switch purpose {
    case .result(let call): return "what \(call.name) returns, as JSON or text"
    case .edit: return "the text of the message"
    case .calls: return "{\"name\": \"a function\", \"arguments\": {}}"
    case .message: break
    }
    let isNew = !session.transcript.entries.contains { $0.message.role == .user }
    return isNew && !session.examples.isEmpty ? "Ask something; Up brings an example" : "Ask something"
  }
}
