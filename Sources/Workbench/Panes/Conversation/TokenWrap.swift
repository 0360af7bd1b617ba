import Engine
import Glibc
import Terminal

/// The tokens of an answer as one text, each with its own stretch of it.
struct TokenWrap {
  let wrap: TextWrap
  /// UTF-8 offset in the text after each token.
  let ends: [Int]
  let levels: [Theme.Role]

  init(_ tokens: [TokenEvent], width: Int) {
    var text = ""
    ends = tokens.map { token in
      text += Self.shown(token)
      return text.utf8.count
    }
    levels = tokens.map { token in
      token.lane == .control ? .specialToken : Self.level(token.logprob.map { Self.probability(logprob: $0) })
    }
    wrap = TextWrap(text, width: width)
  }

  /// How a token is shown among the others: line breaks with a sign, and the bytes of one that completes no character.
  static func shown(_ token: TokenEvent) -> String {
    let text = token.text.isEmpty ? text(of: token.bytes) : token.text
    return text.reduce(into: "") { $0 += $1.isNewline ? "↵\n" : String($1) }
  }

  /// Bytes as text where they are whole characters, as ⟨E5 8C⟩ where not.
  static func text(of bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
    return "⟨" + digits.joined(separator: " ") + "⟩"
  }

  /// From likely to unlikely; without a probability the plain role.
  static func level(_ probability: Float?) -> Theme.Role {
    guard let probability else { return .likely0 }
    return switch probability {
    case 0.9...: .likely0
    case 0.5...: .likely1
    case 0.2...: .likely2
    case 0.05...: .likely3
    default: .likely4
    }
  }

  static func probability(logprob: Float) -> Float { expf(logprob) }

  func token(atOffset offset: Int) -> Int? {
    var low = 0
    var high = ends.count
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    return low < ends.count ? low : nil
  }

  func start(of token: Int) -> Int { token == 0 ? 0 : ends[token - 1] }

  /// The row in which a token begins.
  func row(of token: Int) -> Int { wrap.row(atOffset: start(of: token)) }

  /// The token at a column of a row, or the row's last one.
  func token(atRow row: Int, column: Int) -> Int? {
    let text = wrap[row]
    var used = 0
    var offset = wrap.rows[row].lowerBound
    for character in text {
      used += columns(of: String(character))
      if used > column { break }
      offset += character.utf8.count
    }
    return token(atOffset: min(offset, max(wrap.rows[row].lowerBound, wrap.rows[row].upperBound - 1)))
  }

  func column(of token: Int) -> Int {
    let start = start(of: token)
    let row = wrap.rows[wrap.row(atOffset: start)]
    guard start > row.lowerBound else { return 0 }
    return columns(of: wrap.text.utf8Slice(row.lowerBound..<min(start, row.upperBound)))
  }

  func draw(_ row: Int, into buffer: CellBuffer, x: Int, _ rect: Rect, _ style: RowStyle) {
    let range = wrap.rows[row]
    var offset = range.lowerBound
    var x = x
    while offset < range.upperBound, let token = token(atOffset: offset) {
      let end = max(offset + 1, min(ends[token], range.upperBound))
      let role = token == style.selectedToken ? .selection : levels[token]
      // A token may end inside a character; the character goes to the token it begins in.
      x = buffer.write(slice(offset, end), x: x, y: rect.y, style: style.theme[role], clip: rect)
      offset = next(end)
    }
  }

  /// The text from one character border to the next at or after the end.
  private func slice(_ start: Int, _ end: Int) -> Substring { wrap.text.utf8Slice(start..<next(end)) }

  private func next(_ offset: Int) -> Int {
    let utf8 = wrap.text.utf8
    var offset = offset
    while offset < utf8.count, utf8[utf8.index(utf8.startIndex, offsetBy: offset)] & 0xC0 == 0x80 { offset += 1 }
    return offset
  }
}
