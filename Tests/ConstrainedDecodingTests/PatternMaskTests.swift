import ConstrainedDecoding
import JSON
import Testing

/// Masks within patterns over a vocabulary large enough that whole branches of its trie are taken at once.
struct PatternMaskTests {
  /// All texts of up to four of these characters, and tokens that hold parts of characters.
  static let texts: [[UInt8]] = {
    let characters = ["a", "b", "N", "1", " ", "\"", "é", "北"].map { Array($0.utf8) }
    var texts: [[UInt8]] = []
    var level: [[UInt8]] = [[]]
    for _ in 0..<4 {
      level = level.flatMap { text in characters.map { text + $0 } }
      texts += level
    }
    texts += (0...255).map { [UInt8($0)] }.filter { $0[0] >= 0x80 || $0[0] == 0x5C || $0[0] == 0x6E }
    texts += [[0xE5], [0xE5, 0x8C], [0x97, 0x61], [0x97, 0xE5, 0x8C], [0x61, 0xC3], [0xA9, 0x61, 0x61], [0x5C, 0x6E, 0x61]]
    texts += [Array("{\"".utf8), Array("\\u00".utf8), Array("\\\"a".utf8)]
    return texts
  }()
  static let trie = TokenTrie(count: texts.count) { texts[$0][...] }

  @Test(arguments: [
    #"{"type":"string","pattern":"^[ab]+$"}"#,
    #"{"type":"string","pattern":"^[ab]{1,7}N?$"}"#,
    #"{"type":"string","pattern":"^(\\S+ ){0,3}\\S+$"}"#,
    #"{"type":"string","pattern":"Na"}"#,
    #"{"type":"string","pattern":"^[^1]*$","minLength":2,"maxLength":6}"#,
    #"{"type":"string","pattern":"^.{3}[é北]+$"}"#,
    #"{"type":"string","pattern":"^(?!a)[^b]+$"}"#,
    #"{"oneOf":[{"type":"string","pattern":"NN"},{"type":"string","pattern":"1b"},{"type":"string","pattern":"a1"}]}"#,
    #"{"anyOf":[{"type":"string","pattern":"^a+$"},{"type":"string","pattern":"^b{2,3}$"},{"type":"string","maxLength":1}]}"#,
    #"{"anyOf":[{"type":"string","pattern":"^a","maxLength":3},{"type":"string","pattern":"b$","maxLength":3},{"enum":["NNN"]}]}"#,
  ])
  func `a mask allows exactly the tokens that can be followed`(schema: String) throws {
    let schema = try JSONSchema(document: JSONValue(parsing: schema))
    let grammar = try Grammar(schema, vocabulary: Self.trie)
    var random = TokenMaskTests.SplitMix(state: 5)
    for _ in 0..<6 {
      var matcher = grammar.makeMatcher()
      matcher.acceptBytes([0x22])
      for _ in 0..<5 {
        let mask = matcher.mask()
        let expected = Self.texts.indices.filter { matcher.admittedCount(Self.texts[$0]) == Self.texts[$0].count }
        #expect(mask.allowedIDs == expected)
        guard let token = expected.randomElement(using: &random), matcher.accept(token) else { break }
      }
    }
  }

  @Test func `alternatives of patterns for one string are told apart to its end`() throws {
    let grammar = try SmallVocabulary.grammar(
      #"{"oneOf":[{"type":"string","pattern":"^a+$"},{"type":"string","pattern":"^[ab]{2}$"},{"type":"string","pattern":"c"}]}"#
    )
    for text in [#""a""#, #""aaa""#, #""ab""#, #""xcx""#] { #expect(GrammarTests.accepts(grammar, text), "\(text)") }
    for text in [#""aa""#, #""b""#, #""abb""#, #""""#] { #expect(!GrammarTests.accepts(grammar, text), "\(text)") }
  }
}
