import Terminal

/// The part of a text that is in view.
struct Viewport: Sendable, Equatable {
  /// Columns for text, without the gutter.
  var width = 80
  var height = 24
  /// The first line in view, and which of its rows.
  var top = RowPlace(line: 0, row: 0)
  /// Columns scrolled away to the left; 0 while wrapping.
  var leftColumn = 0
  /// Columns the line numbers take.
  var gutterWidth = 0
}

/// A row of the layout: a line is one row, or several when it wraps.
struct RowPlace: Sendable, Equatable, Comparable {
  var line: Int
  var row: Int

  static func < (a: RowPlace, b: RowPlace) -> Bool { a.line != b.line ? a.line < b.line : a.row < b.row }
}

/// How one line falls into rows. Further rows are indented as the line is.
struct LineLayout {
  let line: String
  /// Of the line without its indentation; nil if the line is one row.
  private let wrap: TextWrap?
  /// Columns, and UTF-8 bytes, of the indentation.
  private let hang: Int

  /// - Parameter width: nil does not wrap. One column is kept free for the cursor after a full row.
  init(_ line: String, width: Int?) {
    self.line = line
    guard let width, line.utf8.count >= width, columns(of: line) >= width else {
      wrap = nil
      hang = 0
      return
    }
    let indent = line.utf8.prefix { $0 == 0x20 }.count
    hang = indent <= width / 3 ? indent : 0
    wrap = TextWrap(String(line[line.at(hang)...]), width: max(1, width - 1 - hang))
  }

  var rowCount: Int { wrap?.rows.count ?? 1 }
  func row(at offset: Int) -> Int { wrap?.row(atOffset: max(0, offset - hang)) ?? 0 }

  /// What a row shows, as UTF-8 offsets.
  func range(_ row: Int) -> Range<Int> {
    guard let range = wrap?.rows[row] else { return 0..<line.utf8.count }
    return (row == 0 ? 0 : range.lowerBound + hang)..<range.upperBound + hang
  }

  /// The column a row begins at.
  func indent(_ row: Int) -> Int { row == 0 ? 0 : hang }

  /// Columns from the row's left edge to the offset.
  func column(of offset: Int) -> Int {
    guard let wrap else { return columns(of: line[..<line.at(offset)]) }
    let row = row(at: offset)
    let start = range(row).lowerBound
    return min(indent(row) + columns(of: line[line.at(start)..<line.at(max(start, offset))]), hang + wrap.width)
  }

  /// The offset of the character at a column of a row; the row's end if it is shorter.
  func offset(row: Int, column: Int) -> Int {
    let range = self.range(row)
    var index = line.at(range.lowerBound)
    let end = line.at(range.upperBound)
    var used = indent(row)
    var previous = index
    while index < end {
      used += columns(of: String(line[index]))
      if used > column { break }
      previous = index
      index = line.index(after: index)
    }
    // Where a row is full to the break, its end is the next row's start.
    if index == end, row + 1 < rowCount, self.row(at: range.upperBound) != row { index = previous }
    return line.offset(index)
  }
}

extension TextEditor {
  func layout(ofLine line: Int) -> LineLayout {
    LineLayout(buffer.lines[line], width: options.wraps ? viewport.width : nil)
  }

  /// Row of the layout and column in it.
  func visualPlace(of position: TextPosition) -> (row: RowPlace, column: Int) {
    let layout = layout(ofLine: position.line)
    return (RowPlace(line: position.line, row: layout.row(at: position.offset)), layout.column(of: position.offset))
  }

  /// The place so many rows further at this column, as far as there are rows; nil if there is none at all that way.
  func position(rows: Int, from position: TextPosition, column: Int) -> TextPosition? {
    let start = visualPlace(of: position).row
    let target = moved(start, by: rows)
    guard target != start else { return nil }
    return TextPosition(target.line, layout(ofLine: target.line).offset(row: target.row, column: column))
  }

  /// As far as there are rows.
  func moved(_ place: RowPlace, by rows: Int) -> RowPlace {
    var place = place
    var rest = abs(rows)
    var count = layout(ofLine: place.line).rowCount
    while rest > 0 {
      if rows > 0 {
        let step = min(rest, count - 1 - place.row)
        place.row += step
        rest -= step
        guard rest > 0, place.line + 1 < buffer.lines.count else { break }
        place = RowPlace(line: place.line + 1, row: 0)
        count = layout(ofLine: place.line).rowCount
      } else {
        let step = min(rest, place.row)
        place.row -= step
        rest -= step
        guard rest > 0, place.line > 0 else { break }
        count = layout(ofLine: place.line - 1).rowCount
        place = RowPlace(line: place.line - 1, row: count - 1)
      }
      rest -= 1
    }
    return place
  }

  /// Rows the text takes at this width, counted up to a limit.
  func rowCount(width: Int, limit: Int) -> Int {
    var total = 0
    for line in buffer.lines {
      total += LineLayout(line, width: options.wraps ? width : nil).rowCount
      if total >= limit { return limit }
    }
    return total
  }

  /// Takes a size and scrolls as little as brings the cursor into view.
  mutating func layOut(width: Int, height: Int) {
    viewport.gutterWidth = 0
    if options.showsLineNumbers, width >= 30 {
      viewport.gutterWidth = max(3, String(buffer.lines.count).count) + 2
    }
    viewport.width = max(1, width - viewport.gutterWidth)
    viewport.height = max(1, height)
    scrollToCursor()
  }

  /// Moves the view without the cursor, which follows only as far as it must to stay in view.
  mutating func scroll(rows: Int) {
    viewport.top = moved(viewport.top, by: rows)
    let last = moved(viewport.top, by: viewport.height - 1)
    let (place, column) = visualPlace(of: cursor)
    let target = place < viewport.top ? viewport.top : place > last ? last : place
    guard target != place else { return }
    moveCursor(to: TextPosition(target.line, layout(ofLine: target.line).offset(row: target.row, column: column)))
  }

  private mutating func scrollToCursor() {
    let (place, column) = visualPlace(of: cursor)
    if viewport.top.line >= buffer.lines.count { viewport.top = RowPlace(line: buffer.lines.count - 1, row: 0) }
    viewport.top.row = min(viewport.top.row, layout(ofLine: viewport.top.line).rowCount - 1)
    if place < viewport.top {
      viewport.top = place
    } else if place > moved(viewport.top, by: viewport.height - 1) {
      viewport.top = moved(place, by: 1 - viewport.height)
    }
    if options.wraps {
      viewport.leftColumn = 0
    } else if column < viewport.leftColumn {
      viewport.leftColumn = max(0, column - viewport.width / 4)
    } else if column >= viewport.leftColumn + viewport.width {
      viewport.leftColumn = column - viewport.width + max(1, viewport.width / 4)
    }
  }

  /// The place shown at a column and row of the rectangle the text was last laid out for.
  func position(x: Int, y: Int) -> TextPosition {
    let place = moved(viewport.top, by: max(0, y))
    let column = max(0, x - viewport.gutterWidth) + viewport.leftColumn
    return TextPosition(place.line, layout(ofLine: place.line).offset(row: place.row, column: column))
  }

  /// A press, or a drag, which goes on selecting.
  mutating func click(x: Int, y: Int, extending: Bool = false) {
    moveCursor(to: position(x: x, y: y), extending: extending)
    wantedColumn = nil
  }
}
