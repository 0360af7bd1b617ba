import Terminal

/// The line at the bottom that asks what to search for.
final class SearchPrompt: Overlay {
  private var text: String

  init(text: String) { self.text = text }

  var mode: InputMode { .typing }

  func handle(_ key: KeyPress, _ session: Session) -> OverlayOutcome {
    switch key.key {
    case .enter: return .search(text)
    case .backspace: text = String(text.dropLast())
    case .character(let character) where key.modifiers.isSubset(of: .shift): text.append(character)
    default: break
    }
    return .stay
  }

  func draw(into buffer: CellBuffer, _ session: Session, _ context: DrawContext) {
    let row = Rect(x: 0, y: buffer.height - 1, width: buffer.width, height: 1)
    buffer.fill(row, context.theme[.input])
    let end = buffer.write("/" + text, x: 0, y: row.y, style: context.theme[.input], clip: row)
    buffer.cursor = (min(end, max(0, buffer.width - 1)), row.y)
  }
}
