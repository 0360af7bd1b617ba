internal import ModelFiles
internal import Tokenization

/// Tokens that probably come next, and why each is thought to.
struct Draft {
  enum Source: Equatable {
    /// The schema of a call or an answer admits no other bytes; the model may spell them in other tokens.
    case forced
    /// It followed the same tokens before, as many as are given, 1 ... `PromptLookup.longest`.
    case copied(matched: Int)
  }

  private(set) var tokens: [TokenID] = []
  private(set) var sources: [Source] = []

  /// Of one draft: with the token before it a step has 16 rows at most, whose logits are 10 MB for 151,936 tokens.
  static let longest = 15

  var count: Int { tokens.count }

  init() {}

  /// What is forced, then what the text goes on with where it stood before, and again, up to `limit` tokens. A token that the
  /// constraint forbids is not drafted, and nothing behind an end of the turn.
  init(
    after lookup: PromptLookup, constraint: AnswerConstraint?, tokenizer: Tokenizer, endTokens: Set<TokenID>, limit: Int
  ) {
    // A value: its steps leave the answer's own constraint where it is. While observing, nothing is forbidden.
    var walker = constraint.flatMap { $0.mode == .enforce ? $0 : nil }
    var match: PromptLookup.Match?
    while count < limit {
      if let forced = walker?.forcedTokens(limit: Self.forcedByteLimit, tokenizer: tokenizer), !forced.isEmpty {
        for token in forced.prefix(limit - count) {
          guard walker?.accept(token) == true else { return }
          append(token, .forced)
        }
        match = nil
        continue
      }
      var verdicts: [TokenID: Bool] = [:]
      func isAdmitted(_ token: TokenID) -> Bool {
        guard var fork = walker else { return true }
        if let known = verdicts[token] { return known }
        let isAdmitted = fork.accept(token)
        verdicts[token] = isAdmitted
        return isAdmitted
      }
      if let next = match.flatMap({ lookup.token(at: $0.next, tokens) }), !isAdmitted(next) { match = nil }
      match = match ?? lookup.match(behind: tokens, where: isAdmitted)
      guard let found = match, let token = lookup.token(at: found.next, tokens) else { return }
      _ = walker?.accept(token)
      append(token, .copied(matched: found.length))
      if endTokens.contains(token) { return }
      match = PromptLookup.Match(next: found.next + 1, length: min(found.length + 1, PromptLookup.longest))
    }
  }

  private mutating func append(_ token: TokenID, _ source: Source) {
    tokens.append(token)
    sources.append(source)
  }

  /// Enough for the longest draft.
  private static let forcedByteLimit = 128
}
