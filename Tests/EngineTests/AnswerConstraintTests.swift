import class ConstrainedDecoding.SchemaCompilations
import JSON
import ModelFiles
import TestSupport
import Testing
import Tokenization

@testable import Engine

/// What a call's grammar forces, in the tokens of Qwen's vocabulary.
@Suite(.enabled(if: Reference.isPresent, "needs qwen3-vocab.gguf of the reference data"))
struct AnswerConstraintTests {
  private static let tokenizer = Result {
    try Tokenizer(Checkpoint.open(Reference.path("common/qwen3-vocab.gguf")).requireTokenizer())
  }

  private static func constraint(
    _ parameters: String, choice: ToolChoice = .required, mode: ConstraintMode = .enforce,
    isAnyOrder: Bool = false
  ) throws -> AnswerConstraint {
    let tokenizer = try tokenizer.get()
    let control = ["<tool_call>", "</tool_call>", "<|im_end|>"].compactMap { tokenizer.id(of: $0) }
    let grammars = CallGrammars(
      tokenizer: tokenizer, vocabularySize: tokenizer.vocabularySize, controlTokens: control,
      endTokens: [try #require(tokenizer.id(of: "<|im_end|>"))])
    var request = GenerationRequest(
      messages: [],
      functions: [try FunctionDefinition(JSONValue(parsing: #"{"name": "weather", "parameters": \#(parameters)}"#))],
      toolChoice: choice)
    if isAnyOrder { request.keyOrder = .any }
    let compiled = try grammars.grammar(for: request).get()
    return AnswerConstraint(try #require(compiled.grammar), mode: mode, thinking: .none)
  }

  /// What a constraint forces before each token of a call that the tokenizer spells, with what really follows.
  private static func drafts(_ constraint: AnswerConstraint, along text: String) throws -> [(
    draft: [TokenID], rest: [TokenID]
  )] {
    let tokenizer = try tokenizer.get()
    var constraint = constraint
    let tokens = tokenizer.encode(text)
    return tokens.indices.map { index in
      let draft = constraint.forcedTokens(tokenizer: tokenizer)
      let isAccepted = constraint.accept(tokens[index])
      #expect(isAccepted, "token \(index) of \(text)")
      return (draft, Array(tokens[index...]))
    }
  }

  @Test(arguments: [
    "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Paris\", \"unit\": \"celsius\"}}\n</tool_call>",
    "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"北京\", \"unit\": \"celsius\"}}\n</tool_call>",
  ])
  func `forced tokens are the tokenizer's own, and many`(text: String) throws {
    let constraint = try Self.constraint(
      #"{"type":"object","properties":{"city":{"type":"string"},"unit":{"enum":["celsius"]}},"required":["city","unit"],"additionalProperties":false}"#
    )
    let drafts = try Self.drafts(constraint, along: text)
    // Wherever something is forced it is what the tokenizer makes of the whole call.
    for (draft, rest) in drafts { #expect(Array(rest.prefix(draft.count)) == draft) }
    // After the opening all up to the city: `\n{"name": "weather", "arguments": {"city": "`, its last token held back.
    let tokenizer = try Self.tokenizer.get()
    #expect(tokenizer.decode(drafts[1].draft) == "\n{\"name\": \"weather\", \"arguments\": {\"city\":")
    // After the city all to the end, the closing token with it.
    let closed = try #require(drafts.last { $0.draft.count > 3 })
    #expect(tokenizer.decode(closed.draft).hasSuffix("celsius\"}}\n</tool_call>"))
    #expect(closed.draft == closed.rest)
  }

  @Test(arguments: ["{\"city\": \"Paris\", \"unit\": \"celsius\"}", "{\"city\": \"北京\", \"unit\": \"celsius\"}"])
  func `the forced tokens of an answer with a schema are the tokenizer's own, to its last`(text: String) throws {
    let tokenizer = try Self.tokenizer.get()
    let end = try #require(tokenizer.id(of: "<|im_end|>"))
    let grammars = CallGrammars(
      tokenizer: tokenizer, vocabularySize: tokenizer.vocabularySize, controlTokens: [end], endTokens: [end])
    let request = GenerationRequest(
      messages: [],
      responseSchema: try JSONValue(
        parsing:
          #"{"type":"object","properties":{"city":{"type":"string"},"unit":{"enum":["celsius"]}},"required":["city","unit"],"additionalProperties":false}"#
      ))
    let compiled = try grammars.grammar(for: request).get()
    let constraint = AnswerConstraint(try #require(compiled.grammar), mode: .enforce, thinking: .none)
    let drafts = try Self.drafts(constraint, along: text)
    for (draft, rest) in drafts { #expect(Array(rest.prefix(draft.count)) == draft) }
    #expect(drafts[0].draft == [])
    #expect(drafts[1].draft.count > 0)
    let closed = try #require(drafts.last { $0.draft.count > 3 })
    #expect(closed.draft == closed.rest && tokenizer.decode(closed.draft).hasSuffix("celsius\"}"))
    let observed = AnswerConstraint(try #require(compiled.grammar), mode: .observe, thinking: .none)
    #expect(try Self.drafts(observed, along: text).allSatisfy { $0.draft.isEmpty })
  }

  @Test func `nothing is forced outside a call, nor while observing`() throws {
    let parameters = #"{"type":"object","properties":{"n":{"const":1}},"required":["n"],"additionalProperties":false}"#
    let tokenizer = try Self.tokenizer.get()
    let opening = try #require(tokenizer.id(of: "<tool_call>"))
    var constraint = try Self.constraint(parameters, choice: .auto)
    #expect(constraint.forcedBytes() == [])
    var isAccepted = constraint.accept(opening)
    #expect(isAccepted)
    #expect(
      String(decoding: constraint.forcedBytes(), as: UTF8.self)
        == "\n{\"name\": \"weather\", \"arguments\": {\"n\": 1}}\n")
    #expect(constraint.forcedTokens(tokenizer: tokenizer).last == tokenizer.id(of: "</tool_call>"))
    var observed = try Self.constraint(parameters, choice: .auto, mode: .observe)
    isAccepted = observed.accept(opening)
    #expect(isAccepted)
    #expect(observed.forcedBytes() == [] && observed.forcedTokens(tokenizer: tokenizer) == [])
  }

  @Test func `a choice within a character holds the character back`() throws {
    // 北 is E5 8C 97, 化 is E5 8C 96.
    var constraint = try Self.constraint(
      #"{"type":"object","properties":{"c":{"enum":["北","化"]}},"required":["c"],"additionalProperties":false}"#)
    let tokenizer = try Self.tokenizer.get()
    let isAccepted = constraint.accept(try #require(tokenizer.id(of: "<tool_call>")))
    #expect(isAccepted)
    #expect(constraint.forcedBytes().suffix(3) == [0x22, 0xE5, 0x8C])
    #expect(
      tokenizer.decode(constraint.forcedTokens(tokenizer: tokenizer))
        == "\n{\"name\": \"weather\", \"arguments\": {\"c\":")
  }

  @Test(arguments: [false, true])
  func `members come in another order than the schema's where that is chosen`(isAnyOrder: Bool) throws {
    var constraint = try Self.constraint(
      #"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"required":["a","b"],"additionalProperties":false}"#,
      isAnyOrder: isAnyOrder)
    let tokens = try Self.tokenizer.get().encode(
      "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"b\": 1, \"a\": 2}}\n</tool_call>")
    var acceptedCount = 0
    for token in tokens {
      guard constraint.accept(token) else { break }
      acceptedCount += 1
    }
    #expect((acceptedCount == tokens.count) == isAnyOrder)
  }

  @Test func `an edited function leaves the others as they are compiled`() throws {
    let tokenizer = try Self.tokenizer.get()
    let grammars = CallGrammars(
      tokenizer: tokenizer, vocabularySize: tokenizer.vocabularySize, controlTokens: [], endTokens: [])
    func functions(_ limit: Int) throws -> [FunctionDefinition] {
      [
        try FunctionDefinition(JSONValue(parsing: #"{"name": "a", "parameters": {"properties": {"x": {}}}}"#)),
        try FunctionDefinition(JSONValue(parsing: #"{"name": "b", "parameters": {"maxProperties": \#(limit)}}"#)),
      ]
    }
    var request = GenerationRequest(messages: [], functions: try functions(1))
    _ = try grammars.grammar(for: request).get()
    #expect(grammars.compilations.compilationCount == 2)
    request.functions = try functions(2)
    _ = try grammars.grammar(for: request).get()
    #expect(grammars.compilations.compilationCount == 3)
    request.functions = try functions(1)
    _ = try grammars.grammar(for: request).get()
    #expect(grammars.compilations.compilationCount == 3)
  }

  @Test func `a prepared request finds its grammar compiled and its first masks made`() throws {
    let tokenizer = try Self.tokenizer.get()
    let control = ["<tool_call>", "</tool_call>", "<|im_end|>"].compactMap { tokenizer.id(of: $0) }
    let grammars = CallGrammars(
      tokenizer: tokenizer, vocabularySize: tokenizer.vocabularySize, controlTokens: control,
      endTokens: [try #require(tokenizer.id(of: "<|im_end|>"))])
    let schema = #"{"properties": {"city": {"type": "string", "pattern": "^[A-Z]"}, "days": {"enum": [1, 2]}}, "required": ["city"]}"#
    let request = GenerationRequest(
      messages: [], functions: [try FunctionDefinition(JSONValue(parsing: #"{"name": "weather", "parameters": \#(schema)}"#))])
    grammars.prepare(for: request)
    #expect(grammars.compilations.compilationCount == 1)
    let grammar = try #require(try grammars.grammar(for: request).get().grammar?.grammar)
    #expect(grammars.compilations.compilationCount == 1)
    var other = request
    other.parallelCalls = false
    let unprepared = try #require(try grammars.grammar(for: other).get().grammar?.grammar)
    #expect(grammar.byteCount > 2 * unprepared.byteCount)
    // What cannot be compiled is said when it is asked for, not when it is prepared.
    var impossible = request
    impossible.functions = [
      try FunctionDefinition(JSONValue(parsing: #"{"name": "weather", "parameters": {"type": "object", "required": ["x"], "properties": {"x": false}}}"#))
    ]
    grammars.prepare(for: impossible)
    #expect(throws: GenerationError.self) { try grammars.grammar(for: impossible).get() }
  }
}
