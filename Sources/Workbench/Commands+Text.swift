import Terminal

extension Commands {
  /// What an editor understands by itself while one types, for help and the palette; the keys are passed on to it.
  static let text: [Command] = [
    row(
      "word.left", [KeyPress(.left, .control), KeyPress(.left, .alt), .alt("b")],
      "a word to the left; with Shift arrows select"),
    row("word.right", [KeyPress(.right, .control), KeyPress(.right, .alt), .alt("f")], "a word to the right"),
    row("select.all", [.alt("a")], "select everything"),
    row("undo", [.alt("z"), .control("_")], "undo"),
    row("redo", [.alt("Z")], "redo"),
    row("kill.word", [.control("w"), KeyPress(.backspace, .alt)], "cut the word before the cursor"),
    row("kill.word.right", [.alt("d")], "cut the word after the cursor"),
    row("kill.line", [.control("k")], "cut to the line's end"),
    row("kill.line.left", [.control("u")], "cut to the line's start"),
    row("yank", [.control("y")], "paste what was cut last"),
    row("line.break", [KeyPress(.enter, .alt), .control("j")], "a line break"),
  ]

  private static func row(_ id: String, _ keys: [KeyPress], _ title: String) -> Command {
    Command("text.\(id)", keys, title, modes: [.typing], isEnabled: { $0.mode == .typing }) { app in
      _ = app.focusedPane.handle(keys[0], app.session)
    }
  }
}
