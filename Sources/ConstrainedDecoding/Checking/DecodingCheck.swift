internal import Glibc
public import JSON

/// Drives grammars over values whose validity is known, token by token, and judges the decoder together with the check
/// that follows it.
///
///     text ─▶ tokens ─▶ mask, accept, mask, accept … ─▶ admitted? ─▶ validated by the whole schema ─▶ verdict
public struct DecodingCheck: Sendable {
  /// What became of one value.
  public enum Verdict: String, Sendable, CaseIterable {
    /// Valid, and admitted.
    case accepted
    /// Invalid, and refused by the grammar.
    case refused
    /// Invalid, admitted by the grammar, and found by the check that follows.
    case caught
    /// Valid, and admitted with its members in another order only.
    case order
    /// Valid, and refused.
    case validRefused
    /// Invalid, and found by nothing.
    case invalidAdmitted

    public var isRight: Bool {
      switch self {
      case .accepted, .refused, .caught: true
      case .order, .validRefused, .invalidAdmitted: false
      }
    }
  }

  /// Processor time of the thread, in nanoseconds, reading the clock included.
  public struct Timings: Sendable {
    public var compile = 0
    /// Of a grammar just compiled; for calls, the first one within a call.
    public var firstMask = 0
    /// Before each token and behind the last, of a grammar just compiled.
    public var masks: [Int] = []
    /// The same once more.
    public var warmMasks: [Int] = []
  }

  public struct Outcome: Sendable {
    /// Why there is no grammar.
    public var refusal: String?
    /// What the grammar leaves to the check that follows.
    public var checkedAfter: [SchemaEnforcement.Entry] = []
    public var verdicts: [Verdict] = []
    /// Of each value, the bytes that the grammar admits.
    public var admittedBytes: [Int] = []
    /// Where a mask and `accept` differ about a token of a value; there is no such place.
    public var disagreements: [String] = []
    public var timings = Timings()

    public var isRight: Bool { refusal == nil && disagreements.isEmpty && verdicts.allSatisfy(\.isRight) }
  }

  public let vocabulary: TokenTrie
  private let tokens: ToolCallTokens
  let keyOrder: KeyOrder
  private let encode: @Sendable (String) -> [Int]

  /// - Parameter encode: a text's tokens, control tokens recognised.
  public init(
    vocabulary: TokenTrie, tokens: ToolCallTokens, keyOrder: KeyOrder, encode: @escaping @Sendable (String) -> [Int]
  ) {
    self.vocabulary = vocabulary
    self.tokens = tokens
    self.keyOrder = keyOrder
    self.encode = encode
  }

  /// Every byte a token, and one more to end with: for a check without a model.
  public static func bytes(keyOrder: KeyOrder) -> DecodingCheck {
    let trie = TokenTrie(count: 257) { $0 < 256 ? [UInt8($0)] : [] }
    return DecodingCheck(
      vocabulary: trie, tokens: ToolCallTokens(opening: nil, closing: nil, thinkingEnd: nil, ends: [256]),
      keyOrder: keyOrder
    ) { $0.utf8.map { Int($0) } }
  }

  // MARK: - One schema

  /// - Parameter instances: what is known of each value's validity; nil asks the validator.
  public func check(
    _ document: JSONValue, name: String, dialect: Dialect? = nil, instances: [(value: JSONValue, isValid: Bool?)]
  ) -> Outcome {
    var outcome = Outcome()
    let start = ThreadClock.now
    let schema: JSONSchema
    let grammar: Grammar
    do {
      schema = try JSONSchema(document: document, name: name, dialect: dialect)
      grammar = try self.grammar(schema, keyOrder)
    } catch {
      outcome.refusal = "\(error)"
      return outcome
    }
    outcome.timings.compile = ThreadClock.now - start
    outcome.checkedAfter = grammar.enforcement.checkedAfter
    let texts = instances.map { encode($0.value.text(.spaced)) }
    for (instance, text) in zip(instances, texts) {
      let isAdmitted = follow(text, in: grammar, &outcome)
      // What the validator cannot decide it does not let pass.
      let isConfirmed = (try? schema.isValid(instance.value, assertingFormats: true)) ?? false
      let isValid = instance.isValid ?? isConfirmed
      switch (isValid, isAdmitted) {
      case (true, true): outcome.verdicts.append(isConfirmed ? .accepted : .validRefused)
      case (true, false):
        let isOrder = keyOrder == .schema && isAdmittedInAnyOrder(instance.value, schema)
        outcome.verdicts.append(isOrder ? .order : .validRefused)
      case (false, true): outcome.verdicts.append(isConfirmed ? .invalidAdmitted : .caught)
      case (false, false): outcome.verdicts.append(.refused)
      }
    }
    outcome.timings.firstMask = outcome.timings.masks.first ?? 0
    for text in texts { followAgain(text, grammar.makeMatcher(), &outcome) }
    return outcome
  }

  func grammar(_ schema: JSONSchema, _ keyOrder: KeyOrder) throws(GrammarError) -> Grammar {
    try Grammar(schema, vocabulary: vocabulary, endTokens: tokens.ends, keyOrder: keyOrder)
  }

  private func isAdmittedInAnyOrder(_ value: JSONValue, _ schema: JSONSchema) -> Bool {
    guard let grammar = try? grammar(schema, .any) else { return false }
    var matcher = grammar.makeMatcher()
    return matcher.acceptBytes(value.text(.spaced).utf8) && matcher.isComplete
  }

  private func follow(_ text: [Int], in grammar: Grammar, _ outcome: inout Outcome) -> Bool {
    var matcher = grammar.makeMatcher()
    var byteCount = 0
    defer { outcome.admittedBytes.append(byteCount) }
    for token in text {
      let mask = Self.timed(&outcome.timings.masks) { matcher.mask() }
      let isAllowed = mask.allows(token)
      if matcher.accept(token) != isAllowed {
        outcome.disagreements.append("token \(token) after \(byteCount) bytes: the mask says \(isAllowed)")
      }
      guard isAllowed else {
        byteCount += matcher.admittedCount(vocabulary.bytes(of: token))
        return false
      }
      byteCount += vocabulary.bytes(of: token).count
    }
    let mask = Self.timed(&outcome.timings.masks) { matcher.mask() }
    return tokens.ends.isEmpty ? matcher.isComplete : tokens.ends.allSatisfy(mask.allows)
  }

  private func followAgain(_ text: [Int], _ matcher: GrammarMatcher, _ outcome: inout Outcome) {
    var matcher = matcher
    for token in text {
      _ = Self.timed(&outcome.timings.warmMasks) { matcher.mask() }
      guard matcher.accept(token) else { return }
    }
  }

  // MARK: - Functions and calls of them

  private var anyOrder: DecodingCheck {
    DecodingCheck(vocabulary: vocabulary, tokens: tokens, keyOrder: .any, encode: encode)
  }

  /// - Parameter calls: an answer that must be admitted, each call's arguments valid.
  public func check(
    functions: [(name: String, parameters: JSONValue)], calls: [(name: String, arguments: JSONValue)]
  ) -> Outcome {
    var outcome = Outcome()
    let start = ThreadClock.now
    let grammar: ToolCallGrammar
    var schemas: [String: JSONSchema] = [:]
    do {
      let callable = try functions.map { function in
        let schema = try JSONSchema(document: function.parameters, name: function.name)
        schemas[function.name] = schema
        return CallableFunction(name: function.name, parameters: schema)
      }
      grammar = try ToolCallGrammar(
        functions: callable, choice: .required, tokens: tokens, vocabulary: vocabulary, keyOrder: keyOrder)
    } catch {
      outcome.refusal = "\(error)"
      return outcome
    }
    outcome.timings.compile = ThreadClock.now - start
    outcome.checkedAfter = grammar.enforcements.flatMap(\.enforcement.checkedAfter)
    let text = calls.map { call in
      "<tool_call>\n{\"name\": \(JSONValue.quoted(call.name)), \"arguments\": \(call.arguments.text(.spaced))}\n</tool_call>"
    }.joined(separator: "\n")
    let tokens = encode(text)
    let isAdmitted = follow(tokens, in: grammar, callCount: calls.count, &outcome)
    let areValid = calls.allSatisfy { call in
      (try? schemas[call.name]?.isValid(call.arguments, assertingFormats: true)) ?? false
    }
    switch (areValid, isAdmitted) {
    case (true, true): outcome.verdicts = [.accepted]
    case (true, false):
      let isOrder = keyOrder == .schema && anyOrder.check(functions: functions, calls: calls).verdicts == [.accepted]
      outcome.verdicts = [isOrder ? .order : .validRefused]
    case (false, _): outcome.verdicts = [isAdmitted ? .caught : .refused]
    }
    followAgain(tokens, grammar.makeMatcher(), &outcome)
    return outcome
  }

  private func follow(
    _ text: [Int], in grammar: ToolCallGrammar, callCount: Int, _ outcome: inout Outcome
  ) -> Bool {
    var matcher = grammar.makeMatcher()
    var byteCount = 0
    defer { outcome.admittedBytes.append(byteCount) }
    for token in text {
      let isFirst = matcher.phase == .call && outcome.timings.firstMask == 0
      let mask = Self.timed(&outcome.timings.masks) { matcher.mask() }
      if isFirst { outcome.timings.firstMask = outcome.timings.masks.last ?? 0 }
      let isAllowed = mask?.allows(token) ?? true
      if matcher.accept(token) != isAllowed {
        outcome.disagreements.append("token \(token) after \(byteCount) bytes: the mask says \(isAllowed)")
      }
      guard isAllowed else { return false }
      byteCount += vocabulary.bytes(of: token).count
    }
    return matcher.isComplete && matcher.callCount == callCount
  }

  private func followAgain(_ text: [Int], _ matcher: ToolCallMatcher, _ outcome: inout Outcome) {
    var matcher = matcher
    for token in text {
      _ = Self.timed(&outcome.timings.warmMasks) { matcher.mask() }
      guard matcher.accept(token) else { return }
    }
  }

  @inline(__always)
  private static func timed<Result>(_ times: inout [Int], _ body: () -> Result) -> Result {
    let start = ThreadClock.now
    let result = body()
    times.append(ThreadClock.now - start)
    return result
  }
}

/// Processor time of the calling thread: other work on the machine does not count.
enum ThreadClock {
  /// In nanoseconds.
  static var now: Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
