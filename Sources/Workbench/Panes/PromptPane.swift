import Engine
import Terminal

/// The exact prompt as the template renders it, special tokens coloured, each segment with its tokens beside it.
///
/// A row ends in ↵ where the text has a line break; where a segment starts a row of its own, it has not.
final class PromptPane: Pane {
  let id = PaneID.prompt
  private var firstRow = 0
  private var height = 1
  private var searchText = ""
  private var rows = PromptRows()
  private var matchRow: Int?

  func detail(_ session: Session) -> String {
    session.trace.map { "\(grouped($0.tokens.count)) tokens" } ?? ""
  }

  func preferredHeight(width: Int, _ session: Session) -> Int { 1000 }

  func move(_ motion: Motion, _ session: Session) {
    switch motion {
    case .up: firstRow -= 1
    case .down: firstRow += 1
    case .pageUp: firstRow -= max(1, height - 1)
    case .pageDown: firstRow += max(1, height - 1)
    case .top: firstRow = 0
    case .bottom: firstRow = rows.count
    case .wheel(let count): firstRow += count
    case .left: firstRow = rows.segmentStart(before: firstRow)
    case .right: firstRow = rows.segmentStart(after: firstRow)
    }
    firstRow = max(0, min(firstRow, rows.count - height))
  }

  func search(_ text: String, backwards: Bool, fromHere: Bool, _ session: Session) -> Bool {
    guard let trace = session.trace, !text.isEmpty else { return false }
    searchText = text
    rows.layOut(trace, width: max(1, rows.width), hasLabels: rows.hasLabels)
    let count = rows.count
    guard count > 0 else { return false }
    let start = min(matchRow ?? firstRow, count - 1)
    for step in (fromHere ? 0 : 1)...count {
      let row = ((start + (backwards ? -step : step)) % count + count) % count
      guard !TextEditor.matches(of: text, in: String(rows[row].text)).isEmpty else { continue }
      matchRow = row
      if row < firstRow || row >= firstRow + height { firstRow = max(0, min(row - height / 2, count - height)) }
      return true
    }
    return false
  }

  func copyText(_ session: Session) -> (name: String, text: String)? {
    session.trace.map { ("the prompt", $0.text) }
  }

  func draw(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    guard !rect.isEmpty else { return }
    height = rect.height
    guard let trace = session.trace else {
      let why = session.traceProblem?.description ?? "the prompt is shown as soon as there is a message and a model"
      let wrap = TextWrap(why, width: max(1, rect.width - 2))
      for row in wrap.rows.indices {
        let style = context.theme[session.traceProblem == nil ? .dim : .error]
        buffer.write(wrap[row], x: rect.x + 1, y: rect.y + row, style: style, clip: rect)
      }
      return
    }
    // Beside the text where there is room, else in rows between the segments.
    let gutter = rect.width >= 64 ? 20 : 1
    rows.layOut(trace, width: max(1, rect.width - gutter - 3), hasLabels: gutter == 1)
    firstRow = max(0, min(firstRow, rows.count - rect.height))
    let style = RowStyle(theme: context.theme, glyphs: context.glyphs, searchText: searchText)
    for y in 0..<min(rect.height, rows.count - firstRow) {
      let row = rows[firstRow + y]
      let segment = trace.segments[row.segment]
      let line = Rect(x: rect.x, y: rect.y + y, width: rect.width, height: 1)
      if gutter > 1, row.isFirst || y == 0 {
        let count = grouped(segment.tokens.count)
        let name = truncated(segment.owner.name(session), to: gutter - count.count - 3)
        buffer.write(name, x: rect.x + 1, y: line.y, style: context.theme[segment.owner.role], clip: line)
        buffer.write(count, x: rect.x + gutter - 1 - count.count, y: line.y, style: context.theme[.dim], clip: line)
      }
      buffer.write(
        context.glyphs.gutter, x: rect.x + gutter, y: line.y, style: context.theme[segment.owner.role], clip: line)
      if row.isLabel {
        let name = truncated(segment.owner.name(session), to: max(0, rect.width - 14))
        let end = buffer.write(name, x: rect.x + 3, y: line.y, style: context.theme[segment.owner.role], clip: line)
        buffer.write("  \(grouped(segment.tokens.count))", x: end, y: line.y, style: context.theme[.dim], clip: line)
      } else {
        drawText(row, trace, into: buffer, x: rect.x + gutter + 2, line, style)
      }
    }
  }

  private func drawText(
    _ row: PromptRows.Row, _ trace: PromptTrace, into buffer: CellBuffer, x: Int, _ rect: Rect, _ style: RowStyle
  ) {
    var x = x
    let start = x
    var offset = row.bytes.lowerBound
    // Special tokens are in order: skip to the first that ends in this row.
    var low = 0
    var high = trace.specialTokens.count
    while low < high {
      let middle = (low + high) / 2
      if trace.specialTokens[middle].upperBound <= offset { low = middle + 1 } else { high = middle }
    }
    for special in trace.specialTokens[low...] {
      guard special.lowerBound < row.bytes.upperBound else { break }
      let from = max(offset, special.lowerBound)
      let to = min(row.bytes.upperBound, special.upperBound)
      if from > offset {
        x = buffer.write(trace.text.utf8Slice(offset..<from), x: x, y: rect.y, style: style.theme[.text], clip: rect)
      }
      x = buffer.write(trace.text.utf8Slice(from..<to), x: x, y: rect.y, style: style.theme[.specialToken], clip: rect)
      offset = to
    }
    if offset < row.bytes.upperBound {
      x = buffer.write(
        trace.text.utf8Slice(offset..<row.bytes.upperBound), x: x, y: rect.y, style: style.theme[.text], clip: rect)
    }
    if row.endsLine { buffer.write(style.glyphs.newline, x: x, y: rect.y, style: style.theme[.faint], clip: rect) }
    style.markMatches(in: row.text, into: buffer, x: start, rect)
  }
}

extension Commands {
  static let prompt: [Command] = []
}
