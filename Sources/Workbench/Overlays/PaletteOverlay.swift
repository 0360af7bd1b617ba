import Terminal

/// Every command by name: what can be done now first, the rest of the table after it.
extension PickerOverlay {
  static func palette(_ app: App) -> PickerOverlay {
    // An answer to a question is no command of its own.
    let rows = Commands.all.filter { !$0.isOfOverlay && !$0.id.hasSuffix(".now") }
    let here = rows.filter { $0.place == app.place } + rows.filter { $0.place == .everywhere }
    let elsewhere = rows.filter { $0.place != app.place && $0.place != .everywhere }
    let commands = here.filter { $0.isEnabled(app) } + elsewhere.filter { $0.isEnabled(app) }
    let items = commands.map { command in
      var title = command.title
      if case .pane(let pane) = command.place { title = "\(pane.title): \(title)" }
      if command.place == .form { title = "Form: \(title)" }
      return Item(title: title, note: command.keys.first?.description ?? "")
    }
    return PickerOverlay(title: "Commands", placeholder: "type a few letters of what you want", items: items) {
      index, _ in
      .run(command: commands[index].id)
    }
  }
}
