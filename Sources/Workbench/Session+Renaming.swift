import Documents
import Tools

/// What goes with a function when it gets another name: what answers its calls, and what is said of them elsewhere.
struct RenamedAnswers {
  /// What is to be written, then what is to be removed.
  var writes: [WorkspaceChange] = []
  var removals: [WorkspaceChange] = []
  /// Sentences about files that stay, since there is one under the new name already.
  var remarks: [String] = []
}

extension Session {
  /// Functions that are to be saved under another name than they have on disk, by the old one.
  var renames: [String: String] {
    var renames: [String: String] = [:]
    for entry in functions { if let (old, new) = entry.rename, renames[old] == nil { renames[old] = new } }
    return renames
  }

  /// The mocks, commands and recordings of renamed functions under their new names, and the permission rules about them.
  var renamedAnswers: RenamedAnswers {
    let renames = renames
    var answers = RenamedAnswers()
    guard !renames.isEmpty else { return answers }
    move(
      workspace.mocks, "mocks", renames, \.name, &answers,
      write: { .mock(MockDocument(name: $1, value: $0.value)) }, remove: { .removeMock(name: $0) })
    move(
      workspace.commands, "commands", renames, \.name, &answers,
      write: { .command(CommandDocument(name: $1, value: $0.value)) }, remove: { .removeCommand(name: $0) })
    move(
      workspace.recordings, "recordings", renames, \.name, &answers,
      write: { .recordings(RecordingDocument(name: $1, lines: $0.lines)) }, remove: { .removeRecordings(name: $0) })
    if let permissions = workspace.permissions {
      let renamed = Permissions.renaming(renames, in: permissions)
      if renamed != permissions { answers.writes.append(.permissions(renamed)) }
    }
    return answers
  }

  private func move<Document>(
    _ documents: [Document], _ folder: String, _ renames: [String: String], _ name: (Document) -> String,
    _ answers: inout RenamedAnswers, write: (Document, String) -> WorkspaceChange, remove: (String) -> WorkspaceChange
  ) {
    let present = Set(documents.map(name))
    // Of two that swap their names each takes the other's place.
    let leaving = present.intersection(renames.keys)
    var written: Set<String> = []
    var left: [String] = []
    for document in documents {
      guard let new = renames[name(document)] else { continue }
      guard !present.contains(new) || leaving.contains(new) else {
        answers.remarks.append("\(folder) has a file for \(new) already; that of \(name(document)) stays where it is")
        continue
      }
      answers.writes.append(write(document, new))
      written.insert(new)
      left.append(name(document))
    }
    answers.removals += left.filter { !written.contains($0) }.map(remove)
  }
}
