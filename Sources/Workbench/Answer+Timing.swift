import Engine

extension Answer {
  /// Gaps between successive tokens: ITL, in order.
  var gaps: [Duration] {
    zip(tokens, tokens.dropFirst()).map { $1.time - $0.time }
  }

  /// Generated tokens after the first, over the time since the first; nil before the second.
  var tokensPerSecond: Double? {
    guard tokens.count > 1, let first = tokens.first?.time, let last = tokens.last?.time, last > first else { return nil }
    return Double(tokens.count - 1) / (last - first).seconds
  }
}
