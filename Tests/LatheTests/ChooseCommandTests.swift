import JSON
import Testing

/// `lathe choose` on the embedded model.
@Suite struct ChooseCommandTests {
  @Test(arguments: [
    ("weather", "北京今天天气怎么样？", "get_weather"), ("support", "Where is my order ORD12345?", "get_order_status"),
    ("support", "Who are you?", "no call"),
  ])
  func `the likeliest comes first`(workspace: String, question: String, first: String) throws {
    let outcome = try Program.run(["choose", workspace, "--prompt", question])
    #expect(outcome.code == 0)
    #expect(outcome.lines.first?.hasPrefix(first + " ") == true, "\(outcome.output)")
    #expect(outcome.lines.allSatisfy { $0.hasSuffix(" %") })
  }

  @Test func `with --json the probabilities come with their tokens`() throws {
    let outcome = try Program.run(["choose", "support", "--prompt", "Where is my order ORD12345?", "--json"])
    let lines = try outcome.lines.map { try JSONValue(parsing: $0) }
    #expect(lines.dropLast().compactMap { $0["function"]?.string }.sorted() == ["get_order_status", "get_weather", "send_email"])
    let sum = lines.reduce(0.0) { $0 + ($1["probability"]?.double ?? 0) + ($1["no_call"]?.double ?? 0) + ($1["other_calls"]?.double ?? 0) }
    #expect(abs(sum - 1) < 1e-6)
    #expect(lines.last?["tokens"]?["prompt"]?.int ?? 0 > 100)
  }

  @Test func `without a message there is nothing to choose for`() throws {
    let outcome = try Program.run(["choose", "weather"])
    #expect(outcome.code == 2)
    #expect(outcome.error == "lathe: there is nothing to answer: the workspace's prompt has no user message; add --prompt TEXT\n")
  }
}
