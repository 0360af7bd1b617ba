import Terminal

extension Commands {
  /// Comparing earlier states, and going back to one.
  static let revisionsDialog: [Command] = [
    row("down", [.character("j"), KeyPress(.down)], "the state before") { dialog, app in dialog.move(1, app.session) },
    row("up", [.character("k"), KeyPress(.up)], "the state after") { dialog, app in
      dialog.move(-1, app.session)
    },
    row("bottom", [.character("G"), KeyPress(.end)], "the first state") { dialog, app in
      dialog.move(.max / 2, app.session)
    },
    row("top", [.character("g"), KeyPress(.home)], "the latest state") { dialog, app in
      dialog.move(.min / 2, app.session)
    },
    row("back", [KeyPress(.enter)], "go back to the chosen state: the document is saved as it was then", hint: "go back") {
      dialog, app in
      if let question = dialog.goBack(app.session, isSure: false) { app.cover(with: question) }
    },
    row("back.now", [], "go back without asking") { dialog, app in _ = dialog.goBack(app.session, isSure: true) },
    row("mark", [.character(" ")], "mark a state to compare the others with, or no longer", hint: "mark") {
      dialog, app in dialog.mark(app.session)
    },
    row("filter", [.character("/")], "narrow the list", hint: "filter") { dialog, _ in dialog.startFilter() },
    row("scope", [KeyPress(.tab)], "one document's states, or all", hint: "one/all") { dialog, app in
      dialog.changeScope(app.session)
    },
    row("copy", [.character("y")], "copy the hash", hint: "hash") { dialog, app in dialog.copyHash(app.session) },
    row("page.down", [KeyPress(.pageDown), .control("f")], "the difference a page down") { dialog, _ in
      dialog.scroll(by: max(1, dialog.diffHeight - 1))
    },
    row("page.up", [KeyPress(.pageUp), .control("b")], "the difference a page up") { dialog, _ in
      dialog.scroll(by: -max(1, dialog.diffHeight - 1))
    },
    row("save", [.control("s")], "save the workspace: one more state", modes: [.reading, .typing]) { _, app in
      app.save()
    },
    row("filter.end", [KeyPress(.enter)], "keep the list as narrow as it is", modes: [.typing]) { dialog, _ in
      dialog.endFilter(keeping: true)
    },
    row("filter.leave", [KeyPress(.escape)], "the whole list again", modes: [.typing], hint: "whole list") {
      dialog, _ in dialog.endFilter(keeping: false)
    },
  ]

  private static func row(
    _ id: String, _ keys: [KeyPress], _ title: String, modes: Set<InputMode> = [.reading], hint: String? = nil,
    action: @escaping @Sendable (RevisionsOverlay, App) -> Void
  ) -> Command {
    Command("revisions.\(id)", keys, title, .dialog(.revisions), modes: modes, hint: hint) { app in
      if let dialog = app.overlay as? RevisionsOverlay { action(dialog, app) }
    }
  }
}
