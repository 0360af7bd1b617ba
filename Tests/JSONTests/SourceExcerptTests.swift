import JSON
import Testing

@Suite struct SourceExcerptTests {
  @Test(arguments: [
    ("a\tb", 2, "f:1:3: x\n  a b\n    ^"),
    ("one\r\ntwo\r\n", 6, "f:2:2: x\n  two\n   ^"),
    ("天气=晴", 6, "f:1:3: x\n  天气=晴\n      ^"),
    ("", 0, "f:1:1: x\n  \n  ^"),
    ("ab", 99, "f:1:3: x\n  ab\n    ^"),
    ("a\n", 2, "f:2:1: x\n  \n  ^"),
  ])
  func `the caret stands under the character`(source: String, offset: Int, expected: String) {
    #expect(SourceExcerpt(of: source.utf8, offset: offset, name: "f").description("x") == expected)
  }

  @Test func `a long line is cut around the column`() {
    let line = String(repeating: "a", count: 500) + "!" + String(repeating: "b", count: 500)
    let excerpt = SourceExcerpt(of: line.utf8, offset: 500, name: "f", window: 30)
    #expect(excerpt.column == 501)
    #expect(excerpt.text == "…" + String(repeating: "a", count: 20) + "!" + String(repeating: "b", count: 9) + "…")
    #expect(excerpt.caretIndent == 21)
  }
}
