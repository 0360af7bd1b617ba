import Terminal

/// The panes, in the order of their digits.
enum PaneID: Int, CaseIterable, Sendable, Hashable {
  case conversation = 1, functions, sampling, meters, cache, prompt

  var title: String {
    switch self {
    case .conversation: "Conversation"
    case .functions: "Functions"
    case .sampling: "Sampling"
    case .meters: "Meters"
    case .cache: "KV cache"
    case .prompt: "Prompt"
    }
  }
}

/// A way to move in a list or a text.
enum Motion: Sendable, Equatable {
  case up, down, left, right
  case pageUp, pageDown
  case top, bottom
  /// Rows, as the wheel turns them: scrolls without choosing.
  case wheel(Int)
}

/// Whether key presses are text in the focused pane, and so which commands they reach.
enum InputMode: Sendable, Hashable, CaseIterable { case reading, typing }

/// A part of the screen with its own view state (scroll position, selection). What it shows belongs to `Session`.
///
/// A key goes to the first that takes it: the overlay, the commands of the focused pane, the commands of every place, then
/// `handle`. While typing only commands that say so are asked, so that letters stay text.
protocol Pane: AnyObject {
  var id: PaneID { get }
  /// A few words beside the title: "3 of 5 on", "1,432 tokens".
  func detail(_ session: Session) -> String
  func mode(_ session: Session) -> InputMode
  /// A key that no command took. True if it was of use.
  func handle(_ key: KeyPress, _ session: Session) -> Bool
  func paste(_ text: String, _ session: Session)
  func move(_ motion: Motion, _ session: Session)
  /// A press at a place inside the rectangle the pane was last drawn to; coordinates from its top left.
  func click(x: Int, y: Int, _ session: Session)
  /// The mouse moved here with the button held; where it is of no use, a drag is a click.
  func drag(x: Int, y: Int, _ session: Session)
  /// Chooses the next place that holds the text, the present one included if `fromHere`. False if there is none.
  func search(_ text: String, backwards: Bool, fromHere: Bool, _ session: Session) -> Bool
  /// What `y` copies, with its name for the notice: ("the answer", "…").
  func copyText(_ session: Session) -> (name: String, text: String)?
  /// Rows the pane would fill at this width, for the layout; it gets fewer when there are not so many.
  func preferredHeight(width: Int, _ session: Session) -> Int
  /// Draws inside the rectangle, of any size; the frame and the title are the layout's.
  func draw(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext)
}

extension Pane {
  func detail(_ session: Session) -> String { "" }
  func mode(_ session: Session) -> InputMode { .reading }
  func handle(_ key: KeyPress, _ session: Session) -> Bool { false }
  func paste(_ text: String, _ session: Session) {}
  func click(x: Int, y: Int, _ session: Session) {}
  func drag(x: Int, y: Int, _ session: Session) { click(x: x, y: y, session) }
  func search(_ text: String, backwards: Bool, fromHere: Bool, _ session: Session) -> Bool { false }
  func copyText(_ session: Session) -> (name: String, text: String)? { nil }
}
