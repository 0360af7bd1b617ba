import Terminal

/// Every command and its keys.
final class HelpOverlay: Overlay {
  private let place: Command.Place
  private var first = 0

  init(place: Command.Place) { self.place = place }

  func handle(_ key: KeyPress, _ session: Session) -> OverlayOutcome {
    switch key.key {
    case .character("j"), .down: scroll(by: 1)
    case .character("k"), .up: scroll(by: -1)
    default: break
    }
    return .stay
  }

  func scroll(by rows: Int) { first = max(0, min(Commands.all.count - 1, first + rows)) }

  func draw(into buffer: CellBuffer, _ session: Session, _ context: DrawContext) {
    let rect = buffer.bounds.inset(by: 2)
    buffer.fill(rect, context.theme[.dialog])
    buffer.box(rect, context.theme[.dialogBorder], title: "Help", titleStyle: context.theme[.dialogTitle])
    let inside = rect.inset(by: 1)
    let rows = Commands.all.sorted { ($0.place == place ? 0 : 1) < ($1.place == place ? 0 : 1) }
    for (index, command) in rows.dropFirst(first).prefix(inside.height).enumerated() {
      let keys = command.keys.map(\.description).joined(separator: " ")
      buffer.write(keys, x: inside.x, y: inside.y + index, style: context.theme[.key], clip: inside)
      buffer.write(command.title, x: inside.x + 20, y: inside.y + index, style: context.theme[.dialog], clip: inside)
    }
  }
}
