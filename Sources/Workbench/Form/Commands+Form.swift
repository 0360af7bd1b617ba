import Terminal

extension Commands {
  static let form: [Command] = {
    let place = Command.Place.form
    let isTyping: @Sendable (App) -> Bool = { $0.functions.form.typing != nil }
    return [
      Command(
        "form.edit", [KeyPress(.enter), .character("e"), .character("i")], "change the cell: name, type, limits, description",
        place, hint: "change"
      ) { app in
        if let picker = app.functions.editCell(app.session) { app.overlay = picker }
      },
      Command("form.accept", [KeyPress(.enter), KeyPress(.tab)], "take what is typed", place, modes: [.typing], hint: "take", isEnabled: isTyping) {
        $0.functions.finishTyping($0.session)
      },
      Command("form.cancel", [KeyPress(.escape)], "leave the cell as it was", place, modes: [.typing], hint: "cancel", isEnabled: isTyping) {
        $0.functions.cancelTyping($0.session)
      },
      Command("form.required", [.character(" ")], "make the field required, or not", place, hint: "required") {
        $0.functions.toggleRequired($0.session)
      },
      Command("form.add", [.character("a")], "add a field beside this one", place, hint: "add") {
        $0.functions.addField(inside: false, $0.session)
      },
      Command("form.add.inside", [.character("A")], "add a field within this one, which is an object", place) {
        $0.functions.addField(inside: true, $0.session)
      },
      Command("form.delete", [.character("d"), KeyPress(.delete)], "take the field out", place, hint: "delete") {
        $0.functions.removeField($0.session)
      },
      Command("form.down", [.character("J"), KeyPress(.down, .alt)], "move the field down: calls have fields in this order", place) {
        $0.functions.moveField(by: 1, $0.session)
      },
      Command("form.up", [.character("K"), KeyPress(.up, .alt)], "move the field up", place) {
        $0.functions.moveField(by: -1, $0.session)
      },
      Command("form.undo", [.character("u")], "undo", place, hint: "undo") { $0.functions.undoInForm($0.session) },
      Command("form.redo", [.character("U")], "redo", place) { $0.functions.redoInForm($0.session) },
      Command("form.end", [KeyPress(.escape)], "back to the list", place, hint: "list") {
        $0.functions.leaveForm($0.session)
      },
      Command("form.text", [.alt("f")], "to the function's text", place, modes: [.reading, .typing], hint: "text") { app in
        app.functions.acceptForm(app.session)
        app.functions.startEditing(app.session)
      },
    ]
  }()
}
