import ConstrainedDecoding
import JSON
import TestSupport
import Testing

/// Grammars of real schemas, with instances whose validity another validator has confirmed.
@Suite(.enabled(if: Reference.isPresent, "needs schemas-dev.jsonl and bfcl-dev.jsonl of the reference data"))
struct DevSchemasDecodingTests {
  /// Every ninth schema: an unoptimised build takes about a second for each ten.
  static func rows() throws -> [JSONValue] {
    try Reference.lines("schemas/schemas-dev.jsonl").enumerated().filter { $0.offset % 9 == 8 }.map(\.element)
  }

  @Test
  func
    `valid instances are admitted in any order of members, and invalid ones refused by the grammar or a check it announces`()
    throws
  {
    var refusedSchemas: [String] = []
    var wrong: [String] = []
    for row in try Self.rows() {
      let id = row["id"]?.string ?? ""
      let schema = try JSONSchema(document: row["schema"] ?? .null, name: id)
      let grammar: Grammar
      do { grammar = try Grammar(schema, vocabulary: SmallVocabulary.trie, keyOrder: .any) } catch {
        refusedSchemas.append("\(error)")
        continue
      }
      for (index, test) in (row["tests"]?.array ?? []).enumerated() {
        let text = test["data"]?.text(.spaced) ?? ""
        var matcher = grammar.makeMatcher()
        let isAdmitted = matcher.acceptBytes(text.utf8) && matcher.isComplete
        if test["valid"]?.bool == true {
          if !isAdmitted {
            wrong.append(
              "\(id) \(index): valid and refused after \(grammar.makeMatcher().admittedCount(text.utf8)) bytes")
          }
        } else if isAdmitted, grammar.enforcement.isComplete {
          wrong.append("\(id) \(index): invalid and admitted, with nothing left to check")
        }
      }
    }
    #expect(wrong == [])
    #expect(refusedSchemas == [])
  }

  @Test func `every expected call is admitted by the grammar of its functions`() throws {
    var wrong: [String] = []
    var count = 0
    let tokens = ToolCallTokens(opening: nil, closing: nil, thinkingEnd: nil, ends: [SmallVocabulary.end])
    for row in try Reference.lines("bfcl/bfcl-dev.jsonl") {
      guard let calls = row["calls"]?.array, !calls.isEmpty else { continue }
      count += 1
      let functions = try (row["tools"]?.array ?? []).map { tool in
        CallableFunction(
          name: tool["function"]?["name"]?.string ?? "",
          parameters: try JSONSchema(document: tool["function"]?["parameters"] ?? true, name: "parameters"))
      }
      let grammar = try ToolCallGrammar(
        functions: functions, choice: .required, tokens: tokens, vocabulary: SmallVocabulary.trie, keyOrder: .any)
      var matcher = grammar.makeMatcher()
      let text = calls.map { call in
        "<tool_call>\n{\"name\": \(JSONValue.quoted(call["name"]?.string ?? "")), \"arguments\": \(call["arguments"]?.text(.spaced) ?? "")}\n</tool_call>"
      }.joined(separator: "\n")
      for (index, byte) in text.utf8.enumerated() {
        guard matcher.accept(Int(byte)) else {
          wrong.append("\(row["id"]?.string ?? ""): refused after \(index) bytes of \(text)")
          break
        }
      }
      if matcher.callCount != calls.count { wrong.append("\(row["id"]?.string ?? ""): \(matcher.callCount) calls") }
    }
    #expect(wrong == [])
    #expect(count == 268)
  }
}
