import Documents
import Engine
import Terminal

/// What an empty conversation says: what the model is, and what may be asked of it.
struct Welcome {
  private let notice: String
  private let examples: [String]
  private let description: String

  init(_ session: Session) {
    switch session.model {
    case .ready(let info): notice = info.notice
    case .loading(let name, _): notice = "\(name) is being loaded; you can already write."
    case .absent: notice = "No model is loaded."
    case .failed(let sentence): notice = sentence
    }
    description = session.workspace.settings.description
    examples = session.examples
  }

  /// Returns the screen rows of the examples.
  func draw(into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext) -> [(row: Int, example: String)] {
    let theme = context.theme
    let area = Rect(x: rect.x + 2, y: rect.y, width: min(rect.width - 3, 76), height: rect.height)
    guard area.width > 4 else { return [] }
    var y = area.y
    func write(_ text: String, _ role: Theme.Role, indent: Int = 0) {
      guard !text.isEmpty else { return }
      let wrap = TextWrap(text, width: max(1, area.width - indent))
      for row in wrap.rows.indices {
        buffer.write(wrap[row], x: area.x + indent, y: y, style: theme[role], clip: area)
        y += 1
      }
    }
    write(description, .text)
    if !description.isEmpty { y += 1 }
    write(notice, .dim)
    if !notice.isEmpty { y += 1 }
    guard !examples.isEmpty, y < area.maxY else { return [] }
    write("Try", .strong)
    var rows: [(row: Int, example: String)] = []
    for example in examples where y < area.maxY {
      buffer.write(context.glyphs.prompt, x: area.x, y: y, style: theme[.accent], clip: area)
      let first = y
      write(example, .text, indent: 2)
      for row in first..<max(first, y) { rows.append((row, example)) }
    }
    return rows
  }
}
