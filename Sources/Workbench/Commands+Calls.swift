import Terminal
import Tools

extension Commands {
  /// How the calls of a function are answered.
  static let calls: [Command] = [
    Command(
      "functions.way", [.character("m")], "how its calls are answered: by its mock, by hand, by its command",
      .pane(.functions), isEnabled: { $0.functions.entry($0.session) != nil }
    ) { app in
      guard let entry = app.functions.entry(app.session) else { return }
      app.session.changeWay(of: entry.name)
    }
  ]
}

extension Session {
  /// To the next of the three ways; saved with the workspace.
  func changeWay(of function: String) {
    let all = AnsweringWay.allCases
    let way = all[(all.firstIndex(of: tools.way(of: function))! + 1) % all.count]
    tools.ways[function] = way == .mock ? nil : way
    switch way {
    case .mock: show(.information, "calls of \(function): answered by mocks/\(function).json")
    case .manual: show(.information, "calls of \(function): you type the result")
    case .command where tools.commands.contains { $0.name == function }:
      show(.information, "calls of \(function): the program of commands/\(function).json")
    case .command:
      show(.warning, "calls of \(function): a command, and there is no commands/\(function).json yet")
    }
  }
}
