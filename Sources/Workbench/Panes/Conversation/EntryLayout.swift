import Glibc
import Terminal

/// One entry of the transcript laid out to a width, as blocks over each other.
struct EntryLayout {
  struct Span {
    var text: String
    var role: Theme.Role
    init(_ text: String, _ role: Theme.Role) {
      self.text = text
      self.role = role
    }
  }

  struct Block {
    enum Content {
      case blank
      /// One row; the trailing spans stand at the right edge and give way when there is no room.
      case line([Span], trailing: [Span])
      /// Running text; at most so many of its rows are shown.
      case text(TextWrap, Theme.Role, isMarkdown: Bool, limit: Int)
      case tokens(TokenWrap)
    }
    var content: Content
    /// Columns left free before it, the gutter included.
    var indent = 2
    /// A bar beside the block, in this role.
    var bar: Theme.Role?

    var height: Int {
      switch content {
      case .blank, .line: 1
      case .text(let wrap, _, _, let limit): min(wrap.rows.count, limit)
      case .tokens(let tokens): tokens.wrap.rows.count
      }
    }
  }

  /// The texts of an entry that grow, so that a new layout can go on from the old one.
  enum GrowingText: Hashable { case thinking, answer, openCall }

  private(set) var blocks: [Block] = []
  private(set) var height = 0
  private(set) var wraps: [GrowingText: TextWrap] = [:]
  /// Row of the line that folds and unfolds, if there is one.
  var foldRow: Int?
  let width: Int

  init(width: Int) { self.width = width }

  // MARK: - Building

  mutating func add(_ block: Block) {
    blocks.append(block)
    height += block.height
  }

  mutating func addBlank() { add(Block(content: .blank)) }

  mutating func addLine(
    _ spans: [Span], trailing: [Span] = [], indent: Int = 2, bar: Theme.Role? = nil, folds: Bool = false
  ) {
    if folds { foldRow = height }
    add(Block(content: .line(spans, trailing: trailing), indent: indent, bar: bar))
  }

  /// - Parameter old: the layout before this one; where the text has only grown, its rows are taken over.
  mutating func addText(
    _ text: String, _ role: Theme.Role, indent: Int = 2, bar: Theme.Role? = nil, isMarkdown: Bool = false,
    limit: Int = .max, growing: GrowingText? = nil, old: EntryLayout? = nil
  ) {
    let columns = max(1, width - indent)
    var wrap: TextWrap
    if let growing, let known = old?.wraps[growing], known.width == columns, text.continues(known.text) {
      wrap = known
      wrap.append(text.utf8Slice(known.text.utf8.count..<text.utf8.count))
    } else {
      wrap = TextWrap(text, width: columns)
    }
    if let growing { wraps[growing] = wrap }
    add(Block(content: .text(wrap, role, isMarkdown: isMarkdown, limit: limit), indent: indent, bar: bar))
  }

  // MARK: - Drawing

  /// Draws rows from `first` on, downwards from the top of the rectangle. Returns the rows drawn.
  func draw(from first: Int, into buffer: CellBuffer, _ rect: Rect, _ style: RowStyle) -> Int {
    var skipped = first
    var y = rect.y
    for block in blocks {
      let height = block.height
      if skipped >= height {
        skipped -= height
        continue
      }
      var state = MarkdownState()
      if case .text(let wrap, _, true, _) = block.content { state = MarkdownState(before: skipped, of: wrap) }
      for row in skipped..<height {
        guard y < rect.maxY else { return y - rect.y }
        if let bar = block.bar {
          buffer.write(style.glyphs.gutter, x: rect.x + block.indent - 2, y: y, style: style.theme[bar], clip: rect)
        }
        draw(row, of: block, into: buffer, Rect(x: rect.x, y: y, width: rect.width, height: 1), style, &state)
        y += 1
      }
      skipped = 0
    }
    return y - rect.y
  }

  private func draw(
    _ row: Int, of block: Block, into buffer: CellBuffer, _ rect: Rect, _ style: RowStyle, _ state: inout MarkdownState
  ) {
    let x = rect.x + block.indent
    switch block.content {
    case .blank: break
    case .line(let spans, let trailing):
      var end = x
      for span in spans {
        guard rect.maxX - end > 0 else { break }
        let text = truncated(span.text, to: rect.maxX - end)
        end = buffer.write(text, x: end, y: rect.y, style: style.theme[span.role], clip: rect)
      }
      let width = trailing.reduce(0) { $0 + columns(of: $1.text) }
      if width > 0, end + 2 + width <= rect.maxX {
        end = rect.maxX - width
        for span in trailing {
          end = buffer.write(span.text, x: end, y: rect.y, style: style.theme[span.role], clip: rect)
        }
      }
    case .text(let wrap, let role, let isMarkdown, let limit):
      if row == limit - 1, wrap.rows.count > limit {
        let more = wrap.rows.count - limit + 1
        buffer.write("\(style.glyphs.folded) \(more) more lines", x: x, y: rect.y, style: style.theme[.dim], clip: rect)
      } else if isMarkdown {
        state.draw(wrap[row], startsLine: wrap.startsLine(row), into: buffer, x: x, rect, style, role)
      } else {
        buffer.write(wrap[row], x: x, y: rect.y, style: style.theme[role], clip: rect)
      }
      style.markMatches(in: wrap[row], into: buffer, x: x, rect)
    case .tokens(let tokens): tokens.draw(row, into: buffer, x: x, rect, style)
    }
  }
}

extension String {
  /// Whether it begins with the other text, byte by byte: far quicker than comparing characters.
  fileprivate func continues(_ start: String) -> Bool {
    guard utf8.count >= start.utf8.count else { return false }
    let isEqual = utf8.withContiguousStorageIfAvailable { bytes in
      start.utf8.withContiguousStorageIfAvailable { other in
        other.isEmpty || memcmp(bytes.baseAddress!, other.baseAddress!, other.count) == 0
      }
    }
    return (isEqual ?? nil) ?? utf8.starts(with: start.utf8)
  }
}

/// What rows are drawn with.
struct RowStyle {
  var theme: Theme
  var glyphs: Glyphs
  /// Marked wherever it occurs; empty for none.
  var searchText = ""
  /// The token under the cursor, in token mode.
  var selectedToken: Int?

  func markMatches(in text: Substring, into buffer: CellBuffer, x: Int, _ rect: Rect) {
    guard !searchText.isEmpty else { return }
    let line = String(text)
    for match in TextEditor.matches(of: searchText, in: line) {
      let start = x + columns(of: line.utf8Slice(0..<match.lowerBound))
      let width = columns(of: line.utf8Slice(match))
      let match = theme[.match]
      buffer.restyle(Rect(x: start, y: rect.y, width: width, height: 1).intersection(rect)) { $0 = match }
    }
  }
}

extension TextWrap {
  /// Whether a row begins a line of the text rather than going on with one.
  func startsLine(_ row: Int) -> Bool {
    guard row > 0 else { return true }
    let utf8 = text.utf8
    return utf8[utf8.index(utf8.startIndex, offsetBy: rows[row].lowerBound - 1)] == UInt8(ascii: "\n")
  }
}
