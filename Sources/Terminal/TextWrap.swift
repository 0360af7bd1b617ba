/// A text broken into rows of a given width, kept up to date while it grows.
///
/// Rows break at spaces, which are then not shown, and on either side of a wide character, though not before closing or
/// after opening punctuation. A word longer than a row is cut between clusters. Appending wraps the last two rows anew,
/// whatever the length of the text.
public struct TextWrap: Sendable {
  public private(set) var text: String
  /// Of the rows, in columns; at least 1. A wide character in a row of one column has a row to itself.
  public private(set) var width: Int
  /// UTF-8 offsets of what each row shows, without line ends and the spaces it was broken at. Never empty.
  public private(set) var rows: [Range<Int>]
  /// Where each row begins: what lies between its end and the next one's start belongs to it but is not shown.
  private var starts: [Int]

  public init(_ text: String, width: Int) {
    self.text = text
    self.width = max(1, width)
    self.rows = []
    self.starts = []
    self.text.makeContiguousUTF8()
    wrap(from: 0)
  }

  /// The rows of a text that does not grow, as UTF-8 offsets.
  public static func wrap(_ text: some StringProtocol, width: Int) -> [Range<Int>] {
    TextWrap(String(text), width: width).rows
  }

  /// What a row shows.
  public subscript(row: Int) -> Substring {
    let utf8 = text.utf8
    let start = utf8.index(utf8.startIndex, offsetBy: rows[row].lowerBound)
    return text[start..<utf8.index(start, offsetBy: rows[row].count)]
  }

  /// The row that shows, or swallowed at its end, the character at a UTF-8 offset; the last row for the text's end.
  public func row(atOffset offset: Int) -> Int {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }

  /// Adds to the end of the text; only the last two rows are wrapped anew.
  public mutating func append(_ more: some StringProtocol) {
    guard !more.isEmpty else { return }
    text.append(contentsOf: more)
    // The row before the last may change too: "\n" after "\r" is one line end.
    let kept = max(0, rows.count - 2)
    let start = starts[kept]
    rows.removeSubrange(kept...)
    starts.removeSubrange(kept...)
    wrap(from: start)
  }

  /// Wraps the whole text anew, in cells.
  public mutating func setWidth(_ width: Int) {
    guard max(1, width) != self.width else { return }
    self = TextWrap(text, width: width)
  }

  // MARK: - Breaking

  /// A row being filled.
  private struct Row {
    var start: Int
    var columns = 0
    /// After the last cluster that is shown for certain: not a trailing space.
    var shownEnd: Int
    /// The last place where the row may be broken.
    var candidate: Candidate?
    var endsWithSpace = false

    struct Candidate {
      /// End of what the row would show.
      var end: Int
      /// Start of the next row.
      var next: Int
      /// Columns of this row before `next`.
      var columns: Int
    }

    init(start: Int) {
      self.start = start
      self.shownEnd = start
    }
  }

  /// What a position in the text holds.
  private struct Cluster {
    var length: Int
    var columns: Int
    /// The first one.
    var scalar: Unicode.Scalar
    var isLineEnd = false
  }

  private mutating func wrap(from offset: Int) {
    let text = text
    let count = text.utf8.count
    var row = Row(start: offset)
    var position = offset
    var previous: Unicode.Scalar = " "
    while position < count {
      let cluster = Self.cluster(at: position, in: text, count: count)
      let clusterEnd = position + cluster.length
      defer {
        position = clusterEnd
        previous = cluster.scalar
      }
      if cluster.isLineEnd {
        close(row, before: position)
        row = Row(start: clusterEnd)
        continue
      }
      if cluster.scalar == " ", cluster.length == 1 {
        row.columns += 1
        row.endsWithSpace = true
        continue
      }
      if row.endsWithSpace {
        // Not after leading spaces: that would make a blank row.
        if row.shownEnd > row.start { row.candidate = .init(end: row.shownEnd, next: position, columns: row.columns) }
        row.endsWithSpace = false
      } else if position > row.start, Self.mayBreak(between: previous, and: cluster.scalar) {
        row.candidate = .init(end: row.shownEnd, next: position, columns: row.columns)
      }
      while row.columns + cluster.columns > width, position > row.start {
        let candidate =
          row.candidate ?? .init(end: end(of: row, before: position), next: position, columns: row.columns)
        append(row, end: candidate.end)
        var next = Row(start: candidate.next)
        next.columns = row.columns - candidate.columns
        next.shownEnd = max(row.shownEnd, candidate.next)
        row = next
      }
      row.columns += cluster.columns
      row.shownEnd = clusterEnd
    }
    close(row, before: position)
  }

  private static func cluster(at position: Int, in text: String, count: Int) -> Cluster {
    let utf8 = text.utf8
    let index = utf8.index(utf8.startIndex, offsetBy: position)
    let byte = utf8[index]
    // A mark may follow, but marks are not ASCII.
    if byte >= 0x20, byte < 0x7F, position + 1 == count || utf8[utf8.index(after: index)] < 0x80 {
      return Cluster(length: 1, columns: 1, scalar: Unicode.Scalar(byte))
    }
    let character = text[index]
    return Cluster(
      length: character.utf8.count, columns: TextWidth.columns(of: character), scalar: text.unicodeScalars[index],
      isLineEnd: lineEnds.contains(character))
  }

  private mutating func close(_ row: Row, before position: Int) {
    append(row, end: end(of: row, before: position))
  }

  private mutating func append(_ row: Row, end: Int) {
    rows.append(row.start..<end)
    starts.append(row.start)
  }

  /// Trailing spaces are shown as far as they fit, so that a cursor among them moves.
  private func end(of row: Row, before position: Int) -> Int {
    guard position > row.shownEnd else { return row.shownEnd }
    let utf8 = text.utf8
    let start = utf8.index(utf8.startIndex, offsetBy: row.start)
    let shownEnd = utf8.index(start, offsetBy: row.shownEnd - row.start)
    return min(position, row.shownEnd + max(0, width - columns(of: text[start..<shownEnd])))
  }

  /// Between two clusters without a space: on either side of a wide one, with regard to punctuation.
  private static func mayBreak(between left: Unicode.Scalar, and right: Unicode.Scalar) -> Bool {
    guard left.value >= 0x1100 || right.value >= 0x1100 else { return false }
    guard TextWidth.columns(of: left) == 2 || TextWidth.columns(of: right) == 2 else { return false }
    return !closing.contains(right) && !opening.contains(left)
  }

  private static let lineEnds: Set<Character> = ["\n", "\r\n", "\r", "\u{2028}", "\u{2029}"]
  private static let closing = Set("、。，．・：；？！）］｝」』】〉》〕〗”’…ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ%,.:;?!)]}".unicodeScalars)
  private static let opening = Set("（［｛「『【〈《〔〖“‘([{".unicodeScalars)
}
