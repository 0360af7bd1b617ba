import Terminal

extension Commands {
  /// Taking in definitions of other programs.
  static let importDialog: [Command] = {
    let both: Set<InputMode> = [.reading, .typing]
    func row(
      _ id: String, _ keys: [KeyPress], _ title: String, modes: Set<InputMode> = [.reading], hint: String? = nil,
      action: @escaping @Sendable (ImportOverlay, App) -> Void
    ) -> Command {
      Command("import.\(id)", keys, title, .dialog(.importing), modes: modes, hint: hint) { app in
        if let dialog = app.overlay as? ImportOverlay { action(dialog, app) }
      }
    }
    return [
      row(
        "take", [KeyPress(.enter)], "read the file, or go to the list; there: take what is chosen", modes: both,
        hint: "take"
      ) { dialog, app in
        if let taken = dialog.accept(app.session) { app.take(taken) }
      },
      row("choose", [.character(" ")], "take this one, or leave it", hint: "choose") { dialog, app in
        dialog.toggle(app.session)
      },
      row("name", [.character("n")], "take it under another name", hint: "name") { dialog, app in
        if let prompt = dialog.namePrompt(app.session) { app.cover(with: prompt) }
      },
      row("focus", [KeyPress(.tab)], "to the list of what was found, and back", modes: both, hint: "list/source") {
        dialog, _ in dialog.changeFocus()
      },
      row("newline", [KeyPress(.enter, .alt), .control("j")], "a new line in what is pasted", modes: [.typing]) {
        dialog, _ in dialog.breakLine()
      },
      row("down", [.character("j"), KeyPress(.down)], "the next definition") { dialog, _ in dialog.move(1) },
      row("up", [.character("k"), KeyPress(.up)], "the definition before") { dialog, _ in dialog.move(-1) },
      row("page.down", [KeyPress(.pageDown)], "the text a page down", modes: both) { dialog, _ in
        dialog.scroll(by: max(1, dialog.height - 1))
      },
      row("page.up", [KeyPress(.pageUp)], "the text a page up", modes: both) { dialog, _ in
        dialog.scroll(by: -max(1, dialog.height - 1))
      },
    ]
  }()

  /// Drafting a definition.
  static let draftDialog: [Command] = {
    func row(
      _ id: String, _ keys: [KeyPress], _ title: String, hint: String? = nil,
      action: @escaping @Sendable (DraftOverlay, App) -> Void
    ) -> Command {
      Command("draft.\(id)", keys, title, .dialog(.draft), modes: [.typing], hint: hint) { app in
        if let dialog = app.overlay as? DraftOverlay { action(dialog, app) }
      }
    }
    return [
      row("take", [KeyPress(.enter)], "open the definition as a new function", hint: "take it") { dialog, app in
        if let document = dialog.accept(app.session) { app.take(document) }
      },
      row("newline", [KeyPress(.enter, .alt), .control("j")], "a new line in the samples", hint: "new line") {
        dialog, _ in dialog.breakLine()
      },
      row("field", [KeyPress(.tab), KeyPress(.tab, .shift)], "from the name to the samples and back", hint: "name/samples") {
        dialog, _ in dialog.changeField()
      },
      row("page.down", [KeyPress(.pageDown)], "the definition a page down") { dialog, _ in
        dialog.scroll(by: max(1, dialog.view.viewport.height - 1))
      },
      row("page.up", [KeyPress(.pageUp)], "the definition a page up") { dialog, _ in
        dialog.scroll(by: -max(1, dialog.view.viewport.height - 1))
      },
    ]
  }()
}
