import ConstrainedDecoding
import Foundation
import JSON
import TestSupport
import Testing

struct DecodingCheckTests {
  private static func check(_ schema: String, _ rows: [(String, Bool?)], keyOrder: KeyOrder = .schema) throws
    -> DecodingCheck.Outcome
  {
    DecodingCheck.bytes(keyOrder: keyOrder).check(
      try JSONValue(parsing: schema), name: "schema", instances: try rows.map { (try JSONValue(parsing: $0.0), $0.1) })
  }

  @Test func `each value gets the verdict of the grammar and the check behind it`() throws {
    let schema =
      #"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"array","uniqueItems":true}},"required":["a"]}"#
    let rows: [(String, Bool?)] = [
      (#"{"a": 1, "b": [1, 2]}"#, true), (#"{"b": [], "a": 1}"#, true), (#"{"a": "1"}"#, false),
      // That elements differ is left to the check.
      (#"{"a": 1, "b": [1, 1]}"#, false),
      // Labels that are not so.
      (#"{"a": 1}"#, false), (#"{"b": []}"#, true),
    ]
    let outcome = try Self.check(schema, rows)
    #expect(outcome.verdicts == [.accepted, .order, .refused, .caught, .invalidAdmitted, .validRefused])
    #expect(outcome.admittedBytes.prefix(3) == [21, 3, 6])
    #expect(outcome.checkedAfter.map(\.keyword) == ["uniqueItems"])
    #expect(outcome.disagreements == [])
    #expect(!outcome.isRight)
    // Any order, and the validator asked where nothing is known.
    let unlabelled = try Self.check(schema, rows.map { ($0.0, nil) }, keyOrder: .any)
    #expect(unlabelled.verdicts == [.accepted, .accepted, .refused, .caught, .accepted, .refused])
    #expect(unlabelled.isRight)
  }

  @Test func `a schema without a grammar says why`() throws {
    let outcome = try Self.check(#"{"type":"integer","minimum":5,"maximum":4}"#, [("5", false)])
    #expect(
      outcome.refusal == "schema: no value satisfies the schema: #: no number lies within its bounds")
    #expect(outcome.verdicts == [] && !outcome.isRight)
  }

  @Test func `calls are judged with their function's arguments`() throws {
    let check = DecodingCheck.bytes(keyOrder: .schema)
    let functions: [(name: String, parameters: JSONValue)] = [
      ("f", try JSONValue(parsing: #"{"type":"object","properties":{"a":{},"b":{}},"additionalProperties":false}"#)),
      ("g", ["type": "object"]),
    ]
    let rows: [([(name: String, arguments: JSONValue)], DecodingCheck.Verdict)] = [
      ([("f", ["a": 1]), ("g", ["x": 2])], .accepted), ([("f", ["b": 1, "a": 1])], .order),
      ([("f", ["x": 2])], .refused),
    ]
    for (calls, verdict) in rows {
      #expect(check.check(functions: functions, calls: calls).verdicts == [verdict])
    }
  }

  @Test func `a clock is read for compiling and before each token and behind the last`() throws {
    let timings = try Self.check("true", [("[1]", true), ("12", true)]).timings
    #expect(timings.masks.count == 4 + 3 && timings.warmMasks.count == 5)
    #expect(timings.compile > 0 && timings.firstMask == timings.masks[0])
  }
}

/// Texts drawn under the masks of real schemas.
@Suite(.enabled(if: Reference.isPresent, "needs schemas-dev.jsonl of the reference data"))
struct DevSchemasWalkTests {
  /// LATHE_WALKS=all takes every schema and ten walks each (a minute in an optimised build); else a seeded sample.
  static let takesAll = ProcessInfo.processInfo.environment["LATHE_WALKS"] == "all"

  @Test func `random texts under the masks of real schemas are valid, and none meets a dead end`() throws {
    let check = DecodingCheck(
      vocabulary: SmallVocabulary.trie,
      tokens: ToolCallTokens(opening: nil, closing: nil, thinkingEnd: nil, ends: [SmallVocabulary.end]),
      keyOrder: .schema
    ) { $0.utf8.map { Int($0) } }
    let walk = RandomWalk(SmallVocabulary.trie)
    var random = SeededRandom(seed: 21)
    let rows = try Reference.lines("schemas/schemas-dev.jsonl")
    var broken: [String] = []
    var (validCount, openCount) = (0, 0)
    for row in Self.takesAll ? rows : Array(rows.shuffled(using: &random).prefix(150)) {
      let walks = check.walks(row["schema"] ?? .null, count: Self.takesAll ? 10 : 1, walk, using: &random)
      for outcome in walks {
        switch outcome {
        case .valid: validCount += 1
        case .open: openCount += 1
        case .caught: break
        case .broken(let text): broken.append("\(row["id"]?.string ?? ""): \(text)")
        }
      }
    }
    #expect(broken == [])
    #expect(validCount > 4 * openCount)
  }
}
