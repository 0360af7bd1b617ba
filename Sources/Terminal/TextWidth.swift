/// How many terminal columns text takes. One table for layout, drawing and tests.
///
/// The table is the C library's (`width_table.py` under Tests/TerminalTests/Scripts makes it), because ncurses lays out
/// by it. A grapheme cluster shows its base and combining marks; an emoji sequence shows its first emoji only, since
/// terminals disagree about the width of the whole (a family is two columns to tmux and six to glibc). Columns add up:
/// `columns(of: a + b)` is the sum unless a cluster spans the seam.
enum TextWidth {
  /// A tab is always this many blanks.
  static let tabColumns = 4

  static func columns(of scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    if value < 0x300 { return 1 }
    if value >= 0x1100, contains(wideRanges, value) { return 2 }
    return contains(zeroRanges, value) ? 0 : 1
  }

  /// - Parameter ranges: first and last of each, rising.
  private static func contains(_ ranges: [UInt32], _ value: UInt32) -> Bool {
    ranges.withUnsafeBufferPointer { bounds in
      var low = 0
      var high = bounds.count / 2
      while low < high {
        let middle = (low + high) / 2
        if value < bounds[2 * middle] {
          high = middle
        } else if value > bounds[2 * middle + 1] {
          low = middle + 1
        } else {
          return true
        }
      }
      return false
    }
  }

  /// Hands over the cells that a cluster becomes, left to right: usually one, several for an Indic or Thai cluster with
  /// several spacing scalars and for a flag, none for a lone mark or a bidirectional control.
  /// - Parameter cell: gets a base scalar, the marks drawn over it, and 1 or 2 columns.
  static func cells(of cluster: Character, _ cell: (Unicode.Scalar, ArraySlice<Unicode.Scalar>, Int) -> Void) {
    let scalars = cluster.unicodeScalars
    let first = scalars[scalars.startIndex]
    if let shown = visibleControl(first) {
      if first == "\t" {
        for _ in 0..<tabColumns { cell(" ", [], 1) }
      } else {
        cell(shown, [], 1)
      }
      return
    }
    if scalars.index(after: scalars.startIndex) == scalars.endIndex {
      let width = columns(of: first)
      if width > 0 { cell(first, [], width) }
      return
    }
    if scalars.contains(where: isEmojiGlue) {
      let width = columns(of: first)
      if width > 0 { cell(first, [], width) }
      return
    }
    var pending: [Unicode.Scalar] = []
    var width = 0
    for scalar in scalars {
      let own = columns(of: scalar)
      if own > 0 {
        if !pending.isEmpty { cell(pending[0], pending[1...], width) }
        pending = [scalar]
        width = own
      } else if !pending.isEmpty, pending.count < maximumScalarsPerCell {
        pending.append(scalar)
      }
    }
    if !pending.isEmpty { cell(pending[0], pending[1...], width) }
  }

  /// `CCHARW_MAX` of ncurses: a base and four marks.
  static let maximumScalarsPerCell = 5

  static func columns(of cluster: Character) -> Int {
    if let ascii = cluster.asciiValue, ascii >= 0x20, ascii < 0x7F { return 1 }
    var total = 0
    cells(of: cluster) { total += $2 }
    return total
  }

  /// What stands for a control character: its picture, U+FFFD for the upper ones. Nil for anything else.
  private static func visibleControl(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    switch scalar.value {
    case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value)
    case 0x7F: "\u{2421}"
    case 0x80..<0xA0: "\u{FFFD}"
    default: nil
    }
  }

  /// Joiner, emoji presentation, keycap, skin tones, tags: they make a sequence whose width nobody agrees on.
  private static func isEmojiGlue(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x200D, 0xFE0F, 0x20E3, 0x1F3FB...0x1F3FF, 0xE0020...0xE007F: true
    default: false
    }
  }

  /// Whether a cluster is sure to be this one scalar, whatever follows short of a mark: lets text without marks be laid
  /// out by scalars, without finding clusters.
  static func standsAlone(_ value: UInt32) -> Bool {
    switch value {
    case 0x20..<0x7F, 0xA1..<0xA9, 0xAA..<0xAD, 0xAF..<0x300, 0x2010..<0x2028, 0x2500..<0x25FD, 0x2800..<0x2900,
      0x3001..<0x302A, 0x3041..<0x3097, 0x30A1..<0x3100, 0x4E00..<0xA000, 0xAC00..<0xD7A4, 0xFF01..<0xFF61:
      true
    default: false
    }
  }
}

/// Terminal columns that `CellBuffer.write` uses for the text.
public func columns(of text: some StringProtocol) -> Int {
  let text = text.slice
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text.utf8.count }
  if text.unicodeScalars.allSatisfy({ TextWidth.standsAlone($0.value) }) {
    return text.unicodeScalars.reduce(0) { $0 + TextWidth.columns(of: $1) }
  }
  return text.reduce(0) { $0 + TextWidth.columns(of: $1) }
}

/// The longest beginning of the text that fits; never cuts a cluster.
/// - Parameter ellipsis: ends with "…" when something is left out.
public func truncated(_ text: some StringProtocol, to width: Int, ellipsis: Bool = true) -> String {
  let text = text.slice
  var used = 0
  var end = text.startIndex
  var endBeforeEllipsis = text.startIndex
  while end < text.endIndex {
    let cluster = TextWidth.columns(of: text[end])
    if used + cluster > width {
      return ellipsis && width > 0 ? String(text[..<endBeforeEllipsis]) + "…" : String(text[..<end])
    }
    used += cluster
    text.formIndex(after: &end)
    if used < width { endBeforeEllipsis = end }
  }
  return String(text)
}

extension StringProtocol {
  /// The text as a concrete type: generic code is not specialised for callers in other modules.
  var slice: Substring {
    (self as? Substring) ?? (self as? String)?[...] ?? Substring(self)
  }
}
