import Engine
import Foundation
import Inference
import JSON
import ModelFiles
import TestSupport
import Testing

/// Dialogues that transformers had with a miniature model: a person's requests, the model's answers, functions' results.
private struct RecordedDialogues {
  let functions: [FunctionDefinition]
  let dialogues: [[JSONValue]]

  /// How many answers there are, and how many of them the model of this backend gives again, its own before them. The
  /// recording let the model write what it likes, calls that are none included.
  func answers(of backend: LocalBackend) async throws -> (count: Int, equal: Int, others: [String]) {
    var (count, equal, others) = (0, 0, [String]())
    for dialogue in dialogues {
      var messages: [Message] = []
      var thinking = ThinkingMode.on
      for turn in dialogue {
        if let text = turn["user"]?.string {
          messages.append(Message(.user, text))
          thinking = turn["thinking"]?.bool == true ? .on : .off
        } else if let results = turn["tool"]?.array {
          messages += results.compactMap(\.string).map { Message(.tool, $0) }
        } else if let expected = turn["assistant"]?.string {
          let received = await Received(
            backend.generate(
              GenerationRequest(
                messages: messages, functions: functions, constraint: .off, thinking: thinking, sampling: .greedy,
                tokenLimit: 300)))
          let said = received.tokens.filter { $0.lane != .control || !$0.bytes.starts(with: "<|".utf8) }
          let text = String(decoding: said.flatMap(\.bytes), as: UTF8.self)
          if text == expected { equal += 1 } else { others.append(text) }
          messages.append(try #require(received.summary).message)
          count += 1
        }
      }
    }
    return (count, equal, others)
  }
}

/// What transformers gave, in float32, for the eight-bit weights of the embedded model
/// (`Fixtures/mini-dialogues.json`, written by the model's `reference.py`).
struct EmbeddedModelTests {
  private static func recorded() throws -> JSONValue {
    try JSONValue(
      parsing: String(
        contentsOf: Project.folder.appending(path: "Tests/EngineTests/Fixtures/mini-dialogues.json"), encoding: .utf8))
  }

  private static func functions() throws -> [FunctionDefinition] {
    try #require(try recorded()["tools"]?.array).map { try FunctionDefinition($0) }
  }

  @Test func `prompts, ids and the most probable next tokens are the reference's`() async throws {
    let functions = try Self.functions()
    let conversations = [
      GenerationRequest(
        messages: [Message(.user, "Where is my order ORD12345?")], functions: functions, sampling: .greedy,
        tokenLimit: 1),
      GenerationRequest(
        messages: [Message(.user, "北京今天天气怎么样？")], functions: functions, thinking: .off, sampling: .greedy,
        tokenLimit: 1),
      GenerationRequest(
        messages: [Message(.system, "You are a helpful assistant."), Message(.user, "Who are you?")], sampling: .greedy,
        tokenLimit: 1),
    ]
    let backend = try await LocalBackend.open(model: "mini", kv: .float32, threads: 1)
    let prompts = try #require(try Self.recorded()["prompts"]?.array)
    #expect(prompts.count == conversations.count)
    for (request, expected) in zip(conversations, prompts) {
      let received = await Received(backend.generate(request))
      let trace = try #require(received.trace)
      #expect(trace.text == expected["prompt"]?.string)
      #expect(trace.tokens.map { Int($0) } == expected["ids"]?.array?.compactMap(\.int))
      let token = try #require(received.tokens.first)
      let next = try #require(expected["next"]?.array)
      #expect(Int(token.id) == next[0][0]?.int)
      // Log-odds to the first are differences of logits.
      for row in next.prefix(3) {
        let id = try #require(row[0]?.int)
        let gap = try #require(row[1]?.double) - (next[0][1]?.double ?? 0)
        let candidate = try #require(token.candidates.first { Int($0.id) == id })
        #expect(abs(log(Double(candidate.probability / token.candidates[0].probability)) - gap) < 0.01)
      }
    }
  }

  @Test func `the dialogues run as recorded`() async throws {
    let backend = try await LocalBackend.open(model: "mini", kv: .float32, threads: 1)
    let dialogues = try #require(try Self.recorded()["dialogues"]?.array).map { $0.array ?? [] }
    let answers = try await RecordedDialogues(functions: Self.functions(), dialogues: dialogues).answers(of: backend)
    #expect(answers.count >= 24)
    #expect(answers.equal == answers.count, "\(answers.others)")
  }
}

/// What transformers gave for the float32 weights of an earlier miniature model; its files hold them rounded.
@Suite(.enabled(if: Reference.hasMini, "the miniature model's reference is absent"))
struct MiniReferenceTests {
  private static func json(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: String(contentsOf: Reference.mini.appending(path: name), encoding: .utf8))
  }

  /// The functions that the dialogues offer, from the first reference prompt.
  private static func functions() throws -> [FunctionDefinition] {
    let prompt = try #require(try json("reference_logits.json")["prompts"]?[0]?["prompt"]?.string)
    let lines = prompt.split(separator: "\n").filter { $0.hasPrefix("{\"type\": \"function\"") }
    return try lines.map { try FunctionDefinition(JSONValue(parsing: String($0))) }
  }

  /// In sixteen bits all are equal; in eight bits one answer to a sent e-mail words its thought in another way, and with
  /// inputs rounded to eight bits a few more do.
  @Test(arguments: [("mini-f16.gguf", true, 38), ("mini-q8_0.gguf", true, 37), ("mini-q8_0.gguf", false, 34)])
  func `the dialogues run as the evaluation recorded them`(file: String, isExact: Bool, equalCount: Int) async throws {
    let backend = try await LocalBackend.open(
      model: Reference.mini.appending(path: file).path, kv: .float32, isExact: isExact, threads: 1)
    let dialogues = try #require(try Self.json("eval_report.json")["demos"]?.array).map { $0.array ?? [] }
    let answers = try await RecordedDialogues(functions: Self.functions(), dialogues: dialogues).answers(of: backend)
    #expect(answers.count == 38)
    #expect(isExact ? answers.equal == equalCount : answers.equal >= equalCount, "\(answers.equal) of \(answers.count)")
  }
}
