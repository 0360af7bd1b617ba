import ModelFiles
import Testing
import Tokenization

@Suite("Tokenizer")
struct TokenizerTests {
  let small: SmallTokenizer
  let tokenizer: Tokenizer

  init() throws {
    small = try SmallTokenizer()
    tokenizer = try Tokenizer(small.data)
  }

  @Test func `merges and flags of added tokens work as in Hugging Face's tokenizers`() {
    #expect(small.cases.count >= 700)
    for row in small.cases {
      #expect(tokenizer.encode(row.text) == row.ids, "\(row.text.debugDescription)")
      guard let decoded = row.decoded else { continue }
      #expect(Array(tokenizer.decode(row.ids, skippingSpecialTokens: true).utf8) == Array(decoded.utf8), "\(row.ids)")
    }
  }

  /// By hand: all pairs are looked through, the first of the lowest rank is merged, and so on.
  @Test(arguments: [1, 2, 3, 17, 63, 64, 65, 66, 200])
  func `short and long pieces are merged as the definition says`(count: Int) throws {
    let merges = small.data.merges
    let ranks = Dictionary(uniqueKeysWithValues: (0..<merges.count).map { (merges.string($0), $0) })
    var state: UInt64 = UInt64(count)
    for _ in 0..<20 {
      let letters = (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return ["a", "b", "c"][Int((state >> 33) % 3)]
      }
      var parts = letters
      while let (index, _) = zip(parts, parts.dropFirst()).map({ ranks["\($0) \($1)"] ?? .max }).enumerated()
        .min(by: { ($0.element, $0.offset) < ($1.element, $1.offset) }).flatMap({ $0.element < .max ? $0 : nil })
      {
        parts[index] += parts.remove(at: index + 1)
      }
      let ids = tokenizer.encode(letters.joined(), specialTokens: .asText)
      #expect(ids.map { String(decoding: tokenizer.bytes(of: $0), as: UTF8.self) } == parts)
    }
  }

  @Test func `text taken as text never becomes an added token, and decodes to itself`() {
    let added = Set(small.data.addedTokens.map(\.id))
    for text in ["<plain>", "a<plain>er b", " <lr> ", "x word y", "日本"] {
      let ids = tokenizer.encode(text, specialTokens: .asText)
      #expect(added.isDisjoint(with: ids))
      #expect(tokenizer.decode(ids) == text)
    }
  }

  struct OffsetRow {
    let text: String
    let ends: [Int]
  }

  /// In the small vocabulary each of the letters used here is one byte, one token.
  @Test(arguments: [
    OffsetRow(text: "", ends: []),
    OffsetRow(text: "xy", ends: [1, 2]),
    OffsetRow(text: "ö", ends: [1, 2]),
    OffsetRow(text: "xo\u{308}y", ends: [1, 4, 4, 5]),  // ö: two bytes for the three that they replace
    OffsetRow(text: "x<plain>o\u{308}", ends: [1, 8, 11, 11]),
    OffsetRow(text: "x <lr> y", ends: [1, 7, 8]),  // the token takes the spaces along
    OffsetRow(text: "o\u{308}o\u{308}z", ends: [3, 3, 6, 6, 7]),
    OffsetRow(text: "\u{2126}z", ends: [3, 3, 4]),  // the ohm sign becomes omega
    OffsetRow(text: "x\u{301}y", ends: [1, 2, 3, 4]),  // nothing to compose
    OffsetRow(text: "<ne\u{301}>y", ends: [6, 7]),
    OffsetRow(text: "\u{1100}\u{1161}\u{11A8}y", ends: [9, 9, 9, 10]),
  ]) func `ends are offsets in the text as given`(row: OffsetRow) {
    let (ids, ends) = tokenizer.encodeWithOffsets(row.text)
    #expect(ids == tokenizer.encode(row.text))
    #expect(ends == row.ends)
  }

  @Test func `tokens are found by their text, and have bytes`() {
    #expect(tokenizer.vocabularySize == small.data.tokens.count)
    #expect(tokenizer.id(of: "<lr>") == small.data.addedTokens[4].id)
    #expect(tokenizer.id(of: " ") == 32)
    #expect(tokenizer.id(of: "nowhere") == nil)
    #expect(tokenizer.id(of: "") == nil)
    #expect(Array(tokenizer.bytes(of: tokenizer.id(of: "<plain>er")!)) == Array("<plain>er".utf8))
    #expect(tokenizer.bytes(of: -1).isEmpty)
    #expect(tokenizer.bytes(of: TokenID(tokenizer.vocabularySize)).isEmpty)
    #expect(tokenizer.decode([-1, 1 << 30]) == "")
    #expect(small.data.addedTokens.allSatisfy { tokenizer.isSpecial($0.id) == $0.isSpecial })
    #expect(!tokenizer.isSpecial(-1) && !tokenizer.isSpecial(0) && !tokenizer.isSpecial(1 << 30))
  }

  @Test func `a tokenizer that cannot be used is refused with a sentence`() {
    func refusal(_ change: (inout TokenizerData) -> Void) -> String? {
      var data = small.data
      change(&data)
      do {
        _ = try Tokenizer(data)
        return nil
      } catch {
        return error.description
      }
    }
    func table(_ strings: [String]) -> ByteStringTable {
      var table = ByteStringTable()
      for string in strings { table.append(string.utf8) }
      return table
    }
    #expect(
      refusal { $0.preTokenizer = "llama-bpe" }
        == """
        tokenizer: the pre-tokenizer is "llama-bpe"; "qwen2", the one of Qwen2 and Qwen3, was expected, and no other is \
        supported
        """)
    #expect(
      refusal { data in
        data.addedTokens = []
        data.tokens = table((0..<data.tokens.count).map { $0 == 65 ? "??" : data.tokens.string($0) })
      } == "tokenizer: no token stands for byte 65; a byte-level vocabulary has one for each of the 256 bytes")
    #expect(
      refusal { $0.merges = table(["ab"]) }
        == "tokenizer: merge 0 is \"ab\"; two tokens with one space between were expected")
    #expect(
      refusal { $0.merges = table(["q z"]) }
        == "tokenizer: merge 0, \"q z\", needs the token \"qz\", which is not in the vocabulary")
    #expect(
      refusal { $0.addedTokens[0].id = 5000 }
        == "tokenizer: the added token \"<plain>\" has id 5000; the vocabulary ends at \(small.data.tokens.count - 1)")
  }

  @Test func `any text comes back from its ids`() {
    let text = "Größe: 3 日本語\r\n\tcafé 🦙 'Ll  x \u{0} \u{10FFFF}"
    #expect(tokenizer.decode(tokenizer.encode(text)) == text)
  }
}
