import Foundation
import JSON
import TestSupport
import Testing

@Suite struct LogitsCommandTests {
  @Test func `each line gives likely tokens per position, a greedy continuation, and all logits in the file`() throws {
    let scratch = try ScratchFolder()
    let file = scratch.path + "/all.f32"
    let outcome = try Program.run(
      ["logits", "--threads", "1", "--full", file],
      input: #"{"ids": [4088, 421, 198], "top": 2, "generate": 3}"# + "\n" + #"{"ids": [4088, 421, 198, 2], "top": 1}"#
        + "\n",
      home: scratch)
    #expect(outcome.error == "" && outcome.code == 0)
    let lines = try outcome.lines.map { try JSONValue(parsing: $0, name: "output") }
    let positions = lines.map { $0["positions"]?.array ?? [] }
    #expect(positions.map(\.count) == [3, 4])
    #expect(positions[0].allSatisfy { $0.array?.count == 2 })
    #expect(lines[0]["greedy"]?.array?.count == 3)
    #expect(lines[1]["greedy"]?.array?.count == 0)
    // A common prefix gives the same numbers, and greedy starts with the likeliest token after the last id.
    #expect(positions[0].map { $0.array?.first } == positions[1].prefix(3).map { $0.array?.first })
    #expect(positions[0][2].array?.first?.array?.first == lines[0]["greedy"]?.array?.first)
    // float32 [3 + 4, 4096]
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    #expect(bytes.count == 7 * 4096 * 4)
    let first = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self).prefix(4096)) }
    let total = first.reduce(0.0) { $0 + exp(Double($1)) }
    let best = try #require(first.max())
    let logprob = try #require(positions[0][0].array?.first?.array?.last?.double)
    #expect(abs(logprob - (Double(best) - log(total))) < 1e-5)
  }

  @Test(arguments: [
    (#"{"ids": []}"#, "lathe: standard input, line 1: the prompt has no tokens, expected at least one\n"),
    (#"{"ids": [4096]}"#, "lathe: standard input, line 1: \"ids\" holds 4096; ids from 0 to 4095 are expected\n"),
    (
      #"{"ids": [1], "top": -1}"#,
      "lathe: standard input, line 1: \"top\" is -1; a whole number from 0 to 4096 is expected\n"
    ),
    (#"{"top": 1}"#, "lathe: standard input, line 1: a member \"ids\" with an array of token ids is expected\n"),
  ])
  func `a line that cannot be computed is bad input`(line: String, sentence: String) throws {
    let outcome = try Program.run(["logits"], input: line + "\n")
    #expect(outcome.error == sentence)
    #expect(outcome.code == 3)
  }
}
