internal import ConstrainedDecoding
internal import JSON
internal import ModelFiles
internal import Synchronization
internal import Tokenization

/// A request's functions as a grammar, and what of the model's vocabulary goes with it.
struct CallGrammar: Sendable {
  let grammar: ToolCallGrammar
  /// `<think>`, if it is one token.
  let thinkingStart: Int?
  /// Tokens that consist of line breaks.
  let lineBreaks: Set<Int>
  /// By name, what the arguments of a call are checked against when it is closed; and of the answer, if it has one.
  let schemas: [String: JSONSchema]
  let answerSchema: JSONSchema?
  /// All tokens but those that end an answer; nil where an answer needs no call.
  let withoutEnds: TokenMask?

  /// A call does not go on behind it.
  func closesCall(_ token: Int) -> Bool { token == grammar.tokens.closing || grammar.tokens.ends.contains(token) }
}

/// The grammars of a model's requests. The vocabulary's trie is built when the first one is needed (once per model), the
/// latest grammars are kept. Any thread may ask; one compiles at a time.
final class CallGrammars: Sendable {
  /// A grammar, if the request needs one, and what the user should know of it.
  struct Compiled: Sendable {
    var grammar: CallGrammar?
    var warnings: [String] = []
  }

  private struct Key: Equatable {
    var functions: [FunctionDefinition]
    var choice: ToolChoice
    /// With its keys in their order, which decides the order of members.
    var responseSchema: String?
    var parallelCalls: Bool
    var keyOrder: KeyOrder

    init(_ request: GenerationRequest) {
      functions = request.functions
      choice = request.toolChoice
      responseSchema = request.responseSchema?.text()
      parallelCalls = request.parallelCalls
      keyOrder = request.keyOrder
    }
  }

  private struct State {
    var vocabulary: DecodingVocabulary?
    /// The latest last; and whether the masks of its beginning have been looked for.
    var compiled: [(key: Key, value: Compiled, isWarm: Bool)] = []
  }

  private static let keptCount = 8

  private let tokenizer: Tokenizer
  private let vocabularySize: Int
  private let controlTokens: [TokenID]
  private let endTokens: Set<TokenID>
  private let state = Mutex(State())
  /// Of functions, so that an edited one leaves the others as they are.
  let compilations = SchemaCompilations()

  /// `controlTokens` are those that stand for no text of a call, such as `<tool_call>`.
  init(tokenizer: Tokenizer, vocabularySize: Int, controlTokens: [TokenID], endTokens: Set<TokenID>) {
    self.tokenizer = tokenizer
    self.vocabularySize = vocabularySize
    self.controlTokens = controlTokens
    self.endTokens = endTokens
  }

  /// Fails with `unusableFunction` for a schema that no arguments satisfy, and with `badSetting` for a choice that the
  /// functions do not allow. Under `observe` an unusable function is a warning, and nothing is observed.
  func grammar(for request: GenerationRequest) -> Result<Compiled, GenerationError> {
    do throws(GenerationError) {
      try check(request)
      switch request.constraint {
      case .off:
        var warnings: [String] = []
        if request.mustCall { warnings.append("the constraint is off, so the model may answer without a call") }
        if request.responseSchema != nil { warnings.append("the constraint is off, so the answer may violate its schema") }
        return .success(Compiled(warnings: warnings))
      case .enforce, .observe: break
      }
      if request.functions.isEmpty, request.toolChoice == .auto, request.responseSchema == nil { return .success(Compiled()) }
      return .success(try compiled(request))
    } catch .unusableFunction(let name, let reason) where request.constraint == .observe {
      return .success(Compiled(warnings: ["function \(name) cannot be called and nothing is observed: \(reason)"]))
    } catch .unusableResponseSchema(let reason) where request.constraint == .observe {
      return .success(Compiled(warnings: ["no answer can conform to its schema and nothing is observed: \(reason)"]))
    } catch {
      return .failure(error)
    }
  }

  private func check(_ request: GenerationRequest) throws(GenerationError) {
    let names = request.functions.map(\.name)
    switch request.toolChoice {
    case .auto, .none: break
    case .required:
      if names.isEmpty {
        throw .badSetting(
          name: "tool choice", found: "required, and there is no function", expected: "one function at least")
      }
    case .named(let name):
      if !names.contains(name) {
        let list = names.isEmpty ? "one function at least" : names.map { "\"\($0)\"" }.joined(separator: " or ")
        throw .badSetting(name: "tool choice", found: "\"\(name)\"", expected: list)
      }
    }
  }

  /// Compiles a request's grammar and finds the masks of its beginning, so that neither takes time when the request comes.
  /// What is wrong with the request is said then.
  func prepare(for request: GenerationRequest) {
    guard case .success(let compiled) = grammar(for: request), let grammar = compiled.grammar?.grammar else { return }
    let key = Key(request)
    let isFirst = state.withLock { state in
      guard let place = state.compiled.firstIndex(where: { $0.key == key }), !state.compiled[place].isWarm else { return false }
      state.compiled[place].isWarm = true
      return true
    }
    if isFirst { grammar.warm() }
  }

  private func compiled(_ request: GenerationRequest) throws(GenerationError) -> Compiled {
    let key = Key(request)
    let result: Result<Compiled, GenerationError> = state.withLock { state in
      if let place = state.compiled.firstIndex(where: { $0.key == key }) {
        let found = state.compiled.remove(at: place)
        state.compiled.append(found)
        return .success(found.value)
      }
      let vocabulary =
        state.vocabulary
        ?? DecodingVocabulary(tokenizer, count: vocabularySize, controlTokens: controlTokens, endTokens: endTokens)
      state.vocabulary = vocabulary
      do throws(GenerationError) {
        let value = try Self.compile(request, vocabulary, compilations)
        state.compiled.append((key, value, isWarm: false))
        if state.compiled.count > Self.keptCount { state.compiled.removeFirst() }
        return .success(value)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private static func compile(
    _ request: GenerationRequest, _ vocabulary: DecodingVocabulary, _ compilations: SchemaCompilations
  ) throws(GenerationError) -> Compiled {
    var callable: [CallableFunction] = []
    for function in request.functions where request.mayCall(function.name) {
      let parameters = try objectSchema(function)
      do throws(SchemaError) {
        let schema = try JSONSchema(document: parameters, name: function.name)
        callable.append(CallableFunction(name: function.name, parameters: schema, content: parameters.text()))
      } catch {
        throw .unusableFunction(name: function.name, reason: "its parameters are no schema: \(error.description)")
      }
    }
    var answer: JSONSchema?
    if let document = request.responseSchema {
      do throws(SchemaError) {
        answer = try JSONSchema(document: document, name: responseSchemaName)
      } catch {
        throw .unusableResponseSchema(reason: error.description)
      }
    }
    let grammar: ToolCallGrammar
    do throws(GrammarError) {
      grammar = try ToolCallGrammar(
        functions: callable, choice: request.toolChoice.grammarChoice, allowsParallelCalls: request.parallelCalls,
        answer: answer, tokens: vocabulary.tokens, vocabulary: vocabulary.trie,
        keyOrder: request.keyOrder, compilations: compilations)
    } catch {
      switch error {
      case .unsatisfiable(responseSchemaName, let reason): throw .unusableResponseSchema(reason: reason)
      case .tooLarge(responseSchemaName, _, _): throw .unusableResponseSchema(reason: error.description)
      case .unsatisfiable(let name, let reason):
        throw .unusableFunction(name: name, reason: "no arguments satisfy its schema: \(reason)")
      case .tooLarge(let name, _, _): throw .unusableFunction(name: name, reason: error.description)
      }
    }
    let count = vocabulary.trie.tokenCount
    let ends = Set(vocabulary.tokens.ends)
    return Compiled(
      grammar: CallGrammar(
        grammar: grammar, thinkingStart: vocabulary.thinkingStart, lineBreaks: vocabulary.lineBreaks,
        schemas: Dictionary(callable.map { ($0.name, $0.parameters) }) { first, _ in first }, answerSchema: answer,
        withoutEnds: request.mustCall || answer != nil
          ? TokenMask(allowing: (0..<count).filter { !ends.contains($0) }, tokenCount: count) : nil),
      warnings: grammar.enforcements.compactMap { warning("function \($0.function)", "a call", $0.enforcement) }
        + [grammar.answerEnforcement.flatMap { warning("response schema", "an answer", $0) }].compactMap { $0 })
  }

  /// What errors of the response schema call it; no function is named so.
  private static let responseSchemaName = "response schema"

  /// Arguments are an object, whether the schema says so or not.
  private static func objectSchema(_ function: FunctionDefinition) throws(GenerationError) -> JSONValue {
    switch function.parameters {
    case nil, .null, .bool(true): return ["type": "object"]
    case .object(var object):
      if let type = object["type"], type.array?.contains("object") != true, type.string == nil || type != "object" {
        throw .unusableFunction(
          name: function.name, reason: "its parameters have the type \(type.text()); arguments are an object")
      }
      object["type"] = "object"
      return .object(object)
    case let other?: return other
    }
  }

  private static func warning(_ owner: String, _ text: String, _ enforcement: SchemaEnforcement) -> String? {
    if enforcement.isComplete { return nil }
    let keywords = enforcement.checkedAfter.map { "\($0.pointer.isEmpty ? "/" : $0.pointer) \"\($0.keyword)\"" }
    return "\(owner): not enforced while decoding, so that \(text) may violate it: \(keywords.joined(separator: ", "))"
  }
}

extension GenerationRequest {
  fileprivate var mustCall: Bool {
    switch toolChoice {
    case .required, .named: true
    case .auto, .none: false
    }
  }

  fileprivate func mayCall(_ name: String) -> Bool {
    switch toolChoice {
    case .auto, .required: true
    case .none: false
    case .named(let chosen): chosen == name
    }
  }
}

extension ToolChoice {
  fileprivate var grammarChoice: ConstrainedDecoding.ToolChoice {
    switch self {
    case .auto: .auto
    case .none: .none
    case .required: .required
    case .named(let name): .named(name)
    }
  }
}
