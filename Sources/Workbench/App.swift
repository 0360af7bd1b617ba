import Engine
import Terminal

/// The workbench: all its state, what each event changes in it, and its picture. It does no input or output and reads no
/// clock; what is to be done leaves as effects, so a test can drive it like a user.
final class App {
  let session: Session
  var theme: Theme
  var glyphs: Glyphs = .unicode
  var width = 0
  var height = 0

  let conversation = ConversationPane()
  let functions = FunctionsPane()
  let sampling = SamplingPane()
  let meters = MetersPane()
  let cache = CachePane()
  let prompt = PromptPane()

  private(set) var focused: PaneID = .conversation
  /// The pane other than the conversation that was focused last.
  private var side: PaneID = .meters
  var isZoomed = false
  var overlay: (any Overlay)?
  /// Dialogs that `overlay` covers, the topmost last; they come back as they were.
  var covered: [any Overlay] = []
  /// What was typed into these is not lost when they are closed.
  var keptImport: ImportOverlay?
  var keptDraft: DraftOverlay?
  var searchText = ""
  var layout: Layout
  /// The pane that a held mouse button was pressed in.
  private var pressedPane: PaneID?

  init(session: Session, theme: Theme) {
    self.session = session
    self.theme = theme
    layout = Layout(width: 0, height: 0, focus: .conversation, side: .meters, isZoomed: false) { _, _ in 0 }
  }

  func pane(_ id: PaneID) -> any Pane {
    switch id {
    case .conversation: conversation
    case .functions: functions
    case .sampling: sampling
    case .meters: meters
    case .cache: cache
    case .prompt: prompt
    }
  }

  /// Whether the picture changes with the time alone: a spinner turns.
  var isAnimated: Bool {
    if case .loading = session.model { return true }
    return session.runningIndex != nil || session.runningCalls?.waitsForPerson == false
  }

  var focusedPane: any Pane { pane(focused) }

  /// What the keys mean now: the overlay's place or the focused pane's, and whether they are text.
  var place: Command.Place {
    if let overlay { return overlay.place }
    return focused == .functions && functions.part == .form ? .form : .pane(focused)
  }
  var mode: InputMode { overlay?.mode ?? focusedPane.mode(session) }

  // MARK: - Events

  /// - Parameter time: since the program started.
  /// - Returns: what is to be done, in order.
  func update(_ event: AppEvent, at time: Duration) -> [Effect] {
    session.now = time
    switch event {
    case .input(let input): handle(input)
    case .modelLoading(let name, let done): session.model = .loading(name: name, done: done)
    case .modelReady(let info):
      session.model = .ready(info)
      session.promptChanged()
      session.request(.readCacheMap)
    case .modelFailed(let sentence):
      session.model = .failed(sentence)
      session.show(.error, sentence)
    case .generation(let number, let event): session.receive(event, answer: number)
    case .streamEnded(let number): session.streamEnded(answer: number)
    case .call(let batch, let index, let progress): session.receive(progress, ofCall: index, batch: batch)
    case .permissionWanted(let batch, let id, let request): session.permissionIsWanted(id, request, batch: batch)
    case .resultWanted(let batch, let id, let call): session.resultIsWanted(id, call, batch: batch)
    case .callsEnded(let batch, let outcomes): session.callsEnded(outcomes, batch: batch)
    case .previewed(let result): session.receive(preview: result)
    case .functionCosts(let costs): session.receive(costs)
    case .chosen(let choice, let took): session.receive(choice, took: took)
    case .cacheMap(let map): session.cache = map
    case .painted(let took): session.painted(took: took)
    case .saved(let workspace):
      session.saved(workspace)
      refreshRevisions()
    case .documents(let reply): receive(reply)
    case .opened(let workspace): opened(workspace)
    case .edited(let purpose, let text): edited(purpose, text)
    case .notice(let notice): session.notice = (notice, time)
    case .notices(let sentences):
      if !sentences.isEmpty { session.show(.warning, sentences.joined(separator: "; ")) }
    case .tick: session.forgetOldNotice()
    }
    showPermissionQuestion()
    conversation.follow(session)
    session.wantPreviewIfNeeded()
    session.measureFunctionsIfNeeded()
    session.measureChoiceIfNeeded(isShown: layout.slots.contains { $0.shown == .functions })
    return session.takeEffects()
  }

  private func handle(_ input: InputEvent) {
    switch input {
    case .key(let key): handle(key)
    case .paste(let text):
      if let overlay { overlay.paste(text) } else { focusedPane.paste(text, session) }
    case .mouse(let mouse): handle(mouse)
    case .resize(let columns, let rows):
      width = max(0, columns)
      height = max(0, rows)
    case .focus: break
    case .hangUp: session.request(.quit)
    }
  }

  private func handle(_ key: KeyPress) {
    if session.notice?.notice.kind != .error || session.notice.map({ session.now - $0.at > .seconds(1) }) == true {
      session.notice = nil
    }
    if let command = Commands.command(for: key, in: place, mode: mode, self) {
      command.action(self)
    } else if let overlay {
      resolve(overlay.handle(key, session))
    } else {
      _ = focusedPane.handle(key, session)
    }
  }

  func resolve(_ outcome: OverlayOutcome) {
    switch outcome {
    case .stay: break
    case .close: uncover()
    case .run(let id):
      uncover()
      run(command: id)
    case .search(let text):
      uncover()
      searchText = text
      if !text.isEmpty, !focusedPane.search(text, backwards: false, fromHere: true, session) {
        session.show(.warning, "\"\(text)\" is not in this pane")
      }
    }
  }

  /// Runs a command by its id, first going to its pane.
  func run(command id: String) {
    guard let command = Commands.command(id: id) else { return }
    switch command.place {
    case .pane(let pane): focus(pane)
    case .form:
      focus(.functions)
      functions.enterForm(session)
    case .everywhere, .overlay, .dialog: break
    }
    guard command.isEnabled(self) else {
      session.show(.warning, "\(command.title): not possible now")
      return
    }
    command.action(self)
  }

  // MARK: - Mouse

  private func handle(_ mouse: MouseEvent) {
    if mouse.action == .release {
      pressedPane = nil
      return
    }
    let wheel =
      switch mouse.action {
      case .scrollUp: -3
      case .scrollDown: 3
      default: 0
      }
    if let overlay {
      if wheel != 0 {
        overlay.scroll(by: wheel)
      } else if mouse.action == .press {
        resolve(overlay.click(x: mouse.x, y: mouse.y, session))
      }
      return
    }
    if mouse.action == .press, layout.footer.contains(x: mouse.x, y: mouse.y) {
      if let hit = footerItems().first(where: { $0.columns.contains(mouse.x) }) { run(command: hit.command.id) }
      return
    }
    guard let slot = layout.slots.first(where: { $0.rect.contains(x: mouse.x, y: mouse.y) }) else { return }
    if wheel != 0 {
      pane(slot.shown).move(.wheel(wheel), session)
    } else if mouse.action == .press, mouse.y == slot.rect.y {
      if let hit = tabItems(of: slot).first(where: { $0.columns.contains(mouse.x) }) { focus(hit.pane) }
    } else if mouse.action == .press || pressedPane == slot.shown {
      if mouse.action == .press {
        focus(slot.shown)
        pressedPane = slot.shown
      }
      let (x, y) = (mouse.x - slot.body.x, mouse.y - slot.body.y)
      if mouse.action == .press {
        pane(slot.shown).click(x: x, y: y, session)
      } else {
        pane(slot.shown).drag(x: x, y: y, session)
      }
    }
  }

  // MARK: - Focus

  func focus(_ pane: PaneID) {
    focused = pane
    if pane != .conversation { side = pane }
  }

  func focusNext(_ step: Int) {
    let all = PaneID.allCases
    let index = all.firstIndex(of: focused)! + step
    focus(all[(index + all.count) % all.count])
  }

  func toggleZoom() { isZoomed.toggle() }

  func updateLayout() {
    layout = Layout(width: width, height: height, focus: focused, side: side, isZoomed: isZoomed) { id, width in
      pane(id).preferredHeight(width: width, session)
    }
  }
}
