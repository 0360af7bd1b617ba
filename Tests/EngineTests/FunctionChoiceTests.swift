import Engine
import Foundation
import Inference
import JSON
import ModelFiles
import Testing
import Tokenization

/// Against forward passes over the whole text, one for each function, without pages that are shared.
@Suite struct FunctionChoiceTests {
  private static func sample(_ name: String, _ offered: [String]) throws -> [FunctionDefinition] {
    let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let folder = top.appending(path: "Workspaces/\(name)/functions")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().filter { offered.contains(String($0.dropLast(5))) }.map {
      try Mini.function(String(contentsOf: folder.appending(path: $0), encoding: .utf8))
    }
  }

  @Test(arguments: [
    ("weather", ["get_weather"], "北京今天天气怎么样？", "get_weather"),
    ("support", ["get_order_status", "get_weather", "send_email"], "Where is my order ORD12345?", "get_order_status"),
  ])
  func `the function that is called ranks first, and all equals separate passes`(
    workspace: String, offered: [String], question: String, called: String
  ) async throws {
    let backend = try await Mini.open()
    let functions = try Self.sample(workspace, offered)
    let request = GenerationRequest(
      messages: [Message(.user, question)], functions: functions, thinking: .off, sampling: .greedy, tokenLimit: 200)
    let choice = try await backend.choose(request)
    #expect(choice.options.first?.name == called)
    #expect(Set(choice.options.map(\.name)) == Set(functions.map(\.name)))
    let sum = choice.options.reduce(choice.noCall) { $0 + $1.probability }
    #expect(sum <= 1 + 1e-9 && sum > 0)
    #expect(choice.options.map(\.probability) == choice.options.map(\.probability).sorted(by: >))

    let checkpoint = try EmbeddedModel.open()
    let tokenizer = try Tokenizer(try checkpoint.requireTokenizer())
    let prompt = try await backend.preview(request).tokens
    #expect(choice.promptTokens == prompt.count)
    for option in choice.options {
      let text = tokenizer.decode(option.tokens)
      #expect(text.hasPrefix("<tool_call>\n{\"name\": \"\(option.name)\""))
      let expected = try Self.logprobs(of: option.tokens, after: prompt, checkpoint)
      for (found, expected) in zip(option.logprobs, expected) { #expect(abs(found - expected) < 1e-5) }
      #expect(abs(option.probability - exp(expected.reduce(0, +))) < 1e-5)
    }
    #expect(abs(choice.noCall - (1 - exp(choice.options[0].logprobs[0]))) < 1e-12)

    // The greedy answer takes the same way.
    let received = await Received(backend.generate(request))
    #expect(received.calls.first?.name == called)
    #expect(Array(received.tokens.map(\.id).prefix(choice.options[0].tokens.count)) == choice.options[0].tokens)
    // A second look computes nothing of the prompt anew but its end.
    #expect(try await backend.choose(request).cachedTokens > prompt.count - 17)
  }

  @Test func `a single function and no function`() async throws {
    let backend = try await Mini.open()
    let one = try await backend.choose(try Mini.weather([Mini.question]))
    #expect(one.options.count == 1)
    #expect(one.options[0].probability + one.noCall <= 1 + 1e-9)
    let unrelated = try await backend.choose(try Mini.weather([Message(.user, "Who are you?")]))
    #expect(unrelated.noCall > one.noCall)
    await #expect(throws: GenerationError.badSetting(name: "functions", found: "none", expected: "one to choose at least")) {
      try await backend.choose(GenerationRequest(messages: [Mini.question]))
    }
  }

  private static func logprobs(
    of tokens: [TokenID], after prompt: [TokenID], _ checkpoint: Checkpoint
  ) throws -> [Double] {
    let all = prompt + tokens
    let forward = try CPUForward(
      checkpoint: checkpoint, contextLength: 2048, isExact: true, threads: 1, maxBatchRows: all.count)
    let pool = PagePool(geometry: forward.geometry)
    let sequence = try pool.makeSequence(prompt: all)
    _ = try pool.reserve(all.count, for: sequence)
    var batch = Batch()
    batch.add(sequence, tokenCount: all.count, logits: .all)
    try forward.submit(batch)
    let width = forward.config.vocabularySize
    return try forward.withLogits { logits in
      tokens.indices.map { index in
        let start = (prompt.count - 1 + index) * width
        let row = (0..<width).map { Double(logits[start + $0]) }
        let most = row.max() ?? 0
        return row[Int(tokens[index])] - most - log(row.reduce(0) { $0 + exp($1 - most) })
      }
    }
  }
}
