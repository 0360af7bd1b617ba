import Engine
import Terminal

final class MetersPane: Pane {
  let id = PaneID.meters

  func move(_ motion: Motion, _ session: Session) {}
  func preferredHeight(width: Int, _ session: Session) -> Int { 8 }
  func draw(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {}
}

extension Commands {
  static let meters: [Command] = []
}
