internal import ModelFiles
internal import Tokenization

/// The draft of one answer and how far it has come true.
///
///     tokens    … t₁₇ | d₁ d₂ d₃ d₄         one step computes t₁₇ and the draft behind it
///     logits        row 0  1  2  3  4       drawn from row 0 is d₁: go on with row 1; from row 1 is not d₂: what is
///                                           computed of d₂ … d₄ is of no use, and a new step begins
///
/// Each token is drawn from the logits that a step of its own would have had, with the same mask, penalties and random
/// number, and the bits of a row do not depend on how many others are computed with it. So the answer is the one that would
/// have come without drafts.
struct Speculation {
  let mode: SpeculationMode
  private(set) var counts = SpeculationCounts()
  private(set) var length: DraftLength
  /// Of the last step's logits, the one to draw from. As many tokens of the draft have been drawn.
  private(set) var row = 0
  /// The token that was drawn last is the draft's, and computed.
  private(set) var isConfirmed = false

  private var lookup = PromptLookup()
  private var draft = Draft()
  private var computedCount = 0

  init(_ mode: SpeculationMode, length: DraftLength) {
    self.mode = mode
    self.length = length
  }

  /// Whether the next step should have a draft.
  /// - Parameter isInSchema: inside a call, or an answer that has a schema.
  func isOn(isInSchema: Bool) -> Bool {
    switch mode {
    case .off: false
    case .calls: isInSchema
    case .all: true
    }
  }

  /// Begins a step. Returns the tokens to compute behind `text`, prompt and answer up to the token that was drawn last; none
  /// without a `drafting`.
  mutating func begin(after text: [TokenID], _ drafting: ((PromptLookup) -> Draft)?) -> ArraySlice<TokenID> {
    row = 0
    isConfirmed = false
    counts.steps += 1
    computedCount = 0
    draft = Draft()
    guard let drafting else { return [] }
    lookup.append(contentsOf: text[lookup.tokens.count...])
    draft = drafting(lookup)
    computedCount = length.best(for: draft.sources)
    return draft.tokens[..<computedCount]
  }

  /// What of the draft the step really has.
  mutating func computed(_ count: Int) {
    computedCount = count
    counts.add(drafted: count)
  }

  /// Looks whether the draft foretold the token that was drawn from `row`.
  mutating func drew(_ token: TokenID) {
    isConfirmed = false
    guard row < draft.count else { return }
    let isHit = draft.tokens[row] == token
    length.count(draft.sources[row], isHit: isHit)
    isConfirmed = isHit && row < computedCount
    if isConfirmed { counts.add(acceptedAt: row) }
  }

  /// Goes on with the row of the confirmed token.
  mutating func advance() {
    row += 1
    isConfirmed = false
    counts.savedSteps += 1
  }

  mutating func took(rows: Int, _ elapsed: Duration) {
    if mode != .off { length.count(rows: rows, elapsed: elapsed) }
  }
}
