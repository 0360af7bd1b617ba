import Foundation
import LatheEngine
import TestSupport
import Testing

@Suite struct ChatModelTests {
  static let weather = try! FunctionDefinition([  // A literal with a name.
    "name": "get_weather", "description": "Get the current weather of a city",
    "parameters": ["type": "object", "properties": ["city": ["type": "string"]], "required": ["city"]],
  ])
  static let question = Message(.user, "What is the weather in Oslo?")

  @Test func `the README shows the example that is compiled here`() throws {
    let source = try String(contentsOfFile: #filePath.replacing("ChatModelTests", with: "Example"), encoding: .utf8)
    let example = try #require(source.components(separatedBy: "// - example\n").last?
      .components(separatedBy: "// - end of example").first)
    let readme = try String(contentsOf: Project.folder.appending(path: "README.md"), encoding: .utf8)
    #expect(readme.contains("```swift\n\(example)```"))
  }

  @Test func `the example asks, is asked to call, gives the result and streams the report`() async throws {
    let report = try await weatherReport(for: "What is the weather in Oslo?")
    #expect(report.contains("-3") && report.contains("sunny"), "\(report)")
  }

  @Test func `a call is returned and nothing is executed`() async throws {
    let model = try await ChatModel.open("mini")
    let reply = try await model.chat(messages: [Self.question], functions: [Self.weather], options: .greedy)
    #expect(reply.content == .calls([ToolCall(name: "get_weather", arguments: ["city": "Oslo"])]))
    #expect(reply.message.toolCalls == reply.calls)
    #expect(reply.summary.stopReason == .endOfTurn)
  }

  @Test func `a call that is forbidden does not come, one that is required does`() async throws {
    let model = try await ChatModel.open("mini")
    let forbidden = try await model.chat(
      messages: [Self.question], functions: [Self.weather], functionCall: .none, options: .greedy)
    #expect(forbidden.content == .text(forbidden.text) && !forbidden.text.isEmpty)
    let required = try await model.chat(
      messages: [Message(.user, "Hello!")], functions: [Self.weather], functionCall: .named("get_weather"),
      options: .greedy)
    #expect(required.calls.map(\.name) == ["get_weather"])
  }

  @Test func `an answer ends at the token limit and says so`() async throws {
    let model = try await ChatModel.open("mini")
    var options = ChatOptions.greedy
    options.tokenLimit = 3
    let reply = try await model.chat(messages: [Message(.user, "Hello!")], options: options)
    #expect(reply.summary.stopReason == .tokenLimit)
    #expect(reply.summary.counts.generated == 3)
  }

  @Test func `an answer with a schema is a value of it`() async throws {
    let model = try await ChatModel.open("mini")
    var options = ChatOptions.greedy
    options.responseSchema = [
      "type": "object", "properties": ["city": ["enum": ["Oslo", "Paris"]], "days": ["type": "integer", "minimum": 1, "maximum": 9]],
      "required": ["city", "days"], "additionalProperties": false,
    ]
    let reply = try await model.chat(messages: [Self.question], options: options)
    let value = try JSONValue(parsing: reply.text)
    #expect(["Oslo", "Paris"].contains(value["city"]?.string))
    #expect((1...9).contains(try #require(value["days"]?.int)))
    #expect(value.object?.keys.count == 2)
  }

  @Test func `the stream's tokens put together are the reply`() async throws {
    let model = try await ChatModel.open("mini")
    let messages = [Message(.user, "Hello!")]
    let reply = try await model.chat(messages: messages, options: .greedy)
    var text = ""
    for await event in model.stream(messages: messages, options: .greedy) {
      if case .token(let token) = event, token.lane == .answer { text += token.text }
    }
    #expect(text == reply.text && !text.isEmpty)
  }

  @Test func `a model that is not there is refused by name`() async {
    await #expect {
      try await ChatModel.open("no/such/model.gguf")
    } throws: { error in
      String(describing: error).contains("no/such/model.gguf")
    }
  }

  @Test func `a function that no arguments satisfy is refused before generation`() async throws {
    let model = try await ChatModel.open("mini")
    let impossible = try FunctionDefinition([
      "name": "f", "parameters": ["type": "object", "properties": ["n": false], "required": ["n"]],
    ])
    await #expect {
      try await model.chat(messages: [Self.question], functions: [impossible])
    } throws: { error in
      guard case ChatError.generation(.unusableFunction(name: "f", reason: _)) = error else { return false }
      return true
    }
  }

  @Test func `a cancelled task gets no half answer`() async throws {
    let model = try await ChatModel.open("mini")
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await model.chat(messages: [Message(.user, "Hello!")], options: .greedy)
    }
    let result = await task.result
    #expect {
      try result.get()
    } throws: { error in
      guard case ChatError.cancelled = error else { return false }
      return true
    }
  }
}
