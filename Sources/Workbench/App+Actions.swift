import Documents
import Engine
import Terminal

/// What the commands of every pane do.
extension App {
  func move(_ motion: Motion) { focusedPane.move(motion, session) }

  func openHelp() { overlay = HelpOverlay(place: place) }

  func openPalette() { overlay = PickerOverlay.palette(self) }

  func closeOverlay() {
    if overlay is PermissionDialog {
      session.postponesQuestion = true
      session.show(.information, "the call waits; Alt-g opens the question again")
    }
    uncover()
  }

  /// Puts an overlay over the one that is open, which comes back when it closes.
  func cover(with top: any Overlay) {
    if let overlay { covered.append(overlay) }
    overlay = top
  }

  /// Takes the topmost overlay away.
  func uncover() { overlay = covered.popLast() }

  func closeAllOverlays() {
    overlay = nil
    covered = []
  }

  /// The question whether a call may be run is over the panes while there is one, unless something else is or it was put
  /// off.
  func showPermissionQuestion() {
    if let dialog = overlay as? PermissionDialog {
      if session.permissionQuestion?.id == dialog.question.id { return }
      overlay = nil
    }
    guard overlay == nil, !session.postponesQuestion, let question = session.permissionQuestion else { return }
    overlay = PermissionDialog(question)
  }

  func reopenPermissionQuestion() {
    if session.permissionQuestion == nil { session.show(.information, "no call asks for permission") }
    session.postponesQuestion = false
  }

  func startSearch() { overlay = LinePrompt.search(searchText) }

  func repeatSearch(backwards: Bool) {
    guard !searchText.isEmpty else {
      startSearch()
      return
    }
    if !focusedPane.search(searchText, backwards: backwards, fromHere: false, session) {
      session.show(.warning, "\"\(searchText)\" is not in this pane")
    }
  }

  func copy() {
    guard let (name, text) = focusedPane.copyText(session) else {
      session.show(.warning, "there is nothing to copy here")
      return
    }
    session.request(.copy(text))
    session.show(.success, "copied \(name)")
  }

  func openPicker() { overlay = PickerOverlay.open(session) }

  func openFolder() { overlay = LinePrompt.folder }

  func opened(_ workspace: Workspace) {
    session.open(workspace)
    functions.forget()
    closeAllOverlays()
    focus(.conversation)
    if session.notice == nil { session.show(.success, "workspace \(workspace.settings.title)") }
  }

  func save() { session.save() }

  func cycleThinking() {
    let all = ThinkingMode.allCases
    session.thinking = all[(all.firstIndex(of: session.thinking)! + 1) % all.count]
    session.promptChanged()
    session.show(
      .information, "thinking: \(session.thinking == .template ? "as the template says" : session.thinking.rawValue)")
  }

  /// Ctrl-C: stops what runs; asks to quit when nothing does; quits when asked already.
  func interrupt() {
    if let overlay {
      closeAllOverlays()
      if let question = overlay as? Question, question.isQuit { session.request(.quit) }
      if overlay is PermissionDialog { session.stop() }
    } else if session.isRunning {
      session.stop()
    } else {
      askToQuit()
    }
  }

  func askToQuit() { overlay = Question.quit(session) }

  func edited(_ purpose: EditPurpose, _ text: String?) {
    guard let text else { return }
    switch purpose {
    case .composer: conversation.setDraft(text, session)
    case .function(let name): functions.edited(name, text, session)
    }
  }
}
