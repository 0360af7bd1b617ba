import JSON
import Testing

@testable import ConstrainedDecoding

/// What a grammar finds out and keeps: before it is asked for, and for how long.
struct WarmingTests {
  static let schema =
    #"{"type":"object","properties":{"city":{"type":"string","pattern":"^[A-Z][a-z]{1,20}$"},"e":{"type":"integer","minimum":10},"red":{"enum":["red","blue"]}},"required":["city","e"],"additionalProperties":false}"#
  static let text = #"{"city": "Paris", "e": 12, "red": "red"}"#

  /// The allowed ids before each byte of the text and behind it.
  static func masks(_ matcher: GrammarMatcher) -> [[Int]] {
    var matcher = matcher
    var masks = [matcher.mask().allowedIDs]
    for byte in text.utf8 {
      guard matcher.acceptBytes([byte]) else { return masks }
      masks.append(matcher.mask().allowedIDs)
    }
    return masks
  }

  @Test func `masks are the same after warming`() throws {
    let warmed = try SmallVocabulary.grammar(Self.schema)
    #expect(warmed.warm(budget: .seconds(60)) > 20)
    let masks = Self.masks(warmed.makeMatcher())
    #expect(masks == Self.masks(try SmallVocabulary.grammar(Self.schema).makeMatcher()))
    #expect(masks.count == Self.text.utf8.count + 1)
  }

  @Test func `where there is a choice the mask is known after warming`() throws {
    let grammar = try SmallVocabulary.grammar(Self.schema)
    grammar.warm(budget: .seconds(60))
    let byteCount = grammar.byteCount
    var matcher = grammar.makeMatcher()
    for byte in Self.text.utf8 {
      if matcher.nextBytes().count > 1 { _ = matcher.mask() }
      matcher.acceptBytes([byte])
    }
    #expect(matcher.isComplete)
    #expect(grammar.byteCount == byteCount)
  }

  @Test func `warming ends at its limit, at its budget, and when it is not wanted any more`() throws {
    let grammar = try SmallVocabulary.grammar(Self.schema)
    #expect(grammar.warm(budget: .zero) == 0)
    #expect(grammar.warm(budget: .seconds(60), while: { false }) == 0)
    #expect(grammar.warm(budget: .seconds(60), placeLimit: 7) == 7)
    let first = grammar.warm(budget: .seconds(60))
    #expect(first > 7 && first < 1000)
  }

  @Test func `sequences may be under way while the grammar is warmed`() async throws {
    let expected = Self.masks(try SmallVocabulary.grammar(Self.schema).makeMatcher())
    let grammar = try SmallVocabulary.grammar(Self.schema)
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          if task % 2 == 0 { return grammar.warm(budget: .seconds(60)) > 0 }
          return Self.masks(grammar.makeMatcher()) == expected
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  @Test func `calls are warmed with what comes around them`() throws {
    let schema = try JSONSchema(document: JSONValue(parsing: Self.schema))
    let grammar = try ToolCallGrammar(
      functions: [CallableFunction(name: "weather", parameters: schema)], choice: .required,
      tokens: ToolCallTokens(opening: nil, closing: nil, thinkingEnd: nil, ends: [SmallVocabulary.end]),
      vocabulary: SmallVocabulary.trie)
    #expect(grammar.warm(budget: .seconds(60)) > 20)
  }

  @Test func `a grammar that has outgrown its limit begins anew, and who is under way stays where he is`() throws {
    let schema = try JSONSchema(document: JSONValue(parsing: Self.schema))
    let expected = Self.masks(try SmallVocabulary.grammar(Self.schema).makeMatcher())
    let grammar = try Grammar(
      schema, vocabulary: SmallVocabulary.trie, endTokens: [SmallVocabulary.end], byteLimit: 20_000)
    let empty = grammar.byteCount
    let early = grammar.makeMatcher()
    var underWay = early
    underWay.acceptBytes(Self.text.utf8.prefix(12))
    #expect(Self.masks(early) == expected)
    #expect(grammar.byteCount > 20_000)
    let late = grammar.makeMatcher()
    #expect(grammar.byteCount <= empty + 2_000)
    #expect(Self.masks(late) == expected)
    #expect(underWay.mask().allowedIDs == expected[12])
    underWay.acceptBytes(Self.text.utf8.dropFirst(12))
    #expect(underWay.isComplete)
  }

  @Test func `of what is cached the part not asked for is dropped, and never more kept than the limit`() {
    var cache = RecentCache<Int, String>(byteLimit: 100)
    cache.insert("kept", -1, byteCount: 10)
    for key in 0..<40 {
      cache.insert("\(key)", key, byteCount: 10)
      #expect(cache.value(-1) == "kept")
      #expect(cache.value(key) == "\(key)")
      #expect(cache.byteCount <= 100)
    }
    #expect(cache.value(0) == nil)
    #expect(cache.turnCount > 0)
    cache.insert("other", 39, byteCount: 20)
    #expect(cache.value(39) == "other")
  }
}
