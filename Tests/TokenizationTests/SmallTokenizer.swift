import Foundation
import JSON
import ModelFiles

/// The tokenizer of `Fixtures/small-tokenizer.json` and what Hugging Face's tokenizers makes of its cases, see
/// `Scripts/make_fixtures.py`.
struct SmallTokenizer {
  struct Case {
    let text: String
    let ids: [TokenID]
    /// Nil where the reference does not give the text of an added token as it is.
    let decoded: String?
  }

  let data: TokenizerData
  let cases: [Case]

  init() throws {
    let value = try fixture("small-tokenizer.json")
    var tokens = ByteStringTable()
    for token in value["tokens"]!.array! { tokens.append(token.string!.utf8) }
    var merges = ByteStringTable()
    for merge in value["merges"]!.array! { merges.append(merge.string!.utf8) }
    let added = value["added"]!.array!.map {
      AddedToken(
        id: TokenID($0["id"]!.int!), content: $0["content"]!.string!, isSpecial: $0["isSpecial"]!.bool!,
        stripsLeft: $0["stripsLeft"]!.bool!, stripsRight: $0["stripsRight"]!.bool!,
        isNormalized: $0["isNormalized"]!.bool!, isSingleWord: $0["isSingleWord"]!.bool!)
    }
    data = TokenizerData(preTokenizer: "qwen2", tokens: tokens, merges: merges, addedTokens: added)
    cases = value["cases"]!.array!.map {
      Case(text: $0["text"]!.string!, ids: $0["ids"]!.ids, decoded: $0["decoded"]!.string)
    }
  }
}

/// A JSON file of the Fixtures folder.
func fixture(_ name: String) throws -> JSONValue {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
  return try JSONValue(parsing: Array(try Data(contentsOf: folder.appendingPathComponent(name))), name: name)
}
