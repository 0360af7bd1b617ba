import Glibc
import JSON

/// Where a user's files live (XDG Base Directory Specification).
public struct UserFolders: Sendable, Equatable {
  /// Changed samples and nothing else: `$XDG_DATA_HOME/lathe/workspaces`.
  public let workspaces: String
  /// Themes of the user's own: `$XDG_CONFIG_HOME/lathe/themes`.
  public let themes: String
  /// The composer's history and the last workspace: `$XDG_STATE_HOME/lathe`.
  public let state: String

  public init(data: String, config: String, state: String) {
    workspaces = data + "/lathe/workspaces"
    themes = config + "/lathe/themes"
    self.state = state + "/lathe"
  }

  /// From the environment.
  public static var current: UserFolders {
    func variable(_ name: String) -> String? {
      guard let value = getenv(name) else { return nil }
      let text = String(cString: value)
      return text.hasPrefix("/") ? text : nil
    }
    let home = variable("HOME") ?? "/tmp"
    return UserFolders(
      data: variable("XDG_DATA_HOME") ?? home + "/.local/share",
      config: variable("XDG_CONFIG_HOME") ?? home + "/.config",
      state: variable("XDG_STATE_HOME") ?? home + "/.local/state")
  }

  /// The folder of the workspace that was open last.
  public var lastWorkspace: String? {
    guard let text = try? FileSystem.readText(state + "/last-workspace") else { return nil }
    let path = text.hasSuffix("\n") ? String(text.dropLast()) : text
    return path.isEmpty ? nil : path
  }

  /// The workspace to open when the next start names none.
  public func rememberWorkspace(_ folder: String) throws(DocumentError) {
    try FileSystem.writeAtomically(Array("\(folder)\n".utf8), to: state + "/last-workspace")
  }

  /// Lines sent before, oldest first; one JSON string a line, so that a line may hold line breaks.
  public func history() -> [String] {
    guard let text = try? FileSystem.readText(state + "/history.jsonl") else { return [] }
    return text.split(separator: "\n").suffix(1000).compactMap { (try? JSONValue(parsing: String($0)))?.string }
  }

  /// Adds what was sent to the end of `history`.
  public func appendHistory(_ line: String) throws(DocumentError) {
    try FileSystem.append(Array((JSONValue.quoted(line) + "\n").utf8), to: state + "/history.jsonl")
  }
}
