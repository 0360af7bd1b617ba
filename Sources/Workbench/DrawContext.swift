import Terminal

/// What drawing depends on besides the state: looks, focus and the time.
struct DrawContext {
  var theme: Theme
  var glyphs: Glyphs
  /// Whether keys go to what is being drawn; only then does it place the cursor.
  var isFocused: Bool
  /// Since the program started.
  var now: Duration

  init(theme: Theme, glyphs: Glyphs, isFocused: Bool, now: Duration) {
    self.theme = theme
    self.glyphs = glyphs
    self.isFocused = isFocused
    self.now = now
  }
}

/// The signs that carry meaning, each one column wide. State is never told by colour alone.
struct Glyphs: Sendable, Equatable {
  var selected: String
  var folded: String
  var unfolded: String
  var on: String
  var off: String
  var bullet: String
  var cross: String
  var warning: String
  var arrow: String
  var ellipsis: String
  var newline: String
  var separator: String
  var prompt: String
  var vertical: String
  var gutter: String
  /// From empty to full, for sparklines: eight steps.
  var levels: [String]
  var swatch: String
  /// A bar's cells: filled, half, empty.
  var filled: String
  var halfFilled: String
  var unfilled: String
  /// What a bar was before it became shorter.
  var ghost: String
  var spinner: [String]
  /// The cache map: active, shared, cached, free.
  var pageActive: String
  var pageShared: String
  var pageCached: String
  var pageFree: String

  static let unicode = Glyphs(
    selected: "▌", folded: "▸", unfolded: "▾", on: "●", off: "○", bullet: "·", cross: "✗", warning: "!", arrow: "→",
    ellipsis: "…", newline: "↵", separator: "·", prompt: "›", vertical: "│", gutter: "▎",
    levels: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"], swatch: "■",
    filled: "━", halfFilled: "╸", unfilled: "─", ghost: "╍", spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
    pageActive: "■", pageShared: "◆", pageCached: "□", pageFree: "·")

  static let ascii = Glyphs(
    selected: ">", folded: "+", unfolded: "-", on: "*", off: "o", bullet: "-", cross: "x", warning: "!", arrow: ">",
    ellipsis: "~", newline: "$", separator: "-", prompt: ">", vertical: "|", gutter: "|",
    levels: ["_", ".", ":", "-", "=", "+", "*", "#"], swatch: "#",
    filled: "#", halfFilled: "#", unfilled: ".", ghost: "=", spinner: ["|", "/", "-", "\\"],
    pageActive: "#", pageShared: "%", pageCached: "o", pageFree: ".")
}
