/// How many drafted tokens a step should compute beside the one that was drawn.
///
/// A step of 1 + k rows gives 1 + a₁ + a₁a₂ + … + a₁⋯aₖ tokens on average, where aᵢ is how often a draft's token of that
/// kind was drawn. The k with the most tokens per time is taken, 0 if drafts do not pay (Leviathan, Kalman and Matias, arXiv
/// 2211.17192, §3.3, where the draft is free and the rows of its check are not). Both sides are learnt from what happened;
/// a draft that no step computed counts too, so that a kind which does not pay is found again when it begins to.
struct DraftLength {
  // At first as on the expected calls of BFCL in Qwen's tokens; the model may spell what is forced otherwise.
  private var forced = Share(0.97)
  private var copied = [Share(0.65), Share(0.45), Share(0.75), Share(0.75)]  // by matched tokens
  private(set) var cost = StepCost()

  /// The share of recent drafts that were drawn.
  private struct Share {
    private var hits: Double
    private var trials: Double
    var value: Double { hits / trials }

    /// As if some had been seen before.
    init(_ expected: Double) { (hits, trials) = (expected * 4, 4) }

    /// The latest 32 or so count.
    mutating func count(_ isHit: Bool) {
      hits = hits * (31.0 / 32) + (isHit ? 1 : 0)
      trials = trials * (31.0 / 32) + 1
    }
  }

  /// Of a draft with these sources, how many tokens are worth their rows.
  func best(for sources: [Draft.Source]) -> Int {
    var best = 0
    var bestRate = 1.0
    var chance = 1.0
    var tokens = 1.0
    for (index, source) in sources.enumerated() {
      chance *= share(of: source)
      tokens += chance
      let rate = tokens / cost.relative(rows: index + 2)
      if rate > bestRate { (best, bestRate) = (index + 1, rate) }
    }
    return best
  }

  /// A draft's token and what was drawn in its place are the same, or not.
  mutating func count(_ source: Draft.Source, isHit: Bool) {
    switch source {
    case .forced: forced.count(isHit)
    case .copied(let matched): copied[matched - 1].count(isHit)
    }
  }

  mutating func count(rows: Int, elapsed: Duration) { cost.count(rows: rows, seconds: elapsed.seconds) }

  func share(of source: Draft.Source) -> Double {
    switch source {
    case .forced: forced.value
    case .copied(let matched): copied[matched - 1].value
    }
  }
}

/// What a step of several rows costs beside a step of one.
///
/// Before anything was measured: 1.25 steps and 0.12 for each row more, as Qwen3-0.6B in Q8_0 with two threads of AVX-512
/// (1.4 for 2 rows, 2.3 for 8, 3.2 for 16, November 2026). What is beyond one step is then scaled by what is measured: about
/// threefold for the embedded model, which is in the caches and has little to gain.
struct StepCost {
  private var oneRow: Double?  // seconds
  private(set) var scale = 1.0

  func relative(rows: Int) -> Double { rows < 2 ? 1 : 1 + scale * Self.extra(rows) }

  private static func extra(_ rows: Int) -> Double { 0.25 + 0.12 * Double(rows - 1) }

  mutating func count(rows: Int, seconds: Double) {
    guard rows > 1 else {
      oneRow = oneRow.map { Self.follow($0, seconds) } ?? seconds
      // Where drafts seem too dear nothing is measured of them: after a hundred steps it is tried again.
      scale += (1 - scale) / 64
      return
    }
    guard let oneRow, oneRow > 0 else { return }
    // A step of n rows takes no longer than n steps.
    let measured = min(seconds / oneRow, Double(rows)) - 1
    scale = Self.follow(scale, max(0, measured / Self.extra(rows)))
  }

  /// Quickly down and slowly up: what else the machine does makes a step longer, never shorter.
  private static func follow(_ old: Double, _ new: Double) -> Double { old + (new - old) * (new < old ? 0.5 : 0.125) }
}
