import Documents

/// The dialogs about definitions and their files: what opens them, what they take over, and what they asked for.
extension App {
  /// Whether the overlay has rows of its own in the key table.
  var isInDialog: Bool { if case .dialog = place { true } else { false } }

  /// The dialog of a kind, on top or covered.
  func dialog<Dialog: Overlay>(_ kind: Dialog.Type) -> Dialog? {
    (covered + [overlay].compactMap(\.self)).lazy.compactMap { $0 as? Dialog }.last
  }

  // MARK: - Opening

  /// Whether a dialog can be opened; what is being typed into the form is taken first.
  private var isFree: Bool {
    functions.acceptForm(session)
    return overlay == nil
  }

  func openRevisions() {
    guard isFree else { return }
    let path = focused == .functions ? functions.entry(session).map { "functions/\($0.document.name).json" } : nil
    overlay = RevisionsOverlay(of: path)
    session.request(.documents(.history))
  }

  func openExport() {
    guard isFree else { return }
    overlay = ExportOverlay(chosen: functions.entry(session)?.document.name)
  }

  /// As it was left, until what it was about has been taken.
  func openImport() {
    guard isFree else { return }
    let dialog = keptImport ?? ImportOverlay()
    keptImport = dialog
    overlay = dialog
  }

  func openDraft() {
    guard isFree else { return }
    let dialog = keptDraft ?? DraftOverlay()
    keptDraft = dialog
    overlay = dialog
  }

  // MARK: - Taking over

  func take(_ imported: [ImportedFunction]) {
    // Each editor has to have seen the text that undo is to bring back.
    for function in imported {
      if case .differs(let index) = function.standing(among: session.functions) { showFunction(index) }
    }
    keptImport = nil
    closeAllOverlays()
    if let index = session.take(imported) { showFunction(index) }
  }

  /// A drafted function, open after the chosen one at its description, which is still to be written.
  func take(_ drafted: FunctionDocument) {
    keptDraft = nil
    closeAllOverlays()
    let index = min(functions.selected + 1, session.functions.count)
    session.insertFunction(drafted, at: index)
    showFunction(index)
    functions.startEditing(session)
    functions.withSchema(session) { schema in
      let mark = "\"description\": \""
      guard let range = schema.text.firstRange(of: mark) else { return }
      let offset = schema.text.utf8.distance(from: schema.text.startIndex, to: range.upperBound)
      schema.editor.moveCursor(to: schema.editor.buffer.position(atByte: offset))
    }
    session.show(.success, "\(drafted.name) is drafted, not saved yet: Ctrl-S saves")
  }

  /// Chooses a function in its pane and takes its text over into the editor.
  func showFunction(_ index: Int) {
    focus(.functions)
    functions.select(index, session)
    functions.withSchema(session) { _ in }
  }

  /// A save while the list is open is one more row in it.
  func refreshRevisions() {
    if dialog(RevisionsOverlay.self) != nil { session.request(.documents(.history)) }
  }

  // MARK: - What was asked for

  func receive(_ reply: DocumentReply) {
    switch reply {
    case .history(let history): dialog(RevisionsOverlay.self)?.receive(history)
    case .restored(let path, let hash, let workspace):
      closeAllOverlays()
      // The editor has to have seen the text that it is to bring back.
      let before = session.functions.firstIndex { "functions/\($0.document.name).json" == path }
      if let before { showFunction(before) }
      if let index = session.restored(path, hash, workspace) { showFunction(index) } else { focus(.conversation) }
    case .read(let path, let text): dialog(ImportOverlay.self)?.receive(text, from: path)
    case .written(let path): dialog(ExportOverlay.self)?.wasWritten(path, session)
    case .exists(let path, let text):
      if let dialog = dialog(ExportOverlay.self) { cover(with: dialog.question(path, text)) }
    case .failed(let request, let sentence):
      let status = DialogStatus(.error, sentence)
      switch request {
      case .history, .restore: dialog(RevisionsOverlay.self)?.status = status
      case .read: dialog(ImportOverlay.self)?.status = status
      case .write: dialog(ExportOverlay.self)?.status = status
      }
      if overlay == nil { session.show(.error, sentence) }
    }
  }
}
