import Engine

/// The gaps between successive tokens (ITL) as a distribution, not an average: percentiles, and the worst with its token.
struct GapMeter: Meter {
  func draw(on canvas: inout MeterCanvas, _ answer: Answer?, _ session: Session) {
    let gaps = answer?.gaps ?? []
    let sorted = gaps.sorted()
    func percentile(_ share: Double) -> String { Self.percentile(share, of: sorted).map(shortMilliseconds) ?? "–" }
    canvas.heading("token gap", Self.percentile(0.5, of: sorted)?.words ?? "–", note: sorted.isEmpty ? "" : "p50")
    let median = Self.percentile(0.5, of: sorted)?.seconds ?? 0
    canvas.sparkline(gaps.map(\.seconds), threshold: median * 2.5)
    var worst = "–"
    if let most = sorted.last, let index = gaps.firstIndex(of: most) { worst = "\(shortMilliseconds(most)) at token \(index + 2)" }
    canvas.items([
      .init("p95", percentile(0.95)), .init("p99", percentile(0.99)), .init("worst", worst),
    ])
  }

  /// The smallest value that at least this share of the values does not exceed (nearest rank).
  static func percentile(_ share: Double, of sorted: [Duration]) -> Duration? {
    guard !sorted.isEmpty else { return nil }
    let rank = Int((share * Double(sorted.count)).rounded(.up))
    return sorted[min(sorted.count, max(1, rank)) - 1]
  }
}
