import ConstrainedDecoding
import JSON
import Testing

struct TokenMaskTests {
  /// A generator whose sequence is the same everywhere (Steele et al., SplitMix64).
  struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  static let schemas = [
    #"{"type":"string"}"#,
    #"{"type":"string","minLength":3,"maxLength":6}"#,
    #"{"type":"string","pattern":"^[a-z]+( [a-z]+)*$"}"#,
    #"{"type":"string","pattern":"^[^,]{2,}$","maxLength":9}"#,
    #"{"type":"object","properties":{"city":{"type":"string"},"e":{"type":"integer"}},"required":["e"]}"#,
    #"{"type":"object","properties":{"city":{"enum":["red","re","北京"]},"ci":{"type":"boolean"}},"additionalProperties":false}"#,
    #"{"type":"object","patternProperties":{"^a":{"type":"integer"}},"additionalProperties":{"type":"string"}}"#,
    #"{"type":"array","items":{"anyOf":[{"type":"string"},{"type":"object","properties":{"a":{"type":"null"}}},{"enum":["red",12]}]},"maxItems":3}"#,
    #"{"type":"array","items":{"type":"number","minimum":-1,"maximum":12}}"#,
    #"{"oneOf":[{"type":"object","properties":{"a":{"const":"abc"}},"required":["a"]},{"type":"object","properties":{"a":{"type":"string","maxLength":1}},"required":["a"]}]}"#,
    #"{"type":"object","propertyNames":{"pattern":"^[a-e]{1,2}[0-9]?$"},"additionalProperties":{"enum":[1,"ab"]}}"#,
    #"{"type":"object","propertyNames":{"maxLength":1},"additionalProperties":{"type":"integer"},"minProperties":3}"#,
    "true",
  ]

  @Test(arguments: schemas)
  func `a mask allows exactly the tokens whose bytes are admitted, along random walks`(schema: String) throws {
    let grammar = try SmallVocabulary.grammar(schema)
    var random = SplitMix(state: 7)
    for _ in 0..<12 {
      var matcher = grammar.makeMatcher()
      for _ in 0..<30 {
        let mask = matcher.mask()
        var expected: [Int] = []
        for (id, bytes) in SmallVocabulary.texts.enumerated() where id != SmallVocabulary.end {
          if !bytes.isEmpty, matcher.admittedCount(bytes) == bytes.count { expected.append(id) }
        }
        if matcher.isComplete { expected.append(SmallVocabulary.end) }
        #expect(mask.allowedIDs == expected)
        #expect(mask.allowedCount == expected.count)
        #expect(!expected.isEmpty, "a dead end")
        guard let token = expected.randomElement(using: &random), matcher.accept(token), !matcher.isEnded else { break }
      }
    }
  }

  @Test(arguments: schemas, [KeyOrder.schema, .any])
  func `taking steps back and forking lead where a replay leads`(schema: String, keyOrder: KeyOrder) throws {
    let grammar = try SmallVocabulary.grammar(schema, keyOrder: keyOrder)
    var random = SplitMix(state: 3)
    for _ in 0..<8 {
      var matcher = grammar.makeMatcher()
      var taken: [Int] = []
      var forks: [(matcher: GrammarMatcher, taken: [Int])] = []
      for _ in 0..<40 {
        if Int.random(in: 0..<4, using: &random) == 0 {
          let count = Int.random(in: 0...taken.count, using: &random)
          matcher.rollback(count)
          taken.removeLast(count)
        }
        if Int.random(in: 0..<6, using: &random) == 0 { forks.append((matcher.fork(), taken)) }
        let mask = matcher.mask()
        guard mask.allowedCount > 0,
          case let id = mask.allowedID(at: Int.random(in: 0..<mask.allowedCount, using: &random)),
          matcher.accept(id)
        else { continue }
        taken.append(id)
      }
      for (fork, taken) in forks + [(matcher, taken)] {
        // In a grammar of its own, which knows nothing of the way.
        var replay = try SmallVocabulary.grammar(schema, keyOrder: keyOrder).makeMatcher()
        let isAccepted = taken.allSatisfy { replay.accept($0) }
        #expect(isAccepted)
        #expect(replay.mask().allowedIDs == fork.mask().allowedIDs)
        #expect(replay.isComplete == fork.isComplete && replay.isEnded == fork.isEnded)
        #expect(replay.forcedBytes(limit: 50) == fork.forcedBytes(limit: 50))
        #expect(fork.stepCount == taken.count)
      }
    }
  }

  @Test(arguments: schemas)
  func `a random walk under the mask ends in a valid instance`(schema: String) throws {
    let document = try JSONSchema(document: JSONValue(parsing: schema))
    let grammar = try Grammar(document, vocabulary: SmallVocabulary.trie, endTokens: [SmallVocabulary.end])
    var random = SplitMix(state: 11)
    for _ in 0..<20 {
      guard let text = Self.walk(grammar, SmallVocabulary.end, { SmallVocabulary.texts[$0] }, &random) else { continue }
      let value = try JSONValue(parsing: text)
      #expect(try document.isValid(value, assertingFormats: true), "\(text)")
    }
  }

  /// A text made of allowed tokens, choosing closers more often than chance; nil if it is still open after 400 tokens.
  static func walk(_ grammar: Grammar, _ end: Int, _ bytes: (Int) -> [UInt8], _ random: inout SplitMix) -> String? {
    var matcher = grammar.makeMatcher()
    var text: [UInt8] = []
    let closers = Set("\"]}".utf8)
    for _ in 0..<400 {
      let mask = matcher.mask()
      if mask.allows(end) { return String(decoding: text, as: UTF8.self) }
      let ids = mask.allowedIDs
      if ids.isEmpty { return "dead end after " + String(decoding: text, as: UTF8.self) }
      let closing = ids.filter { bytes($0).count == 1 && closers.contains(bytes($0)[0]) }
      let token =
        (Int.random(in: 0..<3, using: &random) > 0 ? closing.randomElement(using: &random) : nil) ?? ids.randomElement(
          using: &random) ?? end
      guard matcher.accept(token) else {
        return "refused an allowed token after " + String(decoding: text, as: UTF8.self)
      }
      text += bytes(token)
    }
    return nil
  }
}
