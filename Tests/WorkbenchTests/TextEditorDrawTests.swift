import Terminal
import Testing

@testable import Workbench

struct TextEditorDrawTests {
  private static let weather = """
    {
      "type": "function",
      "function": {
        "name": "get_weather",
        "description": "获取指定城市的当前天气。Returns \\"sunny\\", \\u0041 or a longer sentence.",
        "parameters": {"type": "object", "required": [1.5e3, true]}
      }
    }
    """

  private func code(_ text: String) -> TextEditor {
    var editor = TextEditor(text: text, options: .code)
    editor.highlighter = JSONHighlighter()
    return editor
  }

  @Test(arguments: [(70, 12), (44, 8), (24, 14)])
  func `JSON is coloured, wrapped and numbered`(width: Int, height: Int) throws {
    var editor = code(Self.weather)
    editor.moveCursor(to: TextPosition(2, 14))
    let buffer = drawn(width: width, height: height) { editor.draw(into: $0, $0.bounds, context()) }
    try expectSnapshot(buffer, "editor-json-\(width)x\(height)")
  }

  @Test func `a selection over lines, matches and a diagnostic show`() throws {
    var editor = code("{\n  \"a\": [1, 2],\n\n  \"b\": 天 气\n}")
    _ = editor.find("\"a\"", fromHere: true)
    editor.moveCursor(to: TextPosition(1, 8))
    editor.moveCursor(to: TextPosition(3, 2), extending: true)
    let range = TextPosition(3, 7)..<TextPosition(3, 10)
    let diagnostic = TextDiagnostic(severity: .error, range: range, place: range.lowerBound, message: "not JSON")
    let buffer = drawn(width: 40, height: 6) {
      editor.draw(into: $0, $0.bounds, context(), diagnostics: [diagnostic])
    }
    try expectSnapshot(buffer, "editor-selection")
  }

  @Test(arguments: [
    // The cursor's cell after the keys, in a text area of 10 by 3.
    ("", "", 0, 0), ("天气", "<end>", 4, 0), ("abcdefghi", "<end>", 9, 0),
    // A full row leaves a column for the cursor; then the text goes on below.
    ("abcdefghij", "<end>", 1, 1), ("hello world again", "<end>", 5, 2), ("a\nb\nc\nd\ne", "<down><down><down>", 0, 2),
    ("e\u{301}👨‍👩‍👧x", "<end>", 4, 0), ("\tx", "<end>", 5, 0),
    // The blank a row was broken at keeps the cursor inside.
    ("hello wor world", "<right><right><right><right><right><right><right><right><right>", 9, 0),
  ])
  func `the terminal's cursor stands at the character`(text: String, typed: String, x: Int, y: Int) {
    var editor = TextEditor(text: text)
    editor.layOut(width: 10, height: 3)
    for key in keys(typed) { _ = editor.handle(key) }
    let buffer = drawn(width: 10, height: 3) { editor.draw(into: $0, $0.bounds, context()) }
    #expect(buffer.cursor?.x == x)
    #expect(buffer.cursor?.y == y)
  }

  @Test func `a click finds every place that drawing shows`() {
    var editor = code("{\"城市\": \"天气 👩 e\u{301}\",\n\n  \"a\": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}")
    for line in editor.buffer.lines.indices {
      var position = TextPosition(line, 0)
      while position.line == line {
        editor.moveCursor(to: position)
        let buffer = drawn(width: 32, height: 8) { editor.draw(into: $0, $0.bounds, context()) }
        editor.click(x: buffer.cursor!.x, y: buffer.cursor!.y)
        #expect(editor.cursor == position)
        let next = editor.buffer.after(position)
        if next == position { break }
        position = next
      }
    }
  }

  @Test func `a one-line field moves sideways to its cursor`() {
    var field = TextEditor(text: "abcdefghijklmnopqrstuvwxyz", options: .field)
    var buffer = drawn(width: 10, height: 1) { field.draw(into: $0, $0.bounds, context()) }
    #expect(buffer.text() == "stuvwxyz")
    #expect(buffer.cursor?.x == 8)
    for _ in 0..<12 { field.move(.left) }
    buffer = drawn(width: 10, height: 1) { field.draw(into: $0, $0.bounds, context()) }
    #expect(buffer.text() == "mnopqrstuv")
    #expect(buffer.cursor?.x == 2)
  }

  @Test func `no size breaks the drawing`() {
    for width in 0..<12 {
      for height in 0..<4 {
        var editor = code(Self.weather)
        _ = editor.move(.textEnd)
        let buffer = drawn(width: width, height: height) { editor.draw(into: $0, $0.bounds, context()) }
        #expect(buffer.cursor.map { buffer.bounds.contains(x: $0.x, y: $0.y) } ?? true)
      }
    }
  }
}
