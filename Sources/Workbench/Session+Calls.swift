import Documents
import Engine
import JSON
import Tools

/// Where a call of an answer stands.
enum CallState: Sendable, Equatable {
  case running
  /// A person is asked whether it may be run.
  case asking
  /// A person is asked for its result.
  case wanted
  case denied(String)
  /// It was not run as it was written.
  case refused
  case returned(isError: Bool)
}

/// The calls of one answer that are being run together.
struct RunningCalls {
  let batch: Int
  /// The entry whose calls they are, and the first of them.
  let entry: Int
  let first: Int
  let calls: [ToolCall]
  /// Questions that wait, in the order they came.
  var permissions: [PermissionQuestion] = []
  var results: [(id: Int, call: ToolCall)] = []
  var isStopping = false

  /// Whether all that is left is a person's to do.
  var waitsForPerson: Bool { !permissions.isEmpty || !results.isEmpty }
}

/// A question whether a call may be run.
struct PermissionQuestion: Equatable {
  var id: Int
  var request: PermissionRequest
  /// The arguments of the call of this function that was run last; nil before the first.
  var lastArguments: JSONObject?
  /// When it was asked, on the workbench's clock.
  var askedAt: Duration
}

/// From an answer's calls to the answer to their results.
extension Session {
  /// What follows an answer: its calls are run, unless the turn has had its answers.
  func goOn(after summary: GenerationSummary, at index: Int) {
    switch TurnStep(after: summary, step: stepsBefore(index), limit: ToolLoop.standardStepLimit) {
    case .run(let calls): run(calls, from: 0, at: index)
    case .end(.stepLimit(let limit)):
      show(.warning, "the model has answered \(limit) times and still calls functions; x runs these calls too")
    case .end: break
    }
  }

  /// Answers since the last message of the user.
  private func stepsBefore(_ index: Int) -> Int {
    let turn = transcript.entries[..<index].lastIndex { $0.message.role == .user }.map { $0 + 1 } ?? 0
    return transcript.entries[turn..<index].count { $0.message.role == .assistant }
  }

  /// Runs the calls that wait for results.
  func runPendingCalls() {
    let pending = transcript.pendingCalls
    guard !pending.isEmpty else {
      show(.information, "no call waits for a result")
      return
    }
    guard canAnswer(), let index = transcript.entries.lastIndex(where: { $0.message.role == .assistant }) else { return }
    run(pending, from: transcript.entries[index].message.toolCalls.count - pending.count, at: index)
  }

  private func run(_ calls: [ToolCall], from first: Int, at index: Int) {
    let batch = nextBatchNumber()
    runningCalls = RunningCalls(batch: batch, entry: index, first: first, calls: calls)
    for call in calls.indices { setState(.running, ofCall: first + call, at: index) }
    request(.runCalls(batch: batch, calls))
  }

  /// What runs the calls, with everything as it is now.
  func callRunner(asking supervisor: any CallSupervisor, home: UserFolders) -> CallRunner {
    tools.runner(
      functions: offeredFunctions, allowed: allowedFunctions, supervisor: supervisor, workspace: workspace, home: home)
  }

  // MARK: - Events

  func receive(_ progress: CallProgress, ofCall index: Int, batch: Int) {
    guard let running = runningCalls, running.batch == batch else { return }
    switch progress {
    case .decided: setState(.running, ofCall: running.first + index, at: running.entry)
    case .finished(let outcome): setState(CallState(outcome), ofCall: running.first + index, at: running.entry)
    }
  }

  func permissionIsWanted(_ id: Int, _ request: PermissionRequest, batch: Int) {
    guard let running = runningCalls, running.batch == batch, !running.isStopping else { return }
    runningCalls?.permissions.append(
      PermissionQuestion(
        id: id, request: request, lastArguments: lastArguments(of: request.call.name, before: running), askedAt: now))
    postponesQuestion = false
    mark(request.call, .asking, running)
  }

  func resultIsWanted(_ id: Int, _ call: ToolCall, batch: Int) {
    guard let running = runningCalls, running.batch == batch, !running.isStopping else { return }
    runningCalls?.results.append((id, call))
    mark(call, .wanted, running)
  }

  /// All calls of the batch have come to something, or were stopped.
  func callsEnded(_ outcomes: [CallOutcome], batch: Int) {
    guard let running = runningCalls, running.batch == batch else { return }
    runningCalls = nil
    if running.isStopping {
      transcript.update(running.entry) { $0.callStates = [:] }
      show(.information, "the calls were stopped; x runs them again")
      promptChanged()
      return
    }
    for (call, outcome) in zip(running.calls, outcomes) {
      guard let result = outcome.result else { break }
      transcript.append(.init(Message(.tool, result.content, toolName: call.name)))
    }
    if transcript.pendingCalls.isEmpty { answer() }
    promptChanged()
  }

  // MARK: - What a person says

  /// The question that is to be answered next.
  var permissionQuestion: PermissionQuestion? { runningCalls?.permissions.first }

  func answerPermission(_ answer: PermissionAnswer) {
    guard let running = runningCalls, let question = running.permissions.first else { return }
    runningCalls?.permissions.removeFirst()
    mark(question.request.call, .running, running)
    let call = question.request.call
    switch answer {
    case .allowForSession: allowedFunctions.insert(call.name)
    case .allowAsRule:
      do throws(ToolFileError) {
        let permissions = try tools.permissions.allowing(call, after: question.request.verdict)
        request(.save([.permissions(permissions.json)]))
        request(.trustRules)
      } catch {
        show(.error, error.description)
      }
    case .allowOnce, .deny: break
    }
    request(.answerPermission(batch: running.batch, id: question.id, answer))
  }

  /// The call whose result is to be typed: one that is being run by hand, else one that was left without a result.
  var waitingCall: ToolCall? {
    if let runningCalls { return runningCalls.results.first?.call }
    return isRunning ? nil : transcript.pendingCalls.first
  }

  /// Gives the result of `waitingCall`; after the last result the model goes on. False, with a notice, if it cannot.
  /// - Parameter isRecorded: it is kept in the workspace too, to be replayed.
  func giveResult(_ text: String, isError: Bool = false, isRecorded: Bool = false) -> Bool {
    guard let call = waitingCall, runningCalls != nil || canAnswer() else { return false }
    let result: ToolResult = isError ? .error(text) : ToolResult(text: text)
    if case .value(let value) = result, let fault = definition(of: call)?.fault(ofResult: value) {
      show(.error, "this does not conform to the output schema of \(call.name): \(fault)")
      return false
    }
    if isRecorded {
      let recording = Recording(arguments: call.arguments, result: result)
      request(.save([.recording(name: call.name, line: recording.json)]))
    }
    if let running = runningCalls, let wanted = running.results.first {
      runningCalls?.results.removeFirst()
      mark(call, .running, running)
      request(.giveResult(batch: running.batch, id: wanted.id, result))
    } else {
      transcript.append(.init(Message(.tool, isError ? result.content : text, toolName: call.name)))
      if transcript.pendingCalls.isEmpty { answer() }
    }
    promptChanged()
    return true
  }

  // MARK: - Editing a call

  /// Puts other calls in the place of an answer's, and runs them.
  /// - Throws: what is wrong with the text, in a sentence.
  func replaceCalls(_ index: Int, with text: String) throws(JSONError) -> Bool {
    let value = try JSONValue(parsing: text, name: "call")
    let calls: [ToolCall?] = (value.array ?? [value]).map { element in
      guard let name = element["name"]?.string, let arguments = element["arguments"]?.object else { return nil }
      return ToolCall(name: name, arguments: arguments)
    }
    guard !calls.isEmpty, !calls.contains(nil) else {
      show(.error, "a call is {\"name\": …, \"arguments\": {…}}, several are an array of these")
      return false
    }
    guard transcript.entries.indices.contains(index), canAnswer() else { return false }
    remember()
    var message = transcript.entries[index].message
    message.toolCalls = calls.compactMap(\.self)
    transcript.truncate(to: index)
    transcript.append(.init(message))
    run(message.toolCalls, from: 0, at: index)
    promptChanged()
    return true
  }

  // MARK: - Details

  private func definition(of call: ToolCall) -> FunctionDefinition? {
    offeredFunctions.first { $0.name == call.name }
  }

  private func setState(_ state: CallState, ofCall call: Int, at index: Int) {
    guard transcript.entries.indices.contains(index) else { return }
    transcript.update(index) { $0.callStates[call] = state }
  }

  /// Marks the first of the calls that is this one and is not in the state yet.
  private func mark(_ call: ToolCall, _ state: CallState, _ running: RunningCalls) {
    let states = transcript.entries[running.entry].callStates
    let place = running.calls.indices.first { index in
      guard running.calls[index] == call else { return false }
      switch states[running.first + index] {
      case .running, .asking, .wanted: return states[running.first + index] != state
      default: return false
      }
    }
    if let place { setState(state, ofCall: running.first + place, at: running.entry) }
  }

  private func lastArguments(of function: String, before running: RunningCalls) -> JSONObject? {
    for entry in transcript.entries[..<running.entry].reversed() {
      if let call = entry.message.toolCalls.last(where: { $0.name == function }) { return call.arguments }
    }
    return nil
  }
}

extension CallState {
  init(_ outcome: CallOutcome) {
    self =
      switch outcome {
      case .returned(let result, _): .returned(isError: result.isError)
      case .denied(let decision, _): .denied(decision.decider)
      case .refused: .refused
      case .unresolved: .wanted
      }
  }
}
