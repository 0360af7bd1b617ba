import Testing

@testable import Terminal

@Suite struct CellBufferTests {
  private let plain = Style()
  private let bold = Style(.rgb(0x61AFEF), on: .palette(0), .bold)

  private func drawn(_ width: Int, _ height: Int, _ body: (CellBuffer) -> Void) -> CellBuffer {
    let buffer = CellBuffer(width: width, height: height)
    body(buffer)
    return buffer
  }

  @Test func `a cell takes 16 bytes`() {
    #expect(MemoryLayout<Cell>.stride == 16)
  }

  @Test(arguments: [
    // text, column, the row as drawn in 8 columns, column after
    ("hello", 0, "hello", 5),
    ("hello", 5, "     hel", 8),
    ("hello", -2, "llo", 3),
    ("天气很好", 0, "天气很好", 8),
    ("天气很好", 1, " 天气很", 8),
    ("天气很好", -1, " 气很好", 7),
    ("天气很好吗", 0, "天气很好", 8),
    ("a天b气c", 0, "a天b气c", 7),
    ("e\u{301}te\u{301}", 0, "e\u{301}te\u{301}", 3),
    ("👨‍👩‍👧!", 0, "👨!", 3),
    ("👍🏽!", 0, "👍!", 3),
    ("❤️!", 0, "❤!", 2),
    ("🇫🇷!", 0, "🇫🇷!", 3),
    ("กำ!", 0, "กำ!", 3),
    ("\u{301}x", 0, "x", 1),
    ("\u{202E}x\u{2066}y", 0, "xy", 2),
    ("a\tb", 0, "a    b", 6),
    ("a\nb\u{1B}[31m", 0, "a␊b␛[31m", 8),
    ("\u{7F}\u{9B}", 0, "␡\u{FFFD}", 2),
    ("", 3, "", 3),
  ])
  func `text lands in its columns`(text: String, x: Int, row: String, after: Int) {
    var end = 0
    let buffer = drawn(8, 1) { end = $0.write(text, x: x, y: 0, style: plain) }
    #expect(Array(buffer.text().unicodeScalars) == Array(row.unicodeScalars))
    #expect(end == after)
  }

  @Test(arguments: ["plain", "天气", "e\u{301}", "👨‍👩‍👧 and 👍🏽", "กำ ภาษาไทย", "\u{202E}x\ty\u{1B}", "한국어", "नमस्ते", "🇫🇷🇩🇪"])
  func `writing ends at the column that counting gives`(text: String) {
    let buffer = CellBuffer(width: 80, height: 1)
    #expect(buffer.write(text, x: 3, y: 0, style: plain) == 3 + columns(of: text))
    #expect(buffer.write(text, x: 3, y: 5, style: plain) == 3 + columns(of: text))
  }

  @Test(arguments: [
    // column to overwrite, with what, the row after
    (0, "x", "x 气"), (1, "x", " x气"), (2, "x", "天x"), (3, "x", "天 x"), (1, "好", " 好"), (0, "好", "好气"),
  ])
  func `overwriting half of a wide character blanks the other half`(x: Int, text: String, row: String) {
    let buffer = drawn(4, 1) {
      $0.write("天气", x: 0, y: 0, style: plain)
      $0.write(text, x: x, y: 0, style: plain)
    }
    #expect(buffer.text() == row)
    #expect((0..<4).reduce(0) { $0 + Int(buffer[$1, 0].width) } == 4)
  }

  @Test func `a clip leaves the cells around it alone`() {
    let buffer = drawn(10, 3) {
      $0.fill($0.bounds, plain, ".")
      for y in -1...3 { $0.write("天气很好天气", x: 0, y: y, style: bold, clip: Rect(x: 3, y: 1, width: 4, height: 1)) }
    }
    #expect(buffer.text() == "..........\n... 很 ...\n..........")
    #expect(buffer[2, 1].style == plain)
    #expect(buffer[3, 1].style == bold)
    #expect(buffer[7, 1].style == plain)
  }

  @Test func `filling half of a wide character blanks the other half`() {
    let buffer = drawn(6, 1) {
      $0.write("天气好", x: 0, y: 0, style: plain)
      $0.fill(Rect(x: 1, y: -3, width: 2, height: 9), plain, "#")
    }
    #expect(buffer.text() == " ## 好")
  }

  @Test func `a box has its title in the top line, cut when it does not fit`() {
    let buffer = drawn(26, 4) {
      $0.box(Rect(x: 0, y: 0, width: 12, height: 3), plain, title: "天气 weather", titleStyle: bold)
      $0.lines = .square
      $0.box(Rect(x: 13, y: 0, width: 5, height: 4), plain, title: "cut")
      $0.lines = .ascii
      $0.box(Rect(x: 19, y: 0, width: 7, height: 4), plain, title: "a")
      $0.rule(x: 20, y: 2, width: 5, plain)
      $0.box(Rect(x: 0, y: 3, width: 9, height: 1), plain)
    }
    #expect(
      buffer.text()
        == """
        ╭─ 天气 … ─╮ ┌───┐ +- a --+
        │          │ │   │ |     |
        ╰──────────╯ │   │ |-----|
                     └───┘ +-----+
        """.replacing("+- a --+", with: "+- a -+"))
  }

  @Test func `where only ASCII is drawn, signs have stand-ins of their width, and letters stay`() {
    let buffer = drawn(30, 2) {
      $0.lines = .ascii
      $0.write("84 µs · 1–2… ⟨e2⟩ → “天气”", x: 0, y: 0, style: plain)
      $0.lines = .rounded
      $0.write("84 µs · 1–2…", x: 0, y: 1, style: plain)
    }
    #expect(buffer.text() == "84 us . 1-2~ <e2> > \"天气\"\n84 µs · 1–2…")
  }

  @Test func `a style changed in half of a wide character is changed in both or none`() {
    let buffer = drawn(4, 1) {
      $0.write("天气", x: 0, y: 0, style: plain)
      $0.restyle(Rect(x: 1, y: 0, width: 2, height: 1)) { $0.attributes.insert(.reverse) }
    }
    #expect(buffer.snapshot() == "天气\n--\n..aa\n--\na default on default reverse")
  }

  @Test func `a snapshot shows text, then styles, then what the letters mean`() throws {
    let theme = try Theme(parsing: "text = white on black\nselection = black on cyan", name: "t")
    let buffer = drawn(6, 2) {
      $0.write("one", x: 0, y: 0, style: theme[.selection])
      $0.write("two", x: 3, y: 1, style: bold)
    }
    #expect(buffer.snapshot(theme: theme) == "one\n   two\n--\naaa\n...bbb\n--\na selection\nb #61afef on black bold")
  }

  @Test(arguments: [(0, 0), (1, 1), (0, 5), (5, 0), (1, 5), (-3, -3)])
  func `no size is too small to draw on`(width: Int, height: Int) {
    let buffer = drawn(width, height) {
      $0.write("天气 text e\u{301}", x: 0, y: 0, style: plain)
      $0.write("天气", x: -1, y: 0, style: plain)
      $0.box(Rect(x: -1, y: -1, width: 9, height: 9), plain, title: "title")
      $0.fill(Rect(x: -5, y: -5, width: 100, height: 100), plain, "天")
      $0.restyle($0.bounds.inset(by: 3)) { $0.attributes = .bold }
      $0.clear(bold)
    }
    #expect(buffer.bounds == Rect(x: 0, y: 0, width: width, height: height))
  }

  @Test func `clusters survive a clear, and a buffer full of them starts anew`() {
    let buffer = CellBuffer(width: 2, height: 1)
    for value in 0..<5000 {
      let base = Unicode.Scalar(0x4E00 + UInt32(value))!
      buffer.write("\(base)\u{301}", x: 0, y: 0, style: plain)
    }
    #expect(buffer.clusterGeneration == 0)
    buffer.clear()
    #expect(buffer.clusterGeneration == 1)
    buffer.write("e\u{301}", x: 0, y: 0, style: plain)
    #expect(buffer.text() == "e\u{301}")
  }
}
