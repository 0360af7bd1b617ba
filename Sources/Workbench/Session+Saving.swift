import Documents
import Engine
import JSON
import Tools

/// Taking what was edited back to the workspace's files.
extension Session {
  /// The documents that differ from the files, in the order they are to be written: nothing is removed before what takes
  /// its place is there.
  var changes: [WorkspaceChange] {
    let answers = renamedAnswers
    var changes = functions.filter(\.isChanged).map { WorkspaceChange.function($0.documentToSave) } + answers.writes
    let names = functions.map(\.documentToSave.name)
    var settings = workspace.settings
    settings.functionsOff = functions.filter { !$0.isOn }.map(\.documentToSave.name)
    settings.functionOrder = functionOrder(of: names)
    settings.sampling = presetName
    settings.runners = ways(after: renames).mapValues(\.rawValue)
    settings.thinking = thinking == .template ? nil : thinking.rawValue
    if settings != workspace.settings { changes.append(.settings(settings)) }
    if let promptChange { changes.append(promptChange) }
    for function in workspace.functions where !names.contains(function.name) {
      changes.append(.removeFunction(name: function.name))
    }
    return changes + answers.removals
  }

  /// What workspace.json has to say for the functions to come back in this order: nothing, if what it says does that.
  private func functionOrder(of names: [String]) -> [String] {
    let kept = workspace.settings.functionOrder.filter { names.contains($0) }
    let others = names.filter { !kept.contains($0) }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return kept + others == names ? kept : names
  }

  /// How functions are answered, under new names.
  private func ways(after renames: [String: String]) -> [String: AnsweringWay] {
    var ways: [String: AnsweringWay] = [:]
    for (name, way) in tools.ways { ways[renames[name] ?? name] = way }
    return ways
  }

  func save() {
    let changes = changes
    let names = functions.map(\.documentToSave.name)
    if let twice = names.enumerated().first(where: { names[..<$0.offset].contains($0.element) })?.element {
      show(.error, "two functions would be functions/\(twice).json; rename one, nothing is saved")
    } else if changes.isEmpty {
      show(.information, "nothing has changed since the last save")
    } else {
      request(.save(changes))
    }
  }

  func saved(_ workspace: Workspace) {
    // What was chosen since is not lost by a save that was about something else.
    let renames = renames.filter { rename in
      functions.contains { entry in
        entry.rename?.old == rename.key
          && workspace.functions.contains { $0.name == entry.documentToSave.name && $0.text == entry.text }
      }
    }
    let remarks = renames.isEmpty ? [] : renamedAnswers.remarks
    let ways = ways(after: renames)
    allowedFunctions = Set(allowedFunctions.map { renames[$0] ?? $0 })
    self.workspace = workspace
    readTools()
    tools.ways = ways
    for index in functions.indices { functions[index].wasSaved(to: workspace) }
    choiceWasSaved()
    let warning = (remarks + tools.warnings(functions: functions.map(\.name))).first
    show(warning == nil ? .success : .warning, warning.map { "saved; \($0)" } ?? "saved")
  }
}
