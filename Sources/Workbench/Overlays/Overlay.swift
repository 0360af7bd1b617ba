import Terminal

/// Something drawn over the panes that takes every key until it closes: help, the palette, a question.
protocol Overlay: AnyObject {
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
  var mode: InputMode { .reading }
  func paste(_ text: String) {}
  func click(x: Int, y: Int, _ session: Session) -> OverlayOutcome { .stay }
  func scroll(by rows: Int) {}
}

/// What becomes of an overlay after a key.
enum OverlayOutcome: Equatable {
  case stay
  case close
  /// Closes it and runs the command with this id.
  case run(command: String)
  /// Closes it and goes on with the search for this text.
  case search(String)
}
