public import Documents
public import Engine
public import JSON
public import Tools

/// How a workspace's functions are answered and what may be called, read from its documents.
public struct WorkspaceTools: Sendable {
  public private(set) var mocks: [MockFunction] = []
  public private(set) var commands: [CommandFunction] = []
  /// Of the functions that are not mocked.
  public var ways: [String: AnsweringWay] = [:]
  public var permissions = Permissions()
  /// Of the documents that were refused. A mock or a command that is refused answers nothing; permissions that are
  /// refused make every call ask.
  public private(set) var faults: [ToolFileError] = []

  public init(_ workspace: Workspace) {
    var names = workspace.mocks.map(\.name)
    for recording in workspace.recordings where !names.contains(recording.name) { names.append(recording.name) }
    for name in names {
      do throws(ToolFileError) { mocks.append(try Self.mock(name, workspace)) } catch { faults.append(error) }
    }
    for document in workspace.commands {
      do throws(ToolFileError) {
        commands.append(
          try CommandFunction(name: document.name, document.value, path: "commands/\(document.name).json"))
      } catch {
        faults.append(error)
      }
    }
    ways = workspace.settings.runners.compactMapValues(AnsweringWay.init(rawValue:))
    guard let document = workspace.permissions else { return }
    do throws(ToolFileError) {
      permissions = try Permissions(document, path: "permissions.json")
    } catch {
      faults.append(error)
      permissions = Permissions(refusedBecause: error.description)
    }
  }

  /// Sentences about rules that name no function: a typo in a rule that denies would let its calls through.
  public func warnings(functions: [String]) -> [String] {
    permissions.rules.enumerated().compactMap { index, rule in
      guard rule.function != "*", !functions.contains(rule.function) else { return nil }
      return "rule \(index + 1) of permissions.json is about \(rule.function), and there is no such function"
    }
  }

  public func way(of function: String) -> AnsweringWay { ways[function] ?? .mock }

  private static func mock(_ name: String, _ workspace: Workspace) throws(ToolFileError) -> MockFunction {
    var recordings: [Recording] = []
    for (number, line) in (workspace.recordings.first { $0.name == name }?.lines ?? []).enumerated() {
      recordings.append(try Recording(line, path: "recordings/\(name).jsonl, call \(number + 1)"))
    }
    let table = workspace.mocks.first { $0.name == name }?.value
    return try MockFunction(name: name, table, path: "mocks/\(name).json", recordings: recordings)
  }

  /// Answers the calls of these functions.
  public func runner(
    functions: [FunctionDefinition], allowed: Set<String>, supervisor: any CallSupervisor, workspace: Workspace,
    home: UserFolders
  ) -> CallRunner {
    let log = AuditLog(folder: workspace.logFolder(home: home))
    return CallRunner(
      functions: functions, mocks: mocks, commands: commands, ways: ways, permissions: permissions,
      trustsRules: home.trustsRules(workspace.rulesHash), allowed: allowed, supervisor: supervisor, folder: workspace.folder
    ) { record in try log.append(kind: record.kind, record.members) }
  }
}

extension AuditRecord {
  /// "decision", "refusal" or "result".
  public var kind: String {
    switch self {
    case .decision: "decision"
    case .refusal: "refusal"
    case .result: "result"
    }
  }

  /// The line's members, besides the time and the kind.
  public var members: JSONObject {
    func head(_ call: ToolCall) -> JSONObject {
      ["function": .string(call.name), "arguments": .object(call.arguments)]
    }
    switch self {
    case .decision(let decision):
      var members = head(decision.call)
      members["way"] = .string(decision.way.rawValue)
      for (key, value) in decision.members { members[key] = value }
      members["waited_ms"] = .number(JSONNumber(Int(decision.waited / .milliseconds(1))))
      return members
    case .refusal(let call, let reason):
      var members = head(call)
      members["reason"] = .string(reason)
      return members
    case .result(let call, let result, let way, let took):
      var members = head(call)
      members["way"] = .string(way.rawValue)
      members["error"] = .bool(result.isError)
      members["result_hash"] = .string(ContentHash(of: Array(result.content.utf8)).description)
      members["took_ms"] = .number(JSONNumber(Int(took / .milliseconds(1))))
      return members
    }
  }
}

extension CallDecision {
  /// For the audit log and the events of a run.
  public var members: JSONObject {
    var members: JSONObject = [
      "rule": verdict.rule.map { .number(JSONNumber($0 + 1)) } ?? .null,
      "permission": .string(verdict.permission.rawValue), "allowed": .bool(isAllowed), "by": .string(source.rawValue),
    ]
    if let matched = verdict.matched { members["matched"] = .object(matched) }
    switch answer {
    case .allowOnce: members["answer"] = "once"
    case .allowForSession: members["answer"] = "for this session"
    case .allowAsRule: members["answer"] = "as a rule"
    case .deny: members["answer"] = "deny"
    case nil: break
    }
    if let reason { members["reason"] = .string(reason) }
    return members
  }

  /// Who or what decided, for people: "rule 2", "you".
  public var decider: String {
    switch source {
    case .rules: verdict.rule.map { "rule \($0 + 1)" } ?? "what holds without a rule"
    case .person: "you"
    case .session: "what was allowed for the session"
    case .nobody: "nobody being there to ask"
    }
  }
}
