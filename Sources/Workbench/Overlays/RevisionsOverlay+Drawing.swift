import Documents
import Terminal

extension RevisionsOverlay {
  func draw(into buffer: CellBuffer, _ session: Session, _ context: DrawContext) {
    let rows = rows(session)
    list.count = rows.count
    let title = path.map { "Revisions of \(Self.title(of: $0))" } ?? "Revisions"
    var inside = DialogBox.draw(
      into: buffer, width: min(buffer.width, max(96, buffer.width - 8)), height: buffer.height - 2, title: title, context,
      footer: "times are UTC")
    guard !inside.isEmpty else { return }
    inside = DialogStatus.draw(status, into: buffer, inside, context)
    if isFiltering || !filter.isEmpty {
      let field = Rect(x: inside.x, y: inside.y, width: inside.width, height: min(1, inside.height))
      var inner = context
      inner.isFocused = context.isFocused && isFiltering
      drawFilter(into: buffer, field, inner)
      inside = Rect(x: inside.x, y: inside.y + 1, width: inside.width, height: inside.height - 1)
    }
    guard inside.height > 0 else { return }
    if rows.isEmpty {
      let style = DialogBox.dim(context)
      DialogStatus.write(emptySentence, into: buffer, inside, style: style)
      listRect = Rect(x: inside.x, y: inside.y, width: 0, height: 0)
      return
    }
    let split = DialogSplit(
      inside, firstWidth: min(62, inside.width / 2), firstHeight: min(rows.count, max(3, inside.height / 3)),
      into: buffer, context)
    listRect = split.first
    list.layOut(height: listRect.height)
    for (index, row) in rows.enumerated().dropFirst(list.first).prefix(listRect.height) {
      let line = Rect(x: listRect.x, y: listRect.y + index - list.first, width: listRect.width, height: 1)
      draw(row, isSelected: index == list.selected, into: buffer, line, session, context)
    }
    drawDiff(into: buffer, split.second, session, context)
  }

  private var emptySentence: String {
    if !filter.isEmpty { return "no state fits \"\(filter.text)\"" }
    guard history != nil else { return status == nil ? "reading…" : "" }
    if let path {
      return "\(Self.title(of: path)) has not been saved yet. Ctrl-S saves the workspace, and every saved state is kept here. Tab shows those of all functions and prompts."
    }
    return "Nothing has been saved yet. Ctrl-S saves the workspace; from then on every saved state of a function or a prompt is kept here, to be compared and to go back to."
  }

  /// "get_weather", "prompt order".
  static func title(of path: String) -> String {
    (path.hasPrefix("prompts/") ? "prompt " : "") + Revision.documentName(of: path)
  }

  // MARK: - One state

  /// ▌* 2026-03-01 09:30 9f2c41d0    +3 -1 get_weather restored
  private func draw(
    _ row: Row, isSelected: Bool, into buffer: CellBuffer, _ line: Rect, _ session: Session, _ context: DrawContext
  ) {
    let theme = context.theme
    let ground = theme[isSelected ? .menuSelection : .dialog]
    let dim = isSelected ? ground : DialogBox.dim(context)
    if isSelected { buffer.fill(line, ground) }
    var x = buffer.write(isSelected ? context.glyphs.selected : " ", x: line.x, y: line.y, style: ground, clip: line)
    let mark = row == marked ? "*" : " "
    x = buffer.write(mark, x: x, y: line.y, style: theme[.accent].on(ground), clip: line)
    let isNarrow = line.width < 58
    var (time, hash, event) = ("not saved", "", "")
    var change: LineDiff?
    switch row {
    case .unsaved(let document): change = LineDiff(from: document.saved, to: document.text)
    case .state(let index):
      guard let state = history?.states[index] else { return }
      // "2026-03-01T09:30:00Z" without its seconds.
      time = String(state.revision.time.prefix(16).replacing("T", with: " "))
      if isNarrow { time = String(time.dropFirst(5)) }
      hash = String(state.revision.hash.short.prefix(8))
      if state.revision.event != .saved { event = state.revision.event.rawValue }
      if session.currentText(at: state.revision.path) == (try? state.text.get()), event != "removed" {
        event = event.isEmpty ? "now" : event + ", now"
      }
      change = state.change
    }
    let timeWidth = isNarrow ? 11 : 16
    buffer.write(time, x: x + 1, y: line.y, style: dim, clip: line)
    x += timeWidth + 2
    buffer.write(hash, x: x, y: line.y, style: theme[.key].on(ground), clip: line)
    x += 9
    let (added, removed) = (change.map { "+\($0.addedCount)" } ?? "", change.map { "-\($0.removedCount)" } ?? "?")
    let countWidth = 8
    let start = x + max(0, countWidth - columns(of: added) - columns(of: removed) - 1)
    let next = buffer.write(added, x: start, y: line.y, style: isSelected ? ground : theme[.diffAdded].on(ground), clip: line)
    buffer.write(removed, x: next + 1, y: line.y, style: isSelected ? ground : theme[.diffRemoved].on(ground), clip: line)
    x += countWidth + 1
    let room = line.maxX - x
    let name = truncated(Self.title(of: path(of: row)), to: max(0, room))
    let end = buffer.write(name, x: x, y: line.y, style: ground, clip: line)
    if !event.isEmpty, end + 1 + columns(of: event) <= line.maxX {
      buffer.write(" \(event)", x: end, y: line.y, style: dim, clip: line)
    }
  }

  // MARK: - What changed

  private func drawDiff(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    guard !rect.isEmpty, let comparison = comparison(session) else { return }
    let body = Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: rect.height - 1)
    switch comparison {
    case .cannot(let sentence):
      DialogStatus.write(sentence, into: buffer, rect, style: context.theme[.error].on(context.theme[.dialog]))
    case .of(let name, let old, let new):
      let diff = LineDiff(from: old, to: new)
      let rows = DiffRows(diff, width: body.width)
      diffRowCount = rows.rows.count
      diffHeight = body.height
      firstDiffRow = max(0, min(firstDiffRow, diffRowCount - diffHeight))
      let style = context.theme[.dialogTitle]
      let counts = diff.isEmpty ? "no difference" : "+\(diff.addedCount) -\(diff.removedCount)"
      let more = diffRowCount - firstDiffRow - body.height
      let right = more > 0 ? "\(counts), \(more) more rows" : counts
      let end = buffer.write(truncated(name, to: rect.width), x: rect.x, y: rect.y, style: style, clip: rect)
      let x = rect.maxX - columns(of: right)
      if x > end { buffer.write(right, x: x, y: rect.y, style: DialogBox.dim(context), clip: rect) }
      rows.draw(into: buffer, body, first: firstDiffRow, context)
    }
  }
}
