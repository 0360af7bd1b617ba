public import Engine

/// Answers the calls of one turn: what is not offered or does not conform is refused, the permissions are asked, what is
/// allowed is run, all at once, and each result is checked against the function's output schema, if it has one.
///
/// The permissions are settled first, call by call in their order, so that no call runs before every question about its
/// turn is answered.
public struct CallRunner: Sendable {
  /// The functions offered to the model; a call of another is an error that the model is told.
  public var functions: [FunctionDefinition]
  public var mocks: [MockFunction]
  public var commands: [CommandFunction]
  /// How functions are answered that are not mocked. A mock that has no answer is answered like a manual function.
  public var ways: [String: AnsweringWay]
  public var permissions: Permissions
  /// Whether the rules are the user's own. Where they are not, a rule that allows a program to be run asks instead.
  public var trustsRules: Bool
  /// Functions that were allowed for the session; "*" for all.
  public var allowed: Set<String>
  public var supervisor: any CallSupervisor
  /// The workspace's folder; nil if it has none yet.
  public var folder: String?
  /// Writes to the audit log. When it throws, nothing is run that starts a program.
  public var audit: @Sendable (AuditRecord) throws -> Void

  public init(
    functions: [FunctionDefinition], mocks: [MockFunction] = [], commands: [CommandFunction] = [],
    ways: [String: AnsweringWay] = [:], permissions: Permissions = Permissions(), trustsRules: Bool = true,
    allowed: Set<String> = [], supervisor: any CallSupervisor = NoSupervisor(), folder: String? = nil,
    audit: @escaping @Sendable (AuditRecord) throws -> Void = { _ in }
  ) {
    self.functions = functions
    self.mocks = mocks
    self.commands = commands
    self.ways = ways
    self.permissions = permissions
    self.trustsRules = trustsRules
    self.allowed = allowed
    self.supervisor = supervisor
    self.folder = folder
    self.audit = audit
  }

  public func way(of function: String) -> AnsweringWay { ways[function] ?? .mock }

  /// Runs the calls of one answer.
  /// - Parameter report: gets each decision and each outcome as it comes, with the call's index; on any thread, one at a time.
  /// - Returns: the outcomes in the calls' order.
  public func run(
    _ calls: [ToolCall], report: @escaping @Sendable (Int, CallProgress) -> Void = { _, _ in }
  ) async -> [CallOutcome] {
    var runner = self
    var outcomes: [CallOutcome?] = []
    for (index, call) in calls.enumerated() {
      let outcome = await runner.settle(call) { report(index, .decided($0)) }
      if let outcome { report(index, .finished(outcome)) }
      outcomes.append(outcome)
    }
    let settled = runner
    return await withTaskGroup(of: (Int, CallOutcome).self) { group in
      for (index, call) in calls.enumerated() where outcomes[index] == nil {
        if settled.way(of: call.name) == .command {
          group.addTask { (index, await settled.execute(call)) }
        } else {
          // Begun here, so that a person is asked for results in the calls' order.
          group.addImmediateTask { (index, await settled.execute(call)) }
        }
      }
      for await (index, outcome) in group {
        report(index, .finished(outcome))
        outcomes[index] = outcome
      }
      return outcomes.compactMap { $0 }
    }
  }

  // MARK: - Before a call is run

  /// What becomes of a call that is not run; nil for one that is to be run.
  /// - Parameter report: gets the decision, if it comes to one.
  private mutating func settle(_ call: ToolCall, report: (CallDecision) -> Void) async -> CallOutcome? {
    func refused(_ sentence: String) -> CallOutcome {
      try? audit(.refusal(call, reason: sentence))
      return .refused(.error(sentence))
    }
    guard let function = functions.first(where: { $0.name == call.name }) else {
      let names = functions.map(\.name).joined(separator: ", ")
      return refused("there is no function \(call.name)\(names.isEmpty ? "" : "; the functions are \(names)")")
    }
    if let fault = function.fault(ofArguments: call.arguments) {
      return refused("the arguments do not conform to the schema: \(fault)")
    }
    let decision = await decide(call)
    report(decision)
    do {
      try audit(.decision(decision))
    } catch {
      if decision.isAllowed, way(of: call.name) == .command {
        return .refused(.error("\(call.name) is not run: the audit log cannot be written: \(error)"))
      }
    }
    guard decision.isAllowed else {
      let reason = decision.reason.map { ": \($0)" } ?? ""
      return .denied(decision, .error("this call was not allowed\(reason)"))
    }
    return nil
  }

  private mutating func decide(_ call: ToolCall) async -> CallDecision {
    let way = way(of: call.name)
    let verdict = permissions.verdict(on: call, executes: way == .command)
    let isOthers = verdict.permission == .allow && way == .command && !trustsRules
    var decision = CallDecision(
      call: call, isAllowed: verdict.permission == .allow && !isOthers, verdict: verdict, source: .rules, way: way,
      reason: verdict.permission == .deny ? verdict.reason : nil)
    guard verdict.permission == .ask || isOthers else { return decision }
    if allowed.contains(call.name) || allowed.contains("*") {
      decision.isAllowed = true
      decision.source = .session
      return decision
    }
    let start = ContinuousClock.now
    let answer = await supervisor.permission(for: PermissionRequest(call: call, verdict: verdict, way: way))
    decision.waited = ContinuousClock.now - start
    decision.answer = answer
    decision.source = answer == nil ? .nobody : .person
    switch answer {
    case .allowOnce: decision.isAllowed = true
    case .allowForSession:
      decision.isAllowed = true
      allowed.insert(call.name)
    case .allowAsRule:
      decision.isAllowed = true
      // Made of a call and a verdict of these permissions, the rule cannot be faulty; if it were, the call is allowed once.
      if let changed = try? permissions.allowing(call, after: verdict) { permissions = changed }
      trustsRules = true
    case .deny(let reason): decision.reason = reason
    case nil: decision.reason = "it needs a person's permission, and nobody was there to ask"
    }
    return decision
  }

  // MARK: - Running

  private func execute(_ call: ToolCall) async -> CallOutcome {
    let start = ContinuousClock.now
    guard let result = await answer(to: call) else {
      return .unresolved(
        way(of: call.name) == .manual
          ? "\(call.text) is answered by a person, and nobody is there"
          : "nothing answers \(call.text); add a mock for it to the workspace")
    }
    let checked = checked(result, of: call)
    try? audit(.result(call: call, checked, way: way(of: call.name), took: ContinuousClock.now - start))
    return .returned(checked, took: ContinuousClock.now - start)
  }

  /// The result; nil if there is none to give.
  private func answer(to call: ToolCall) async -> ToolResult? {
    switch way(of: call.name) {
    case .mock:
      guard let answer = mocks.first(where: { $0.name == call.name })?.answer(call.arguments) else {
        return await supervisor.result(of: call)
      }
      if answer.delay > .zero {
        do { try await Task.sleep(for: answer.delay) } catch { return .error("\(call.name) was stopped by the user") }
      }
      return answer.result
    case .manual: return await supervisor.result(of: call)
    case .command:
      guard let command = commands.first(where: { $0.name == call.name }) else {
        return .error("\(call.name) is to run a command, and the workspace has no commands/\(call.name).json")
      }
      return await command.run(call.arguments, workspace: folder)
    }
  }

  /// A result that does not conform to the function's output schema is an error.
  private func checked(_ result: ToolResult, of call: ToolCall) -> ToolResult {
    guard case .value(let value) = result, let function = functions.first(where: { $0.name == call.name }),
      let fault = function.fault(ofResult: value)
    else { return result }
    return .error("what \(call.name) returned does not conform to its output schema: \(fault)")
  }
}

/// What happens while the calls of a turn are run.
public enum CallProgress: Sendable, Equatable {
  case decided(CallDecision)
  case finished(CallOutcome)
}

/// What a call came to.
public enum CallOutcome: Sendable, Equatable {
  case returned(ToolResult, took: Duration)
  /// It was not run; the result tells the model.
  case denied(CallDecision, ToolResult)
  /// It could not be run as it was written; the result tells the model.
  case refused(ToolResult)
  /// There is no result to give, for this reason.
  case unresolved(String)

  /// What the model is told; nil if nothing answers the call.
  public var result: ToolResult? {
    switch self {
    case .returned(let result, _), .denied(_, let result), .refused(let result): result
    case .unresolved: nil
    }
  }
}

/// A line of the audit log.
public enum AuditRecord: Sendable, Equatable {
  /// Before a call is run, or is not.
  case decision(CallDecision)
  /// The call is of no function that is offered, or does not conform to its schema; nothing was decided.
  case refusal(ToolCall, reason: String)
  case result(call: ToolCall, ToolResult, way: AnsweringWay, took: Duration)
}
