import ConstrainedDecoding
import Terminal

/// Something to be said about a stretch of a text.
struct TextDiagnostic: Sendable, Equatable {
  enum Severity: Sendable { case remark, warning, error }
  var severity: Severity
  /// What is underlined.
  var range: Range<TextPosition>
  /// Where it is said to be.
  var place: TextPosition
  /// One sentence.
  var message: String
  /// A change that removes it.
  var fix: LintFix?
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
    let (cursorPlace, cursorColumn) = visualPlace(of: cursor)
    var y = rect.y
    var line = viewport.top.line
    var row = viewport.top.row
    while y < rect.maxY, line < self.buffer.lines.count {
      let tokens = highlighter?.tokens(ofLine: line, in: self.buffer) ?? []
      let layout = layout(ofLine: line)
      let marks = painter.marks(inLine: line)
      if row == 0 { painter.drawGutter(line: line, y: y, into: buffer) }
      while row < layout.rowCount, y < rect.maxY {
        painter.draw(
          layout, row: row, y: y, tokens: tokens, marks: marks, isCursorLine: line == cursor.line, into: buffer)
        if context.isFocused, cursorPlace == RowPlace(line: line, row: row) {
          let x = rect.x + viewport.gutterWidth + cursorColumn - viewport.leftColumn
          buffer.cursor = (max(rect.x, min(x, rect.maxX - 1)), y)
        }
        row += 1
        y += 1
      }
      line += 1
      row = 0
    }
  }
}

/// Draws rows of a text in the styles of what they hold.
private struct TextPainter {
  /// A stretch of a line that looks other than its token; later ones cover earlier ones.
  struct Mark {
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
  /// By kind; themes are looked up once a drawing, not once a token.
  private let tokenStyles: [Style]

  init(editor: TextEditor, rect: Rect, base: Style, context: DrawContext, diagnostics: [TextDiagnostic]) {
    self.editor = editor
    self.rect = rect
    self.base = base
    self.context = context
    self.diagnostics = diagnostics
    self.brackets =
      editor.options.isCode && context.isFocused ? editor.bracketPair().map { [$0.own, $0.other] } ?? [] : []
    self.tokenStyles =
      editor.highlighter == nil ? [] : JSONToken.Kind.allCases.map { context.theme[Self.role(of: $0)] }
  }

  private static func role(of kind: JSONToken.Kind) -> Theme.Role {
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

  private var textRect: Rect {
    let gutter = editor.viewport.gutterWidth
    return Rect(x: rect.x + gutter, y: rect.y, width: rect.width - gutter, height: rect.height)
  }

  func drawGutter(line: Int, y: Int, into buffer: CellBuffer) {
    guard editor.viewport.gutterWidth > 0 else { return }
    let isCursorLine = line == editor.cursor.line && context.isFocused
    let number = String(line + 1)
    let x = rect.x + editor.viewport.gutterWidth - 1 - number.utf8.count
    buffer.write(number, x: x, y: y, style: context.theme[isCursorLine ? .strong : .lineNumber], clip: rect)
    guard !diagnostics.isEmpty else { return }
    let here = diagnostics.filter { $0.place.line == line }
    if here.contains(where: { $0.severity == .error }) {
      buffer.write(context.glyphs.cross, x: rect.x, y: y, style: context.theme[.error], clip: rect)
    } else if here.contains(where: { $0.severity == .warning }) {
      buffer.write(context.glyphs.warning, x: rect.x, y: y, style: context.theme[.warning], clip: rect)
    } else if !here.isEmpty {
      buffer.write(context.glyphs.bullet, x: rect.x, y: y, style: context.theme[.dim], clip: rect)
    }
  }

  /// Matches, brackets, diagnostics and the selection, as far as the line has any.
  func marks(inLine line: Int) -> [Mark] {
    let count = editor.buffer.lines[line].utf8.count
    var marks = editor.matches(inLine: line).map { Mark(range: $0, look: .style(context.theme[.match])) }
    for bracket in brackets where bracket.line == line {
      marks.append(Mark(range: bracket.offset..<bracket.offset + 1, look: .style(context.theme[.matchingBracket])))
    }
    for diagnostic in diagnostics where diagnostic.severity != .remark {
      guard let part = part(of: diagnostic.range, inLine: line, count: count) else { continue }
      let look: Look = diagnostic.severity == .error ? .style(context.theme[.syntaxError]) : .attributes(.underline)
      marks.append(Mark(range: part, look: look))
    }
    if let part = part(of: editor.selection.range, inLine: line, count: count) {
      let role: Theme.Role = context.isFocused ? .selection : .selectionUnfocused
      marks.append(Mark(range: part, look: .style(context.theme[role])))
    }
    return marks
  }

  /// The selected end of a line is one past its text, so that a selected blank line shows.
  private func part(of range: Range<TextPosition>, inLine line: Int, count: Int) -> Range<Int>? {
    guard range.lowerBound.line <= line, line <= range.upperBound.line, !range.isEmpty else { return nil }
    let from = range.lowerBound.line == line ? range.lowerBound.offset : 0
    let to = range.upperBound.line == line ? range.upperBound.offset : count + 1
    return from < to ? from..<to : nil
  }

  func draw(
    _ layout: LineLayout, row: Int, y: Int, tokens: [JSONToken], marks: [Mark], isCursorLine: Bool,
    into buffer: CellBuffer
  ) {
    let area = textRect
    var ground = base
    if isCursorLine, context.isFocused, editor.options.isCode {
      ground.background = context.theme[.cursorLine].background
      buffer.fill(Rect(x: area.x, y: y, width: area.width, height: 1), ground)
    }
    var x = area.x - editor.viewport.leftColumn + layout.indent(row)
    let range = layout.range(row)
    func write(_ piece: Range<Int>, _ style: Style) {
      for (part, style) in cut(piece, style, at: marks) where !part.isEmpty && x < area.maxX {
        let text = layout.line[layout.line.at(part.lowerBound)..<layout.line.at(part.upperBound)]
        x = buffer.write(text, x: x, y: y, style: style, clip: area)
      }
    }
    var offset = range.lowerBound
    for token in tokens where token.range.upperBound > range.lowerBound && token.range.lowerBound < range.upperBound {
      let part = token.range.clamped(to: range)
      if part.lowerBound > offset { write(offset..<part.lowerBound, ground) }
      write(part, over(ground, tokenStyles[token.kind.rawValue]))
      offset = part.upperBound
    }
    if offset < range.upperBound { write(offset..<range.upperBound, ground) }
    if row + 1 == layout.rowCount, let end = marks.last(where: { $0.range.upperBound > layout.line.utf8.count }) {
      buffer.write(" ", x: x, y: y, style: applying(end.look, to: ground), clip: area)
    }
  }

  /// The stretch in the pieces that the marks make of it.
  private func cut(_ range: Range<Int>, _ style: Style, at marks: [Mark]) -> [(Range<Int>, Style)] {
    var pieces = [(range, style)]
    for mark in marks where mark.range.overlaps(range) {
      pieces = pieces.flatMap { piece, style -> [(Range<Int>, Style)] in
        let part = mark.range.clamped(to: piece)
        if part.isEmpty { return [(piece, style)] }
        return [
          (piece.lowerBound..<part.lowerBound, style), (part, applying(mark.look, to: style)),
          (part.upperBound..<piece.upperBound, style),
        ]
      }
    }
    return pieces
  }

  private func applying(_ look: Look, to style: Style) -> Style {
    switch look {
    case .attributes(let attributes): Style(style.foreground, on: style.background, style.attributes.union(attributes))
    case .style(let own): over(style, own)
    }
  }

  /// What has the paper's background lets the one beneath through.
  private func over(_ ground: Style, _ own: Style) -> Style {
    Style(own.foreground, on: own.background == base.background ? ground.background : own.background, own.attributes)
  }
}
