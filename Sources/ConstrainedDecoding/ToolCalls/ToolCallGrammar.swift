import JSON

/// A function that may be called.
public struct CallableFunction: Sendable {
  public let name: String
  /// Of its arguments, an object.
  public let parameters: JSONSchema
  /// The schema as text, by which it is known when it has been compiled before; nil compiles it each time.
  let content: String?

  public init(name: String, parameters: JSONSchema, content: String? = nil) {
    self.name = name
    self.parameters = parameters
    self.content = content
  }
}

/// Whether and what the model must call.
public enum ToolChoice: Hashable, Sendable {
  /// As it likes.
  case auto
  /// Nothing.
  case none
  /// Some function.
  case required
  /// This function.
  case named(String)
}

/// The control tokens of a call, and the end of an answer. Ids that the vocabulary lacks are nil: then the spelt text counts.
public struct ToolCallTokens: Sendable {
  public var opening: Int?
  public var closing: Int?
  public var thinkingEnd: Int?
  public var ends: [Int]

  public init(opening: Int?, closing: Int?, thinkingEnd: Int?, ends: [Int]) {
    self.opening = opening
    self.closing = closing
    self.thinkingEnd = thinkingEnd
    self.ends = ends
  }
}

/// Qwen's form of function calls: free text, in which `<tool_call>` opens a call whose name and arguments are bound together.
///
///     <tool_call>
///     {"name": "weather", "arguments": {"city": "北京"}}
///     </tool_call>
///
/// Where an answer has a schema its text is one value that conforms to it, or calls.
///
/// Immutable and shared; `makeMatcher` follows one answer.
public final class ToolCallGrammar: Sendable {
  public let vocabulary: TokenTrie
  public let tokens: ToolCallTokens
  public let choice: ToolChoice
  public let allowsParallelCalls: Bool
  /// By function, in the order given.
  public let enforcements: [(function: String, enforcement: SchemaEnforcement)]
  /// From after `<tool_call>` up to and with `</tool_call>`; nil if nothing may be called.
  let call: Grammar?
  /// The text of an answer that has a schema, up to and with the end.
  let answer: Grammar?
  /// Where such an answer begins: its first tokens, a line break, and the opening of a call if it may call.
  let answerStart: TokenMask?
  /// Every token but control tokens, and those together with the ends, for where no text is free to be anything.
  let opener: TokenMask
  let openerOrNewline: TokenMask
  let ends: TokenMask
  /// Where nothing may be called, by the number of bytes of the spelt opening already there: all tokens but those that
  /// would complete it.
  let withoutCall: [TokenMask]

  static let openingText = Array("<tool_call>".utf8)
  static let closingText = Array("</tool_call>".utf8)
  static let thinkingEndText = Array("</think>".utf8)

  /// - Parameters:
  ///   - answer: of the text that answers without a call; nil leaves it free.
  ///   - compilations: what has been compiled before.
  /// - Throws: the first function whose arguments no value satisfies, or whose schema is too large; the same for the answer's
  ///   schema, by its name. A named function that is not among them is the caller's mistake.
  public init(
    functions: [CallableFunction], choice: ToolChoice = .auto, allowsParallelCalls: Bool = true,
    answer answerSchema: JSONSchema? = nil, tokens: ToolCallTokens, vocabulary: TokenTrie, style: WhitespaceStyle = .qwen,
    keyOrder: KeyOrder = .schema, compilations: SchemaCompilations = SchemaCompilations()
  ) throws(GrammarError) {
    self.vocabulary = vocabulary
    self.tokens = tokens
    self.choice = choice
    self.allowsParallelCalls = allowsParallelCalls
    var callable = functions
    switch choice {
    case .named(let name):
      callable = functions.filter { $0.name == name }
      precondition(!callable.isEmpty, "no function is named \(name)")
    case .none: callable = []
    case .auto, .required: break
    }
    var table = RuleTable()
    table.rules.append(.never)
    var roots: [RuleID] = []
    var enforcements: [(function: String, enforcement: SchemaEnforcement)] = []
    for function in callable {
      let compiled = try compilations.rules(of: function, style: style, keyOrder: keyOrder)
      roots.append(table.append(compiled.table, root: compiled.root))
      enforcements.append((function.name, compiled.enforcement))
    }
    self.enforcements = enforcements
    if callable.isEmpty {
      call = nil
    } else {
      let separator = style == .compact ? "," : ", "
      let colon = style == .compact ? ":" : ": "
      let openings = callable.map { function in
        Array("\n{\"name\"\(colon)\(JSONValue.quoted(function.name))\(separator)\"arguments\"\(colon)".utf8)
      }
      // A closing control token follows the line break by itself, so it is left to the matcher.
      let closing = Array("}\n".utf8) + (tokens.closing == nil ? Self.closingText : [])
      table.dispatches.append(DispatchRule(openings: openings, rules: roots, closing: closing))
      table.rootDispatch = 0
      call = Grammar(
        table, enforcement: SchemaEnforcement(), vocabulary: vocabulary, endTokens: tokens.closing.map { [$0] } ?? [],
        style: style)
    }
    let count = vocabulary.tokenCount
    var opening = tokens.opening.map { [$0] } ?? []
    if opening.isEmpty { opening = vocabulary.prefixes(of: Self.openingText) }
    opener = TokenMask(allowing: opening, tokenCount: count)
    openerOrNewline = TokenMask(allowing: opening + vocabulary.ids(of: [0x0A]), tokenCount: count)
    ends = TokenMask(allowing: tokens.ends, tokenCount: count)
    withoutCall = callable.isEmpty ? Self.masksWithoutCall(tokens.opening, vocabulary) : []
    if let answerSchema {
      let grammar = try Grammar(
        answerSchema, vocabulary: vocabulary, endTokens: tokens.ends, style: style, keyOrder: keyOrder)
      answer = grammar
      answerStart = grammar.makeMatcher().mask().adding(
        vocabulary.ids(of: [0x0A]) + vocabulary.ids(of: [0x0A, 0x0A]) + (callable.isEmpty ? [] : opening))
    } else {
      answer = nil
      answerStart = nil
    }
  }

  /// Nil where the answer has no schema.
  public var answerEnforcement: SchemaEnforcement? { answer?.enforcement }
  /// Text that answers without a call is a value of a schema.
  public var hasAnswerSchema: Bool { answer != nil }

  private static func masksWithoutCall(_ opening: Int?, _ vocabulary: TokenTrie) -> [TokenMask] {
    let all = TokenMask(allowing: 0..<vocabulary.tokenCount, tokenCount: vocabulary.tokenCount)
    let whole = vocabulary.containing(openingText)
    return openingText.indices.map { matched in
      var builder = TokenMaskBuilder(copying: all)
      if let opening { builder.remove(opening) }
      for id in whole { builder.remove(id) }
      for id in vocabulary.beginning(with: openingText[matched...]) { builder.remove(id) }
      return builder.finish()
    }
  }

  /// - Parameter isThinking: the answer begins inside `<think>`, or may begin with it; calls are possible after `</think>`.
  public func makeMatcher(isThinking: Bool = false) -> ToolCallMatcher { ToolCallMatcher(self, isThinking: isThinking) }
}

extension RuleTable {
  /// Takes over another table's rules. Returns the place of its root here.
  mutating func append(_ other: RuleTable, root: RuleID) -> RuleID {
    let rules = RuleID(self.rules.count)
    let automata = Int32(self.automata.count)
    let objects = Int32(self.objects.count)
    let arrays = Int32(self.arrays.count)
    for rule in other.rules {
      switch rule {
      case .never: self.rules.append(.never)
      case .choice(let choices): self.rules.append(.choice(choices.map { $0 + rules }))
      case .automaton(let number): self.rules.append(.automaton(number + automata))
      case .string: self.rules.append(rule)
      case .pattern(let number): self.rules.append(.pattern(number + automata))
      case .object(let number): self.rules.append(.object(number + objects))
      case .array(let number): self.rules.append(.array(number + arrays))
      }
    }
    self.automata += other.automata
    for object in other.objects {
      object.shift(rules: rules, automata: automata)
      self.objects.append(object)
    }
    for array in other.arrays {
      array.shift(rules: rules)
      self.arrays.append(array)
    }
    return root + rules
  }
}

extension ObjectRule {
  /// After its table was appended to another.
  func shift(rules: RuleID, automata: Int32) {
    for index in properties.indices { properties[index].rule += rules }
    undeclared += rules
    undeclaredByMatch = undeclaredByMatch.mapValues { $0 + rules }
    if let number = nameAutomaton { nameAutomaton = number + automata }
  }
}

extension ArrayRule {
  func shift(rules: RuleID) {
    prefix = prefix.map { $0 + rules }
    items += rules
    containing = containing.map { $0 + rules }
  }
}

extension TokenTrie {
  /// The tokens with exactly these bytes.
  func ids(of text: [UInt8]) -> [Int] {
    var node = 0
    for byte in text {
      node = trie.child(node, byte)
      if node == 0 { return [] }
    }
    let first = Int(trie.firstInOrder[node])
    return (first..<(first + Int(trie.endingCount[node]))).map { Int(trie.order[$0]) }
  }

  /// The tokens that are a beginning of a text.
  func prefixes(of text: [UInt8]) -> [Int] {
    (1...text.count).flatMap { ids(of: Array(text[..<$0])) }
  }

  /// The tokens that begin with a text.
  func beginning(with text: ArraySlice<UInt8>) -> [Int] {
    var node = 0
    for byte in text {
      node = trie.child(node, byte)
      if node == 0 { return [] }
    }
    return (trie.firstInOrder[node]..<trie.endInOrder[node]).map { Int(trie.order[Int($0)]) }
  }

  /// The tokens that contain a text.
  func containing(_ text: [UInt8]) -> [Int] {
    (0..<tokenCount).filter { id in
      var place = 0
      return bytes(of: id).contains { byte in
        place = text.matched(place, byte)
        return place == text.count
      }
    }
  }
}

extension [UInt8] {
  /// How much of this text stands at the end after another byte, when so much stood there before. For texts whose first
  /// byte occurs only there, as in `<tool_call>`.
  func matched(_ count: Int, _ byte: UInt8) -> Int {
    if count < self.count, self[count] == byte { return count + 1 }
    return self[0] == byte ? 1 : 0
  }
}
