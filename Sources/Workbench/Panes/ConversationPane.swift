import Engine
import Terminal

/// The messages, and the composer under them.
final class ConversationPane: Pane {
  let id = PaneID.conversation
  private var scroll = 0

  func move(_ motion: Motion, _ session: Session) {}
  func setDraft(_ text: String, _ session: Session) { session.draft = text }
  func preferredHeight(width: Int, _ session: Session) -> Int { 20 }

  func draw(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    var y = rect.y
    for entry in session.transcript.entries {
      for row in TextWrap.wrap(entry.message.content, width: rect.width) {
        buffer.write(entry.message.content.utf8Slice(row), x: rect.x, y: y, style: context.theme[.text], clip: rect)
        y += 1
      }
    }
  }
}

extension String {
  /// The text between two UTF-8 offsets that lie between characters.
  func utf8Slice(_ range: Range<Int>) -> Substring {
    let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
    return self[start..<utf8.index(start, offsetBy: range.count)]
  }
}

extension Commands {
  static let conversation: [Command] = []
}
