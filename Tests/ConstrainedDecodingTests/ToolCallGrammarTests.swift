import ConstrainedDecoding
import JSON
import Testing

struct ToolCallGrammarTests {
  /// The small vocabulary, and after it the control tokens.
  static let opening = SmallVocabulary.texts.count
  static let tokens = ToolCallTokens(
    opening: opening, closing: opening + 1, thinkingEnd: opening + 2, ends: [opening + 3])
  static let vocabulary = TokenTrie(count: opening + 4) {
    $0 < SmallVocabulary.texts.count ? SmallVocabulary.texts[$0][...] : []
  }

  /// Holds a matcher, so that an expectation may move it.
  final class Follower {
    var matcher: ToolCallMatcher
    init(_ matcher: ToolCallMatcher) { self.matcher = matcher }
    func accept(_ token: Int) -> Bool { matcher.accept(token) }
    /// Feeds single-byte tokens. False at the first refused one.
    func feed(_ text: String) -> Bool { text.utf8.allSatisfy { matcher.accept(Int($0)) } }
    func mask() -> TokenMask? { matcher.mask() }
    var phase: ToolCallMatcher.Phase { matcher.phase }
  }

  static func grammar(_ choice: ToolChoice, parallel: Bool = true) throws -> ToolCallGrammar {
    let city = try JSONSchema(
      document: JSONValue(
        parsing:
          #"{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}"#
      ))
    let count = try JSONSchema(
      document: JSONValue(
        parsing: #"{"type":"object","properties":{"n":{"type":"integer"}},"additionalProperties":false}"#))
    return try ToolCallGrammar(
      functions: [
        CallableFunction(name: "weather", parameters: city), CallableFunction(name: "wake", parameters: count),
      ], choice: choice,
      allowsParallelCalls: parallel, tokens: tokens, vocabulary: vocabulary)
  }

  @Test func `an edited function is compiled anew, and no other`() throws {
    let compilations = SchemaCompilations()
    func grammar(_ schemas: [String]) throws -> ToolCallGrammar {
      try ToolCallGrammar(
        functions: schemas.enumerated().map { index, text in
          CallableFunction(
            name: "f\(index)", parameters: try JSONSchema(document: JSONValue(parsing: text)), content: text)
        }, choice: .required, tokens: Self.tokens, vocabulary: Self.vocabulary, compilations: compilations)
    }
    func admits(_ grammar: ToolCallGrammar, _ name: String, _ arguments: String) -> Bool {
      let call = Follower(grammar.makeMatcher())
      return call.accept(Self.opening) && call.feed("\n{\"name\": \"\(name)\", \"arguments\": \(arguments)}\n")
    }
    var schemas = [
      #"{"type":"object","properties":{"s":{"type":"string","pattern":"^a+$"},"n":{"type":"integer","maximum":9}}}"#,
      #"{"type":"object","properties":{"l":{"type":"array","items":{"enum":["x","y"]},"uniqueItems":true}}}"#,
      #"{"type":"object","patternProperties":{"^k":{"type":"null"}},"additionalProperties":false}"#,
    ]
    let first = try grammar(schemas)
    #expect(compilations.compilationCount == 3)
    let again = try grammar(schemas.reversed())
    #expect(compilations.compilationCount == 3)
    schemas[1] = #"{"type":"object","properties":{"l":{"type":"boolean"}}}"#
    let edited = try grammar(schemas)
    #expect(compilations.compilationCount == 4)
    // Each grammar has its own rules, and what one finds out while it runs is nothing to the others.
    for _ in 0..<2 {
      #expect(admits(first, "f0", #"{"s": "aa", "n": 9}"#) && !admits(first, "f0", #"{"s": "ab"}"#))
      #expect(admits(edited, "f0", #"{"s": "aa", "n": 9}"#) && !admits(edited, "f0", #"{"n": 10}"#))
      #expect(admits(first, "f1", #"{"l": ["y", "x"]}"#) && !admits(first, "f1", #"{"l": ["y", "y"]}"#))
      #expect(admits(again, "f1", #"{"l": ["y", "x"]}"#) && !admits(again, "f1", #"{"l": true}"#))
      #expect(admits(edited, "f1", #"{"l": true}"#) && !admits(edited, "f1", #"{"l": ["x"]}"#))
      #expect(admits(again, "f0", #"{"kb": null}"#) && !admits(again, "f0", #"{"b": null}"#))
      #expect(admits(edited, "f2", #"{"kb": null}"#) && !admits(edited, "f2", #"{"kb": 1}"#))
    }
  }

  @Test func `auto leaves text free and masks a call`() throws {
    let call = Follower(try Self.grammar(.auto).makeMatcher())
    #expect(call.mask() == nil)
    #expect(call.feed("Let me look. "))
    #expect(call.accept(Self.opening))
    #expect(call.phase == .call)
    #expect(String(decoding: call.matcher.forcedBytes(), as: UTF8.self) == "\n{\"name\": \"w")
    #expect(call.feed("\n{\"name\": \"weather\", \"arguments\": {\"city\": \"北京\"}}\n"))
    #expect(call.mask()?.allowedIDs == [Self.opening + 1])
    #expect(call.accept(Self.opening + 1))
    #expect(call.matcher.callCount == 1)
    #expect(call.accept(Self.opening + 3))
    #expect(call.phase == .ended)
  }

  /// A grammar whose answers are `{"n": …}`.
  static func answering(functions: Bool) throws -> ToolCallGrammar {
    let schema = try JSONSchema(
      document: JSONValue(
        parsing: #"{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}"#))
    return try ToolCallGrammar(
      functions: functions ? [CallableFunction(name: "weather", parameters: schema)] : [], answer: schema, tokens: tokens,
      vocabulary: vocabulary)
  }

  @Test func `an answer that has a schema is a value of it and then the end`() throws {
    let answer = Follower(try Self.answering(functions: false).makeMatcher())
    #expect(!answer.feed("Sure"))
    #expect(!answer.accept(Self.opening))
    #expect(!answer.accept(Self.opening + 3))
    #expect(answer.feed("\n\n"))
    #expect(!answer.feed("\n"))
    #expect(answer.feed("{\"n\": 12"))
    #expect(answer.phase == .answer)
    #expect(!answer.matcher.isComplete && !answer.accept(Self.opening + 3))
    #expect(!answer.feed("x"))
    #expect(answer.feed("}"))
    #expect(answer.matcher.isComplete)
    #expect(answer.mask()?.allowedIDs == [Self.opening + 3])
    #expect(answer.accept(Self.opening + 3))
    #expect(answer.phase == .ended)
    answer.matcher.rollback(2)
    #expect(answer.phase == .answer && answer.feed("}"))
  }

  @Test func `an answer that has a schema forces bytes as a call does, and at last its end`() throws {
    let answer = Follower(try Self.answering(functions: false).makeMatcher())
    // A line break may come first.
    #expect(answer.matcher.forcedBytes() == [])
    var isAccepted = answer.matcher.acceptBytes("{".utf8)
    #expect(!isAccepted)
    #expect(answer.feed("{"))
    #expect(String(decoding: answer.matcher.forcedBytes(), as: UTF8.self) == "\"n\": ")
    #expect(String(decoding: answer.matcher.forcedBytes(limit: 2), as: UTF8.self) == "\"n")
    isAccepted = answer.matcher.acceptBytes("\"m\"".utf8)
    #expect(!isAccepted)
    isAccepted = answer.matcher.acceptBytes("\"n\": 0".utf8)
    #expect(isAccepted && !answer.matcher.mustEnd)
    // A zero has no digit behind it.
    #expect(answer.matcher.forcedBytes().first == UInt8(ascii: "}"))
    isAccepted = answer.matcher.acceptBytes("}".utf8)
    #expect(isAccepted && answer.matcher.mustEnd && answer.matcher.forcedClosing == nil)
    #expect(answer.matcher.forcedBytes() == [])
    answer.matcher.rollback(2)
    #expect(String(decoding: answer.matcher.forcedBytes(), as: UTF8.self) == "\"n\": ")
  }

  @Test func `instead of an answer that has a schema there may be a call`() throws {
    let answer = Follower(try Self.answering(functions: true).makeMatcher())
    #expect(answer.mask()?.allows(Self.opening) == true)
    #expect(answer.mask()?.allows(Int(UInt8(ascii: "{"))) == true)
    #expect(answer.mask()?.allows(Int(UInt8(ascii: "S"))) == false)
    #expect(answer.accept(Self.opening))
    #expect(answer.feed("\n{\"name\": \"weather\", \"arguments\": {\"n\": 1}}\n"))
    #expect(answer.accept(Self.opening + 1))
    #expect(answer.matcher.isComplete && !answer.feed("{"))
  }

  @Test func `thoughts before an answer that has a schema are free`() throws {
    let answer = Follower(try Self.answering(functions: false).makeMatcher(isThinking: true))
    #expect(answer.mask() == nil && answer.feed("one {two"))
    #expect(answer.accept(Self.opening + 2))
    #expect(!answer.feed("S") && answer.feed("{\"n\": 0}"))
  }

  @Test func `an answer's schema that nothing satisfies is refused by name`() throws {
    let schema = try JSONSchema(document: ["type": "string", "enum": [1]], name: "answer.json")
    #expect {
      try ToolCallGrammar(functions: [], answer: schema, tokens: Self.tokens, vocabulary: Self.vocabulary)
    } throws: { error in
      guard case GrammarError.unsatisfiable(schema: "answer.json", reason: _) = error else { return false }
      return true
    }
  }

  @Test(arguments: [
    "\n{\"name\": \"weather\", \"arguments\": {\"n\"", "\n{\"name\": \"wake\", \"arguments\": {\"city\"",
    "\n{\"name\": \"wea\"", "{", "\n{\"arguments\"",
  ])
  func `a name is bound to its own arguments`(text: String) throws {
    let call = Follower(try Self.grammar(.auto).makeMatcher())
    #expect(call.accept(Self.opening))
    #expect(!call.feed(text))
  }

  @Test func `a spelt opening begins a call too`() throws {
    let call = Follower(try Self.grammar(.auto).makeMatcher())
    #expect(call.feed("<<tool_call>"))
    #expect(call.phase == .call)
  }

  @Test func `none bans the opening, spelt or not`() throws {
    let call = Follower(try Self.grammar(.none).makeMatcher())
    #expect(call.mask()?.allows(Self.opening) == false)
    #expect(call.feed("a <tool_call"))
    #expect(call.mask()?.allows(Int(UInt8(ascii: ">"))) == false)
    #expect(call.mask()?.allows(Int(UInt8(ascii: "!"))) == true)
  }

  @Test func `required forces a call before the end, and thinking comes first`() throws {
    let call = Follower(try Self.grammar(.required).makeMatcher(isThinking: true))
    #expect(call.feed("hm <tool_call>"))
    #expect(call.phase == .thinking)
    #expect(call.accept(Self.opening + 2))
    #expect(call.mask()?.allows(Self.opening) == true)
    #expect(call.mask()?.allows(Self.opening + 3) == false)
    #expect(!call.accept(Int(UInt8(ascii: "a"))))
    #expect(call.accept(0x0A))
    #expect(call.accept(Self.opening))
    call.matcher.rollback(2)
    #expect(call.phase == .text)
  }

  @Test(arguments: [opening + 1, nil])
  func `a closing tag in a string is text, whether it is a token of its own elsewhere or spelt`(closing: Int?) throws {
    let schema = try JSONSchema(document: ["type": "object", "properties": ["x": ["type": "string"]]])
    let grammar = try ToolCallGrammar(
      functions: [CallableFunction(name: "f", parameters: schema)],
      tokens: ToolCallTokens(opening: nil, closing: closing, thinkingEnd: nil, ends: [Self.opening + 3]),
      vocabulary: Self.vocabulary)
    let call = Follower(grammar.makeMatcher())
    #expect(call.feed("<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": \"a</tool_call>"))
    #expect(call.phase == .call)
    #expect(call.feed("\"}}\n"))
    if let closing { #expect(call.accept(closing)) } else { #expect(call.feed("</tool_call>")) }
    #expect(call.matcher.callCount == 1)
  }

  @Test func `the end of a call is forced, and its closing token after that`() throws {
    let call = Follower(try Self.grammar(.auto).makeMatcher())
    #expect(call.matcher.forcedBytes() == [])
    #expect(call.accept(Self.opening))
    #expect(call.feed("\n{\"name\": \"we"))
    #expect(
      String(decoding: call.matcher.forcedBytes(), as: UTF8.self) == "ather\", \"arguments\": {\"city\": \"")
    #expect(String(decoding: call.matcher.forcedBytes(limit: 5), as: UTF8.self) == "ather")
    #expect(call.matcher.forcedClosing == nil)
    #expect(call.feed("ather\", \"arguments\": {\"city\": \"x\""))
    #expect(String(decoding: call.matcher.forcedBytes(), as: UTF8.self) == "}}\n")
    let isAccepted = call.matcher.acceptBytes(call.matcher.forcedBytes())
    #expect(isAccepted)
    #expect(call.matcher.forcedBytes() == [])
    #expect(call.matcher.forcedClosing == Self.opening + 1)
    call.matcher.rollback(1)
    #expect(call.matcher.forcedClosing == nil)
    #expect(String(decoding: call.matcher.forcedBytes(), as: UTF8.self) == "}}\n")
  }

  @Test func `a named function is the only one, and without parallel calls the end follows`() throws {
    let call = Follower(try Self.grammar(.named("wake"), parallel: false).makeMatcher())
    #expect(call.accept(Self.opening))
    #expect(String(decoding: call.matcher.forcedBytes(), as: UTF8.self) == "\n{\"name\": \"wake\", \"arguments\": {")
    #expect(call.feed("\n{\"name\": \"wake\", \"arguments\": {\"n\": 7}}\n"))
    #expect(call.accept(Self.opening + 1))
    #expect(call.mask()?.allowedIDs == [Self.opening + 3])
  }
}
