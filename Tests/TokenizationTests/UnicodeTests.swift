import JSON
import Testing
import Tokenization

@Suite("Unicode tables")
struct UnicodeTests {
  /// The reference's results come as digests of blocks of 1024 characters, see `Scripts/make_fixtures.py`.
  @Test func `characters are normalised and cut apart as the reference does`() throws {
    let (normalizer, preTokenizer) = (NFCNormalizer(), PreTokenizer())
    let rows = try fixture("unicode-digests.json").array!
    #expect(rows.count == 30)
    for row in rows {
      let block = UInt32(row["block"]!.int!)
      let scalars = (block..<block + 0x400).compactMap(Unicode.Scalar.init)
      let normalized = scalars.map { c in
        normalizer.normalize("\(c)|o\u{302}\(c)\u{323}|\(c)\u{301}\u{345}|\u{9C7}\(c)|\u{1100}\(c)\u{11A8}")
      }
      #expect(digest(normalized.joined()) == row["nfc"]!.string!, "block \(block)")
      let pieces = preTokenizer.pieces(of: scalars.map { "!\($0)!1x\($0)x1 \($0) 1" }.joined())
      #expect(digest(pieces.joined(separator: "\0")) == row["pieces"]!.string!, "block \(block)")
    }
  }

  struct Row {
    let text: String
    let pieces: [String]
  }

  /// By hand, from the regular expression's alternatives in order.
  @Test(arguments: [
    Row(text: "I'll SHE'LL 'tis it'S", pieces: ["I", "'ll", " SHE", "'LL", " '", "tis", " it", "'S"]),
    Row(text: "2024!\r\n\nx", pieces: ["2", "0", "2", "4", "!\r\n\n", "x"]),
    Row(text: "a   b", pieces: ["a", "  ", " b"]),
    Row(text: "a  \n \n  b", pieces: ["a", "  \n \n", " ", " b"]),
    Row(text: "a   ", pieces: ["a", "   "]),
    Row(text: " \u{3000}!", pieces: [" ", "\u{3000}", "!"]),
    Row(text: "\t\tx\u{2028}y", pieces: ["\t", "\tx", "\u{2028}y"]),
    Row(text: "'ſ 'v 'Vex", pieces: ["'ſ", " '", "v", " '", "Vex"]),
    Row(text: "日本、語", pieces: ["日本", "、語"]),
    Row(text: "e\u{301}x", pieces: ["e", "\u{301}x"]),
    Row(text: "\n", pieces: ["\n"]),
    Row(text: "'", pieces: ["'"]),
  ]) func `a text is cut as the regular expression says`(row: Row) {
    #expect(PreTokenizer().pieces(of: row.text).map { Array($0.utf8) } == row.pieces.map { Array($0.utf8) })
  }

  /// FNV-1a, 64 bits.
  private func digest(_ text: String) -> String {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
