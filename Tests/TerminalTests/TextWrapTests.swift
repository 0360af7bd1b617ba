import TestSupport
import Testing

@testable import Terminal

@Suite struct TextWrapTests {
  private func rows(_ text: String, _ width: Int) -> [String] {
    let wrapped = TextWrap(text, width: width)
    return wrapped.rows.indices.map { String(wrapped[$0]) }
  }

  @Test(arguments: [
    ("", 10, [""]),
    ("one two three", 10, ["one two", "three"]),
    ("one two three", 7, ["one two", "three"]),
    ("one two three", 13, ["one two three"]),
    ("one  two", 5, ["one", "two"]),
    ("unbreakable", 4, ["unbr", "eaka", "ble"]),
    ("an unbreakable", 4, ["an", "unbr", "eaka", "ble"]),
    ("line\nbreak\n", 10, ["line", "break", ""]),
    ("a\r\nb\rc\u{2028}d", 10, ["a", "b", "c", "d"]),
    ("\n\n", 4, ["", "", ""]),
    ("深圳今天天气怎么样", 8, ["深圳今天", "天气怎么", "样"]),
    ("深圳今天天气怎么样", 7, ["深圳今", "天天气", "怎么样"]),
    ("今天天气好。", 10, ["今天天气", "好。"]),
    ("他说「好」。", 6, ["他说", "「好」", "。"]),
    ("call 天气 now", 7, ["call 天", "气 now"]),
    ("weather天气", 8, ["weather", "天气"]),
    ("  indented", 6, ["  inde", "nted"]),
    ("    ", 2, ["  "]),
    ("ab    ", 4, ["ab  "]),
    ("word   next", 4, ["word", "next"]),
    ("天", 1, ["天"]),
    ("天a", 1, ["天", "a"]),
    ("e\u{301}e\u{301}e\u{301}", 2, ["e\u{301}e\u{301}", "e\u{301}"]),
    ("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 4, ["👨‍👩‍👧👨‍👩‍👧", "👨‍👩‍👧"]),
    ("a\tb", 5, ["a\t", "b"]),
    ("abc", 0, ["a", "b", "c"]),
  ])
  func `text breaks into these rows`(text: String, width: Int, expected: [String]) {
    #expect(rows(text, width) == expected)
  }

  private static let alphabet: [String] = [
    "a", "b", "word", " ", " ", "  ", "\n", "\r", "\r\n", "天", "气", "。", "「", "」", "（", "e\u{301}", "\u{301}", "👨‍👩‍👧", "🇫",
    "🇷", "\t", ".",
    "é", "한", "\u{200D}", "-", "longerword",
  ]

  @Test(arguments: 0..<200)
  func `appending piece by piece gives the rows of the whole`(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let pieces = (0..<Int.random(in: 0...40, using: &random)).map { _ in Self.alphabet.randomElement(using: &random)! }
    let width = Int.random(in: 1...12, using: &random)
    var growing = TextWrap("", width: width)
    for piece in pieces { growing.append(piece) }
    let whole = TextWrap(pieces.joined(), width: width)
    #expect(growing.rows == whole.rows, "\(pieces) at \(width)")

    for row in whole.rows.indices {
      let shown = whole[row]
      #expect(columns(of: shown) <= width || shown.count == 1, "\(pieces) at \(width): row \"\(shown)\"")
    }
    // Nothing but spaces and line ends is lost.
    let kept = whole.rows.indices.map { String(whole[$0]) }.joined()
    let solid = { (text: String) in text.unicodeScalars.filter { !" \n\r".unicodeScalars.contains($0) } }
    #expect(Array(solid(kept)) == Array(solid(pieces.joined())))
  }

  @Test func `an offset is found in the row that shows it`() {
    let wrapped = TextWrap("one two\nthree", width: 4)
    #expect(wrapped.rows == [0..<3, 4..<7, 8..<12, 12..<13])
    #expect([0, 3, 4, 7, 8, 11, 12, 13].map(wrapped.row(atOffset:)) == [0, 0, 1, 1, 2, 2, 3, 3])
  }

  @Test func `another width wraps anew`() {
    var wrapped = TextWrap("one two three", width: 5)
    wrapped.setWidth(20)
    #expect(wrapped.rows == [0..<13])
    wrapped.append(" four five")
    #expect(wrapped.rows == [0..<18, 19..<23])
  }
}
