import Documents

/// Files that a dialog wants read or written.
enum DocumentRequest: Sendable, Equatable {
  /// Every saved state of the workspace's functions and prompts.
  case history
  /// Brings a document of the workspace back to a state.
  case restore(path: String, ContentHash)
  case read(path: String)
  /// - Parameter replaces: whether a file that is there already may be written over.
  case write(path: String, text: String, replaces: Bool)
}

/// What came of it.
enum DocumentReply: Sendable {
  case history(RevisionHistory)
  /// The workspace with the document as it is now on disk.
  case restored(path: String, ContentHash, Workspace)
  case read(path: String, text: String)
  case written(path: String)
  /// There is such a file already, and it is as it was.
  case exists(path: String, text: String)
  case failed(DocumentRequest, sentence: String)
}

extension DocumentRequest {
  /// Does it; may block on the disk.
  func reply(_ workspace: Workspace, home: UserFolders) -> DocumentReply {
    do throws(DocumentError) {
      switch self {
      case .history: return .history(try RevisionHistory(workspace.revisions(home: home)))
      case .restore(let path, let hash):
        var workspace = workspace
        try workspace.restore(path, to: hash, home: home)
        return .restored(path: path, hash, workspace)
      case .read(let path): return .read(path: path, text: try ExchangeFile(path).read())
      case .write(let path, let text, let replaces):
        return try ExchangeFile(path).write(text, replaces: replaces)
          ? .written(path: path) : .exists(path: path, text: text)
      }
    } catch {
      return .failed(self, sentence: error.description)
    }
  }
}
