import Terminal

extension Commands {
  /// What opens the dialogs about definitions and their earlier states.
  static let exchange: [Command] = {
    let place = Command.Place.pane(.functions)
    return [
      Command(
        "revisions", [.alt("r")], "earlier states of functions and prompts: compare, go back", modes: [.reading, .typing]
      ) { $0.openRevisions() },
      Command("export", [.character("x")], "write functions in another program's form", place) { $0.openExport() },
      Command("import", [.character("I")], "take in definitions of other programs, from a file or pasted", place) {
        $0.openImport()
      },
      Command("draft", [.character("A")], "draft a function from samples of its arguments", place) { $0.openDraft() },
    ]
  }()

  static let exportDialog: [Command] = {
    func row(
      _ id: String, _ keys: [KeyPress], _ title: String, hint: String? = nil,
      action: @escaping @Sendable (ExportOverlay, App) -> Void
    ) -> Command {
      Command("export.\(id)", keys, title, .dialog(.export), hint: hint) { app in
        if let dialog = app.overlay as? ExportOverlay { action(dialog, app) }
      }
    }
    return [
      row("write", [.character("s"), KeyPress(.enter)], "write the text to a file", hint: "to a file") { dialog, app in
        if let prompt = dialog.namePrompt(app.session) { app.cover(with: prompt) }
      },
      row("copy", [.character("y")], "copy the text", hint: "copy") { dialog, app in dialog.copy(app.session) },
      row("scope", [KeyPress(.tab)], "the chosen function, those that are on, or all", hint: "which") { dialog, _ in
        dialog.changeScope()
      },
      row("down", [.character("j"), KeyPress(.down)], "the next form") { dialog, _ in dialog.move(1) },
      row("up", [.character("k"), KeyPress(.up)], "the form before") { dialog, _ in dialog.move(-1) },
      row("page.down", [KeyPress(.pageDown), .control("f")], "the text a page down", hint: "text") { dialog, _ in
        dialog.scroll(by: max(1, dialog.view.viewport.height - 1))
      },
      row("page.up", [KeyPress(.pageUp), .control("b")], "the text a page up") { dialog, _ in
        dialog.scroll(by: -max(1, dialog.view.viewport.height - 1))
      },
      row("notes.down", [.character("J")], "what is lost, further down") { dialog, _ in dialog.scrollNotes(by: 1) },
      row("notes.up", [.character("K")], "what is lost, further up") { dialog, _ in dialog.scrollNotes(by: -1) },
      row("overwrite.now", [], "write over the file without asking") { dialog, app in dialog.overwrite(app.session) },
    ]
  }()
}
