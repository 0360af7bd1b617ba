import Engine
import Terminal

/// An answer token by token.
extension ConversationPane {
  func toggleTokens(_ session: Session) {
    let entries = session.transcript.entries
    if view.tokenEntry != nil {
      view.tokenEntry = nil
      return
    }
    func hasTokens(_ index: Int) -> Bool {
      entries.indices.contains(index) && entries[index].answer?.tokens.isEmpty == false
    }
    let index = selected.flatMap { hasTokens($0) ? $0 : nil } ?? entries.indices.last { hasTokens($0) }
    guard let index else {
      session.show(.information, "only an answer that was generated here has tokens to look at")
      return
    }
    view.tokenEntry = index
    selected = index
    selectedToken = 0
    isComposing = false
    view.reveal(index, session.transcript)
  }

  private func tokenWrap(_ entry: Int, _ session: Session) -> (wrap: TokenWrap, firstRow: Int)? {
    var first = 0
    for block in view.layout(of: entry, session.transcript).blocks {
      if case .tokens(let wrap) = block.content { return (wrap, first) }
      first += block.height
    }
    return nil
  }

  func token(at place: TranscriptView.Place, x: Int, _ session: Session) -> Int? {
    guard let (wrap, first) = tokenWrap(place.entry, session) else { return nil }
    let row = place.row - first
    guard wrap.wrap.rows.indices.contains(row) else { return nil }
    return wrap.token(atRow: row, column: max(0, x))
  }

  func moveToken(_ motion: Motion, _ entry: Int, _ session: Session) {
    guard let (wrap, first) = tokenWrap(entry, session), !wrap.ends.isEmpty else { return }
    let last = wrap.ends.count - 1
    selectedToken = min(selectedToken, last)
    switch motion {
    case .left: selectedToken = max(0, selectedToken - 1)
    case .right: selectedToken = min(last, selectedToken + 1)
    case .top: selectedToken = 0
    case .bottom: selectedToken = last
    case .up, .down:
      let row = wrap.row(of: selectedToken) + (motion == .down ? 1 : -1)
      if wrap.wrap.rows.indices.contains(row),
        let token = wrap.token(atRow: row, column: wrap.column(of: selectedToken))
      {
        selectedToken = token
      }
    default: break
    }
    view.reveal(entry, row: first + wrap.row(of: selectedToken), session.transcript)
  }
}
