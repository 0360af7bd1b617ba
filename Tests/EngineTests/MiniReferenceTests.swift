import Engine
import Foundation
import Inference
import JSON
import ModelFiles
import TestSupport
import Testing

/// What transformers gave for the miniature model in float32; the embedded one is quantised to eight bits.
@Suite(.enabled(if: Reference.hasMini, "the miniature model's reference is absent"))
struct MiniReferenceTests {
  private static func json(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: String(contentsOf: Reference.mini.appending(path: name), encoding: .utf8))
  }

  /// The functions that the demonstrations offer, from the first reference prompt.
  private static func functions() throws -> [FunctionDefinition] {
    let prompt = try #require(try json("reference_logits.json")["prompts"]?[0]?["prompt"]?.string)
    let lines = prompt.split(separator: "\n").filter { $0.hasPrefix("{\"type\": \"function\"") }
    return try lines.map { try FunctionDefinition(JSONValue(parsing: String($0))) }
  }

  private static func conversations() throws -> [GenerationRequest] {
    let functions = try functions()
    return [
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
  }

  @Test func `prompts, ids and the most probable next tokens are the reference's`() async throws {
    let backend = try await Mini.open()
    let prompts = try #require(try Self.json("reference_logits.json")["prompts"]?.array)
    for (request, expected) in zip(try Self.conversations(), prompts) {
      let received = await Received(backend.generate(request))
      let trace = try #require(received.trace)
      #expect(trace.text == expected["prompt"]?.string)
      #expect(trace.tokens.map { Int($0) } == expected["ids"]?.array?.compactMap(\.int))
      let token = try #require(received.tokens.first)
      let top = try #require(expected["top8_last"]?.array)
      #expect(Int(token.id) == top[0][0]?.int)
      // Log-odds to the first are differences of logits; eight-bit weights move them by a few hundredths.
      for row in top.prefix(3) {
        let id = try #require(row[0]?.int)
        let gap = try #require(row[1]?.double) - (top[0][1]?.double ?? 0)
        let candidate = try #require(token.candidates.first { Int($0.id) == id })
        #expect(abs(log(Double(candidate.probability / token.candidates[0].probability)) - gap) < 0.3)
      }
    }
  }

  /// In sixteen bits all are equal; in eight bits one answer to a sent e-mail words its thought in another way, and with
  /// inputs rounded to eight bits a few more do. The evaluation let the model write what it likes, calls that are none included.
  @Test(arguments: [("mini-f16.gguf", true, 38), ("mini", true, 37), ("rounded", false, 34)])
  func `the demonstrations run as the evaluation recorded them`(
    model: String, isExact: Bool, equalCount: Int
  ) async throws {
    let path =
      switch model {
      case "mini": model
      // As a file it is a model like any other.
      case "rounded": Project.mini
      default: Reference.mini.appending(path: model).path
      }
    let backend = try await LocalBackend.open(model: path, kv: .float32, isExact: isExact, threads: 1)
    let functions = try Self.functions()
    let demos = try #require(try Self.json("eval_report.json")["demos"]?.array)
    var turns = 0
    var equal = 0
    for demo in demos {
      var messages: [Message] = []
      var thinking = ThinkingMode.on
      for step in demo.array ?? [] {
        if let text = step["user"]?.string {
          messages.append(Message(.user, text))
          thinking = step["thinking"]?.bool == true ? .on : .off
        } else if let results = step["tool"]?.array {
          messages += results.compactMap(\.string).map { Message(.tool, $0) }
        } else if let expected = step["assistant"]?.string {
          let received = await Received(
            backend.generate(
              GenerationRequest(
                messages: messages, functions: functions, constraint: .off, thinking: thinking, sampling: .greedy,
                tokenLimit: 300)))
          let said = received.tokens.filter { $0.lane != .control || !$0.bytes.starts(with: "<|".utf8) }
          if String(decoding: said.flatMap(\.bytes), as: UTF8.self) == expected { equal += 1 }
          messages.append(try #require(received.summary).message)
          turns += 1
        }
      }
    }
    #expect(turns == 38)
    #expect(isExact ? equal == equalCount : equal >= equalCount, "\(equal) of \(turns)")
  }
}
