import Foundation
import JSON
import TestSupport
import Testing

@Suite("lathe bench")
struct BenchCommandTests {
  private static let small = [
    "bench", "--model", "random:mini:q8_0", "--prompt-tokens", "20", "--generate", "3", "--depth", "0", "--depth", "37",
    "--batch", "1", "--batch", "3", "--repeat", "2", "--threads", "1",
  ]

  @Test(arguments: [
    (["--json", "--csv"], "lathe: --json and --csv are given; they exclude each other\n"),
    (["--batch", "0"], "lathe: --batch is \"0\"; a whole number from 1 to 256 is expected\n"),
    (["--repeat", "x"], "lathe: --repeat is \"x\"; a whole number from 1 to 1000 is expected\n"),
    (
      ["--model", "random:mini"],
      "lathe: --model random:mini: the model is \"random:mini\", expected random:SHAPE:TYPE, such as random:qwen3-0.6b:q8_0\n"
    ),
    (
      ["--model", "random:qwen9:q8_0"],
      "lathe: --model random:qwen9:q8_0: the shape is \"qwen9\", which is not supported; supported: mini, qwen3-0.6b, qwen3-1.7b, qwen3-4b, qwen3-8b, qwen3-14b, qwen3-32b\n"
    ),
    (
      ["--model", "random:mini:q9"],
      "lathe: --model random:mini:q9: the type is \"q9\", which is not supported; supported: f32, f16, bf16, q8_0, q4_0, q4_k, q5_k, q6_k, q4_k_m\n"
    ),
    (
      ["--model", "random:mini:f16", "--depth", "40900"],
      "lathe: --depth 40900 and 512 tokens behind it exceed the context of random:mini:f16, 40960\n"
    ),
  ])
  func `what cannot be measured is bad usage`(arguments: [String], sentence: String) throws {
    let outcome = try Program.run(["bench"] + arguments)
    #expect(outcome.error == sentence)
    #expect(outcome.output == "")
    #expect(outcome.code == 2)
  }

  @Test func `a model that does not fit is refused with the arithmetic`() throws {
    // 32.8 billion numbers of four bytes.
    let outcome = try Program.run(["bench", "--model", "random:qwen3-32b:f32", "--depth", "0"])
    try #require(outcome.code == 4, "this machine has room for 131 GB")
    #expect(outcome.error.hasPrefix("lathe: random:qwen3-32b:f32: needs 13"))
    #expect(outcome.error.contains("GB: weights 131.0, KV "))
    #expect(outcome.error.hasSuffix(" GB free; try a smaller model or a smaller --depth\n"))
  }

  @Test func `each row's numbers agree with each other, and the logits with those of a second run`() throws {
    let first = try Self.rows(Self.small + ["--json"])
    #expect(first.machine["weight_bytes"]?.int == 13_430_016)
    #expect(try #require(first.machine["peak_read_gb_per_s"]?.double) > 0.1)
    if let share = first.machine["large_page_share"]?.double { #expect(share >= 0 && share <= 1) }
    #expect(
      first.rows.map { "\($0["phase"]?.string ?? "") \($0["depth"]?.int ?? -1) \($0["batch"]?.int ?? -1) \($0["tokens"]?.int ?? -1)" }
        == ["prefill 0 1 20", "decode 0 1 3", "decode 0 3 9", "prefill 37 1 20", "decode 37 1 3", "decode 37 3 9"])
    for row in first.rows {
      func number(_ name: String) throws -> Double { try #require(row[name]?.double, "\(name)") }
      let seconds = try number("seconds")
      let tokens = try number("tokens")
      #expect(seconds > 0 && row["repeats"]?.int == 2)
      #expect(try abs(number("tokens_per_s") * seconds / tokens - 1) < 1e-9)
      #expect(try abs(number("ms_per_token") * tokens / (1000 * seconds) - 1) < 1e-9)
      #expect(try abs(number("gb_per_s") * seconds * 1e9 / number("bytes") - 1) < 1e-9)
      #expect(try abs(number("gop_per_s") * seconds * 1e9 / number("operations") - 1) < 1e-9)
      let isInteger = first.machine["share_is_of"]?.string == "int8"
      let peak = try #require(first.machine[isInteger ? "peak_int8_gop_per_s" : "peak_f32_gflop_per_s"]?.double)
      #expect(try abs(number("share_of_operation_peak") * peak / number("gop_per_s") - 1) < 1e-9)
    }
    let again = try Self.rows(Self.small + ["--json"])
    #expect(first.rows.map { $0["logits_hash"] } == again.rows.map { $0["logits_hash"] })
    let otherSeed = try Self.rows(Self.small + ["--json", "--seed", "2"])
    #expect(first.rows[0]["logits_hash"] != otherSeed.rows[0]["logits_hash"])
  }

  @Test func `operations are two for each weight and row, and attention's`() throws {
    let row = try #require(try Self.rows(Self.small + ["--json"]).rows.first { $0["depth"]?.int == 37 })
    // 8 layers of 320 · (2 · 512 + 2 · 256 + 3 · 960) weights, one row of 4,096 · 320, and 20 rows after 37 positions.
    let weights = 2 * 20 * 8 * 320 * (2 * 512 + 2 * 256 + 3 * 960) + 2 * 4096 * 320
    let attention = 4 * 512 * 8 * (38...57).reduce(0, +)
    #expect(row["operations"]?.double == Double(weights + attention))
  }

  @Test func `the table and the comma-separated values have the same rows`() throws {
    let table = try Program.run(Self.small)
    #expect(table.code == 0 && table.error == "")
    #expect(try #require(table.lines.first).hasPrefix("model    random:mini:q8_0: 12 M parameters, 0.013 GB of weights"))
    #expect(table.lines.count == 4 + 6)
    // Aligned: a hash of 16 digits starts where its heading does.
    #expect(Set(table.lines.dropFirst(4).map(\.count)) == [table.lines[3].count - "logits".count + 16])
    let values = try Program.run(Self.small + ["--csv"])
    let cells = values.lines.map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(cells.count == 7)
    #expect(Set(cells.map(\.count)) == [17])
    #expect(cells.dropFirst().allSatisfy { $0[0] == "random:mini:q8_0" && $0[1] == "1" })
  }

  @Test func `inspect tells of a random model without making it`() throws {
    let outcome = try Program.run(["inspect", "--json", "--model", "random:qwen3-14b:q4_k_m"])
    let object = try JSONValue(parsing: outcome.output, name: "output")
    #expect(object["parameters"]?.int == 14_768_307_200)
    #expect(object["weight_bytes"]?.int == 8_995_793_920)
    #expect(object["format"]?.string == "random weights")
  }

  private static func rows(_ arguments: [String]) throws -> (machine: JSONValue, rows: [JSONValue]) {
    let outcome = try Program.run(arguments)
    try #require(outcome.code == 0 && outcome.error == "", "\(outcome.error)")
    let values = try outcome.lines.map { try JSONValue(parsing: $0, name: "output") }
    return (try #require(values.first), Array(values.dropFirst()))
  }
}
