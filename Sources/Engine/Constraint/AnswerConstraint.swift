internal import ConstrainedDecoding
internal import ModelFiles

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
/// Under `observe` the model may leave the grammar. In a call that is the end of what can be said about it: nothing is
/// reported until it is closed. Elsewhere the grammar stays where it is and waits for a token it knows.
struct AnswerConstraint {
  let mode: ConstraintMode
  private let calls: CallGrammar
  private var matcher: ToolCallMatcher
  /// Nothing but line breaks has come, and thoughts may open.
  private var mayThink: Bool
  /// In a call that is none by the grammar.
  private var isLost = false

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
    let token = Int(token)
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
    if matcher.phase == .call {
      if calls.closesCall(token) { startOver() } else { isLost = true }
    }
    return false
  }

  private mutating func startOver() {
    matcher = calls.grammar.makeMatcher()
    isLost = false
  }
}
