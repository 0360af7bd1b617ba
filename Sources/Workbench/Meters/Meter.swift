import Engine
import Terminal

/// One measurement, drawn in as many rows as it needs. To add one: a type with `draw`, and a row in `Meters.all`.
protocol Meter: Sendable {
  /// - Parameter answer: the latest one, running or done; nil before the first.
  func draw(on canvas: inout MeterCanvas, _ answer: Answer?, _ session: Session)
  /// Whether it has anything to say now.
  func isShown(_ session: Session) -> Bool
}

extension Meter {
  func isShown(_ session: Session) -> Bool { true }
}

enum Meters {
  /// From top to bottom.
  static let all: [any Meter] = [
    PromptMeter(), OutputMeter(), ContextMeter(), FirstTokenMeter(), GapMeter(), SpeedMeter(), SpeculationMeter(),
    LoadMeter(),
  ]

  static func shown(_ session: Session) -> [any Meter] { all.filter { $0.isShown(session) } }
}

/// Rows under each other, filled from the top. Without a buffer it only counts them, so that height and picture come
/// from the same code.
struct MeterCanvas {
  /// A number with its name, and a square in a colour if it is a part of a bar.
  struct Item {
    var label: String
    var value: String
    var swatch: Theme.Role?
    init(_ label: String, _ value: String, swatch: Theme.Role? = nil) {
      self.label = label
      self.value = value
      self.swatch = swatch
    }
  }

  private let buffer: CellBuffer?
  private let rect: Rect
  private let context: DrawContext?
  /// Rows scrolled away above the rectangle.
  private let firstRow: Int
  private(set) var rows = 0

  init(into buffer: CellBuffer, _ rect: Rect, firstRow: Int = 0, _ context: DrawContext) {
    self.buffer = buffer
    self.rect = rect
    self.firstRow = firstRow
    self.context = context
  }

  init(counting width: Int) {
    buffer = nil
    rect = Rect(x: 0, y: 0, width: width, height: 0)
    firstRow = 0
    context = nil
  }

  var width: Int { rect.width }
  private var y: Int { rect.y - firstRow + rows }

  mutating func blank() { rows += 1 }

  /// The meter's name, its number at a fixed column, and a remark in what is left of the row.
  mutating func heading(_ label: String, _ value: String, note: String = "") {
    if let buffer, let context {
      buffer.write(label, x: rect.x, y: y, style: context.theme[.meterLabel], clip: rect)
      let end = buffer.write(value, x: rect.x + 13, y: y, style: context.theme[.meterValue], clip: rect)
      if !note.isEmpty, rect.maxX - end >= columns(of: note) + 1 {
        buffer.write(note, x: rect.maxX - columns(of: note), y: y, style: context.theme[.faint], clip: rect)
      }
    }
    rows += 1
  }

  /// A bar of parts, each a share of the whole in its own colour; the rest is empty track.
  mutating func bar(_ parts: [(share: Double, role: Theme.Role)]) {
    if let buffer, let context {
      let row = Rect(x: rect.x, y: y, width: rect.width, height: 1).intersection(rect)
      if parts.count == 1, !row.isEmpty {
        Bar.draw(parts[0].share, into: buffer, row, context, role: parts[0].role)
      } else if !row.isEmpty {
        Bar.draw(0, into: buffer, row, context, role: .gauge)
        for (columns, role) in zip(Self.extents(of: parts.map(\.share), in: row.width), parts.map(\.role)) {
          let glyphs = String(repeating: context.glyphs.filled, count: columns.count)
          buffer.write(glyphs, x: row.x + columns.lowerBound, y: row.y, style: context.theme[role], clip: row)
        }
      }
    }
    rows += 1
  }

  /// The columns of parts of a bar; a part that is not nothing gets one at least, as long as there are enough.
  static func extents(of shares: [Double], in width: Int) -> [Range<Int>] {
    var sum = 0.0
    var start = 0
    return shares.map { share in
      sum += share.isFinite ? max(0, share) : 0
      var end = min(width, Int((sum * Double(width)).rounded()))
      if share > 0, end == start, start < width { end = start + 1 }
      defer { start = max(start, end) }
      return start..<max(start, end)
    }
  }

  /// Numbers with their names beside each other, in as many columns as fit.
  mutating func items(_ items: [Item]) {
    guard !items.isEmpty else { return }
    let widths = items.map { columns(of: $0.label) + columns(of: $0.value) + ($0.swatch == nil ? 1 : 3) }
    // What belongs to a bar stands in columns; the rest just follows one another.
    let places =
      items.contains { $0.swatch != nil }
      ? Self.columnPlaces(of: widths, in: rect.width) : Self.flowPlaces(of: widths, in: rect.width)
    for (item, place) in zip(items, places) {
      guard let buffer, let context else { break }
      let line = Rect(x: rect.x, y: y + place.row, width: rect.width, height: 1).intersection(rect)
      guard !line.isEmpty else { continue }
      var x = rect.x + place.x
      if let swatch = item.swatch {
        x = buffer.write("\(context.glyphs.swatch) ", x: x, y: line.y, style: context.theme[swatch], clip: line)
      }
      x = buffer.write("\(item.label) ", x: x, y: line.y, style: context.theme[.dim], clip: line)
      buffer.write(item.value, x: x, y: line.y, style: context.theme[.text], clip: line)
    }
    rows += (places.last?.row ?? 0) + 1
  }

  /// Items of these widths in rows from left to right, in the most columns that fit, two cells between them.
  static func columnPlaces(of widths: [Int], in width: Int) -> [(x: Int, row: Int)] {
    for count in stride(from: widths.count, to: 1, by: -1) {
      var starts: [Int] = []
      var end = 0
      for column in 0..<count {
        starts.append(end)
        end += (stride(from: column, to: widths.count, by: count).map { widths[$0] }.max() ?? 0) + 2
      }
      if end - 2 <= width { return widths.indices.map { (starts[$0 % count], $0 / count) } }
    }
    return widths.indices.map { (0, $0) }
  }

  /// Items of these widths one after the other, a new row where the next would not fit.
  static func flowPlaces(of widths: [Int], in width: Int) -> [(x: Int, row: Int)] {
    var x = 0
    var row = 0
    return widths.map { own in
      if x > 0, x + own > width {
        x = 0
        row += 1
      }
      defer { x += own + 2 }
      return (x, row)
    }
  }

  /// The latest values that fit, each a column; those above the threshold stand out.
  mutating func sparkline(_ values: [Double], threshold: Double) {
    if let buffer, let context, y >= rect.y, y < rect.maxY {
      let shown = values.suffix(rect.width)
      let top = max(shown.max() ?? 0, 1e-12)
      let levels = context.glyphs.levels
      let row = Rect(x: rect.x, y: y, width: rect.width, height: 1).intersection(rect)
      if shown.isEmpty {
        buffer.write(
          String(repeating: levels[0], count: rect.width), x: rect.x, y: y, style: context.theme[.gaugeTrack], clip: row
        )
      }
      for (index, value) in shown.enumerated() {
        let level = min(levels.count - 1, max(0, Int(value / top * Double(levels.count))))
        let role: Theme.Role = value > threshold ? .sparklineHigh : .sparkline
        buffer.write(levels[level], x: rect.x + index, y: y, style: context.theme[role], clip: row)
      }
    }
    rows += 1
  }
}
