import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing
import Tokenization

/// Every case of Hugging Face's `tokenizers` that the golden data holds; skipped where the data is absent.
@Suite(
  "Tokenizer against the reference", .enabled(if: Reference.isPresent, "the golden data is not beside the package"))
struct TokenizerReferenceTests {
  let tokenizer: Tokenizer

  init() throws { tokenizer = try Reference.qwen3.get() }

  @Test func `texts get the reference's ids`() throws {
    let rows = try Reference.lines("tokenizer/encode.jsonl")
    #expect(rows.count == 421)
    for row in rows { #expect(tokenizer.encode(row["text"]!.string!) == row["ids"]!.ids, "\(row["id"]!)") }
  }

  @Test func `texts taken as text get no added token`() throws {
    let rows = try Reference.lines("tokenizer/encode_no_special.jsonl")
    #expect(rows.count == 53)
    for row in rows {
      #expect(tokenizer.encode(row["text"]!.string!, specialTokens: .asText) == row["ids"]!.ids, "\(row["id"]!)")
    }
  }

  @Test func `texts are normalised and cut into the reference's pieces`() throws {
    let (normalizer, preTokenizer) = (NFCNormalizer(), PreTokenizer())
    let texts = Dictionary(
      uniqueKeysWithValues: try Reference.lines("tokenizer/encode.jsonl")
        .map { ($0["id"]!.string!, $0["text"]!.string!) })
    let rows = try Reference.lines("tokenizer/pretokenize.jsonl")
    #expect(rows.count == 421)
    for row in rows {
      let nfc = row["nfc"]!.string!
      let normalized = normalizer.normalize(texts[row["id"]!.string!]!)
      #expect(Array(normalized.utf8) == Array(nfc.utf8), "\(row["id"]!)")
      let pieces = row["pieces"]!.array!.map { Array($0.string!.utf8) }
      #expect(preTokenizer.pieces(of: nfc).map { Array($0.utf8) } == pieces, "\(row["id"]!)")
    }
  }

  @Test func `ids get the reference's text and bytes`() throws {
    let rows = try Reference.lines("tokenizer/decode.jsonl")
    #expect(rows.count == 312)
    for row in rows {
      let ids = row["ids"]!.ids
      #expect(Array(tokenizer.decode(ids).utf8) == Array(row["text"]!.string!.utf8), "\(row["id"]!)")
      let skipped = tokenizer.decode(ids, skippingSpecialTokens: true)
      #expect(Array(skipped.utf8) == Array(row["text_skip_special"]!.string!.utf8), "\(row["id"]!)")
      let hex = ids.flatMap { tokenizer.bytes(of: $0) }.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      #expect(hex == row["bytes"]!.string!, "\(row["id"]!)")
      #expect(streamed(ids) == tokenizer.decode(ids), "\(row["id"]!)")
    }
  }

  @Test func `a stream shows each character with the token that completes it`() throws {
    let rows = try Reference.lines("tokenizer/stream.jsonl")
    #expect(rows.count == 25)
    for row in rows {
      var decoder = tokenizer.makeStreamDecoder(skippingSpecialTokens: false)
      var text = ""
      var shown: [Int] = []
      for id in row["ids"]!.ids {
        text += decoder.append(id)
        shown.append(text.unicodeScalars.count)
      }
      #expect(shown == row["shown_after"]!.array!.map { $0.int! }, "\(row["id"]!)")
      text += decoder.finish()
      #expect(Array(text.utf8) == Array(row["text"]!.string!.utf8), "\(row["id"]!)")
    }
  }

  @Test(arguments: 0..<18) func `a hundred thousand like characters get the reference's ids`(index: Int) throws {
    let rows = try Reference.lines("tokenizer/stress.jsonl")
    #expect(rows.count == 18)
    let row = rows[index]
    let ids = tokenizer.encode(stressText(row))
    #expect(ids.count == row["n_ids"]!.int!)
    #expect(Array(ids.prefix(16)) == row["head"]!.ids)
    #expect(try sha256(ids.map(\.littleEndian).withUnsafeBytes(Array.init)) == row["ids_sha256_u32le"]!.string!)
  }

  @Test func `one and a half megabytes of mixed text get the reference's ids`() throws {
    let ids = tokenizer.encode(try Reference.text("common/bench/mixed.txt"))
    let expected = try Reference.compressedIDs("common/bench/mixed.ids.u32.gz")
    #expect(ids.count == expected.count)
    let difference = zip(ids, expected).enumerated().first { $1.0 != $1.1 }
    #expect(difference == nil)
  }

  /// llama.cpp does not normalise, and so is compared where the text is in NFC.
  @Test func `llama.cpp's own cases get llama.cpp's ids`() throws {
    let texts = try Reference.text("tokenizer/llama.cpp/ggml-vocab-qwen2.gguf.inp")
      .components(separatedBy: "\n__ggml_vocab_test__\n")
    let lines = try Reference.text("tokenizer/llama.cpp/ggml-vocab-qwen2.gguf.out").components(separatedBy: "\n")
    var compared = 0
    for (text, line) in zip(texts, lines) where NFCNormalizer().normalize(text).utf8.elementsEqual(text.utf8) {
      #expect(tokenizer.encode(text) == line.split(separator: " ").map { TokenID($0)! }, "\(text.debugDescription)")
      compared += 1
    }
    #expect(compared >= 40)
  }

  /// Ends are compared with a slow count: what the ids before decode to, where NFC changes nothing.
  @Test func `ends of tokens are ends of their bytes`() throws {
    for row in try Reference.lines("tokenizer/encode.jsonl") {
      let text = row["text"]!.string!
      let (ids, ends) = tokenizer.encodeWithOffsets(text)
      #expect(ids == row["ids"]!.ids)
      #expect(ends.count == ids.count && zip(ends, ends.dropFirst()).allSatisfy { $0 <= $1 })
      #expect(ends.last ?? 0 == text.utf8.count)
      guard NFCNormalizer().normalize(text).utf8.elementsEqual(text.utf8) else { continue }
      var sum = 0
      let expected = ids.map { id in
        sum += tokenizer.bytes(of: id).count
        return sum
      }
      #expect(ends == expected, "\(row["id"]!)")
    }
  }

  private func streamed(_ ids: [TokenID]) -> String {
    var decoder = tokenizer.makeStreamDecoder(skippingSpecialTokens: false)
    return ids.map { decoder.append($0) }.joined() + decoder.finish()
  }

  /// A unit repeated, or characters of an alphabet chosen by a linear congruential generator.
  private func stressText(_ row: JSONValue) -> String {
    let count = row["count"]!.int!
    if let unit = row["unit"]?.string { return String(repeating: unit, count: count) }
    let alphabet = Array(row["alphabet"]!.string!.unicodeScalars)
    var state = UInt64(row["lcg_seed"]!.int!)
    var text = String.UnicodeScalarView()
    for _ in 0..<count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      text.append(alphabet[Int((state >> 33) % UInt64(alphabet.count))])
    }
    return String(text)
  }
}
