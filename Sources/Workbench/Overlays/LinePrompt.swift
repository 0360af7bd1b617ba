import Terminal

/// A line at the bottom of the screen that asks for a text: what to search for, a name to save under.
final class LinePrompt: Overlay {
  private let sign: String
  private let placeholder: String
  private var field: TextEditor
  private let accept: (String, Session) -> OverlayOutcome

  /// - Parameters:
  ///   - text: selected, so that typing replaces it and Enter takes it as it is.
  ///   - accept: gets the text at Enter; what it returns becomes of the prompt.
  init(
    sign: String, placeholder: String, text: String = "", accept: @escaping (String, Session) -> OverlayOutcome
  ) {
    self.sign = sign
    self.placeholder = placeholder
    self.accept = accept
    field = TextEditor(text: text, options: .field)
    field.selectAll()
  }

  static func search(_ text: String) -> LinePrompt {
    LinePrompt(sign: "/", placeholder: "search in this pane", text: text) { text, _ in .search(text) }
  }

  var mode: InputMode { .typing }

  func handle(_ key: KeyPress, _ session: Session) -> OverlayOutcome {
    if key == KeyPress(.enter) { return accept(field.text, session) }
    if key == KeyPress(.backspace), field.isEmpty { return .close }
    _ = field.handle(key)
    return .stay
  }

  func paste(_ text: String) { field.insert(text) }

  func draw(into buffer: CellBuffer, _ session: Session, _ context: DrawContext) {
    let row = Rect(x: 0, y: buffer.height - 1, width: buffer.width, height: min(1, buffer.height))
    guard !row.isEmpty else { return }
    DialogBox.drawField(&field, sign: sign, into: buffer, row, context, placeholder: placeholder)
  }
}
