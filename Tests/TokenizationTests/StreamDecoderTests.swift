import ModelFiles
import Testing
import Tokenization

@Suite("StreamDecoder")
struct StreamDecoderTests {
  let tokenizer: Tokenizer
  /// The token of each byte.
  let byteTokens: [TokenID]

  init() throws {
    let tokenizer = try Tokenizer(SmallTokenizer().data)
    self.tokenizer = tokenizer
    var byteTokens = [TokenID](repeating: 0, count: 256)
    for id in TokenID(0)..<256 { byteTokens[Int(tokenizer.bytes(of: id).first!)] = id }
    self.byteTokens = byteTokens
  }

  struct Row {
    let bytes: [UInt8]
    /// What is shown after each byte, and at the end.
    let shown: [String]
  }

  /// One U+FFFD for each maximal part of a character (The Unicode Standard, section 3.9, table 3-8).
  @Test(arguments: [
    Row(bytes: [0x61, 0x62], shown: ["a", "b", ""]),
    Row(bytes: [0xC3, 0xA9], shown: ["", "é", ""]),
    Row(bytes: [0xF0, 0x9F, 0xA6, 0x99], shown: ["", "", "", "🦙", ""]),
    Row(bytes: [0xF0, 0x9F, 0xA6], shown: ["", "", "", "\u{FFFD}"]),
    Row(bytes: [0xE4, 0xB8, 0x61], shown: ["", "", "\u{FFFD}a", ""]),
    Row(bytes: [0xA0, 0x61], shown: ["\u{FFFD}", "a", ""]),
    Row(bytes: [0xFF], shown: ["\u{FFFD}", ""]),
    Row(bytes: [0xED, 0xA0], shown: ["", "\u{FFFD}\u{FFFD}", ""]),
    Row(bytes: [0xC0, 0x80], shown: ["\u{FFFD}", "\u{FFFD}", ""]),
    Row(bytes: [0xF4, 0x90, 0x80], shown: ["", "\u{FFFD}\u{FFFD}", "\u{FFFD}", ""]),
    Row(bytes: [0xE4, 0xE4], shown: ["", "\u{FFFD}", "\u{FFFD}"]),
  ]) func `half a character is held until it is whole or cannot become whole`(row: Row) {
    var decoder = tokenizer.makeStreamDecoder(skippingSpecialTokens: false)
    var shown = row.bytes.map { decoder.append(byteTokens[Int($0)]) }
    shown.append(decoder.finish())
    #expect(shown == row.shown)
    #expect(shown.joined() == tokenizer.decode(row.bytes.map { byteTokens[Int($0)] }))
  }

  @Test func `special tokens are skipped, or end half a character`() {
    let special = tokenizer.id(of: "<plain>")!
    let ids = [byteTokens[0xC3], special, byteTokens[0xA9]]
    var skipping = tokenizer.makeStreamDecoder(skippingSpecialTokens: true)
    #expect(ids.map { skipping.append($0) } == ["", "", "é"])
    var showing = tokenizer.makeStreamDecoder(skippingSpecialTokens: false)
    #expect(ids.map { showing.append($0) } == ["", "\u{FFFD}<plain>", "\u{FFFD}"])
  }
}
