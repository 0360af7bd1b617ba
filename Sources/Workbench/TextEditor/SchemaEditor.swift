import ConstrainedDecoding
import JSON
import Terminal

/// The text of one function being edited: colours, what is wrong with it, and a row that says so.
struct SchemaEditor: Sendable {
  var editor: TextEditor
  private(set) var diagnostics: [TextDiagnostic] = []
  /// The workspace's other functions, which the model must be able to tell from this one.
  var others: [JSONValue] = [] {
    didSet { if others != oldValue { checkedRevision = nil } }
  }
  /// Whose rules the function is to keep.
  var profile: LintProfile = .qwen3 {
    didSet { if profile != oldValue { checkedRevision = nil } }
  }
  private var checkedRevision: Int?

  init(text: String) {
    editor = TextEditor(text: text, options: .code)
    editor.highlighter = JSONHighlighter()
  }

  var text: String { editor.text }

  /// Looks at the text again if it has changed since.
  mutating func check() {
    guard checkedRevision != editor.revision else { return }
    checkedRevision = editor.revision
    var check = FunctionCheck(editor.buffer)
    check.lint(profile: profile, besides: others)
    diagnostics = check.diagnostics
  }

  /// Two spaces a level, one member a line, numbers as they were written. False while the text is not JSON.
  mutating func format() -> Bool {
    guard let value = try? JSONValue(parsing: editor.text) else { return false }
    editor.replaceAll(with: value.text(.pretty) + (editor.text.hasSuffix("\n") ? "\n" : ""))
    return true
  }

  /// Goes to the next thing that is wrong. False if nothing is.
  mutating func goToNextDiagnostic() -> Bool {
    check()
    guard let next = diagnostics.first(where: { $0.place > editor.cursor }) ?? diagnostics.first else { return false }
    editor.moveCursor(to: next.place)
    return true
  }

  /// Makes the change that removes what the status row speaks of, or else the next one that has a fix; one step for undo.
  /// The fix that was made; nil if there is none.
  mutating func fix() -> LintFix? {
    check()
    let fixable = diagnostics.filter { $0.fix != nil }
    let next = fixable.first { $0.place.line >= editor.cursor.line } ?? fixable.first
    guard let chosen = spokenDiagnostic?.fix == nil ? next : spokenDiagnostic, let fix = chosen.fix,
      let fixed = try? fix.applied(toText: editor.text)
    else { return nil }
    editor.moveCursor(to: chosen.place)
    editor.replaceAll(with: fixed)
    return fix
  }

  /// What the status row says: the worst on the cursor's line, else the first of the worst elsewhere.
  var spokenDiagnostic: TextDiagnostic? {
    let line = editor.cursor.line
    for severity in [TextDiagnostic.Severity.error, .warning, .remark] {
      let found = diagnostics.filter { $0.severity == severity }
      if let first = found.first { return found.first { $0.place.line == line } ?? first }
    }
    return nil
  }

  // MARK: - Drawing

  /// - Parameter summary: at the right end of the status row, such as "132 tokens".
  mutating func draw(into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext, summary: String = "") {
    check()
    let status = statusRows(width: rect.width, glyphs: context.glyphs)
    let statusHeight = rect.height > 3 ? min(status.count, max(1, rect.height / 3)) : 0
    let body = Rect(x: rect.x, y: rect.y, width: rect.width, height: rect.height - statusHeight)
    editor.draw(into: buffer, body, context, diagnostics: diagnostics)
    let role: Theme.Role =
      switch spokenDiagnostic?.severity {
      case .error: .error
      case .warning: .warning
      case .remark: .dim
      case nil: .success
      }
    let place = editor.cursorPlace
    let right = [summary, "\(place.line):\(place.column)"].filter { !$0.isEmpty }.joined(
      separator: " \(context.glyphs.separator) ")
    for (index, row) in status.prefix(statusHeight).enumerated() {
      let y = body.maxY + index
      buffer.fill(Rect(x: rect.x, y: y, width: rect.width, height: 1), context.theme[.text])
      buffer.write(row, x: rect.x, y: y, style: context.theme[role], clip: rect)
      if index + 1 == statusHeight {
        let x = rect.maxX - columns(of: right) - 1
        if x > rect.x + columns(of: row) + 1 { buffer.write(right, x: x, y: y, style: context.theme[.dim], clip: rect) }
      }
    }
  }

  /// The sentence, over as many rows as it takes.
  private func statusRows(width: Int, glyphs: Glyphs) -> [String] {
    guard let spoken = spokenDiagnostic else { return ["\(glyphs.on) valid"] }
    let sign =
      switch spoken.severity {
      case .error: glyphs.cross
      case .warning: glyphs.warning
      case .remark: glyphs.on
      }
    let place = editor.place(of: spoken.place)
    let more = diagnostics.count > 1 ? " (\(diagnostics.count - 1) more)" : ""
    let sentence = "\(sign) \(place.line):\(place.column) \(spoken.message)\(more)"
    return TextWrap.wrap(sentence, width: max(1, width - 1)).map { range in
      String(sentence[sentence.at(range.lowerBound)..<sentence.at(range.upperBound)])
    }
  }
}
