import Terminal

/// What a dialog has to say at its lower edge: what went wrong, what was done, what is missing.
struct DialogStatus: Equatable {
  var kind: Notice.Kind
  var text: String

  init(_ kind: Notice.Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }

  /// Rows it takes; at most a third of the dialog.
  static func height(of status: DialogStatus?, in rect: Rect) -> Int {
    guard let status else { return 0 }
    return min(TextWrap.wrap(status.text, width: max(1, rect.width - 2)).count, max(1, rect.height / 3))
  }

  /// Draws the sentence at the lower edge and gives what is left above it.
  static func draw(
    _ status: DialogStatus?, into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext
  ) -> Rect {
    let height = height(of: status, in: rect)
    guard let status, height > 0 else { return rect }
    let (sign, role): (String, Theme.Role) =
      switch status.kind {
      case .information: (context.glyphs.bullet, .info)
      case .success: (context.glyphs.on, .success)
      case .warning: (context.glyphs.warning, .warning)
      case .error: (context.glyphs.cross, .error)
      }
    let style = context.theme[role].on(context.theme[.dialog])
    let rows = TextWrap.wrap(status.text, width: max(1, rect.width - 2))
    for (index, range) in rows.prefix(height).enumerated() {
      var row = String(status.text[status.text.at(range.lowerBound)..<status.text.at(range.upperBound)])
      if index + 1 == height, rows.count > height { row = truncated(row + "…", to: rect.width - 2) }
      let y = rect.maxY - height + index
      if index == 0 { buffer.write(sign, x: rect.x, y: y, style: style, clip: rect) }
      buffer.write(row, x: rect.x + 2, y: y, style: style, clip: rect)
    }
    return Rect(x: rect.x, y: rect.y, width: rect.width, height: rect.height - height)
  }

  /// A sentence over as many rows as it takes, from the top.
  /// - Returns: the row after it.
  @discardableResult
  static func write(_ text: String, into buffer: CellBuffer, _ rect: Rect, style: Style) -> Int {
    let rows = TextWrap.wrap(text, width: max(1, rect.width))
    for (index, range) in rows.prefix(rect.height).enumerated() {
      let row = text[text.at(range.lowerBound)..<text.at(range.upperBound)]
      buffer.write(row, x: rect.x, y: rect.y + index, style: style, clip: rect)
    }
    return rect.y + min(rows.count, rect.height)
  }
}

/// A dialog in two parts: side by side where there is room, else one above the other, with a line between them.
struct DialogSplit {
  let first: Rect
  let second: Rect

  /// - Parameters:
  ///   - firstWidth: of the first part beside the second.
  ///   - firstHeight: that it wants above the second; it gets half the rows at most.
  init(_ rect: Rect, firstWidth: Int, firstHeight: Int, into buffer: CellBuffer, _ context: DrawContext) {
    let style = context.theme[.dialogBorder]
    if rect.width >= Self.sideBySide {
      first = Rect(x: rect.x, y: rect.y, width: firstWidth, height: rect.height)
      second = Rect(x: first.maxX + 3, y: rect.y, width: rect.width - firstWidth - 3, height: rect.height)
      for y in rect.y..<rect.maxY {
        buffer.write(context.glyphs.vertical, x: first.maxX + 1, y: y, style: style, clip: rect)
      }
    } else {
      let height = min(max(1, firstHeight), max(1, (rect.height - 1) / 2))
      first = Rect(x: rect.x, y: rect.y, width: rect.width, height: height).intersection(rect)
      second = Rect(x: rect.x, y: first.maxY + 1, width: rect.width, height: rect.maxY - first.maxY - 1)
      if first.maxY < rect.maxY { buffer.rule(x: rect.x, y: first.maxY, width: rect.width, style) }
    }
  }

  /// Columns from which on the parts stand side by side.
  static let sideBySide = 100
}
