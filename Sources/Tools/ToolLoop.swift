public import Engine

/// What happens while a conversation turn runs, calls included.
public enum ToolLoopEvent: Sendable {
  /// From the answer with this number, from 0.
  case generation(step: Int, GenerationEvent)
  /// What a call of that answer came to.
  case result(step: Int, call: ToolCall, ToolResult)
}

/// How a turn ended.
public enum ToolLoopEnding: Sendable, Equatable {
  /// The model answered without a call.
  case answered
  /// An answer was cut short.
  case stopped(StopReason)
  /// The model still wanted to call functions after this many answers.
  case stepLimit(Int)
  /// Nothing gives this call a result.
  case unresolved(ToolCall)
  case failed(GenerationError)
}

/// One turn of a conversation: the model answers, its calls are given their results, and the model goes on, until it
/// answers without a call.
public struct ToolLoop: Sendable {
  public let backend: any Backend
  /// Answers of the model, at most.
  public let stepLimit: Int
  /// Gives a call its result; nil if it has none to give, which ends the turn.
  public let resolve: @Sendable (ToolCall) async -> ToolResult?

  public init(
    backend: any Backend, stepLimit: Int = 8, resolve: @escaping @Sendable (ToolCall) async -> ToolResult?
  ) {
    self.backend = backend
    self.stepLimit = stepLimit
    self.resolve = resolve
  }

  /// A loop over mocked functions. A call of a function that has no mock, or none for its arguments, is unresolved.
  public init(backend: any Backend, stepLimit: Int = 8, mocks: [MockFunction]) {
    self.init(backend: backend, stepLimit: stepLimit) { call in
      guard let answer = mocks.first(where: { $0.name == call.name })?.answer(call.arguments) else { return nil }
      if answer.delay > .zero { try? await Task.sleep(for: answer.delay) }
      return answer.result
    }
  }

  /// Runs the turn. `stop` ends it within a token; what was produced is among the messages.
  /// - Parameter report: called with each event, in order, on the caller's task.
  /// - Returns: how it ended and the messages that it added to the request's.
  public func run(
    _ request: GenerationRequest, stop: StopSignal = StopSignal(), report: (ToolLoopEvent) -> Void
  ) async -> (ending: ToolLoopEnding, messages: [Message]) {
    var request = request
    let given = request.messages.count
    func added() -> [Message] { Array(request.messages[given...]) }
    for step in 0..<stepLimit {
      var last: GenerationEvent?
      for await event in backend.generate(request, stop: stop) {
        report(.generation(step: step, event))
        last = event
      }
      guard case .finished(let summary) = last else {
        if case .failed(let error) = last { return (.failed(error), added()) }
        return (.stopped(.cancelled), added())
      }
      request.messages.append(summary.message)
      guard case .endOfTurn = summary.stopReason else { return (.stopped(summary.stopReason), added()) }
      if summary.message.toolCalls.isEmpty { return (.answered, added()) }
      for call in summary.message.toolCalls {
        guard let result = await resolve(call) else { return (.unresolved(call), added()) }
        report(.result(step: step, call: call, result))
        request.messages.append(Message(.tool, result.content, toolName: call.name))
      }
      if stop.isRaised { return (.stopped(.cancelled), added()) }
      // What had to be called has been; what becomes of the results is the model's choice.
      if request.toolChoice != .none { request.toolChoice = .auto }
    }
    return (.stepLimit(stepLimit), added())
  }
}
