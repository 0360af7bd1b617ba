import Terminal

/// Something to be said about a stretch of a text.
struct TextDiagnostic: Sendable, Equatable {
  enum Severity: Sendable { case warning, error }
  var severity: Severity
  /// What is underlined.
  var range: Range<TextPosition>
  /// Where it is said to be.
  var place: TextPosition
  /// One sentence.
  var message: String
}

extension TextEditor {
  /// Lays the text out to the rectangle and draws it; places the terminal's cursor if the context has the focus.
  /// - Parameters:
  ///   - diagnostics: underlined, with a mark at their lines' start.
  ///   - placeholder: shown while there is no text.
  mutating func draw(
    into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext, diagnostics: [TextDiagnostic] = [],
    placeholder: String = "", style: Style? = nil
  ) {
    guard !rect.isEmpty else { return }
    layOut(width: rect.width, height: rect.height)
    let base = style ?? context.theme[.text]
    buffer.fill(rect, base)
    if isEmpty, !placeholder.isEmpty {
      let shown = truncated(placeholder, to: viewport.width)
      buffer.write(shown, x: rect.x + viewport.gutterWidth, y: rect.y, style: context.theme[.placeholder], clip: rect)
    }
    let painter = TextPainter(editor: self, rect: rect, base: base, context: context, diagnostics: diagnostics)
    var y = rect.y
    var line = viewport.top.line
    var row = viewport.top.row
    while y < rect.maxY, line < self.buffer.lines.count {
      let tokens = highlighter?.tokens(ofLine: line, in: self.buffer) ?? []
      let layout = layout(ofLine: line)
      let spans = painter.spans(ofLine: line, tokens: tokens)
      if row == 0 { painter.drawGutter(line: line, y: y, into: buffer) }
      while row < layout.rowCount, y < rect.maxY {
        painter.draw(layout, row: row, y: y, spans: spans, isCursorLine: line == cursor.line, into: buffer)
        row += 1
        y += 1
      }
      line += 1
      row = 0
    }
    if context.isFocused { buffer.cursor = cursorCell(in: rect) }
  }

  /// The cell of the cursor, as the text was last laid out; nil outside of the rectangle.
  private func cursorCell(in rect: Rect) -> (x: Int, y: Int)? {
    let (place, column) = visualPlace(of: cursor)
    guard place >= viewport.top else { return nil }
    var y = rect.y
    var walk = viewport.top
    while walk < place, y < rect.maxY {
      walk = moved(walk, by: 1)
      y += 1
    }
    let x = rect.x + viewport.gutterWidth + column - viewport.leftColumn
    return y < rect.maxY && x >= rect.x ? (min(x, rect.maxX - 1), y) : nil
  }
}

/// Draws rows of a text in the styles of what they hold.
private struct TextPainter {
  /// A stretch of a line and how it looks; later ones cover earlier ones.
  struct Span {
    var range: Range<Int>
    var look: Look
  }

  enum Look {
    case style(Style)
    /// Keeps the colours beneath.
    case attributes(Attributes)
  }

  let editor: TextEditor
  let rect: Rect
  let base: Style
  let context: DrawContext
  let diagnostics: [TextDiagnostic]
  private let brackets: [TextPosition]

  init(editor: TextEditor, rect: Rect, base: Style, context: DrawContext, diagnostics: [TextDiagnostic]) {
    self.editor = editor
    self.rect = rect
    self.base = base
    self.context = context
    self.diagnostics = diagnostics
    self.brackets =
      editor.options.isCode && context.isFocused ? editor.bracketPair().map { [$0.own, $0.other] } ?? [] : []
  }

  private var textRect: Rect {
    let gutter = editor.viewport.gutterWidth
    return Rect(x: rect.x + gutter, y: rect.y, width: rect.width - gutter, height: rect.height)
  }

  func drawGutter(line: Int, y: Int, into buffer: CellBuffer) {
    guard editor.viewport.gutterWidth > 0 else { return }
    let isCursorLine = line == editor.cursor.line && context.isFocused
    let number = String(line + 1)
    let x = rect.x + editor.viewport.gutterWidth - 1 - number.count
    buffer.write(number, x: x, y: y, style: context.theme[isCursorLine ? .strong : .lineNumber], clip: rect)
    let here = diagnostics.filter { $0.place.line == line }
    if here.contains(where: { $0.severity == .error }) {
      buffer.write(context.glyphs.cross, x: rect.x, y: y, style: context.theme[.error], clip: rect)
    } else if !here.isEmpty {
      buffer.write(context.glyphs.warning, x: rect.x, y: y, style: context.theme[.warning], clip: rect)
    }
  }

  func spans(ofLine line: Int, tokens: [JSONToken]) -> [Span] {
    let text = editor.buffer.lines[line]
    let count = text.utf8.count
    var spans = tokens.map { Span(range: $0.range, look: .style(context.theme[role(of: $0.kind)])) }
    for match in editor.matches(inLine: line) { spans.append(Span(range: match, look: .style(context.theme[.match]))) }
    for bracket in brackets where bracket.line == line {
      spans.append(Span(range: bracket.offset..<bracket.offset + 1, look: .style(context.theme[.matchingBracket])))
    }
    for diagnostic in diagnostics {
      guard let part = part(of: diagnostic.range, inLine: line, count: count) else { continue }
      let look: Look = diagnostic.severity == .error ? .style(context.theme[.syntaxError]) : .attributes(.underline)
      spans.append(Span(range: part, look: look))
    }
    if let part = part(of: editor.selection.range, inLine: line, count: count) {
      let role: Theme.Role = context.isFocused ? .selection : .selectionUnfocused
      spans.append(Span(range: part, look: .style(context.theme[role])))
    }
    return spans
  }

  /// The selected end of a line is one past its text, so that a selected blank line shows.
  private func part(of range: Range<TextPosition>, inLine line: Int, count: Int) -> Range<Int>? {
    guard range.lowerBound.line <= line, line <= range.upperBound.line, !range.isEmpty else { return nil }
    let from = range.lowerBound.line == line ? range.lowerBound.offset : 0
    let to = range.upperBound.line == line ? range.upperBound.offset : count + 1
    return from < to ? from..<to : nil
  }

  private func role(of kind: JSONToken.Kind) -> Theme.Role {
    switch kind {
    case .key: .jsonKey
    case .string: .jsonString
    case .escape: .jsonEscape
    case .number: .jsonNumber
    case .keyword: .jsonKeyword
    case .punctuation: .jsonPunctuation
    case .invalid: .error
    }
  }

  func draw(
    _ layout: LineLayout, row: Int, y: Int, spans: [Span], isCursorLine: Bool, into buffer: CellBuffer
  ) {
    let area = textRect
    var ground = base
    if isCursorLine, context.isFocused, editor.options.isCode {
      ground.background = context.theme[.cursorLine].background
      buffer.fill(Rect(x: area.x, y: y, width: area.width, height: 1), ground)
    }
    let range = layout.range(row)
    var x = area.x - editor.viewport.leftColumn + layout.indent(row)
    for (piece, look) in pieces(of: range, spans: spans) {
      let text = layout.line[layout.line.at(piece.lowerBound)..<layout.line.at(piece.upperBound)]
      x = buffer.write(text, x: x, y: y, style: styled(look, on: ground), clip: area)
      if x >= area.maxX { return }
    }
    let isLastRow = row + 1 == layout.rowCount
    if isLastRow, let end = spans.last(where: { $0.range.upperBound > layout.line.utf8.count }) {
      buffer.write(" ", x: x, y: y, style: styled([end.look], on: ground), clip: area)
    }
  }

  /// The row cut where the look changes, at ends of characters.
  private func pieces(of range: Range<Int>, spans: [Span]) -> [(Range<Int>, [Look])] {
    var cuts = Set([range.lowerBound, range.upperBound])
    for span in spans {
      for offset in [span.range.lowerBound, span.range.upperBound] where range.contains(offset) { cuts.insert(offset) }
    }
    let sorted = cuts.sorted()
    return zip(sorted, sorted.dropFirst()).map { from, to in
      (from..<to, spans.filter { $0.range.lowerBound <= from && $0.range.upperBound >= to }.map(\.look))
    }
  }

  private func styled(_ looks: [Look], on ground: Style) -> Style {
    looks.reduce(ground) { style, look in
      switch look {
      case .attributes(let attributes):
        return Style(style.foreground, on: style.background, style.attributes.union(attributes))
      case .style(let own):
        // What has the paper's background lets the cursor line's through.
        let background = own.background == base.background ? style.background : own.background
        return Style(own.foreground, on: background, own.attributes)
      }
    }
  }
}
