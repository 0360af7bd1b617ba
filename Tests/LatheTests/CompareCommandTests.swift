import JSON
import Testing

/// `lathe compare` on the embedded model.
@Suite struct CompareCommandTests {
  private static let question = ["support", "--prompt", "Where is my order ORD12345?", "--no-think"]

  /// Ids of the generated tokens, by the number of their answer; `lathe run` has no numbers.
  private static func ids(_ lines: [JSONValue]) -> [Int: [Int]] {
    lines.filter { $0["event"]?.string == "token" }.reduce(into: [:]) { ids, line in
      ids[line["answer"]?.int ?? 0, default: []].append(line["id"]?.int ?? -1)
    }
  }

  @Test func `every answer is the one that lathe run gives`() throws {
    let outcome = try Program.run(
      ["compare"] + Self.question + [
        "--sampling", "greedy", "--sampling", #"{"temperature": 1.5, "top_k": 40}"#, "--samples", "2", "--seed", "5", "--json",
      ])
    #expect(outcome.code == 0)
    let lines = try outcome.lines.map { try JSONValue(parsing: $0) }
    let compared = Self.ids(lines)
    #expect(compared.keys.sorted() == [0, 1, 2, 3])
    let alone = [
      ["--temperature", "0", "--seed", "5"], ["--temperature", "1.5", "--top-k", "40", "--seed", "6"],
    ]
    for (number, options) in zip([0, 3], alone) {
      let run = try Program.run(["run"] + Self.question + options + ["--steps", "1", "--json"])
      #expect(Self.ids(try run.lines.map { try JSONValue(parsing: $0) })[0] == compared[number])
    }
    // Greedy needs no random number.
    #expect(compared[0] == compared[1])
    let labels = lines.filter { $0["event"]?.string == "finished" }.map { ($0["answer"]?.int ?? 0, $0["sampling"]?.string ?? "") }
    #expect(labels.sorted { $0.0 < $1.0 }.map(\.1) == ["greedy", "greedy", #"{"temperature": 1.5, "top_k": 40}"#, #"{"temperature": 1.5, "top_k": 40}"#])
    // The prompt is computed once: the others find all but its last token.
    let prompt = try #require(lines.first { $0["event"]?.string == "accepted" }?["tokens"]?.array).count
    let reused = lines.filter { $0["event"]?.string == "accepted" }.compactMap { $0["reused"]?.int }
    #expect(reused.sorted() == [0, prompt - 1, prompt - 1, prompt - 1])
  }

  @Test func `answers come in the order they were asked for, with their figures and where they part`() throws {
    let outcome = try Program.run(
      ["compare"] + Self.question + ["--sampling", "greedy", "--sampling", #"{"temperature": 0}"#, "--seed", "5"])
    #expect(outcome.code == 0)
    let heads = outcome.lines.filter { $0.contains(", seed ") }
    #expect(heads.count == 2)
    #expect(heads[0].hasPrefix("greedy, seed 5: ") && heads[0].contains(" tokens, first after ") && heads[0].hasSuffix(" tokens/s"))
    #expect(heads[1].hasPrefix(#"{"temperature": 0}, seed 5: "#) && heads[1].hasSuffix("; the same as the first"))
    #expect(outcome.lines.filter { $0 == #"→ get_order_status {"order_id": "ORD12345"}"# }.count == 2)
    #expect(outcome.error.contains("  2 answers of ") && outcome.error.contains(" tokens/s together; "))
  }

  @Test(arguments: [
    (
      ["--sampling", "cold", "--sampling", "greedy"],
      "lathe: --sampling is \"cold\"; a preset's name or a JSON object is expected, and the presets are \"greedy\"\n"
    ),
    (
      ["--sampling", "greedy"],
      "lathe: 1 answer is wanted; 2 to 64 can be compared: --sampling is given once for each setting, --samples N takes N "
        + "answers of each\n"
    ),
    (
      ["--samples", "40", "--sampling", "greedy", "--sampling", "{}"],
      "lathe: 80 answers are wanted; 2 to 64 can be compared: --sampling is given once for each setting, --samples N takes "
        + "N answers of each\n"
    ),
    (
      ["--sampling", #"{"heat": 1}"#, "--sampling", "greedy"],
      "lathe: heat is 1; no member of this name is expected\n"
    ),
  ])
  func `what cannot be compared is said`(options: [String], sentence: String) throws {
    let outcome = try Program.run(["compare"] + Self.question + options)
    #expect(outcome.code == 2)
    #expect(outcome.error == sentence)
    #expect(outcome.output == "")
  }
}
