public import JSON

/// A change of a workspace that is written to disk.
public enum WorkspaceChange: Sendable, Equatable {
  case settings(WorkspaceSettings)
  case prompt(PromptDocument)
  case removePrompt(name: String)
  case function(FunctionDocument)
  case removeFunction(name: String)
  case mock(MockDocument)
  case sampling(SamplingPreset)
  case command(CommandDocument)
  /// The document of permissions.json.
  case permissions(JSONValue)
  /// A line for `recordings/NAME.jsonl`.
  case recording(name: String, line: JSONValue)
  /// The whole of `recordings/NAME.jsonl`: those of a function that was renamed.
  case recordings(RecordingDocument)
  case removeMock(name: String)
  case removeCommand(name: String)
  case removeRecordings(name: String)
}

extension Workspace {
  /// Writes one change, each file atomically, and takes it over in memory. A sample is first copied to the user's data
  /// folder, and is from then on that folder. Functions and prompts are kept as revisions too.
  /// - Parameter event: how a function or a prompt came to its new state.
  public mutating func save(
    _ change: WorkspaceChange, event: Revision.Event = .saved, home: UserFolders = .current
  ) throws(DocumentError) {
    let folder = try ownFolder(home: home)
    let revisions = RevisionStore(folder: folder)
    switch change {
    case .settings(let new):
      try write(new.json, to: "\(folder)/workspace.json")
      settings = new
    case .prompt(let prompt): try write(prompt, as: prompt.text, event: event, in: folder)
    case .removePrompt(let name):
      let path = "prompts/\(try fileName(name)).md"
      try revisions.noteRemoval(at: path)
      try FileSystem.remove("\(folder)/\(path)")
      prompts.removeAll { $0.name == name }
    case .function(let function):
      let text = function.text.hasSuffix("\n") ? function.text : function.text + "\n"
      let path = "functions/\(try fileName(function.name)).json"
      try revisions.note(Array(text.utf8), at: path, event: event)
      try FileSystem.writeAtomically(Array(text.utf8), to: "\(folder)/\(path)")
      replace(&functions, function, name: \.name)
    case .removeFunction(let name):
      let path = "functions/\(try fileName(name)).json"
      try revisions.noteRemoval(at: path)
      try FileSystem.remove("\(folder)/\(path)")
      functions.removeAll { $0.name == name }
    case .mock(let mock):
      try write(mock.value, to: "\(folder)/mocks/\(try fileName(mock.name)).json")
      replace(&mocks, mock, name: \.name)
      sort(&mocks, by: \.name)
    case .sampling(let preset):
      try write(.object(preset.settings), to: "\(folder)/sampling/\(try fileName(preset.name)).json")
      replace(&samplingPresets, preset, name: \.name)
      sort(&samplingPresets, by: \.name)
    case .command(let command):
      try write(command.value, to: "\(folder)/commands/\(try fileName(command.name)).json")
      replace(&commands, command, name: \.name)
      sort(&commands, by: \.name)
    case .permissions(let value):
      try write(value, to: "\(folder)/permissions.json")
      permissions = value
    case .recording(let name, let line):
      let text = line.text(.spaced) + "\n"
      try FileSystem.append(Array(text.utf8), to: "\(folder)/recordings/\(try fileName(name)).jsonl")
      if let index = recordings.firstIndex(where: { $0.name == name }) {
        recordings[index].lines.append(line)
      } else {
        recordings.append(RecordingDocument(name: name, lines: [line]))
        sort(&recordings, by: \.name)
      }
    case .recordings(let document):
      let text = document.lines.map { $0.text(.spaced) + "\n" }.joined()
      try FileSystem.writeAtomically(Array(text.utf8), to: "\(folder)/recordings/\(try fileName(document.name)).jsonl")
      replace(&recordings, document, name: \.name)
      sort(&recordings, by: \.name)
    case .removeMock(let name):
      try FileSystem.remove("\(folder)/mocks/\(try fileName(name)).json")
      mocks.removeAll { $0.name == name }
    case .removeCommand(let name):
      try FileSystem.remove("\(folder)/commands/\(try fileName(name)).json")
      commands.removeAll { $0.name == name }
    case .removeRecordings(let name):
      try FileSystem.remove("\(folder)/recordings/\(try fileName(name)).jsonl")
      recordings.removeAll { $0.name == name }
    }
  }

  /// Writes a prompt in these words, which may be laid out in another way than ours.
  mutating func write(
    _ prompt: PromptDocument, as text: String, event: Revision.Event, in folder: String
  ) throws(DocumentError) {
    let path = "prompts/\(try fileName(prompt.name)).md"
    try RevisionStore(folder: folder).note(Array(text.utf8), at: path, event: event)
    try FileSystem.writeAtomically(Array(text.utf8), to: "\(folder)/\(path)")
    replace(&prompts, prompt, name: \.name)
    sort(&prompts, by: \.name)
  }

  /// The folder to write to.
  public mutating func ownFolder(home: UserFolders = .current) throws(DocumentError) -> String {
    switch origin {
    case .folder(let path): return path
    case .sample(let name):
      let folder = home.workspaces + "/" + name
      let prefix = "Workspaces/\(name)/"
      // workspace.json last: a copy that was cut short is not taken for a workspace.
      let files = EmbeddedFile.all(under: prefix).sorted { a, _ in !a.path.hasSuffix("/workspace.json") }
      for file in files {
        try FileSystem.writeAtomically(file.bytes, to: "\(folder)/\(file.path.dropFirst(prefix.count))")
      }
      origin = .folder(folder)
      return folder
    }
  }

  private func write(_ value: JSONValue, to path: String) throws(DocumentError) {
    try FileSystem.writeAtomically(Array((value.text(.pretty) + "\n").utf8), to: path)
  }

  private func replace<Document>(_ documents: inout [Document], _ new: Document, name: (Document) -> String) {
    if let index = documents.firstIndex(where: { name($0) == name(new) }) {
      documents[index] = new
    } else {
      documents.append(new)
    }
  }

  /// In the order in which a folder's files are opened.
  private func sort<Document>(_ documents: inout [Document], by name: (Document) -> String) {
    documents.sort { name($0).utf8.lexicographicallyPrecedes(name($1).utf8) }
  }

  /// A name that stays inside its folder.
  private func fileName(_ name: String) throws(DocumentError) -> String {
    if name.isEmpty { throw .badName(name, reason: "it is empty") }
    if name.utf8.count > 200 { throw .badName(name, reason: "it is longer than 200 bytes") }
    if name.hasPrefix(".") { throw .badName(name, reason: "it starts with a dot") }
    if name.contains(where: { $0 == "/" || $0 == "\0" || $0.isNewline }) {
      throw .badName(name, reason: "it holds a slash, a line break or a zero")
    }
    return name
  }
}
