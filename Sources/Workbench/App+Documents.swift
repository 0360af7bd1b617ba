import Documents

/// What dialogs asked for, and where it goes.
extension App {
  /// Whether the overlay has rows of its own in the key table.
  var isInDialog: Bool { if case .dialog = place { true } else { false } }

  /// The dialog of a kind, on top or covered.
  func dialog<Dialog: Overlay>(_ kind: Dialog.Type) -> Dialog? {
    (covered + [overlay].compactMap(\.self)).lazy.compactMap { $0 as? Dialog }.last
  }

  func openRevisions() {
    guard overlay == nil else { return }
    let path = focused == .functions ? functions.entry(session).map { "functions/\($0.document.name).json" } : nil
    overlay = RevisionsOverlay(of: path)
    session.request(.documents(.history))
  }

  /// A save while the list is open is one more row in it.
  func refreshRevisions() {
    if dialog(RevisionsOverlay.self) != nil { session.request(.documents(.history)) }
  }

  /// Chooses a function in its pane and takes its text over into the editor.
  func showFunction(_ index: Int) {
    focus(.functions)
    functions.select(index, session)
    functions.withSchema(session) { _ in }
  }

  func receive(_ reply: DocumentReply) {
    switch reply {
    case .history(let history): dialog(RevisionsOverlay.self)?.receive(history)
    case .restored(let path, let hash, let workspace):
      closeAllOverlays()
      // The editor has to have seen the text that it is to bring back.
      let before = session.functions.firstIndex { "functions/\($0.document.name).json" == path }
      if let before { showFunction(before) }
      if let index = session.restored(path, hash, workspace) { showFunction(index) } else { focus(.conversation) }
    case .read, .written, .exists: break
    case .failed(let request, let sentence):
      switch request {
      case .history, .restore: dialog(RevisionsOverlay.self)?.status = DialogStatus(.error, sentence)
      case .read, .write: break
      }
      session.show(.error, sentence)
    }
  }
}
