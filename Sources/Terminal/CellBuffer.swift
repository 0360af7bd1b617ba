/// One place on the screen, 16 bytes.
public struct Cell: Equatable, Sendable {
  /// A Unicode scalar's value; with `clusterBit` set, an index into the buffer's clusters; 0 in the right half of a wide
  /// cell.
  var glyph: UInt32
  var foreground: Color
  var background: Color
  var attributes: Attributes
  /// Columns: 1, or 2 for the left half of a wide cell and 0 for its right half.
  public internal(set) var width: UInt8
  private let padding: UInt8 = 0

  static let clusterBit: UInt32 = 0x8000_0000

  init(_ glyph: UInt32, _ style: Style, width: UInt8 = 1) {
    self.glyph = glyph
    self.foreground = style.foreground
    self.background = style.background
    self.attributes = style.attributes
    self.width = width
  }

  public internal(set) var style: Style {
    get { Style(foreground, on: background, attributes) }
    set {
      foreground = newValue.foreground
      background = newValue.background
      attributes = newValue.attributes
    }
  }
}

/// The characters boxes and rules are drawn with.
public enum LineSet: Sendable {
  case rounded, square
  /// `+`, `-` and `|`, for terminals and readers without box characters; signs in text have stand-ins too.
  case ascii

  /// Top left, top right, bottom left, bottom right, horizontal, vertical.
  var glyphs: (Unicode.Scalar, Unicode.Scalar, Unicode.Scalar, Unicode.Scalar, Unicode.Scalar, Unicode.Scalar) {
    switch self {
    case .rounded: ("╭", "╮", "╰", "╯", "─", "│")
    case .square: ("┌", "┐", "└", "┘", "─", "│")
    case .ascii: ("+", "+", "+", "+", "-", "|")
    }
  }
}

/// A grid of cells in memory. Panes draw here, a `Screen` shows it, tests read it.
///
/// Drawing outside the grid or the clip is cut off, never an error. A wide cell is never left halved: what overwrites one
/// half blanks the other, and a wide character that does not fit leaves a blank.
public final class CellBuffer {
  public private(set) var width: Int
  public private(set) var height: Int
  /// Row-major, `width * height`.
  private(set) var cells: [Cell]
  /// A base scalar and its marks. Indices stay valid until `clusterGeneration` changes.
  private(set) var clusters: [[Unicode.Scalar]] = []
  private(set) var clusterGeneration = 0
  private var clusterIndices: [[Unicode.Scalar]: UInt32] = [:]
  /// Where the terminal's cursor is shown; nil hides it.
  public var cursor: (x: Int, y: Int)?
  /// What `box` and the rules draw with.
  public var lines: LineSet = .rounded

  /// Blank, in the terminal's own colours. Sizes below zero count as zero.
  public init(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
    self.cells = Array(repeating: Cell(0x20, Style()), count: self.width * self.height)
  }

  public var bounds: Rect { Rect(x: 0, y: 0, width: width, height: height) }

  /// Gives the grid another size and blanks it.
  public func resize(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
    cells = Array(repeating: Cell(0x20, Style()), count: self.width * self.height)
  }

  /// The same cells in a buffer of their own.
  public func copy() -> CellBuffer {
    let copy = CellBuffer(width: 0, height: 0)
    copy.width = width
    copy.height = height
    copy.cells = cells
    copy.clusters = clusters
    copy.clusterIndices = clusterIndices
    copy.clusterGeneration = clusterGeneration
    copy.cursor = cursor
    copy.lines = lines
    return copy
  }

  /// Blanks everything and hides the cursor.
  public func clear(_ style: Style = Style()) {
    let blank = Cell(0x20, style)
    cells.withUnsafeMutableBufferPointer { $0.update(repeating: blank) }
    cursor = nil
    if clusters.count > 4096 {
      clusters = []
      clusterIndices = [:]
      clusterGeneration += 1
    }
  }

  /// - Parameter glyph: one column wide; anything else draws a blank.
  public func fill(_ rect: Rect, _ style: Style, _ glyph: Unicode.Scalar = " ") {
    let shown = glyph.value >= 0x20 && TextWidth.columns(of: glyph) == 1 ? glyph : " "
    let cell = Cell(shown.value, style)
    let visible = rect.intersection(bounds)
    for y in visible.y..<visible.maxY {
      withRow(y) { row in
        for x in visible.x..<visible.maxX { row.set(x, cell) }
      }
    }
  }

  /// Draws one line of text; control characters show as their pictures, a tab as four blanks.
  /// - Parameters:
  ///   - x: column of the text's beginning, which may lie left of the clip.
  ///   - clip: nothing outside is touched; the whole grid when nil.
  /// - Returns: the column after the text, whether it was visible or not; at most the clip's right edge.
  @discardableResult
  public func write(_ text: some StringProtocol, x: Int, y: Int, style: Style, clip: Rect? = nil) -> Int {
    let visible = clip.map { $0.intersection(bounds) } ?? bounds
    guard !visible.isEmpty, y >= visible.y, y < visible.maxY else {
      return min(x + columns(of: text), max(x, clip?.maxX ?? width))
    }
    let text = lines == .ascii ? ASCIISigns.replaced(in: text) : text.slice
    return withRow(y) { row in
      var pen = Pen(row: row, x: x, left: visible.x, right: visible.maxX, style: style)
      if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
        for byte in text.utf8 where !pen.isPastRight { pen.put(UInt32(byte), columns: 1) }
      } else if text.unicodeScalars.allSatisfy({ TextWidth.standsAlone($0.value) }) {
        for scalar in text.unicodeScalars where !pen.isPastRight {
          pen.put(scalar.value, columns: TextWidth.columns(of: scalar))
        }
      } else {
        for cluster in text where !pen.isPastRight {
          TextWidth.cells(of: cluster) { base, marks, columns in
            pen.put(marks.isEmpty ? base.value : intern([base] + marks), columns: columns)
          }
        }
      }
      return pen.x
    }
  }

  /// Draws the frame along the inside of the rectangle; less than two rows or columns draw nothing.
  /// - Parameter title: in the top line, cut with "…" when it does not fit.
  public func box(_ rect: Rect, _ style: Style, title: String = "", titleStyle: Style? = nil, clip: Rect? = nil) {
    guard rect.width >= 2, rect.height >= 2 else { return }
    let (topLeft, topRight, bottomLeft, bottomRight, horizontal, vertical) = lines.glyphs
    let rule = String(repeating: Character(horizontal), count: rect.width - 2)
    let bottom = rect.maxY - 1
    write("\(topLeft)\(rule)\(topRight)", x: rect.x, y: rect.y, style: style, clip: clip)
    write("\(bottomLeft)\(rule)\(bottomRight)", x: rect.x, y: bottom, style: style, clip: clip)
    for y in rect.y + 1..<bottom {
      write(String(Character(vertical)), x: rect.x, y: y, style: style, clip: clip)
      write(String(Character(vertical)), x: rect.maxX - 1, y: y, style: style, clip: clip)
    }
    if !title.isEmpty, rect.width >= 6 {
      let shown = " " + truncated(title, to: rect.width - 6) + " "
      write(shown, x: rect.x + 2, y: rect.y, style: titleStyle ?? style, clip: clip)
    }
  }

  /// A horizontal rule of one row.
  public func rule(x: Int, y: Int, width: Int, _ style: Style) {
    fill(Rect(x: x, y: y, width: width, height: 1), style, lines.glyphs.4)
  }

  /// Changes styles without touching the text. A wide cell takes part when its left half lies inside.
  public func restyle(_ rect: Rect, _ body: (inout Style) -> Void) {
    let visible = rect.intersection(bounds)
    for y in visible.y..<visible.maxY {
      for x in visible.x..<visible.maxX {
        let index = y * width + x
        guard cells[index].width != 0 else { continue }
        body(&cells[index].style)
        if cells[index].width == 2 { cells[index + 1].style = cells[index].style }
      }
    }
  }

  /// - Precondition: the place is inside the grid.
  public subscript(x: Int, y: Int) -> Cell {
    precondition(bounds.contains(x: x, y: y), "no cell at column \(x), row \(y) of \(width) by \(height)")
    return cells[y * width + x]
  }

  /// The character in a cell of this buffer; empty for the right half of a wide one.
  public func text(of cell: Cell) -> String {
    if cell.width == 0 { return "" }
    var scalars = String.UnicodeScalarView()
    if cell.glyph & Cell.clusterBit != 0 {
      scalars.append(contentsOf: clusters[Int(cell.glyph & ~Cell.clusterBit)])
    } else if let scalar = Unicode.Scalar(cell.glyph) {
      scalars.append(scalar)
    }
    return String(scalars)
  }

  // MARK: - Cells

  /// The cells of one row, which keeps wide ones whole.
  private struct Row {
    let cells: UnsafeMutableBufferPointer<Cell>

    func set(_ x: Int, _ cell: Cell) {
      blankOtherHalf(of: x)
      if cell.width == 2 {
        blankOtherHalf(of: x + 1)
        cells[x + 1] = Cell(0, cell.style, width: 0)
      }
      cells[x] = cell
    }

    private func blankOtherHalf(of x: Int) {
      switch cells[x].width {
      case 0: cells[x - 1] = Cell(0x20, cells[x - 1].style)
      case 2: cells[x + 1] = Cell(0x20, cells[x + 1].style)
      default: break
      }
    }
  }

  private func withRow<Result>(_ y: Int, _ body: (Row) -> Result) -> Result {
    cells.withUnsafeMutableBufferPointer { body(Row(cells: .init(rebasing: $0[y * width..<(y + 1) * width]))) }
  }

  /// Where the next cell of a text goes, and what may be touched: columns `left..<right`.
  private struct Pen {
    let row: Row
    var x: Int
    let left: Int
    let right: Int
    let style: Style
    var isPastRight: Bool { x >= right }

    mutating func put(_ glyph: UInt32, columns: Int) {
      guard columns > 0, !isPastRight else { return }
      let next = x + columns
      if x >= left, next <= right {
        row.set(x, Cell(glyph, style, width: UInt8(columns)))
      } else if next > left {
        // Half of a wide character shows: blank it.
        row.set(max(x, left), Cell(0x20, style))
      }
      x = min(next, right)
    }
  }

  private func intern(_ scalars: [Unicode.Scalar]) -> UInt32 {
    if let known = clusterIndices[scalars] { return known }
    let index = UInt32(clusters.count) | Cell.clusterBit
    clusters.append(scalars)
    clusterIndices[scalars] = index
    return index
  }
}
