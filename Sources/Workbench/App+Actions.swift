import Documents
import Engine
import Terminal

/// What the commands of every pane do.
extension App {
  func move(_ motion: Motion) { focusedPane.move(motion, session) }

  func openHelp() { overlay = HelpOverlay(place: place) }

  func openPalette() { overlay = PickerOverlay.palette(self) }

  func closeOverlay() { overlay = nil }

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
    overlay = nil
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
      self.overlay = nil
      if let question = overlay as? Question, question.isQuit { session.request(.quit) }
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
