import Terminal
import Testing

@testable import Workbench

/// A text with `|` at the cursor, and `^` at the other end of the selection if there is one.
private func editor(_ marked: String, _ options: TextEditor.Options) -> TextEditor {
  var plain = ""
  var cursor = TextPosition.start
  var anchor: TextPosition?
  for character in marked {
    switch character {
    case "|": cursor = TextBuffer(plain).end
    case "^": anchor = TextBuffer(plain).end
    default: plain.append(character)
    }
  }
  var editor = TextEditor(text: plain, options: options)
  editor.moveCursor(to: anchor ?? cursor)
  if anchor != nil { editor.moveCursor(to: cursor, extending: true) }
  return editor
}

private func marked(_ editor: TextEditor) -> String {
  var lines = editor.buffer.lines
  var marks = [(editor.cursor, "|")]
  if !editor.selection.isEmpty { marks.append((editor.selection.anchor, "^")) }
  for (position, mark) in marks.sorted(by: { $0.0 > $1.0 }) {
    let line = lines[position.line]
    lines[position.line].insert(contentsOf: mark, at: line.utf8.index(line.startIndex, offsetBy: position.offset))
  }
  return lines.joined(separator: "\n")
}

struct TextEditorTests {
  @Test(arguments: [
    ("|", "hello", "hello|"),
    ("ab|cd", "<backspace><del>", "a|d"),
    ("a|\nb", "<del>", "a|b"),
    ("a\n|b", "<backspace>", "a|b"),
    ("one two| three", "<C-w>", "one | three"),
    ("one| two", "<A-d>!", "one!|"),
    ("one two|", "<C-w><C-w><C-y>", "one two|"),
    ("on|e\ntwo", "<C-k><C-k><C-k>", "on|"),
    ("on|e\ntwo", "<C-k><C-k><C-k><C-y>", "one\ntwo|"),
    ("one tw|o", "<C-u>", "|o"),
    ("one tw|o", "<C-u><end><C-y>", "oone tw|"),
    ("one two|", "<A-b><A-b>", "|one two"),
    ("|one, two", "<C-right><C-right>", "one, two|"),
    ("|one\ntwo", "<right><right><right><right>", "one\n|two"),
    ("one\n|two", "<left>", "one|\ntwo"),
    ("longer| line\nab\nlonger line", "<down><down>", "longer line\nab\nlonger| line"),
    ("ab|c", "<S-left><S-left>", "|ab^c"),
    ("a^bc|d", "x", "ax|d"),
    ("a^bc|d", "<left>", "a|bcd"),
    ("a^bc|d", "<right>", "abc|d"),
    ("a^bc|d", "<backspace>", "a|d"),
    ("ab|c", "<A-a>x", "x|"),
    ("ab|", "<A-ret>c<C-j>d", "ab\nc\nd|"),
  ])
  func `keys change prose`(before: String, typed: String, after: String) {
    var editor = editor(before, .prose)
    for key in keys(typed) {
      let isTaken = editor.handle(key)
      #expect(isTaken)
    }
    #expect(marked(editor) == after)
  }

  @Test(arguments: [
    // A cluster is one character: a letter with its mark, a family, a flag.
    ("e\u{301}x|", "<left><left>", "|e\u{301}x"),
    ("👨‍👩‍👧|x", "<backspace>", "|x"),
    ("🇨🇳🇩🇪|", "<left>", "🇨🇳|🇩🇪"),
    ("查询天气|", "<backspace>晴", "查询天晴|"),
    // Words of Chinese end where the other script begins.
    ("用get_weather查询天气|", "<A-b><A-b>", "用|get_weather查询天气"),
    // A mark typed after a letter joins it; the cursor stays behind the whole.
    ("e|x", "\u{301}", "e\u{301}|x"),
    // Up and down keep the column on the screen, not the number of characters.
    ("天气如何|\nabcdefghij", "<down>", "天气如何\nabcdefgh|ij"),
    ("abc|\n天气如何", "<down>", "abc\n天|气如何"),
  ])
  func `wide characters and clusters stay whole`(before: String, typed: String, after: String) {
    var editor = editor(before, .prose)
    for key in keys(typed) { _ = editor.handle(key) }
    #expect(marked(editor) == after)
  }

  @Test(arguments: [
    ("  \"a\": 1,|", "<ret>", "  \"a\": 1,\n  |"),
    ("  \"a\": {|", "<ret>", "  \"a\": {\n    |"),
    ("  \"a\": {|}", "<ret>", "  \"a\": {\n    |\n  }"),
    ("  \"a\": [|]", "<ret>1", "  \"a\": [\n    1|\n  ]"),
    ("{\n    |", "}", "{\n  }|"),
    ("{\n    x|", "}", "{\n    x}|"),
    ("a|", "<tab>b", "a b|"),
    ("|", "<tab>b", "  b|"),
    ("a\n^b\nc|", "<tab>", "a\n^  b\n  c|"),
    ("  a^b\n   c|d", "<S-tab>", "a^b\n c|d"),
    ("    |", "<backspace>", "  |"),
    ("  |a", "<home>", "|  a"),
    ("  a|b", "<home>", "  |ab"),
    ("|{\"a\": [1, \"]\"]}", "<A-m>", "{\"a\": [1, \"]\"]|}"),
    ("{\n  \"a\": [1,\n  2]|\n}", "<A-m>", "{\n  \"a\": |[1,\n  2]\n}"),
  ])
  func `keys change code`(before: String, typed: String, after: String) {
    var editor = editor(before, .code)
    for key in keys(typed) {
      let isTaken = editor.handle(key)
      #expect(isTaken)
    }
    #expect(marked(editor) == after)
  }

  @Test(arguments: [
    // Typing is undone word by word, erasing as one run, a motion parts them.
    ("|", "one two<A-z>", "one |"),
    ("|", "one two<A-z><A-z>", "|"),
    ("|", "one<left>x<A-z>", "on|e"),
    ("abc|", "<backspace><backspace><A-z>", "abc|"),
    ("|abc", "<del><del><A-z>", "|abc"),
    ("a^bc|d", "x<A-z>", "a^bc|d"),
    ("|", "one<A-z><A-Z>", "one|"),
    ("|", "one<A-z>x<A-Z>", "x|"),
    ("|", "one two<A-z><A-z><C-_>", "|"),
  ])
  func `undo and redo go by steps`(before: String, typed: String, after: String) {
    var editor = editor(before, .prose)
    for key in keys(typed) { _ = editor.handle(key) }
    #expect(marked(editor) == after)
  }

  @Test(arguments: [
    ("<ret>", TextEditor.Options.prose), ("<tab>", .prose), ("<up>", .prose), ("<pageup>", .prose),
    ("<C-home>", .prose),
    ("<ret>", .field), ("<A-ret>", .field), ("<up>", .field), ("<tab>", .field), ("<C-s>", .code), ("<esc>", .code),
    ("<C-c>", .code), ("<A-t>", .prose), ("<A-z>", .prose),
  ])
  func `what an editor has no use for is left to its owner`(typed: String, options: TextEditor.Options) {
    var editor = TextEditor(text: "", options: options)
    let isTaken = editor.handle(keys(typed)[0])
    #expect(!isTaken)
  }

  @Test func `a paste is one step and keeps its lines, or becomes one line in a field`() {
    var prose = TextEditor(text: "ab")
    prose.moveCursor(to: TextPosition(0, 1))
    prose.insert("1\r\n2\r3")
    #expect(prose.text == "a1\n2\n3b")
    prose.undo()
    #expect(marked(prose) == "a|b")
    var field = TextEditor(text: "ab", options: .field)
    field.insert("1\r\n2")
    #expect(marked(field) == "ab1 2|")
  }

  @Test func `a search goes around the text and says when there is nothing`() {
    var editor = TextEditor(text: "Alpha\nbeta alpha\nγ")
    var found: [(Bool, TextPosition)] = []
    for (text, backwards, fromHere) in [
      ("alpha", false, true), ("alpha", false, false), ("alpha", false, false), ("alpha", true, false),
      ("Alpha", false, false), ("delta", false, false), ("", false, false),
    ] {
      let isFound = editor.find(text, backwards: backwards, fromHere: fromHere)
      found.append((isFound, editor.selection.range.lowerBound))
    }
    #expect(found.map(\.0) == [true, true, true, true, true, false, false])
    #expect(
      found.map(\.1) == [
        TextPosition(0, 0), TextPosition(1, 5), TextPosition(0, 0), TextPosition(1, 5), TextPosition(0, 0),
        TextPosition(0, 0), TextPosition(0, 0),
      ])
    #expect(editor.selectedText == "Alpha")
  }

  @Test func `the whole text can be replaced as one step`() {
    var editor = editor("{\"a\":|1}", .code)
    editor.replaceAll(with: "{\n  \"a\": 1\n}")
    #expect(marked(editor) == "{|\n  \"a\": 1\n}")
    editor.undo()
    #expect(marked(editor) == "{\"a\":|1}")
  }
}
