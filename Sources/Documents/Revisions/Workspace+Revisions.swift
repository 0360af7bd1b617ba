/// A workspace's earlier states.
extension Workspace {
  /// Where they are kept. Those of a sample that has not been changed would be where its changed copy will be.
  public var revisions: RevisionStore { revisions(home: .current) }

  public func revisions(home: UserFolders) -> RevisionStore {
    switch origin {
    case .folder(let path): RevisionStore(folder: path)
    case .sample(let name): RevisionStore(folder: home.workspaces + "/" + name)
    }
  }

  /// The text whose hash begins with these digits.
  public func text(of digits: String) throws(DocumentError) -> String {
    let hash = try revisions.hash(beginning: digits)
    return String(decoding: try revisions.contents(of: hash), as: UTF8.self)
  }

  /// A function's or a prompt's file as it is on disk; nil if there is none.
  public func currentText(at path: String) throws(DocumentError) -> String? {
    guard case .folder(let folder) = origin, FileSystem.isFile("\(folder)/\(path)") else { return nil }
    return try FileSystem.readText("\(folder)/\(path)")
  }

  /// Brings a function or a prompt back to an earlier state, as a new revision.
  /// - Parameter path: as revisions have it: "functions/get_weather.json".
  public mutating func restore(
    _ path: String, to hash: ContentHash, home: UserFolders = .current
  ) throws(DocumentError) {
    let text = String(decoding: try revisions(home: home).contents(of: hash), as: UTF8.self)
    let name = Revision.documentName(of: path)
    if path.hasPrefix("prompts/") {
      let prompt = try PromptDocument(name: name, parsing: text, path: path)
      try write(prompt, as: text, event: .restored, in: try ownFolder(home: home))
    } else {
      let isOn = functions.first { $0.name == name }?.isOn ?? true
      try save(.function(FunctionDocument(name: name, text: text, isOn: isOn)), event: .restored, home: home)
    }
  }
}

extension Revision {
  /// "get_weather" of "functions/get_weather.json".
  public var documentName: String { Self.documentName(of: path) }

  /// The same of a path.
  public static func documentName(of path: String) -> String {
    let file = FileSystem.lastComponent(of: path)
    return file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
  }
}
