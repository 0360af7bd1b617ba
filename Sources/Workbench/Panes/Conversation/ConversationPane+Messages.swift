import Engine
import JSON
import Terminal

/// What commands do with the chosen message.
extension ConversationPane {
  func editSelected(_ session: Session) {
    let entries = session.transcript.entries
    guard let index = selected ?? entries.indices.last, entries.indices.contains(index), !session.isRunning else {
      return
    }
    let message = entries[index].message
    if message.role == .assistant, message.content.allSatisfy(\.isWhitespace), !message.toolCalls.isEmpty {
      composer.begin(.calls(index), text: Self.text(of: message.toolCalls))
    } else {
      composer.begin(.edit(index), text: message.content)
    }
    isComposing = true
    view.tokenEntry = nil
    changedDraft(session)
  }

  private static func text(of calls: [ToolCall]) -> String {
    let values = calls.map { JSONValue.object(["name": .string($0.name), "arguments": .object($0.arguments)]) }
    return (values.count == 1 ? values[0] : .array(values)).text(.pretty)
  }

  /// Gives what is written as the result of the call that waits, in another way than as it is.
  func giveResult(_ session: Session, isError: Bool = false, isRecorded: Bool = false) {
    guard session.giveResult(composer.text, isError: isError, isRecorded: isRecorded) else { return }
    composer.sent()
    view.goToEnd()
    changedDraft(session)
    turnToPendingCall(session)
  }

  /// Whether what is written is a call's result.
  var isWritingResult: Bool { if case .result = composer.purpose { true } else { false } }

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
