import Documents
import Terminal

extension Commands {
  static let functions: [Command] = {
    let place = Command.Place.pane(.functions)
    let both: Set<InputMode> = [.reading, .typing]
    let isEditing: @Sendable (App) -> Bool = { $0.functions.isEditing }
    let hasEntry: @Sendable (App) -> Bool = { $0.functions.entry($0.session) != nil }
    return [
      Command(
        "functions.toggle", [.character(" ")], "switch the function on or off", place, hint: "on/off",
        isEnabled: hasEntry
      ) {
        $0.functions.toggle($0.session)
      },
      Command("functions.toggle.all", [.character("t")], "switch all functions on, or off", place, isEnabled: hasEntry)
      {
        $0.functions.toggleAll($0.session)
      },
      Command(
        "functions.edit", [KeyPress(.enter), .character("e"), .character("i")], "edit the function's text", place,
        hint: "edit", isEnabled: hasEntry
      ) {
        $0.functions.startEditing($0.session)
      },
      Command(
        "functions.form", [.character("f")], "the function as a form, field by field", place, hint: "form",
        isEnabled: hasEntry
      ) { $0.functions.enterForm($0.session) },
      Command(
        "functions.flip", [.alt("f")], "from the text to the form and back", place, modes: both, isEnabled: hasEntry
      ) { app in
        if app.functions.isEditing { app.functions.enterForm(app.session) } else { app.functions.startEditing(app.session) }
      },
      Command(
        "functions.edit.end", [KeyPress(.escape)], "back to the list", place, modes: [.typing], hint: "list",
        isEnabled: isEditing
      ) { $0.functions.stopEditing($0.session) },
      Command(
        "functions.external", [.character("E"), .alt("e")], "edit the function in $EDITOR", place, modes: both,
        hint: "$EDITOR", isEnabled: hasEntry
      ) {
        $0.functions.editOutside($0.session)
      },
      Command("functions.choice", [.character("p")], "measure how probable each function is for the question", place) {
        $0.session.askForChoice()
      },
      Command("functions.add", [.character("a")], "add a function", place, hint: "add") {
        $0.functions.add($0.session)
      },
      Command(
        "functions.duplicate", [.character("c")], "copy the function under another name", place, isEnabled: hasEntry
      ) {
        $0.functions.duplicate($0.session)
      },
      Command(
        "functions.delete", [.character("d"), KeyPress(.delete)], "delete the function", place, hint: "delete",
        isEnabled: hasEntry
      ) {
        guard let entry = $0.functions.entry($0.session) else { return }
        $0.overlay = Question("Delete the function \(entry.name)?", yes: "functions.delete.now")
      },
      Command("functions.delete.now", [], "delete the function without asking", place, isEnabled: hasEntry) {
        $0.functions.remove($0.session)
      },
      Command(
        "functions.down", [.character("J"), KeyPress(.down, .alt)],
        "move the function down: the model reads them in order", place, isEnabled: hasEntry
      ) {
        $0.functions.reorder(by: 1, $0.session)
      },
      Command(
        "functions.up", [.character("K"), KeyPress(.up, .alt)], "move the function up", place, isEnabled: hasEntry
      ) {
        $0.functions.reorder(by: -1, $0.session)
      },
      Command(
        "functions.format", [.alt("p")], "pretty-print the function", place, modes: both, hint: "pretty",
        isEnabled: hasEntry
      ) {
        $0.functions.format($0.session)
      },
      Command(
        "functions.problem", [.alt("n")], "go to the next problem in the text", place, modes: both, isEnabled: hasEntry
      ) {
        $0.functions.goToProblem($0.session)
      },
      Command(
        "functions.fix", [.alt(".")], "fix what the linter found here, or next", place, modes: both, hint: "fix",
        isEnabled: hasEntry
      ) {
        $0.functions.fix($0.session)
      },
      Command(
        "functions.profile", [.alt("l")], "whose rules functions are checked by: Qwen3, OpenAI, Anthropic, Gemini, MCP",
        place, modes: both, isEnabled: hasEntry
      ) {
        $0.functions.chooseProfile($0.session)
      },
      Command(
        "functions.find", [.control("f")], "search in the text", place, modes: [.typing], hint: "find",
        isEnabled: isEditing
      ) { $0.startSearch() },
      Command(
        "functions.find.next", [KeyPress(.function(3))], "next match in the text", place, modes: [.typing],
        isEnabled: isEditing
      ) { $0.repeatSearch(backwards: false) },
      Command(
        "functions.find.previous", [KeyPress(.function(3), .shift)], "match before in the text", place,
        modes: [.typing], isEnabled: isEditing
      ) {
        $0.repeatSearch(backwards: true)
      },
      Command(
        "functions.copy", [.alt("w")], "copy the selection, or the whole text", place, modes: [.typing],
        isEnabled: isEditing
      ) { $0.copy() },
      Command("functions.indent", [KeyPress(.tab)], "indent", place, modes: [.typing], isEnabled: isEditing) {
        _ = $0.functions.handle(KeyPress(.tab), $0.session)
      },
      Command(
        "functions.outdent", [KeyPress(.tab, .shift)], "indent less", place, modes: [.typing], isEnabled: isEditing
      ) {
        _ = $0.functions.handle(KeyPress(.tab, .shift), $0.session)
      },
      Command(
        "functions.bracket", [.alt("m")], "to the matching bracket", place, modes: [.typing], isEnabled: isEditing
      ) { _ = $0.functions.handle(.alt("m"), $0.session) },
    ]
  }()
}

extension FunctionsPane {
  func editOutside(_ session: Session) {
    guard let entry = entry(session) else { return }
    session.request(.edit(.function(entry.document.name), text: entry.text, fileExtension: "json"))
  }

  func format(_ session: Session) {
    guard withSchema(session, { $0.format() }) == false else { return }
    session.show(.warning, "the text is not JSON yet; it stays as it is")
  }

  /// Opens the editor at the next problem.
  func goToProblem(_ session: Session) {
    if withSchema(session, { $0.goToNextDiagnostic() }) == true {
      startEditing(session)
    } else {
      session.show(.success, "nothing is wrong with the text")
    }
  }
}
