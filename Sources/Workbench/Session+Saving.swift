import Documents
import Engine
import JSON
import Tools

/// Taking what was edited back to the workspace's files.
extension Session {
  /// The documents that differ from the files, in the order they are to be written: nothing is removed before what takes
  /// its place is there.
  var changes: [WorkspaceChange] {
    var changes = functions.filter(\.isChanged).map { WorkspaceChange.function($0.documentToSave) }
    for entry in functions where entry.documentToSave.name != entry.document.name {
      // What answers a function goes with it.
      if let mock = workspace.mocks.first(where: { $0.name == entry.document.name }) {
        changes.append(.mock(MockDocument(name: entry.documentToSave.name, value: mock.value)))
      }
      if let command = workspace.commands.first(where: { $0.name == entry.document.name }) {
        changes.append(.command(CommandDocument(name: entry.documentToSave.name, value: command.value)))
      }
      for line in workspace.recordings.first(where: { $0.name == entry.document.name })?.lines ?? [] {
        changes.append(.recording(name: entry.documentToSave.name, line: line))
      }
    }
    let names = functions.map(\.documentToSave.name)
    var settings = workspace.settings
    settings.functionsOff = functions.filter { !$0.isOn }.map(\.documentToSave.name)
    settings.functionOrder = functionOrder(of: names)
    settings.sampling = presetName
    settings.runners = ways.mapValues(\.rawValue)
    settings.thinking = thinking == .template ? nil : thinking.rawValue
    if settings != workspace.settings { changes.append(.settings(settings)) }
    if let promptChange { changes.append(promptChange) }
    for function in workspace.functions where !names.contains(function.name) {
      changes.append(.removeFunction(name: function.name))
    }
    return changes
  }

  /// What workspace.json has to say for the functions to come back in this order: nothing, if what it says does that.
  private func functionOrder(of names: [String]) -> [String] {
    let kept = workspace.settings.functionOrder.filter { names.contains($0) }
    let others = names.filter { !kept.contains($0) }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return kept + others == names ? kept : names
  }

  /// How functions are answered, under the names they are to be saved with.
  private var ways: [String: AnsweringWay] {
    var ways: [String: AnsweringWay] = [:]
    for (name, way) in tools.ways {
      ways[functions.first { $0.document.name == name }?.documentToSave.name ?? name] = way
    }
    return ways
  }

  func save() {
    let changes = changes
    if changes.isEmpty {
      show(.information, "nothing has changed since the last save")
    } else {
      request(.save(changes))
    }
  }

  func saved(_ workspace: Workspace) {
    self.workspace = workspace
    // What was chosen since is not lost by a save that was about something else.
    let ways = ways
    readTools()
    tools.ways = ways
    for index in functions.indices { functions[index].wasSaved(to: workspace) }
    choiceWasSaved()
    let warning = tools.warnings(functions: functions.map(\.name)).first
    show(warning == nil ? .success : .warning, warning.map { "saved; \($0)" } ?? "saved")
  }
}
