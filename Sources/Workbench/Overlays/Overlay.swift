import Terminal

/// Something drawn over the panes that takes every key until it closes: help, the palette, a question.
protocol Overlay: AnyObject {
  /// Whose commands its keys reach.
  var place: Command.Place { get }
  /// Whether key presses are text in it.
  var mode: InputMode { get }
  /// A key that no overlay command took.
  func handle(_ key: KeyPress, _ session: Session) -> OverlayOutcome
  func paste(_ text: String)
  func click(x: Int, y: Int, _ session: Session) -> OverlayOutcome
  func scroll(by rows: Int)
  func draw(into buffer: CellBuffer, _ session: Session, _ context: DrawContext)
}

extension Overlay {
  var place: Command.Place { .overlay }
  var mode: InputMode { .reading }
  func paste(_ text: String) {}
  func click(x: Int, y: Int, _ session: Session) -> OverlayOutcome { .stay }
  func scroll(by rows: Int) {}
}

/// The dialogs with rows of their own in the key table.
enum DialogID: Hashable, Sendable, CaseIterable {
  case revisions, export, importing, draft

  var title: String {
    switch self {
    case .revisions: "the revisions"
    case .export: "the export"
    case .importing: "the import"
    case .draft: "the draft"
    }
  }
}

/// What becomes of an overlay after a key.
enum OverlayOutcome: Equatable {
  case stay
  /// What it covers, if anything, comes to light again.
  case close
  /// Closes it and runs the command with this id.
  case run(command: String)
  /// Closes it and goes on with the search for this text.
  case search(String)
}
