import Documents
import Engine
import JSON

/// Taking what was edited back to the workspace's files.
extension Session {
  /// The documents that differ from the files.
  var changes: [WorkspaceChange] {
    var changes: [WorkspaceChange] = functions.filter(\.isChanged).map { .function($0.document) }
    var settings = workspace.settings
    settings.functionsOff = functions.filter { !$0.isOn }.map(\.document.name)
    settings.thinking = thinking == .template ? nil : thinking.rawValue
    if settings != workspace.settings { changes.append(.settings(settings)) }
    return changes
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
    for index in functions.indices {
      let document = functions[index].document
      functions[index].isChanged = workspace.functions.first { $0.name == document.name }?.text != document.text
    }
    show(.success, "saved")
  }
}
