import Documents
import Terminal

/// A difference as rows of a width: a sign and a colour for what was removed and added, and, where a line was changed
/// rather than replaced, the changed stretch underlined. Long lines go on in further rows under the same sign.
struct DiffRows: Sendable {
  enum Row: Sendable, Equatable {
    /// Where the next lines stand in the new text, from 1.
    case place(Int)
    /// - Parameter changed: UTF-8 offsets into the text.
    case text(LineDiff.Kind, String, changed: Range<Int>?)
  }

  private(set) var rows: [Row] = []
  /// Columns of the sign and the blank after it.
  private static let margin = 2

  init(_ diff: LineDiff, width: Int) {
    for hunk in diff.hunks {
      if diff.hunks.count > 1 || hunk.newStart > 1 { rows.append(.place(hunk.newStart)) }
      let changed = Self.changedStretches(in: hunk.lines)
      for (index, line) in hunk.lines.enumerated() {
        for range in TextWrap.wrap(line.text, width: max(1, width - Self.margin)) {
          let piece = String(line.text[line.text.at(range.lowerBound)..<line.text.at(range.upperBound)])
          let stretch = changed[index]?.clamped(to: range)
          rows.append(
            .text(
              line.kind, piece,
              changed: stretch.flatMap {
                $0.isEmpty ? nil : $0.lowerBound - range.lowerBound..<$0.upperBound - range.lowerBound
              }))
        }
      }
    }
  }

  /// Of each line that took another one's place: what lies between the beginning and the end that both share.
  private static func changedStretches(in lines: [LineDiff.Line]) -> [Range<Int>?] {
    var stretches: [Range<Int>?] = Array(repeating: nil, count: lines.count)
    var index = 0
    while index < lines.count {
      let removed = lines[index...].prefix { $0.kind == .removed }.indices
      let added = lines[removed.endIndex...].prefix { $0.kind == .added }.indices
      for (old, new) in zip(removed, added) {
        guard let pair = changed(from: lines[old].text, to: lines[new].text) else { continue }
        (stretches[old], stretches[new]) = pair
      }
      index = max(index + 1, added.endIndex)
    }
    return stretches
  }

  /// Nil where so little is shared that the lines are two, not one that was changed.
  private static func changed(from old: String, to new: String) -> (Range<Int>, Range<Int>)? {
    let (a, b) = (Array(old), Array(new))
    var start = 0
    while start < min(a.count, b.count), a[start] == b[start] { start += 1 }
    var end = 0
    while end < min(a.count, b.count) - start, a[a.count - 1 - end] == b[b.count - 1 - end] { end += 1 }
    guard (start + end) * 3 >= max(a.count, b.count) else { return nil }
    func bytes(_ characters: ArraySlice<Character>) -> Int { characters.reduce(0) { $0 + $1.utf8.count } }
    func stretch(_ line: [Character]) -> Range<Int> {
      bytes(line[..<start])..<bytes(line[..<(line.count - end)])
    }
    return (stretch(a), stretch(b))
  }

  /// Draws the rows from `first` on, as many as there is room for.
  func draw(into buffer: CellBuffer, _ rect: Rect, first: Int, _ context: DrawContext) {
    let ground = context.theme[.dialog]
    for (index, row) in rows.dropFirst(first).prefix(rect.height).enumerated() {
      let y = rect.y + index
      switch row {
      case .place(let line): buffer.write("  line \(line)", x: rect.x, y: y, style: DialogBox.dim(context), clip: rect)
      case .text(let kind, let text, let changed):
        let (sign, style): (String, Style) =
          switch kind {
          case .same: (" ", DialogBox.dim(context))
          case .removed: ("-", context.theme[.diffRemoved].on(ground))
          case .added: ("+", context.theme[.diffAdded].on(ground))
          }
        buffer.write(sign, x: rect.x, y: y, style: style, clip: rect)
        let changed = changed ?? 0..<0
        var x = rect.x + Self.margin
        let marked = Style(style.foreground, on: style.background, style.attributes.union(.underline))
        for (range, style) in [
          (0..<changed.lowerBound, style), (changed, marked), (changed.upperBound..<text.utf8.count, style),
        ] {
          x = buffer.write(text[text.at(range.lowerBound)..<text.at(range.upperBound)], x: x, y: y, style: style, clip: rect)
        }
      }
    }
  }
}
