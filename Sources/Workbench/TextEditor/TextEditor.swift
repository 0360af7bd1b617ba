import Terminal

/// A text being edited: lines, a cursor among grapheme clusters, a selection, undo and redo, and the part that is in view.
///
/// A value without a screen. The composer, the schema editor and every one-line field are this one with other options;
/// a pane passes it keys, lays it out to a size, and lets it draw itself (`TextEditor+Draw.swift`).
struct TextEditor: Sendable {
  struct Options: Sendable, Equatable {
    /// Long lines go on in the next row; otherwise the view moves sideways.
    var wraps = true
    /// One line only: Enter and arrows up and down are left to the owner, pasted line ends become blanks.
    var isSingleLine = false
    /// Enter keeps the indentation, Tab indents, a closing bracket moves back.
    var isCode = false
    /// Page up and down, ctrl-home and ctrl-end belong to the text; otherwise to the owner.
    var takesPaging = true
    var showsLineNumbers = false
    /// Spaces for a tab.
    var tabWidth = 2

    /// A message being written.
    static let prose = Options(takesPaging: false)
    /// One value of a form.
    static let field = Options(wraps: false, isSingleLine: true, takesPaging: false)
    static let code = Options(isCode: true, showsLineNumbers: true)
  }

  var options: Options
  private(set) var buffer: TextBuffer
  /// Always between two characters.
  private(set) var selection: TextSelection
  private(set) var log = UndoLog()
  /// Counts up with every change of the text, undo included.
  private(set) var revision = 0
  /// What the last kill took, for ctrl-y.
  private(set) var killed = ""
  private var isKilling = false
  /// The column that arrows up and down come back to.
  var wantedColumn: Int?
  var viewport = Viewport()
  /// Colours of JSON, if the text is JSON.
  var highlighter: JSONHighlighter?
  /// What a search looks for; its matches are marked.
  var searchText = ""

  /// The cursor stands at the end for a one-line field, else at the start.
  init(text: String = "", options: Options = .prose) {
    self.options = options
    self.buffer = TextBuffer(options.isSingleLine ? Self.singleLine(text) : text)
    self.selection = TextSelection(.start)
    if options.isSingleLine { selection = TextSelection(buffer.end) }
  }

  // MARK: - Text

  var text: String {
    get { buffer.text }
    set { self = replacing(with: newValue) }
  }

  var isEmpty: Bool { buffer.isEmpty }
  var cursor: TextPosition { selection.cursor }
  var selectedText: String { buffer.text(in: selection.range) }

  /// From 1, and in characters from 1: for people.
  var cursorPlace: (line: Int, column: Int) { place(of: cursor) }

  func place(of position: TextPosition) -> (line: Int, column: Int) {
    let line = buffer.lines[position.line]
    return (position.line + 1, line[..<line.at(min(position.offset, line.utf8.count))].count + 1)
  }

  /// A fresh text in the same editor: no history, cursor at the end.
  private func replacing(with text: String) -> TextEditor {
    var fresh = TextEditor(text: text, options: options)
    fresh.selection = TextSelection(fresh.buffer.end)
    fresh.killed = killed
    fresh.revision = revision + 1
    fresh.viewport.width = viewport.width
    fresh.viewport.height = viewport.height
    if highlighter != nil { fresh.highlighter = JSONHighlighter() }
    return fresh
  }

  private static func singleLine(_ text: String) -> String {
    TextBuffer(text).lines.joined(separator: " ")
  }

  // MARK: - Editing

  /// Replaces the selection, as typing or pasting does.
  mutating func insert(_ text: String) {
    replaceSelection(with: options.isSingleLine ? Self.singleLine(text) : text, kind: .other)
  }

  /// One character from the keyboard: joins the run of typing for undo.
  mutating func type(_ character: Character) {
    if options.isCode, selection.isEmpty, "}]".contains(character), let blanks = blanksBeforeClosingBracket {
      return change(blanks, with: String(character), kind: .other)
    }
    replaceSelection(with: String(character), kind: selection.isEmpty ? .typing : .other)
  }

  /// Changes the whole text as one step that can be undone; the cursor stays at its line and column as far as they exist.
  mutating func replaceAll(with text: String) {
    guard text != self.text else { return }
    let at = cursor
    change(TextPosition.start..<buffer.end, with: text, kind: .other, cursor: at)
  }

  mutating func replaceSelection(with text: String, kind: UndoLog.Kind) {
    change(selection.range, with: text, kind: kind)
  }

  mutating func erase(_ range: Range<TextPosition>, kind: UndoLog.Kind = .erasing) {
    guard !range.isEmpty else { return }
    change(range, with: "", kind: kind)
  }

  /// The one way to change the text: keeps log, highlighting and cursor right.
  mutating func change(
    _ range: Range<TextPosition>, with text: String, kind: UndoLog.Kind, cursor: TextPosition? = nil
  ) {
    guard !range.isEmpty || !text.isEmpty else { return }
    let before = selection
    let edit = TextEdit(start: range.lowerBound, removed: buffer.text(in: range), inserted: TextBuffer(text).text)
    apply(edit)
    selection = TextSelection(buffer.boundary(cursor ?? edit.insertedEnd))
    log.record(edit, kind: kind, before: before, after: selection)
    wantedColumn = nil
    isKilling = false
  }

  private mutating func apply(_ edit: TextEdit) {
    let end = buffer.replace(edit.start..<edit.removedEnd, with: edit.inserted)
    highlighter?.replaced(lines: edit.start.line...edit.removedEnd.line, by: end.line - edit.start.line + 1)
    revision += 1
  }

  /// False if there is nothing to undo.
  @discardableResult
  mutating func undo() -> Bool {
    guard let step = log.undo() else { return false }
    apply(TextEdit(start: step.edit.start, removed: step.edit.inserted, inserted: step.edit.removed))
    selection = step.before
    wantedColumn = nil
    return true
  }

  @discardableResult
  mutating func redo() -> Bool {
    guard let step = log.redo() else { return false }
    apply(step.edit)
    selection = step.after
    wantedColumn = nil
    return true
  }

  /// Takes a stretch out and keeps it for `yank`; kills in a row add up.
  mutating func kill(_ range: Range<TextPosition>) {
    guard !range.isEmpty else { return }
    let text = buffer.text(in: range)
    if !isKilling {
      killed = text
    } else if range.lowerBound < cursor {
      killed = text + killed
    } else {
      killed += text
    }
    erase(range, kind: .other)
    isKilling = true
  }

  mutating func yank() {
    guard !killed.isEmpty else { return }
    insert(killed)
  }

  // MARK: - Moving

  /// Puts the cursor at the nearest place between two characters.
  /// - Parameter extending: keeps the other end of the selection.
  mutating func moveCursor(to position: TextPosition, extending: Bool = false) {
    let place = buffer.boundary(position)
    selection = TextSelection(anchor: extending ? selection.anchor : place, cursor: place)
    log.close()
    isKilling = false
  }

  mutating func selectAll() {
    selection = TextSelection(anchor: .start, cursor: buffer.end)
    log.close()
  }
}
