import Terminal

/// A question answered with yes or no.
final class Question: Overlay {
  let text: String
  /// The command that yes runs.
  let yes: String
  private var buttons: [(columns: Range<Int>, row: Int, outcome: OverlayOutcome)] = []

  init(_ text: String, yes: String) {
    self.text = text
    self.yes = yes
  }

  var isQuit: Bool { yes == "quit.now" }

  static func quit(_ session: Session) -> Question {
    Question(
      session.changes.isEmpty ? "Quit lathe?" : "Quit lathe? What was changed since the last save is lost.",
      yes: "quit.now")
  }

  func handle(_ key: KeyPress, _ session: Session) -> OverlayOutcome {
    switch key.key {
    case .character("y"), .character("Y"), .enter: .run(command: yes)
    case .character("n"), .character("N"): .close
    default: .stay
    }
  }

  func click(x: Int, y: Int, _ session: Session) -> OverlayOutcome {
    buttons.first { $0.row == y && $0.columns.contains(x) }?.outcome ?? .stay
  }

  func draw(into buffer: CellBuffer, _ session: Session, _ context: DrawContext) {
    let width = min(buffer.width, max(30, min(60, columns(of: text) + 4)))
    let rows = TextWrap.wrap(text, width: max(1, width - 4))
    let inside = DialogBox.draw(into: buffer, width: width, height: rows.count + 4, title: "", context)
    for (row, range) in rows.enumerated() {
      let line = text[text.at(range.lowerBound)..<text.at(range.upperBound)]
      buffer.write(line, x: inside.x, y: inside.y + row, style: context.theme[.dialog], clip: inside)
    }
    buttons = []
    var x = inside.x
    let y = inside.y + rows.count + 1
    for (key, word, outcome) in [("y", "yes", OverlayOutcome.run(command: yes)), ("n", "no", .close)] {
      let start = x
      x = buffer.write(key, x: x, y: y, style: context.theme[.key].on(context.theme[.dialog]), clip: inside)
      x = buffer.write(" \(word)", x: x, y: y, style: context.theme[.dialog], clip: inside)
      buttons.append((start..<x, y, outcome))
      x += 3
    }
  }
}
