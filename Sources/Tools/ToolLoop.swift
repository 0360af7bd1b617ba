public import Engine

/// What happens while a conversation turn runs, calls included.
public enum ToolLoopEvent: Sendable {
  /// From the answer with this number, from 0.
  case generation(step: Int, GenerationEvent)
  /// Of a call of that answer.
  case call(step: Int, call: ToolCall, CallProgress)
}

/// How a turn ended.
public enum ToolLoopEnding: Sendable, Equatable {
  /// The model answered without a call.
  case answered
  /// An answer was cut short.
  case stopped(StopReason)
  /// The model still wanted to call functions after this many answers.
  case stepLimit(Int)
  /// A call has no result, for this reason.
  case unresolved(ToolCall, reason: String)
  case failed(GenerationError)
}

/// What follows an answer.
public enum TurnStep: Sendable, Equatable {
  case run([ToolCall])
  case end(ToolLoopEnding)

  /// - Parameter step: the answer's number in its turn, from 0.
  public init(after summary: GenerationSummary, step: Int, limit: Int) {
    guard case .endOfTurn = summary.stopReason else {
      // The calls of an answer that was cut short may lack one.
      self = .end(.stopped(summary.stopReason))
      return
    }
    let calls = summary.message.toolCalls
    self = calls.isEmpty ? .end(.answered) : step + 1 < limit ? .run(calls) : .end(.stepLimit(limit))
  }
}

/// One turn of a conversation: the model answers, its calls are given their results, and the model goes on, until it
/// answers without a call.
public struct ToolLoop: Sendable {
  /// Answers of the model in a turn, at most, where nothing else is said.
  public static let standardStepLimit = 8

  public let backend: any Backend
  /// Answers of the model, at most. The calls of the last one are not run: nothing would be told of them.
  public let stepLimit: Int
  public let runner: CallRunner

  public init(backend: any Backend, stepLimit: Int = ToolLoop.standardStepLimit, runner: CallRunner) {
    self.backend = backend
    self.stepLimit = stepLimit
    self.runner = runner
  }

  /// Runs the turn. `stop` ends it within a token or, while calls are run, within a tenth of a second; what was produced is
  /// among the messages.
  /// - Parameter report: called with each event, in order, on the caller's task.
  /// - Returns: how it ended and the messages that it added to the request's.
  public func run(
    _ request: GenerationRequest, stop: StopSignal = StopSignal(), report: (ToolLoopEvent) -> Void
  ) async -> (ending: ToolLoopEnding, messages: [Message]) {
    var request = request
    let given = request.messages.count
    func added() -> [Message] { Array(request.messages[given...]) }
    for step in 0... {
      var last: GenerationEvent?
      for await event in backend.generate(request, stop: stop) {
        report(.generation(step: step, event))
        last = event
      }
      guard case .finished(let summary) = last else {
        if case .failed(let error) = last { return (.failed(error), added()) }
        break
      }
      request.messages.append(summary.message)
      switch TurnStep(after: summary, step: step, limit: stepLimit) {
      case .end(let ending): return (ending, added())
      case .run(let calls):
        let outcomes = await run(calls, stop: stop) { index, progress in
          report(.call(step: step, call: calls[index], progress))
        }
        for (call, outcome) in zip(calls, outcomes) {
          if case .unresolved(let reason) = outcome { return (.unresolved(call, reason: reason), added()) }
          request.messages.append(Message(.tool, outcome.result?.content ?? "", toolName: call.name))
        }
      }
      if stop.isRaised { break }
      // What had to be called has been; what becomes of the results is the model's choice.
      if request.toolChoice != .none { request.toolChoice = .auto }
    }
    return (.stopped(.cancelled), added())
  }

  /// Runs the calls of one answer, and cancels them when the signal is raised.
  private func run(
    _ calls: [ToolCall], stop: StopSignal, report: (Int, CallProgress) -> Void
  ) async -> [CallOutcome] {
    let (progress, continuation) = AsyncStream.makeStream(of: (index: Int, progress: CallProgress).self)
    let runner = runner
    let task = Task {
      defer { continuation.finish() }
      return await runner.run(calls) { continuation.yield(($0, $1)) }
    }
    let watch = Task {
      while !Task.isCancelled {
        if stop.isRaised { return task.cancel() }
        try? await Task.sleep(for: .milliseconds(50))
      }
    }
    defer { watch.cancel() }
    return await withTaskCancellationHandler {
      for await event in progress { report(event.index, event.progress) }
      return await task.value
    } onCancel: {
      task.cancel()
    }
  }
}
