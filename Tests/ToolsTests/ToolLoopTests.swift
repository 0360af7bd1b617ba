import Engine
import JSON
import Synchronization
import Testing
import Tools

/// A backend that gives prepared answers and keeps the requests.
private final class PreparedBackend: Backend {
  let answers: [Message]
  let stopReason: StopReason
  let requests = Mutex<[GenerationRequest]>([])

  init(_ answers: [Message], stopReason: StopReason = .endOfTurn) {
    self.answers = answers
    self.stopReason = stopReason
  }

  var info: BackendInfo {
    BackendInfo(
      name: "prepared", device: "none", parameterCount: 0, contextLength: 0, vocabularySize: 0, weightByteCount: 0,
      samplingThinking: .greedy, samplingNonThinking: .greedy)
  }

  func preview(_ request: GenerationRequest) async throws(GenerationError) -> PromptTrace {
    throw .emptyConversation
  }

  func cacheMap() async -> CacheMap? { nil }

  func generate(_ request: GenerationRequest) -> AsyncStream<GenerationEvent> {
    let number = requests.withLock { requests in
      requests.append(request)
      return requests.count - 1
    }
    return AsyncStream { continuation in
      if number < answers.count {
        continuation.yield(
          .finished(
            GenerationSummary(
              stopReason: stopReason, message: answers[number], malformedToolCalls: [], counts: TokenCounts(),
              phases: PhaseTimes(), seed: 0, bytesMoved: nil)))
      } else {
        continuation.yield(.failed(.emptyConversation))
      }
      continuation.finish()
    }
  }
}

@Suite struct ToolLoopTests {
  static let call = ToolCall(name: "get_weather", arguments: ["city": "深圳"])
  static let question = GenerationRequest(messages: [Message(.user, "深圳天气怎么样？")])

  static func mocks() throws -> [MockFunction] {
    [
      try MockFunction(
        name: "get_weather",
        JSONValue(parsing: #"{"results": [{"when": {"city": "深圳"}, "result": {"condition": "晴"}}]}"#), path: "mock")
    ]
  }

  @Test func `results go back to the model until it answers`() async throws {
    let backend = PreparedBackend([
      Message(.assistant, "", toolCalls: [Self.call, Self.call]), Message(.assistant, "晴"),
    ])
    var results: [String] = []
    let outcome = await ToolLoop(backend: backend, mocks: try Self.mocks()).run(Self.question) { event in
      if case .result(let step, let call, let result) = event {
        results.append("\(step) \(call.name) \(result.content)")
      }
    }
    #expect(outcome.ending == .answered)
    #expect(results == Array(repeating: #"0 get_weather {"condition": "晴"}"#, count: 2))
    #expect(
      outcome.messages == [
        Message(.assistant, "", toolCalls: [Self.call, Self.call]),
        Message(.tool, #"{"condition": "晴"}"#, toolName: "get_weather"),
        Message(.tool, #"{"condition": "晴"}"#, toolName: "get_weather"),
        Message(.assistant, "晴"),
      ])
    #expect(backend.requests.withLock { $0.last?.messages.count } == 4)
  }

  @Test func `a call that nothing answers ends the turn`() async throws {
    let unknown = ToolCall(name: "get_weather", arguments: ["city": "Oslo"])
    let backend = PreparedBackend([Message(.assistant, "", toolCalls: [unknown])])
    let outcome = await ToolLoop(backend: backend, mocks: try Self.mocks()).run(Self.question) { _ in }
    #expect(outcome.ending == .unresolved(unknown))
    #expect(outcome.messages.count == 1)
  }

  @Test func `the loop ends at its step limit`() async throws {
    let backend = PreparedBackend(Array(repeating: Message(.assistant, "", toolCalls: [Self.call]), count: 9))
    let outcome = await ToolLoop(backend: backend, stepLimit: 3, mocks: try Self.mocks()).run(Self.question) { _ in }
    #expect(outcome.ending == .stepLimit(3))
    #expect(backend.requests.withLock { $0.count } == 3)
  }

  @Test func `a call of an answer that was cut short is not run`() async throws {
    let backend = PreparedBackend([Message(.assistant, "", toolCalls: [Self.call])], stopReason: .tokenLimit)
    let outcome = await ToolLoop(backend: backend, mocks: try Self.mocks()).run(Self.question) { _ in }
    #expect(outcome.ending == .stopped(.tokenLimit))
  }

  @Test func `a failure ends the turn as a failure`() async throws {
    let outcome = await ToolLoop(backend: PreparedBackend([]), mocks: []).run(Self.question) { _ in }
    #expect(outcome.ending == .failed(.emptyConversation))
  }
}
