/// When the tokens of one answer came, and the latencies that follow from it. A pure value: feed it
/// `TokenEvent.time`.
///
/// | figure | definition |
/// |---|---|
/// | TTFT | first token − arrival; arrival is when the request was handed over, before rendering |
/// | ITL | each gap between successive tokens, kept as a distribution |
/// | TPOT | (E2EL − TTFT) / (n − 1), for n > 1 tokens |
/// | E2EL | last token − arrival |
/// | tokens/s | (n − 1) / (last token − first token): decode only, the wait for the first token left out |
/// | p50, p95, p99 | nearest rank: the smallest gap that at least this share of the gaps does not exceed |
public struct TokenTimeline: Sendable, Equatable {
  /// Since arrival, one per token.
  public private(set) var times: [Duration] = []

  public init() {}

  public init(_ times: [Duration]) { self.times = times }

  /// Adds the time of the next token, since arrival.
  public mutating func append(_ time: Duration) { times.append(time) }

  public var count: Int { times.count }
  public var timeToFirstToken: Duration? { times.first }
  /// E2EL.
  public var total: Duration? { times.last }
  /// First token to last; nil before there are two.
  public var decode: Duration? { times.count > 1 ? times[times.count - 1] - times[0] : nil }

  /// ITL: gap `i` lies before token `i + 1`.
  public var gaps: [Duration] { zip(times.dropFirst(), times).map { $0 - $1 } }

  public var timePerOutputToken: Duration? { decode.map { $0 / (times.count - 1) } }

  public var tokensPerSecond: Double? {
    guard let decode, decode > .zero else { return nil }
    return Double(times.count - 1) / decode.seconds
  }

  /// The gap of this rank, `share` in 0...1; nil before there is a gap. Sorts the gaps.
  public func gap(atPercentile share: Double) -> Duration? { gaps(atPercentiles: [share])?.first }

  /// Several ranks from one sort.
  public func gaps(atPercentiles shares: [Double]) -> [Duration]? {
    let sorted = gaps.sorted()
    if sorted.isEmpty { return nil }
    return shares.map { share in
      let rank = Int((share * Double(sorted.count)).rounded(.up))
      return sorted[min(max(rank, 1), sorted.count) - 1]
    }
  }

  /// The longest gap and the index of the token that ended it, the first of equals.
  public var worstGap: (gap: Duration, tokenIndex: Int)? {
    let gaps = gaps
    guard let worst = gaps.max(), let index = gaps.firstIndex(of: worst) else { return nil }
    return (worst, index + 1)
  }
}

extension Duration {
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
