import Engine
import Terminal

/// The settings the next token is drawn with.
final class SamplingPane: Pane {
  let id = PaneID.sampling

  func move(_ motion: Motion, _ session: Session) {}
  func preferredHeight(width: Int, _ session: Session) -> Int { 4 }

  func draw(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    let settings = session.sampling
    let rows = [
      ("temperature", short(settings.temperature)), ("top-k", String(settings.topK)), ("top-p", short(settings.topP)),
      ("min-p", short(settings.minP)),
    ]
    for (index, row) in rows.enumerated() {
      buffer.write(row.0, x: rect.x + 1, y: rect.y + index, style: context.theme[.meterLabel], clip: rect)
      buffer.write(row.1, x: rect.x + 14, y: rect.y + index, style: context.theme[.meterValue], clip: rect)
    }
  }
}

extension Commands {
  static let sampling: [Command] = []
}
