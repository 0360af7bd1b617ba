internal import CNcurses

/// A cell's colours, which ncurses wants as a numbered pair.
struct Colors: Hashable {
  var foreground: Color
  var background: Color
}

/// The pairs that have been defined. ncurses' own alloc_pair reuses pairs that are still on the screen.
struct ColorPairs {
  private let depth: ColorDepth
  /// Pair 0 is the terminal's own colours.
  private let count: Int
  private var numbers: [Colors: Int32] = [:]
  /// Whether some colours got no pair: clear, and draw everything anew.
  private(set) var isFull = false

  init(depth: ColorDepth, count: Int) {
    self.depth = depth
    self.count = count
  }

  mutating func removeAll() {
    numbers = [:]
    isFull = false
  }

  mutating func number(of colors: Colors) -> Int32 {
    if depth == .monochrome || colors == Colors(foreground: .terminal, background: .terminal) { return 0 }
    if let known = numbers[colors] { return known }
    let next = Int32(numbers.count + 1)
    guard next < count else {
      // Starting anew helps only where one frame does not use them all: with 64 pairs, the last colours go without.
      isFull = count > 4096
      return 0
    }
    guard term_define_pair(next, number(of: colors.foreground), number(of: colors.background)) else { return 0 }
    numbers[colors] = next
    return next
  }

  /// As terminfo numbers it: -1 the terminal's own; in direct colour 0 to 15 are the ANSI colours and the rest is 0xRRGGBB.
  private func number(of color: Color) -> Int32 {
    switch color.reduced(to: depth).kind {
    case .terminal: return -1
    case .palette(let index) where depth != .direct || index < 16: return Int32(index)
    case .palette(let index): return Int32(Color.paletteRGB(index).rawValue)
    // Black and the darkest blues share their numbers with the ANSI colours: the black beside it.
    case .rgb: return color.rawValue < 16 ? 0x010101 : Int32(color.rawValue)
    }
  }
}

extension CellBuffer {
  /// Whether cells of both can be compared place by place.
  func hasSameShape(as other: CellBuffer) -> Bool {
    width == other.width && height == other.height && clusterGeneration == other.clusterGeneration
  }

  func rowEquals(_ y: Int, _ other: CellBuffer) -> Bool {
    cells.withUnsafeBufferPointer { mine in
      other.cells.withUnsafeBufferPointer { theirs in
        mine[y * width..<(y + 1) * width].elementsEqual(theirs[y * width..<(y + 1) * width])
      }
    }
  }

  /// Hands over each cell with its base scalar and marks, right halves of wide cells left out.
  func forEachCell(inRow y: Int, _ body: (Cell, UnsafeBufferPointer<UInt32>) -> Void) {
    cells.withUnsafeBufferPointer { cells in
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: TextWidth.maximumScalarsPerCell) { scalars in
        for cell in cells[y * width..<(y + 1) * width] where cell.width > 0 {
          var count = 1
          if cell.glyph & Cell.clusterBit != 0 {
            let cluster = clusters[Int(cell.glyph & ~Cell.clusterBit)]
            count = cluster.count
            for (index, scalar) in cluster.enumerated() { scalars[index] = scalar.value }
          } else {
            scalars[0] = cell.glyph
          }
          body(cell, UnsafeBufferPointer(rebasing: scalars[..<count]))
        }
      }
    }
  }
}
