import Engine
import Terminal

/// What commands do with the chosen message.
extension ConversationPane {
  func editSelected(_ session: Session) {
    let entries = session.transcript.entries
    guard let index = selected ?? entries.indices.last, entries.indices.contains(index), !session.isRunning else {
      return
    }
    composer.begin(.edit(index), text: entries[index].message.content)
    isComposing = true
    view.tokenEntry = nil
    changedDraft(session)
  }

  func rerunSelected(_ session: Session) {
    guard let index = selected ?? session.transcript.entries.indices.last else { return }
    restarted(session) { session.rerun(from: index) }
  }

  func regenerate(_ session: Session) {
    guard let last = session.transcript.entries.indices.last else { return }
    restarted(session) { session.rerun(from: last) }
  }

  func clear(_ session: Session) {
    restarted(session) { session.clearConversation() }
    if !session.isRunning { isComposing = true }
  }

  func undo(_ session: Session) { restarted(session) { session.undoConversation() } }

  /// After the conversation has been cut or changed: the end is in view and the composer fits it.
  private func restarted(_ session: Session, _ body: () -> Void) {
    body()
    view.tokenEntry = nil
    view.goToEnd()
    if let selected, selected >= session.transcript.entries.count {
      self.selected = session.transcript.entries.indices.last
    }
    composer.beginMessage()
    turnToPendingCall(session)
    changedDraft(session)
  }

  func toggleFold(_ session: Session) {
    guard let index = selected, session.transcript.entries.indices.contains(index) else { return }
    view.toggleFold(index)
    view.reveal(index, session.transcript)
  }

  /// Folds or unfolds the thinking of the answer that is being written, or of the last one.
  func toggleThinking(_ session: Session) {
    let entries = session.transcript.entries
    guard let index = entries.lastIndex(where: { $0.message.reasoning?.isEmpty == false }) else {
      session.show(.information, "no message here has thinking")
      return
    }
    view.toggleFold(index)
  }
}
