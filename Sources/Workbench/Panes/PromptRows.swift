import Engine
import Terminal

/// The rows of a rendered prompt, each segment wrapped by itself. Segments that have not changed keep their rows.
struct PromptRows {
  struct Row {
    /// Index into the trace's segments.
    var segment: Int
    /// UTF-8, in the whole prompt.
    var bytes: Range<Int>
    var text: Substring
    /// The row that names the segment instead of showing text.
    var isLabel = false
    /// The first row of its segment.
    var isFirst: Bool
    /// The text has a line break after it.
    var endsLine: Bool
  }

  private(set) var width = 0
  /// Each segment begins with a row that names it.
  private(set) var hasLabels = false
  private var text = ""
  private var segments: [PromptSegment] = []
  private var wraps: [TextWrap] = []
  /// The first row of each segment, and the number of all rows at the end.
  private var firstRows: [Int] = [0]

  var count: Int { firstRows[firstRows.count - 1] }

  mutating func layOut(_ trace: PromptTrace, width: Int, hasLabels: Bool) {
    guard width != self.width || hasLabels != self.hasLabels || trace.text != text || trace.segments != segments else {
      return
    }
    self.hasLabels = hasLabels
    let known = width == self.width ? wraps : []
    self.width = width
    text = trace.text
    segments = trace.segments
    wraps = segments.enumerated().map { index, segment in
      var own = text.utf8Slice(segment.bytes)
      // A line break at the end does not start a row; its sign stands at the end of the last one.
      if own.utf8.last == UInt8(ascii: "\n") {
        own = text.utf8Slice(segment.bytes.lowerBound..<segment.bytes.upperBound - 1)
      }
      if known.indices.contains(index), known[index].text.utf8.elementsEqual(own.utf8) { return known[index] }
      return TextWrap(String(own), width: width)
    }
    firstRows = [0]
    for wrap in wraps { firstRows.append(firstRows[firstRows.count - 1] + wrap.rows.count + (hasLabels ? 1 : 0)) }
  }

  /// - Precondition: the row exists.
  subscript(row: Int) -> Row {
    var low = 0
    var high = wraps.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if firstRows[middle] <= row { low = middle } else { high = middle }
    }
    let wrap = wraps[low]
    let own = row - firstRows[low] - (hasLabels ? 1 : 0)
    let start = segments[low].bytes.lowerBound
    if own < 0 {
      return Row(segment: low, bytes: start..<start, text: "", isLabel: true, isFirst: true, endsLine: false)
    }
    let bytes = start + wrap.rows[own].lowerBound..<start + wrap.rows[own].upperBound
    let isLast = own == wrap.rows.count - 1
    let next = isLast ? segments[low].bytes.upperBound : start + wrap.rows[own + 1].lowerBound
    let endsLine = text.utf8Slice(bytes.upperBound..<next).utf8.contains(UInt8(ascii: "\n"))
    return Row(segment: low, bytes: bytes, text: wrap[own], isFirst: own == 0, endsLine: endsLine)
  }

  func segmentStart(after row: Int) -> Int { firstRows.first { $0 > row } ?? row }
  func segmentStart(before row: Int) -> Int { firstRows.last { $0 < row } ?? 0 }
}
