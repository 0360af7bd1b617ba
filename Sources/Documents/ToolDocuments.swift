public import JSON

/// How a function is answered by a program: `commands/NAME.json`, named as the function.
public struct CommandDocument: Sendable, Equatable {
  public var name: String
  public var value: JSONValue

  public init(name: String, value: JSONValue) {
    self.name = name
    self.value = value
  }
}

/// What a function really returned: `recordings/NAME.jsonl`, one call a line, the latest last; only ever
/// appended to, and taken along when the function is renamed.
public struct RecordingDocument: Sendable, Equatable {
  public var name: String
  public var lines: [JSONValue]

  public init(name: String, lines: [JSONValue]) {
    self.name = name
    self.lines = lines
  }

  /// - Parameter path: what the file is called in an error.
  init(name: String, parsing text: String, path: String) throws(DocumentError) {
    self.name = name
    lines = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() where !line.isEmpty {
      do throws(JSONError) {
        lines.append(try JSONValue(parsing: String(line), name: "\(path), line \(number + 1)"))
      } catch {
        throw .badJSON(error)
      }
    }
  }
}

/// The record of what functions were called and what was decided about it: `audit/DATE.jsonl`, one JSON object a line,
/// only ever appended to.
///
///     {"time": "2025-04-06T12:30:05.120Z", "kind": "decision", "function": "send_email", "arguments": {…}, "way": "command",
///      "rule": 2, "matched": {…}, "permission": "ask", "allowed": true, "by": "person", "answer": "once", "waited_ms": 1840}
///     {"time": …, "kind": "result", "function": …, "arguments": {…}, "way": …, "error": false, "result_hash": "…", "took_ms": 12}
public struct AuditLog: Sendable {
  /// The workspace's folder.
  public let folder: String

  public init(folder: String) { self.folder = folder }

  /// Appends one line, flushed, with the time in front.
  public func append(kind: String, _ members: JSONObject) throws(DocumentError) {
    var record: JSONObject = ["time": .string(WallClock.now()), "kind": .string(kind)]
    for (key, value) in members { record[key] = value }
    let line = JSONValue.object(record).text(.spaced) + "\n"
    try FileSystem.append(Array(line.utf8), to: "\(folder)/audit/\(RunLog.today()).jsonl")
  }
}

extension Workspace {
  /// Where logs are appended. A sample that has not been changed has no folder yet; its logs wait where it will be.
  public func logFolder(home: UserFolders = .current) -> String {
    switch origin {
    case .folder(let path): path
    case .sample(let name): home.workspaces + "/" + name
    }
  }

  /// The folder, if it has one of its own.
  public var folder: String? { if case .folder(let path) = origin { path } else { nil } }
}
