import Engine
import Terminal

extension ConversationPane {
  func draw(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    guard !rect.isEmpty else { return }
    let bottomHeight: Int
    if view.tokenEntry != nil {
      bottomHeight = rect.height >= 12 ? min(13, rect.height / 2) : 0
    } else {
      let limit = max(2, min(12, rect.height / 2))
      let wanted = composer.height(width: rect.width, limit: limit)
      // In a sliver of a pane: what is being done there.
      bottomHeight = rect.height >= 4 ? wanted : isComposing ? rect.height : 0
    }
    transcriptHeight = rect.height - bottomHeight
    let area = Rect(x: rect.x, y: rect.y, width: rect.width, height: transcriptHeight)
    let bottom = Rect(x: rect.x, y: area.maxY, width: rect.width, height: bottomHeight)
    drawTranscript(into: buffer, area, session, context)
    if let entry = view.tokenEntry, entry < session.transcript.entries.count,
      let answer = session.transcript.entries[entry].answer
    {
      TokenDetail(answer: answer, index: min(selectedToken, max(0, answer.tokens.count - 1)))
        .draw(into: buffer, bottom, context)
    } else {
      var own = context
      own.isFocused = context.isFocused && isComposing
      composer.draw(into: buffer, bottom, session, own)
    }
  }

  private func drawTranscript(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    exampleRows = [:]
    guard !rect.isEmpty else { return }
    view.glyphs = context.glyphs
    view.layOut(width: rect.width - 2, height: rect.height, session.transcript)
    let style = RowStyle(
      theme: context.theme, glyphs: context.glyphs, searchText: searchText,
      selectedToken: view.tokenEntry == nil ? nil : selectedToken)
    let column = Rect(x: rect.x, y: rect.y, width: rect.width - 1, height: rect.height)
    view.draw(into: buffer, column, session.transcript, selected: isComposing ? nil : selected, style)
    guard !session.transcript.entries.contains(where: { $0.message.role != .system }) else { return }
    let used = session.transcript.entries.indices.reduce(0) { $0 + view.layout(of: $1, session.transcript).height }
    let below = Rect(x: rect.x, y: rect.y + used, width: rect.width, height: rect.height - used)
    for (row, example) in Welcome(session).draw(into: buffer, below, context) { exampleRows[row - rect.y] = example }
  }
}
