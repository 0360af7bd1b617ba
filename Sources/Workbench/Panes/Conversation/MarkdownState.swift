import Terminal

/// Markdown shown as the text it is, lightly styled: headings, `code`, **bold** and fenced blocks. The marks stay, so that
/// nothing of what the model wrote is hidden.
struct MarkdownState {
  private var isFenced = false
  private var isHeading = false

  init() {}

  /// The state at the start of a row.
  init(before row: Int, of wrap: TextWrap) {
    guard row > 0 else { return }
    for index in 0..<row where wrap.startsLine(index) { begin(wrap[index]) }
  }

  /// Takes in the beginning of a line.
  private mutating func begin(_ line: Substring) {
    if line.hasPrefix("```") { isFenced.toggle() }
    isHeading = !isFenced && line.hasPrefix("#")
  }

  mutating func draw(
    _ text: Substring, startsLine: Bool, into buffer: CellBuffer, x: Int, _ rect: Rect, _ style: RowStyle,
    _ role: Theme.Role
  ) {
    let isFence = startsLine && text.hasPrefix("```")
    if startsLine { begin(text) }
    if isFence {
      buffer.write(text, x: x, y: rect.y, style: style.theme[.dim], clip: rect)
    } else if isFenced {
      buffer.write(text, x: x, y: rect.y, style: style.theme[.jsonString], clip: rect)
    } else if isHeading {
      buffer.write(text, x: x, y: rect.y, style: style.theme[.strong], clip: rect)
    } else if !text.utf8.contains(where: { $0 == UInt8(ascii: "`") || $0 == UInt8(ascii: "*") }) {
      buffer.write(text, x: x, y: rect.y, style: style.theme[role], clip: rect)
    } else {
      var end = x
      for (piece, pieceRole) in Self.pieces(of: text, role) {
        end = buffer.write(piece, x: end, y: rect.y, style: style.theme[pieceRole], clip: rect)
      }
    }
  }

  /// The stretches of a row, each with its role; the marks belong to what they enclose.
  static func pieces(of text: Substring, _ role: Theme.Role) -> [(Substring, Theme.Role)] {
    var pieces: [(Substring, Theme.Role)] = []
    var rest = text
    while let mark = rest.firstIndex(where: { $0 == "`" || $0 == "*" }) {
      let sign: String = rest[mark] == "`" ? "`" : "**"
      let opened = rest[mark...]
      guard opened.hasPrefix(sign), let close = Self.close(of: sign, in: opened) else {
        let next = rest.index(after: mark)
        pieces.append((rest[..<next], role))
        rest = rest[next...]
        continue
      }
      if mark > rest.startIndex { pieces.append((rest[..<mark], role)) }
      pieces.append((rest[mark..<close], sign == "`" ? .jsonString : .strong))
      rest = rest[close...]
    }
    if !rest.isEmpty { pieces.append((rest, role)) }
    return pieces
  }

  /// After the sign that ends the stretch which starts here.
  private static func close(of sign: String, in text: Substring) -> Substring.Index? {
    var index = text.index(text.startIndex, offsetBy: sign.count)
    let start = index
    while index < text.endIndex {
      if text[index...].hasPrefix(sign), index > start { return text.index(index, offsetBy: sign.count) }
      index = text.index(after: index)
    }
    return nil
  }
}
