import Documents
import Terminal

/// Every saved state of the functions and prompts beside what changed in it; any two can be compared, and any brought back.
final class RevisionsOverlay: Overlay {
  enum Row: Equatable {
    /// What is in the workbench and on no disk.
    case unsaved(Session.UnsavedDocument)
    /// By its place in the history.
    case state(Int)
  }

  /// The document that is shown alone; nil shows all.
  private(set) var path: String?
  private let ownPath: String?
  /// Nil until it has been read.
  private(set) var history: RevisionHistory?
  var status: DialogStatus?
  /// What the rows are narrowed by.
  private(set) var filter = TextEditor(options: .field)
  private(set) var isFiltering = false
  var list = DialogList(count: 0)
  /// The other end of the comparison; the chosen row's own change is shown without it.
  private(set) var marked: Row?
  var firstDiffRow = 0
  var diffHeight = 1
  var diffRowCount = 0
  var listRect = Rect(x: 0, y: 0, width: 0, height: 0)

  /// - Parameter path: of the document whose states are shown first, "functions/get_weather.json"; nil for all.
  init(of path: String?) {
    self.path = path
    ownPath = path
  }

  var place: Command.Place { .dialog(.revisions) }
  var mode: InputMode { isFiltering ? .typing : .reading }

  func receive(_ history: RevisionHistory) {
    // Rows are counted from the latest: what was saved meanwhile moves them.
    let added = history.states.count - (self.history?.states.count ?? 0)
    if case .state(let index) = marked, self.history != nil { marked = .state(index + added) }
    self.history = history
    status = history.notices.first.map { DialogStatus(.warning, $0) }
  }

  // MARK: - Rows

  func rows(_ session: Session) -> [Row] {
    var rows = session.unsavedDocuments.map { Row.unsaved($0) }
    if let history { rows += history.states.indices.map { .state($0) } }
    let words = filter.text.lowercased().split(separator: " ")
    return rows.filter { row in
      guard path == nil || self.path(of: row) == path else { return false }
      let text = words.isEmpty ? "" : searched(row).lowercased()
      return words.allSatisfy { text.contains($0) }
    }
  }

  func path(of row: Row) -> String {
    switch row {
    case .unsaved(let document): document.path
    case .state(let index): history?.states[index].revision.path ?? ""
    }
  }

  private func searched(_ row: Row) -> String {
    switch row {
    case .unsaved(let document): "\(document.path) unsaved"
    case .state(let index):
      history.map { history in
        let revision = history.states[index].revision
        return "\(revision.path) \(revision.hash) \(revision.time) \(revision.event.rawValue)"
      } ?? ""
    }
  }

  func chosen(_ session: Session) -> Row? {
    let rows = rows(session)
    list.count = rows.count
    return rows.indices.contains(list.selected) ? rows[list.selected] : nil
  }

  // MARK: - Comparing

  /// The two ends of what is shown, and how they are called; or why it cannot be.
  enum Comparison {
    case of(String, old: String, new: String)
    case cannot(String)
  }

  func comparison(_ session: Session) -> Comparison? {
    guard let row = chosen(session) else { return nil }
    do throws(DocumentError) {
      if let marked, marked != row {
        return .of(
          "\(name(of: marked)) → \(name(of: row))", old: try text(of: marked), new: try text(of: row))
      }
      switch row {
      case .unsaved(let document):
        return .of("what is not saved", old: document.saved, new: document.text)
      case .state(let index):
        guard let state = history?.states[index] else { return nil }
        let own = try text(of: row)
        guard let parent = state.revision.parent else { return .of("the first state, \(name(of: row))", old: "", new: own) }
        if state.revision.event == .removed { return .of("deleted; it was \(name(of: row))", old: own, new: "") }
        guard let before = history?.states[index...].first(where: { $0.revision.hash == parent }) else {
          return .of(name(of: row), old: "", new: own)
        }
        return .of("\(parent.short) → \(name(of: row))", old: try before.text.get(), new: own)
      }
    } catch {
      return .cannot(error.description)
    }
  }

  private func name(of row: Row) -> String {
    switch row {
    case .unsaved: "now, not saved"
    case .state(let index): history?.states[index].revision.hash.short ?? ""
    }
  }

  private func text(of row: Row) throws(DocumentError) -> String {
    switch row {
    case .unsaved(let document): document.text
    case .state(let index): try history?.states[index].text.get() ?? ""
    }
  }

  // MARK: - Keys

  func handle(_ key: KeyPress, _ session: Session) -> OverlayOutcome {
    list.count = rows(session).count
    if isFiltering {
      if !list.handle(key) { _ = filter.handle(key) }
    } else {
      _ = list.handle(key)
    }
    firstDiffRow = 0
    return .stay
  }

  func paste(_ text: String) { if isFiltering { filter.insert(text) } }

  func move(_ step: Int, _ session: Session) {
    list.count = rows(session).count
    list.select(list.selected + step)
    firstDiffRow = 0
    status = nil
  }

  func scroll(by rows: Int) { firstDiffRow = max(0, min(diffRowCount - diffHeight, firstDiffRow + rows)) }

  func click(x: Int, y: Int, _ session: Session) -> OverlayOutcome {
    guard listRect.contains(x: x, y: y) else { return .stay }
    list.select(list.first + y - listRect.y)
    firstDiffRow = 0
    return .stay
  }

  func drawFilter(into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext) {
    DialogBox.drawField(
      &filter, sign: "/", into: buffer, rect, context, placeholder: "a name, a hash, a day, \"restored\"")
  }

  func startFilter() {
    isFiltering = true
    filter.selectAll()
  }

  /// Esc while there is something typed takes it away; otherwise typing ends.
  func endFilter(keeping: Bool) {
    if !keeping { filter.text = "" }
    isFiltering = false
  }

  /// From one document to all and back; without one of its own, to that of the chosen row.
  func changeScope(_ session: Session) {
    let chosen = chosen(session)
    path = path == nil ? chosen.map { self.path(of: $0) } ?? ownPath : nil
    list = DialogList(count: rows(session).count)
    if let chosen, let index = rows(session).firstIndex(of: chosen) { list.select(index) }
    status = nil
  }

  func mark(_ session: Session) {
    guard let row = chosen(session) else { return }
    marked = marked == row ? nil : row
    firstDiffRow = 0
    status = marked.map { DialogStatus(.information, "\(name(of: $0)) is marked: what is chosen is compared with it") }
  }

  func copyHash(_ session: Session) {
    guard case .state(let index) = chosen(session), let hash = history?.states[index].revision.hash else {
      status = DialogStatus(.warning, "what is not saved has no hash yet; Ctrl-S saves it")
      return
    }
    session.request(.copy(hash.description))
    status = DialogStatus(.success, "copied \(hash)")
  }

  // MARK: - Going back

  /// - Parameter isSure: unsaved edits of the document have been asked about.
  /// - Returns: the question to be asked first, if there is one.
  func goBack(_ session: Session, isSure: Bool) -> Question? {
    guard case .state(let index) = chosen(session), let state = history?.states[index] else {
      status = DialogStatus(.information, "this is what is in the workbench now; choose a saved state to go back to")
      return nil
    }
    let revision = state.revision
    guard case .success(let text) = state.text else {
      if case .failure(let error) = state.text { status = DialogStatus(.error, error.description) }
      return nil
    }
    if session.currentText(at: revision.path) == text, !session.unsavedDocuments.contains(where: { $0.path == revision.path }) {
      status = DialogStatus(.information, "\(revision.documentName) is as in \(revision.hash.short) now")
      return nil
    }
    if revision.path.hasPrefix("prompts/"), session.isRunning {
      status = DialogStatus(.warning, "an answer is being written; Ctrl-C stops it")
      return nil
    }
    if !isSure, session.unsavedDocuments.contains(where: { $0.path == revision.path }) {
      let way = revision.path.hasPrefix("prompts/") ? "u in the conversation" : "Alt-z in its text"
      return Question(
        "\(revision.documentName) has edits that are not saved. Go back all the same? \(way) brings them back. Or n, then Ctrl-S, which saves them as a revision first.",
        yes: "revisions.back.now")
    }
    session.request(.documents(.restore(path: revision.path, revision.hash)))
    return nil
  }
}
