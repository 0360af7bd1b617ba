import Engine
import JSON
import Synchronization
import Testing
import Tools

@Suite struct ToolLoopTests {
  static let call = ToolCall(name: "get_weather", arguments: ["city": "深圳"])
  static let question = GenerationRequest(messages: [Message(.user, "深圳天气怎么样？")])

  /// A runner with one mocked function, of one string.
  static func runner() throws -> CallRunner {
    let mock = try MockFunction(
      name: "get_weather",
      JSONValue(parsing: #"{"results": [{"when": {"city": "深圳"}, "result": {"condition": "晴"}}]}"#), path: "mock")
    return CallRunner(functions: [try .weather], mocks: [mock])
  }

  @Test func `results go back to the model until it answers`() async throws {
    let backend = PreparedBackend([
      Message(.assistant, "", toolCalls: [Self.call, Self.call]), Message(.assistant, "晴"),
    ])
    var results: [String] = []
    let outcome = await ToolLoop(backend: backend, runner: try Self.runner()).run(Self.question) { event in
      if case .call(let step, let call, .finished(.returned(let result, _))) = event {
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
    let outcome = await ToolLoop(backend: backend, runner: try Self.runner()).run(Self.question) { _ in }
    #expect(
      outcome.ending
        == .unresolved(
          unknown, reason: #"nothing answers get_weather({"city": "Oslo"}); add a mock for it to the workspace"#))
    #expect(outcome.messages.count == 1)
  }

  @Test func `the loop ends at its step limit`() async throws {
    let backend = PreparedBackend(Array(repeating: Message(.assistant, "", toolCalls: [Self.call]), count: 9))
    let outcome = await ToolLoop(backend: backend, stepLimit: 3, runner: try Self.runner()).run(Self.question) { _ in }
    #expect(outcome.ending == .stepLimit(3))
    #expect(backend.requests.withLock { $0.count } == 3)
  }

  @Test func `a call of an answer that was cut short is not run`() async throws {
    let backend = PreparedBackend([Message(.assistant, "", toolCalls: [Self.call])], stopReason: .tokenLimit)
    let outcome = await ToolLoop(backend: backend, runner: try Self.runner()).run(Self.question) { _ in }
    #expect(outcome.ending == .stopped(.tokenLimit))
  }

  @Test func `a failure ends the turn as a failure`() async throws {
    let outcome = await ToolLoop(backend: PreparedBackend([]), runner: CallRunner(functions: [])).run(Self.question) { _ in }
    #expect(outcome.ending == .failed(.emptyConversation))
  }

  @Test func `an error is a result: the model is told and may call again`() async throws {
    let backend = PreparedBackend([
      Message(.assistant, "", toolCalls: [
        ToolCall(name: "get_wether", arguments: ["city": "深圳"]), ToolCall(name: "get_weather", arguments: ["city": 3]),
      ]),
      Message(.assistant, "", toolCalls: [Self.call]), Message(.assistant, "晴"),
    ])
    let outcome = await ToolLoop(backend: backend, runner: try Self.runner()).run(Self.question) { _ in }
    #expect(outcome.ending == .answered)
    #expect(
      outcome.messages.filter { $0.role == .tool }.map(\.content) == [
        #"{"error": "there is no function get_wether; the functions are get_weather"}"#,
        #"{"error": "the arguments do not conform to the schema: /city: 3 is a number, expected string"}"#,
        #"{"condition": "晴"}"#,
      ])
  }

  @Test func `a stop while calls are run ends the turn, and the call with it`() async throws {
    let mock = try MockFunction(
      name: "get_weather", JSONValue(parsing: #"{"otherwise": {"result": 1, "delay_ms": 60000}}"#), path: "mock")
    let stop = StopSignal()
    let backend = PreparedBackend([Message(.assistant, "", toolCalls: [Self.call])])
    let loop = ToolLoop(backend: backend, runner: CallRunner(functions: [try .weather], mocks: [mock]))
    let outcome = await loop.run(Self.question, stop: stop) { event in
      if case .call(_, _, .decided) = event { stop.raise() }
    }
    #expect(outcome.ending == .stopped(.cancelled))
    #expect(outcome.messages.last?.content == #"{"error": "get_weather was stopped by the user"}"#)
  }
}
