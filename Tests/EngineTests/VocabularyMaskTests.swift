import ConstrainedDecoding
import Engine
import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing
import Tokenization

/// Masks over Qwen's vocabulary, which is large enough for the ways that a small one never takes.
@Suite(.enabled(if: Reference.isPresent, "needs qwen3-vocab.gguf of the reference data"))
struct VocabularyMaskTests {
  private static let vocabulary = Result {
    let data = try Checkpoint.open(Reference.path("common/qwen3-vocab.gguf")).requireTokenizer()
    let tokenizer = try Tokenizer(data)
    return (
      tokenizer,
      DecodingVocabulary(
        tokenizer, count: tokenizer.vocabularySize, controlTokens: data.addedTokens.map(\.id), endTokens: [])
    )
  }

  @Test(arguments: [
    (#"{"type":"string"}"#, ["\"", "\"ab"]), (#"{"type":"string","maxLength":9,"minLength":3}"#, ["\"", "\"北京ab"]),
    // Kinds of characters that lead to one state, exceptions among them, and limits of length.
    (#"{"type":"string","pattern":"^[^@\\s]+@[^@\\s.]+\\.uk"}"#, ["\"", "\"ab", "\"ab@c", "\"ab@c.u", "\"ab@c.uk"]),
    (
      #"{"type":"string","pattern":"^(?:\\S+\\s+){0,9}\\S+$","maxLength":60}"#,
      ["\"", "\"ab", "\"ab c", "\"ab c d e f g h i j"]
    ),
    (
      #"{"oneOf":[{"type":"string","pattern":"APPROVER"},{"type":"string","pattern":"SIGNER"}]}"#,
      ["\"", "\"xA", "\"SIGN", "\"APPROVER "]
    ),
    (#"{"type":"string","pattern":"^[0-9A-Za-z]{8}-[0-9A-Za-z]{4}$"}"#, ["\"", "\"abcdef", "\"abcdefgh-1"]),
    (#"{"type":"string","pattern":"^[a-zA-Z_][\\w.:-]*$"}"#, ["\"", "\"a"]),
    (#"{"type":"string","format":"email"}"#, ["\"", "\"a", "\"a@b"]),
    (#"{"type":"string","pattern":"[0-9]{4}","minLength":4,"maxLength":6}"#, ["\"", "\"a1", "\"12345"]),
    (#"{"type":"string","pattern":"^[\\u4e00-\\u9fff]{2,}$"}"#, ["\"", "\"北"]),
    (
      #"{"type":"object","properties":{"name":{},"names":{}}}"#,
      ["{\"", "{\"na", "{\"x\": 1, \"na", "{\"name\": 1, \"x"]
    ),
    (#"{"type":"object","patternProperties":{"^x-":{"type":"integer"}}}"#, ["{\"", "{\"x-a", "{\"y"]),
  ])
  func `a mask allows exactly the tokens whose bytes are admitted`(schema: String, prefixes: [String]) throws {
    let (tokenizer, vocabulary) = try Self.vocabulary.get()
    let grammar = try Grammar(JSONSchema(document: JSONValue(parsing: schema)), vocabulary: vocabulary.trie)
    let takesAll = ProcessInfo.processInfo.environment["LATHE_WALKS"] == "all"
    for (place, prefix) in prefixes.enumerated() {
      var matcher = grammar.makeMatcher()
      let isAccepted = matcher.acceptBytes(prefix.utf8)
      #expect(isAccepted, "\(prefix)")
      let mask = matcher.mask()
      var wrong: [String] = []
      for id in stride(from: takesAll ? 0 : place, to: tokenizer.vocabularySize, by: takesAll ? 1 : 23) {
        let bytes = Array(tokenizer.bytes(of: TokenID(id)))
        let isControl = id >= 151_643
        let isAdmitted = !isControl && !bytes.isEmpty && matcher.admittedCount(bytes) == bytes.count
        if mask.allows(id) != isAdmitted { wrong.append("\(id) \(String(decoding: bytes, as: UTF8.self))") }
      }
      #expect(wrong == [], "\(prefix)")
      #expect(mask.allowedCount == mask.allowedIDs.count)
    }
  }
}
