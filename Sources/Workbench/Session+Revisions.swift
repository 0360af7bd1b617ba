import Documents
import Engine

/// Earlier states of the workspace's functions and prompts.
extension Session {
  /// A document with edits that are on no disk.
  struct UnsavedDocument: Equatable {
    /// As revisions have it: "functions/get_weather.json".
    var path: String
    /// What it is on disk; empty where it is not.
    var saved: String
    var text: String
  }

  var unsavedDocuments: [UnsavedDocument] {
    var documents = functions.filter(\.isChanged).map { entry in
      let saved = workspace.functions.first { $0.name == entry.document.name }
      return UnsavedDocument(path: "functions/\(entry.document.name).json", saved: saved?.text ?? "", text: entry.text)
    }
    if case .prompt(let prompt) = promptChange {
      let saved = workspace.prompts.first { $0.name == prompt.name }
      documents.append(UnsavedDocument(path: "prompts/\(prompt.name).md", saved: saved?.text ?? "", text: prompt.text))
    }
    return documents
  }

  /// What a function or a prompt is now, edits included; nil if there is none of this path any more.
  func currentText(at path: String) -> String? {
    if let unsaved = unsavedDocuments.first(where: { $0.path == path }) { return unsaved.text }
    let name = Revision.documentName(of: path)
    return path.hasPrefix("prompts/")
      ? workspace.prompts.first { $0.name == name }?.text
      : workspace.functions.first { $0.name == name }?.text
  }

  /// Takes over a document that is as it was earlier. Its editor keeps what it held, to be undone to.
  /// - Returns: the function's place in the list; nil for a prompt.
  func restored(_ path: String, _ hash: ContentHash, _ workspace: Workspace) -> Int? {
    let name = Revision.documentName(of: path)
    if path.hasPrefix("prompts/") {
      saved(workspace)
      if name == promptName, let prompt = workspace.prompts.first(where: { $0.name == name }) { openPrompt(prompt) }
      show(.success, "prompt \(name) is as it was in \(hash.short); u in the conversation brings the messages back")
      return nil
    }
    guard let document = workspace.functions.first(where: { $0.name == name }) else { return nil }
    let index = functions.firstIndex { $0.document.name == name } ?? functions.count
    if index == functions.count {
      insertFunction(document, at: index)
    } else {
      setFunction(at: index, text: document.text)
    }
    saved(workspace)
    show(.success, "\(name) is as it was in \(hash.short); Alt-z in its text takes that back")
    return index
  }
}
