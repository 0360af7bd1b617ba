internal import ConstrainedDecoding
internal import JSON
internal import ModelFiles
internal import Tokenization

/// Where an answer stands towards thoughts when it begins.
enum ThinkingStart: Sendable {
  /// The prompt ends inside of them.
  case inside
  /// The model may open them.
  case possible
  /// They are over, or the template knows none.
  case none
}

/// Follows one answer through its grammar: free text, thoughts, calls.
///
/// Under `observe` the model may leave the grammar. In a call, or an answer that has a schema, that is the end of what can
/// be said about it: nothing is reported until it is closed. Elsewhere the grammar stays where it is and waits for a token it knows.
struct AnswerConstraint {
  let mode: ConstraintMode
  private let calls: CallGrammar
  private var matcher: ToolCallMatcher
  /// Nothing but line breaks has come, and thoughts may open.
  private var mayThink: Bool
  /// In a call that is none by the grammar.
  private var isLost = false
  /// The latest tokens of the call, or of the answer that has a schema, that is open, at most `contextLimit`.
  private var latestTokens: [TokenID] = []
  private static let contextLimit = 16

  init(_ calls: CallGrammar, mode: ConstraintMode, thinking: ThinkingStart) {
    self.mode = mode
    self.calls = calls
    matcher = calls.grammar.makeMatcher(isThinking: thinking == .inside)
    mayThink = thinking == .possible && calls.thinkingStart != nil
  }

  /// The tokens that may come next, nil where any may.
  func mask() -> TokenMask? {
    if isLost { return nil }
    guard let mask = matcher.mask() else {
      // An answer that must call does not end within its thoughts.
      // Nor does one that has a schema.
      return matcher.phase == .thinking ? calls.withoutEnds : nil
    }
    guard mayThink, let start = calls.thinkingStart, !mask.allows(start) else { return mask }
    return TokenMask(allowing: mask.allowedIDs + [start], tokenCount: mask.tokenCount)
  }

  /// The same without some tokens that turned out not to fit.
  func mask(without tokens: [TokenID]) -> TokenMask {
    let refused = Set(tokens.map { Int($0) })
    let count = calls.grammar.vocabulary.tokenCount
    let allowed = mask()?.allowedIDs ?? Array(0..<count)
    return TokenMask(allowing: allowed.filter { !refused.contains($0) }, tokenCount: count)
  }

  /// Goes on behind the token; false if the grammar has no such token here.
  mutating func accept(_ token: TokenID) -> Bool {
    let before = matcher.phase
    let isAccepted = follow(Int(token))
    // A call's first token is its opening, an answer's is its own text.
    if matcher.phase == .answer || matcher.phase == .call && before == .call {
      if latestTokens.count == Self.contextLimit { latestTokens.removeFirst() }
      latestTokens.append(token)
    } else {
      latestTokens.removeAll(keepingCapacity: true)
    }
    return isAccepted
  }

  /// Inside an answer that has a schema.
  var isInAnswer: Bool { matcher.phase == .answer && !isLost }

  private mutating func follow(_ token: Int) -> Bool {
    if isLost {
      if calls.closesCall(token) { startOver() }
      return true
    }
    if mayThink, token == calls.thinkingStart {
      matcher = calls.grammar.makeMatcher(isThinking: true)
      mayThink = false
      return true
    }
    mayThink = mayThink && calls.lineBreaks.contains(token)
    if matcher.accept(token) { return true }
    guard mode == .observe else { return false }
    let isInSchema = matcher.phase == .answer || matcher.phase == .text && calls.grammar.hasAnswerSchema
    if matcher.phase == .call || isInSchema {
      if calls.closesCall(token) { startOver() } else { isLost = true }
    }
    return false
  }

  // MARK: - The check that follows

  /// What the whole schema of its function refuses about the arguments of a call that is closed, a sentence each.
  func faults(of call: ToolCall) -> [String] {
    guard let schema = calls.schemas[call.name] else { return [] }
    return Self.faults(.object(call.arguments), schema)
  }

  /// The same of an answer's text; none if the answer has no schema.
  func faults(ofAnswer text: String) -> [String] {
    guard let schema = calls.answerSchema else { return [] }
    let value: JSONValue
    do { value = try JSONValue(parsing: text, name: "answer") } catch { return [error.description] }
    return Self.faults(value, schema)
  }

  private static func faults(_ value: JSONValue, _ schema: JSONSchema) -> [String] {
    do throws(ValidationLimit) {
      return try schema.validate(value, assertingFormats: true).map(\.description)
    } catch {
      return [error.description]
    }
  }

  // MARK: - What is forced

  /// The bytes that must come next, as far as there is no choice, at most `limit`. None while observing, where nothing must.
  func forcedBytes(limit: Int = 4096) -> [UInt8] {
    mode == .enforce && !isLost ? matcher.forcedBytes(limit: limit) : []
  }

  /// The tokens that must come next: the forced bytes as the tokenizer spells them after what the call or the answer has so
  /// far, and the control token that closes a call. Before a choice the last token is held back, for it may be another one
  /// together with what is chosen. The model may spell the same bytes otherwise, so these are a draft and not the only way.
  func forcedTokens(limit: Int = 256, tokenizer: Tokenizer) -> [TokenID] {
    var forced = forcedBytes(limit: limit)
    var after = matcher
    if !forced.isEmpty { after.acceptBytes(forced) }
    let closing = mode == .enforce && !isLost ? after.forcedClosing.map { TokenID($0) } : nil
    if forced.isEmpty { return closing.map { [$0] } ?? [] }
    let context = Array(latestTokens.flatMap { Array(tokenizer.bytes(of: $0)) }.drop { $0 & 0xC0 == 0x80 })
    // The next choice may lie within a character.
    for _ in 0..<3 where String(validating: context + forced, as: UTF8.self) == nil { _ = forced.popLast() }
    guard var tokens = spelling(forced, after: context, tokenizer) ?? spelling(forced, after: [], tokenizer) else {
      return []
    }
    if let closing { tokens.append(closing) } else if !after.mustEnd { tokens.removeLast() }
    return tokens
  }

  /// The tokens of some bytes behind others; nil if the tokenizer has no border between them or spells other bytes.
  private func spelling(_ bytes: [UInt8], after context: [UInt8], _ tokenizer: Tokenizer) -> [TokenID]? {
    guard let text = String(validating: context + bytes, as: UTF8.self) else { return nil }
    let (ids, ends) = tokenizer.encodeWithOffsets(text, specialTokens: .asText)
    var first = 0
    if !context.isEmpty {
      guard let border = ends.lastIndex(of: context.count) else { return nil }
      first = border + 1
    }
    let tokens = Array(ids[first...])
    return tokens.flatMap { Array(tokenizer.bytes(of: $0)) } == bytes ? tokens : nil
  }

  private mutating func startOver() {
    matcher = calls.grammar.makeMatcher()
    isLost = false
  }
}
