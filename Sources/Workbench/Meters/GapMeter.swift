import Engine

/// The gaps between successive tokens (ITL) as a distribution, not an average: percentiles, and the worst with its token.
struct GapMeter: Meter {
  func draw(on canvas: inout MeterCanvas, _ answer: Answer?, _ session: Session) {
    let timeline = answer?.timeline ?? TokenTimeline()
    let ranks = timeline.gaps(atPercentiles: [0.5, 0.95, 0.99])
    canvas.heading("token gap", ranks?[0].words ?? "–", note: ranks == nil ? "" : "p50")
    canvas.sparkline(timeline.gaps.map(\.seconds), threshold: (ranks?[0].seconds ?? 0) * 2.5)
    let worst = timeline.worstGap.map { "\(shortMilliseconds($0.gap)) at token \($0.tokenIndex + 1)" }
    canvas.items([
      .init("p95", ranks.map { shortMilliseconds($0[1]) } ?? "–"), .init("p99", ranks.map { shortMilliseconds($0[2]) } ?? "–"),
      .init("worst", worst ?? "–"),
    ])
  }
}
