public import ModelFiles

/// How probable it is that the model answers a prompt by calling each of its functions, or none: exact values from one
/// prefill, nothing is drawn.
///
/// The prompt is rendered with thinking off, so the answer begins at its end. Let `t₀ t₁ … tₘ` be the canonical tokens of
///
///     <tool_call>
///     {"name": "f", "arguments": {
///
/// up to the one that holds the quote behind the name, with `t₀` the opening tag. Then, by the model's own distribution
/// (temperature 1, no sampler stage, no mask),
///
///     P(call f)  = P(t₀ | prompt) · P(t₁ | prompt t₀) · … · P(tₘ | prompt t₀ … tₘ₋₁)
///     P(no call) = 1 − P(t₀ | prompt)
///
/// Other tokenisations and other whitespace are not counted: what they have is `otherCalls`, and so are names that do not
/// exist. A call that follows upon text counts as no call.
public struct FunctionChoice: Sendable, Equatable {
  public struct Option: Sendable, Equatable {
    public var name: String
    public var probability: Double
    /// `t₀ … tₘ`.
    public var tokens: [TokenID]
    /// Natural logarithm of each factor, [tokens.count].
    public var logprobs: [Double]

    public init(name: String, probability: Double, tokens: [TokenID], logprobs: [Double]) {
      self.name = name
      self.probability = probability
      self.tokens = tokens
      self.logprobs = logprobs
    }
  }

  /// The most probable first, equals in the order of the request.
  public var options: [Option]
  public var noCall: Double
  /// Tokens of the prompt; of them, found computed.
  public var promptTokens: Int
  public var cachedTokens: Int

  public init(options: [Option], noCall: Double, promptTokens: Int, cachedTokens: Int) {
    self.options = options
    self.noCall = noCall
    self.promptTokens = promptTokens
    self.cachedTokens = cachedTokens
  }

  /// Calls that begin otherwise.
  public var otherCalls: Double { max(0, 1 - noCall - options.reduce(0) { $0 + $1.probability }) }
}
