import Terminal

/// A question answered with yes or no.
final class Question: Overlay {
  let text: String
  /// The command that yes runs.
  let yes: String

  init(_ text: String, yes: String) {
    self.text = text
    self.yes = yes
  }

  var isQuit: Bool { yes == "quit.now" }

  static func quit(_ session: Session) -> Question {
    let unsaved = session.functions.contains(where: \.isChanged) ? " Unsaved changes are lost." : ""
    return Question("Quit lathe?\(unsaved)", yes: "quit.now")
  }

  func handle(_ key: KeyPress, _ session: Session) -> OverlayOutcome {
    switch key.key {
    case .character("y"), .enter: .run(command: yes)
    case .character("n"): .close
    default: .stay
    }
  }

  func draw(into buffer: CellBuffer, _ session: Session, _ context: DrawContext) {
    let width = min(buffer.width, columns(of: text) + 6)
    let rect = Rect(x: (buffer.width - width) / 2, y: max(0, buffer.height / 2 - 2), width: width, height: min(buffer.height, 5))
    buffer.fill(rect, context.theme[.dialog])
    buffer.box(rect, context.theme[.dialogBorder])
    buffer.write(text, x: rect.x + 3, y: rect.y + 1, style: context.theme[.dialog], clip: rect)
    buffer.write("y yes   n no", x: rect.x + 3, y: rect.y + 3, style: context.theme[.key], clip: rect)
  }
}
