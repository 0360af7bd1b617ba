public import Terminal

/// What drawing depends on besides the state: looks, focus and the time.
public struct DrawContext {
  public var theme: Theme
  public var glyphs: Glyphs
  /// Whether keys go to what is being drawn; only then does it place the cursor.
  public var isFocused: Bool
  /// Since the program started.
  public var now: Duration

  public init(theme: Theme, glyphs: Glyphs, isFocused: Bool, now: Duration) {
    self.theme = theme
    self.glyphs = glyphs
    self.isFocused = isFocused
    self.now = now
  }
}

/// The signs that carry meaning, each one column wide. State is never told by colour alone.
public struct Glyphs: Sendable, Equatable {
  public var selected: String
  public var folded: String
  public var unfolded: String
  public var on: String
  public var off: String
  public var bullet: String
  public var cross: String
  public var warning: String
  public var arrow: String
  public var ellipsis: String
  public var newline: String
  public var separator: String
  public var prompt: String
  public var vertical: String
  public var gutter: String
  /// From empty to full, for sparklines: eight steps.
  public var levels: [String]
  public var swatch: String
  /// A bar's cells: filled, half, empty.
  public var filled: String
  public var halfFilled: String
  public var unfilled: String
  public var spinner: [String]
  /// The cache map: active, shared, cached, free.
  public var pageActive: String
  public var pageShared: String
  public var pageCached: String
  public var pageFree: String

  public static let unicode = Glyphs(
    selected: "▌", folded: "▸", unfolded: "▾", on: "●", off: "○", bullet: "·", cross: "✗", warning: "!", arrow: "→",
    ellipsis: "…", newline: "↵", separator: "·", prompt: "›", vertical: "│", gutter: "▎",
    levels: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"], swatch: "■",
    filled: "━", halfFilled: "╸", unfilled: "─", spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
    pageActive: "■", pageShared: "◆", pageCached: "□", pageFree: "·")

  public static let ascii = Glyphs(
    selected: ">", folded: "+", unfolded: "-", on: "*", off: "o", bullet: "-", cross: "x", warning: "!", arrow: ">",
    ellipsis: "~", newline: "$", separator: "-", prompt: ">", vertical: "|", gutter: "|",
    levels: ["_", ".", ":", "-", "=", "+", "*", "#"], swatch: "#",
    filled: "#", halfFilled: "#", unfilled: ".", spinner: ["|", "/", "-", "\\"],
    pageActive: "#", pageShared: "%", pageCached: "o", pageFree: ".")
}
