import Engine
import JSON
import Terminal

/// The messages, and under them the composer, or while tokens are looked at what is known of the chosen one.
final class ConversationPane: Pane {
  let id = PaneID.conversation
  var composer = Composer()
  var isComposing = true
  var selected: Int?
  var selectedToken = 0
  var view = TranscriptView()
  var searchText = ""
  /// Where the parts were last drawn, relative to the pane.
  var transcriptHeight = 0
  var exampleRows: [Int: String] = [:]
  /// The call that was turned to when it began to wait.
  private var turnedTo: WaitingCall?

  private struct WaitingCall: Equatable {
    var call: ToolCall
    var entryCount: Int
  }

  var tokenEntry: Int? { view.tokenEntry }

  func detail(_ session: Session) -> String {
    let entries = session.transcript.entries
    let count = entries.count - entries.prefix { $0.message.role == .system }.count
    guard count > 0 else { return "" }
    let place = view.followsEnd ? "" : "scrolled up, "
    return "\(place)\(grouped(count)) message\(count == 1 ? "" : "s")"
  }

  func mode(_ session: Session) -> InputMode { isComposing ? .typing : .reading }

  func preferredHeight(width: Int, _ session: Session) -> Int { 1000 }

  // MARK: - Writing

  func setDraft(_ text: String, _ session: Session) {
    composer.set(text)
    changedDraft(session)
    compose(session)
  }

  func compose(_ session: Session) {
    isComposing = true
    selected = nil
    view.tokenEntry = nil
    turnToPendingCall(session)
  }

  func writeMessage(_ session: Session) {
    composer.beginMessage()
    isComposing = true
    selected = nil
    view.tokenEntry = nil
    changedDraft(session)
  }

  /// Esc: one step back, never out of the program.
  func leave(_ session: Session) {
    if composer.purpose != .message {
      composer.beginMessage()
      changedDraft(session)
    } else {
      isComposing = false
      if selected == nil { selected = session.transcript.entries.indices.last }
    }
  }

  func send(_ session: Session) {
    let text = composer.text
    switch composer.purpose {
    case .message:
      guard !text.allSatisfy(\.isWhitespace) else { return }
      guard session.send(Message(.user, text)) else { return }
      session.request(.remember(text))
    case .result: guard session.giveResult(text) else { return }
    case .calls(let index):
      do throws(JSONError) {
        guard try session.replaceCalls(index, with: text) else { return }
      } catch {
        session.show(.error, error.description)
        return
      }
    case .edit(let index):
      guard session.canAnswer() || session.transcript.entries[index].message.role == .assistant else { return }
      session.replace(index, with: text)
    }
    composer.sent()
    view.goToEnd()
    changedDraft(session)
    turnToPendingCall(session)
  }

  func insertLineBreak(_ session: Session) {
    composer.editor.insert("\n")
    changedDraft(session)
  }

  func changedDraft(_ session: Session) {
    let draft = composer.purpose == .message ? composer.text : ""
    guard draft != session.draft else { return }
    session.draft = draft
    session.promptChanged()
  }

  /// If calls wait for results, the composer offers the first one's.
  func turnToPendingCall(_ session: Session) {
    if composer.purpose.isEdit { return }
    guard let call = session.waitingCall else {
      if case .result = composer.purpose { composer.beginMessage() }
      return
    }
    if composer.purpose != .result(call) || composer.editor.isEmpty {
      if case .result = composer.purpose { composer.beginMessage() }
      composer.begin(.result(call), text: "")
    }
    changedDraft(session)
  }

  /// Called after each event: what is chosen and written must fit the conversation as it now is.
  func follow(_ session: Session) {
    let count = session.transcript.entries.count
    if let selected, selected >= count { self.selected = count > 0 ? count - 1 : nil }
    if let index = composer.purpose.editedEntry, index >= count { composer.beginMessage() }
    guard !session.isRunning || session.waitingCall != nil else {
      turnedTo = nil
      return
    }
    let pending = session.waitingCall
    if case .result(let call) = composer.purpose, call != pending { composer.beginMessage() }
    // Each call is turned to once; whoever goes on with a message instead is left alone.
    let call = pending.map { WaitingCall(call: $0, entryCount: count) }
    if call != turnedTo {
      turnedTo = call
      turnToPendingCall(session)
    }
  }

  // MARK: - Input

  func handle(_ key: KeyPress, _ session: Session) -> Bool {
    guard isComposing else { return false }
    switch key {
    case KeyPress(.up), KeyPress(.down):
      let isUp = key.key == .up
      if composer.handle(key) { return true }
      let isNew = !session.transcript.entries.contains { $0.message.role == .user }
      guard composer.purpose == .message else { return false }
      if composer.recall(older: isUp, examples: isNew ? session.examples : []) { changedDraft(session) }
      return true
    default:
      guard composer.handle(key) else { return false }
      changedDraft(session)
      return true
    }
  }

  func paste(_ text: String, _ session: Session) {
    if !isComposing { compose(session) }
    composer.editor.insert(text)
    changedDraft(session)
  }

  func searchHistory(_ session: Session) {
    guard composer.purpose == .message else { return }
    if !composer.recallMatching() { session.show(.information, "nothing older that was sent holds these words") }
    changedDraft(session)
  }

  func click(x: Int, y: Int, _ session: Session) {
    if y >= transcriptHeight, view.tokenEntry == nil {
      if !isComposing { compose(session) }
      composer.editor.click(x: x - 2, y: y - transcriptHeight - 1)
    } else if let example = exampleRows[y] {
      setDraft(example, session)
    } else if let place = view.place(atRow: y, session.transcript) {
      let layout = view.layout(of: place.entry, session.transcript)
      if layout.foldRow == place.row, selected == place.entry || isComposing { view.toggleFold(place.entry) }
      isComposing = false
      if view.tokenEntry == place.entry, let token = token(at: place, x: x - 2, session) {
        selectedToken = token
      } else if view.tokenEntry != place.entry {
        view.tokenEntry = nil
      }
      selected = place.entry
    }
  }

  /// Selects in the composer; among the messages only a click chooses.
  func drag(x: Int, y: Int, _ session: Session) {
    guard isComposing, y > transcriptHeight else { return }
    composer.editor.click(x: x - 2, y: y - transcriptHeight - 1, extending: true)
  }

  func move(_ motion: Motion, _ session: Session) {
    let transcript = session.transcript
    if case .wheel(let rows) = motion {
      view.scroll(by: rows, transcript)
      return
    }
    if case .pageUp = motion { return view.scroll(by: -max(1, view.height - 2), transcript) }
    if case .pageDown = motion { return view.scroll(by: max(1, view.height - 2), transcript) }
    guard !transcript.isEmpty else { return }
    if let entry = view.tokenEntry { return moveToken(motion, entry, session) }
    let last = transcript.entries.count - 1
    let current = min(selected ?? last, last)
    switch motion {
    case .up, .down:
      let isDown = motion == .down
      let height = view.layout(of: current, transcript).height - 1
      let rows = view.visibleRows(of: current, transcript)
      if let rows, isDown ? rows.upperBound < height : rows.lowerBound > 0 {
        // More of it than fits: scroll through it first.
        view.scroll(by: isDown ? 1 : -1, transcript)
        selected = current
      } else {
        let next = rows == nil ? current : max(0, min(last, current + (isDown ? 1 : -1)))
        selected = next
        let nextHeight = view.layout(of: next, transcript).height - 1
        let row = isDown ? min(nextHeight - 1, view.height - 1) : max(0, nextHeight - view.height)
        view.reveal(next, row: max(0, row), transcript)
      }
    case .top:
      selected = 0
      view.goToTop()
    case .bottom:
      selected = last
      view.goToEnd()
    default: break
    }
  }

  func search(_ text: String, backwards: Bool, fromHere: Bool, _ session: Session) -> Bool {
    searchText = text
    let entries = session.transcript.entries
    guard !entries.isEmpty, !text.isEmpty else { return false }
    let count = entries.count
    let start = min(selected ?? (backwards ? count - 1 : 0), count - 1)
    for step in (fromHere ? 0 : 1)...count {
      let index = ((start + (backwards ? -step : step)) % count + count) % count
      let message = entries[index].message
      let hasIt =
        [message.content, message.reasoning ?? ""].contains { !TextEditor.matches(of: text, in: $0).isEmpty }
        || message.toolCalls.contains { !TextEditor.matches(of: text, in: $0.name).isEmpty }
      guard hasIt else { continue }
      isComposing = false
      selected = index
      view.reveal(index, row: matchingRow(of: text, in: index, session), session.transcript)
      return true
    }
    return false
  }

  /// The first row of an entry's layout that shows the text.
  private func matchingRow(of text: String, in index: Int, _ session: Session) -> Int {
    let layout = view.layout(of: index, session.transcript)
    var first = 0
    for block in layout.blocks {
      if case .text(let wrap, _, _, _) = block.content {
        for row in 0..<block.height where !TextEditor.matches(of: text, in: String(wrap[row])).isEmpty {
          return first + row
        }
      }
      first += block.height
    }
    return 0
  }

  func copyText(_ session: Session) -> (name: String, text: String)? {
    let entries = session.transcript.entries
    if let entry = view.tokenEntry, let answer = entries[entry].answer, answer.tokens.indices.contains(selectedToken) {
      return ("the token", TokenWrap.text(of: answer.tokens[selectedToken].bytes))
    }
    let index = selected ?? entries.lastIndex { $0.message.role == .assistant }
    guard let index, entries.indices.contains(index) else { return nil }
    let message = entries[index].message
    let calls = message.toolCalls.map { "\($0.name) \(JSONValue.object($0.arguments).text(.spaced))" }
    let text = ([message.content] + calls).filter { !$0.isEmpty }.joined(separator: "\n")
    return text.isEmpty ? nil : ("the message", text)
  }
}
