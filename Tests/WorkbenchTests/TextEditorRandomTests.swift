import Terminal
import TestSupport
import Testing

@testable import Workbench

/// The same editing on a plain string with the cursor as a number of UTF-8 bytes: slow and obvious.
private struct NaiveEditor {
  var text = ""
  var offset = 0

  mutating func replace(_ count: Int, with inserted: String) {
    var bytes = Array(text.utf8)
    bytes.replaceSubrange(offset..<offset + count, with: inserted.utf8)
    text = String(decoding: bytes, as: UTF8.self)
    offset = boundary(offset + inserted.utf8.count)
  }

  /// Line ends part clusters, so each line has its own.
  private func boundaries() -> [Int] {
    var found: [Int] = []
    var start = 0
    for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
      let string = String(decoding: line, as: UTF8.self)
      found += string.indices.map { start + string.utf8.distance(from: string.startIndex, to: $0) }
      found.append(start + string.utf8.count)
      start += string.utf8.count + 1
    }
    return found
  }

  func boundary(_ offset: Int) -> Int { boundaries().first { $0 >= offset } ?? text.utf8.count }
  mutating func left() { offset = boundaries().last { $0 < offset } ?? 0 }
  mutating func right() { offset = boundaries().first { $0 > offset } ?? text.utf8.count }
  mutating func backspace() {
    let end = offset
    left()
    if offset < end { replace(end - offset, with: "") }
  }
  mutating func delete() {
    let start = offset
    right()
    let count = offset - start
    offset = start
    if count > 0 { replace(count, with: "") }
  }
}

struct TextEditorRandomTests {
  /// Clusters of one and several scalars, marks that join what stands before them, joiners, flags' halves.
  static let pieces = [
    "a", "Z", " ", "\n", "{", "}", "\"", "天", "气", "e\u{301}", "\u{301}", "\u{200D}", "👩", "👨‍👩‍👧", "🇨", "🇳", "\t", "한",
    "ᄒ", "ᅡ",
    "two words", "line\nbreak",
  ]

  @Test(arguments: 0..<12)
  func `random editing equals the naive editor and undoes to the start`(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    var editor = TextEditor(text: "start\n天气")
    editor.highlighter = JSONHighlighter()
    var naive = NaiveEditor(text: "start\n天气")
    for step in 0..<400 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0: if editor.move(.left) { naive.left() }
      case 1: if editor.move(.right) { naive.right() }
      case 2:
        _ = editor.handle(KeyPress(.backspace))
        naive.backspace()
      case 3:
        _ = editor.handle(KeyPress(.delete))
        naive.delete()
      case 4:
        let byte = Int.random(in: 0...naive.text.utf8.count, using: &random)
        editor.moveCursor(to: editor.buffer.position(atByte: byte))
        naive.offset = naive.boundary(byte)
      default:
        let piece = Self.pieces.randomElement(using: &random)!
        if piece.count == 1, piece != "\n" { editor.type(Character(piece)) } else { editor.insert(piece) }
        naive.replace(0, with: piece)
      }
      #expect(Array(editor.text.utf8) == Array(naive.text.utf8), "seed \(seed), step \(step)")
      let cursor = editor.cursor
      let before = editor.buffer.lines[..<cursor.line].reduce(0) { $0 + $1.utf8.count + 1 }
      #expect(before + cursor.offset == naive.offset, "seed \(seed), step \(step)")
      _ = editor.highlighter?.tokens(ofLine: editor.buffer.lines.count - 1, in: editor.buffer)
    }
    expectSameTokens(editor)
    let final = editor.text
    while editor.undo() {}
    #expect(Array(editor.text.utf8) == Array("start\n天气".utf8))
    expectSameTokens(editor)
    while editor.redo() {}
    #expect(Array(editor.text.utf8) == Array(final.utf8))
    expectSameTokens(editor)
  }

  /// The carried state gives what lexing everything anew gives.
  private func expectSameTokens(_ editor: TextEditor) {
    var kept = editor.highlighter!
    var fresh = JSONHighlighter()
    for line in editor.buffer.lines.indices {
      let (known, anew) = (kept.tokens(ofLine: line, in: editor.buffer), fresh.tokens(ofLine: line, in: editor.buffer))
      #expect(known == anew)
    }
  }
}
