import Engine

/// The gaps between successive tokens (ITL) as a distribution, not an average: percentiles, and the worst with its token.
struct GapMeter: Meter {
  func draw(on canvas: inout MeterCanvas, _ answer: Answer?, _ session: Session) {
    let latencies = answer?.latencies
    canvas.heading("token gap", latencies?.p50.words ?? "–", note: latencies == nil ? "" : "p50")
    let times = answer?.timeline.times.suffix(canvas.width + 1) ?? []
    let gaps = zip(times.dropFirst(), times).map { ($0 - $1).seconds }
    canvas.sparkline(gaps, threshold: (latencies?.p50.seconds ?? 0) * 2.5)
    canvas.items([
      .init("p95", latencies.map { shortMilliseconds($0.p95) } ?? "–"),
      .init("p99", latencies.map { shortMilliseconds($0.p99) } ?? "–"),
      .init("worst", latencies.map { "\(shortMilliseconds($0.worst)) at token \($0.worstTokenIndex + 1)" } ?? "–"),
    ])
  }
}
