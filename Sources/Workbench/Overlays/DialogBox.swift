import Terminal

/// The frame of an overlay: centred, of the size it wants as far as the screen has it.
enum DialogBox {
  /// Draws the frame and gives the inside.
  static func draw(
    into buffer: CellBuffer, width: Int, height: Int, title: String, _ context: DrawContext, footer: String = ""
  ) -> Rect {
    let outer = rect(in: buffer.bounds, width: width, height: height)
    buffer.fill(outer, context.theme[.dialog])
    buffer.box(outer, context.theme[.dialogBorder], title: title, titleStyle: context.theme[.dialogTitle])
    if !footer.isEmpty, outer.width > 8 {
      let shown = " \(truncated(footer, to: outer.width - 6)) "
      buffer.write(shown, x: outer.x + 2, y: outer.maxY - 1, style: dim(context), clip: outer)
    }
    return inside(outer)
  }

  static func rect(in bounds: Rect, width: Int, height: Int) -> Rect {
    let width = min(width, bounds.width)
    let height = min(height, bounds.height)
    return Rect(
      x: bounds.x + (bounds.width - width) / 2, y: bounds.y + (bounds.height - height) / 2, width: width, height: height
    )
  }

  /// Within the frame, a column off it.
  static func inside(_ outer: Rect) -> Rect {
    Rect(x: outer.x + 2, y: outer.y + 1, width: outer.width - 4, height: outer.height - 2)
  }

  static func dim(_ context: DrawContext) -> Style { context.theme[.dim].on(context.theme[.dialog]) }

  /// A line for typing, filled with the input's ground, after a sign.
  static func drawField(
    _ field: inout TextEditor, sign: String, into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext,
    placeholder: String = ""
  ) {
    let style = context.theme[.input]
    buffer.fill(rect, style)
    let x = buffer.write(sign, x: rect.x, y: rect.y, style: context.theme[.key].on(style), clip: rect)
    field.draw(
      into: buffer, Rect(x: x, y: rect.y, width: rect.maxX - x, height: min(1, rect.height)), context,
      placeholder: placeholder, style: style)
  }
}

/// The list of an overlay: one row chosen, the view following it.
struct DialogList: Sendable {
  private(set) var selected = 0
  private(set) var first = 0
  /// Rows that were shown last.
  private(set) var height = 1
  var count: Int {
    didSet { select(selected) }
  }

  init(count: Int, selected: Int = 0) {
    self.count = count
    select(selected)
  }

  mutating func select(_ index: Int) { selected = max(0, min(index, count - 1)) }

  mutating func layOut(height: Int) {
    self.height = max(1, height)
    first = max(0, min(first, count - self.height))
    if selected < first { first = selected }
    if selected >= first + self.height { first = selected - self.height + 1 }
  }

  /// Arrows, pages, ends, and readline's next and previous. False for any other key.
  mutating func handle(_ key: KeyPress) -> Bool {
    switch (key.key, key.modifiers) {
    case (.up, []), (.character("k"), .control), (.character("p"), .control): select(selected - 1)
    case (.down, []), (.character("j"), .control), (.character("n"), .control): select(selected + 1)
    case (.pageUp, []): select(selected - height)
    case (.pageDown, []): select(selected + height)
    case (.home, .control): select(0)
    case (.end, .control): select(count - 1)
    default: return false
    }
    return true
  }
}
