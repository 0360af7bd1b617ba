public import JSON

/// A text made of tokens that masks allow, drawn without a model: uniformly, but closing what is open more often than
/// chance would, so that the text ends.
public struct RandomWalk: Sendable {
  public enum End: Sendable, Equatable {
    /// The grammar says that the text is complete.
    case complete(String)
    /// Nothing may come next.
    case deadEnd(after: String)
    /// `accept` refuses what the mask allows.
    case refused(token: Int, after: String)
    /// Still open after as many tokens as were allowed.
    case open(String)
  }

  private let vocabulary: TokenTrie
  /// Tokens of nothing but quotes, brackets and braces that close, and of nothing but what stands between values.
  private let closers: [Int]
  private let separators: [Int]

  public init(_ vocabulary: TokenTrie) {
    self.vocabulary = vocabulary
    func tokens(of set: ByteSet) -> [Int] {
      (0..<vocabulary.tokenCount).filter { id in
        let bytes = vocabulary.bytes(of: id)
        return !bytes.isEmpty && bytes.allSatisfy(set.contains)
      }
    }
    closers = tokens(of: ByteSet("\"]}"))
    separators = tokens(of: ByteSet(",: \""))
  }

  /// - Parameter limit: of tokens. From a quarter of them on the text takes each way out.
  public func run(
    _ grammar: Grammar, limit: Int = 1200, using random: inout some RandomNumberGenerator
  ) -> End {
    var matcher = grammar.makeMatcher()
    var text: [UInt8] = []
    /// What is left of a member's name that was chosen.
    var name: ArraySlice<UInt8> = []
    func string() -> String { String(decoding: text, as: UTF8.self) }
    for step in 0..<limit {
      let mask = matcher.mask()
      let hurries = step > limit / 4
      if matcher.isComplete, hurries || mask.allowedCount <= grammar.endTokens.count || Bool.random(using: &random) {
        return .complete(string())
      }
      if mask.allowedCount == 0 { return .deadEnd(after: string()) }
      if name.isEmpty, hurries || Bool.random(using: &random) {
        // Chance alone would hardly ever spell a name of the schema.
        let names = matcher.declaredNames()
        let required = names.filter(\.isRequired)
        name = (required.isEmpty || !hurries ? names : required).randomElement(using: &random)?.rest[...] ?? []
        if hurries, required.isEmpty { name = [] }
      }
      var token: Int?
      if !name.isEmpty {
        token = vocabulary.prefixes(of: Array(name)).filter(mask.allows).randomElement(using: &random)
        name = token.map { name.dropFirst(vocabulary.bytes(of: $0).count) } ?? []
      } else if hurries || Int.random(in: 0..<3, using: &random) == 0 {
        token = closers.filter(mask.allows).randomElement(using: &random)
        if hurries, token == nil, Int.random(in: 0..<4, using: &random) > 0 {
          token = separators.filter(mask.allows).randomElement(using: &random)
        }
      }
      let chosen = token ?? mask.allowedID(at: Int.random(in: 0..<mask.allowedCount, using: &random))
      if grammar.endTokens.contains(chosen) { return .complete(string()) }
      guard matcher.accept(chosen) else { return .refused(token: chosen, after: string()) }
      text += vocabulary.bytes(of: chosen)
    }
    return matcher.isComplete ? .complete(string()) : .open(string())
  }
}

extension DecodingCheck {
  /// What became of a random text.
  public enum WalkOutcome: Sendable, Equatable {
    case valid
    /// Invalid, in a grammar that announces keywords to be checked afterwards.
    case caught(String)
    /// Still open when the tokens ran out.
    case open
    /// Never: invalid though the grammar promises otherwise, a dead end, or a token allowed and then refused.
    case broken(String)
  }

  /// Random texts under the masks of a schema's grammar, judged by the validator; none if the schema does not compile.
  public func walks(
    _ document: JSONValue, dialect: Dialect? = nil, count: Int, _ walk: RandomWalk,
    using random: inout some RandomNumberGenerator
  ) -> [WalkOutcome] {
    guard let schema = try? JSONSchema(document: document, dialect: dialect),
      let grammar = try? grammar(schema, keyOrder)
    else { return [] }
    return (0..<count).map { _ in
      switch walk.run(grammar, using: &random) {
      case .open: return .open
      case .deadEnd(let text): return .broken("a dead end after \(text)")
      case .refused(let token, let text): return .broken("token \(token) is allowed and refused after \(text)")
      case .complete(let text):
        do {
          let parsed = try JSONDocument(parsing: text, name: "walk")
          if let repeated = parsed.duplicateKeys.first { return .broken("\"\(repeated.key)\" comes twice in \(text)") }
          if try schema.isValid(parsed.value, assertingFormats: true) { return .valid }
        } catch {
          return .broken("\(error) in \(text)")
        }
        return grammar.enforcement.isComplete ? .broken("invalid: \(text)") : .caught(text)
      }
    }
  }
}
