import JSON

// What a workspace's files allow to be executed counts only once its user has said so: a folder may come from someone else.

extension Workspace {
  /// Names what decides about running programs: the permissions and the commands, by their content.
  public var rulesHash: ContentHash {
    let commands = commands.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    return ContentHash(
      of: .object([
        "permissions": permissions ?? .null, "commands": .object(JSONObject(commands.map { ($0.name, $0.value) })),
      ]))
  }
}

extension UserFolders {
  private var trustedRules: String { state + "/trusted-rules.jsonl" }

  /// Whether the user has taken these rules for their own. A list that cannot be read trusts nothing.
  public func trustsRules(_ hash: ContentHash) -> Bool {
    guard let text = try? FileSystem.readText(trustedRules) else { return false }
    return text.split(separator: "\n").contains { (try? JSONValue(parsing: String($0)))?["rules"]?.string == hash.description }
  }

  /// Remembers that they are the user's own.
  public func trustRules(of workspace: Workspace) throws(DocumentError) {
    let line = JSONValue.object([
      "rules": .string(workspace.rulesHash.description), "workspace": .string(workspace.folder ?? workspace.settings.title),
    ])
    try FileSystem.append(Array((line.text(.spaced) + "\n").utf8), to: trustedRules)
  }
}
