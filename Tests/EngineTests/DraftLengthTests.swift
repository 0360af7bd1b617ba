import ModelFiles
import TestSupport
import Testing

@testable import Engine

@Suite struct DraftLengthTests {
  /// Lets a kind of draft come true in this share of cases.
  private static func learn(_ length: inout DraftLength, _ source: Draft.Source, _ share: Double, _ random: inout SeededRandom) {
    for _ in 0..<400 { length.count(source, isHit: Double.random(in: 0..<1, using: &random) < share) }
  }

  /// Tokens per time of many steps with drafts of one length, by drawing them.
  private static func rate(_ drafted: Int, _ share: Double, _ cost: StepCost, _ random: inout SeededRandom) -> Double {
    let steps = 20_000
    var tokens = 0
    for _ in 0..<steps {
      tokens += 1
      for _ in 0..<drafted {
        guard Double.random(in: 0..<1, using: &random) < share else { break }
        tokens += 1
      }
    }
    return Double(tokens) / (Double(steps) * cost.relative(rows: drafted + 1))
  }

  @Test(arguments: [0.1, 0.4, 0.7, 0.9, 0.98])
  func `the chosen length gives as many tokens per time as the best of a simulation`(share: Double) {
    var random = SeededRandom(seed: 5)
    var length = DraftLength()
    let source = Draft.Source.copied(matched: 3)
    Self.learn(&length, source, share, &random)
    let learnt = length.share(of: source)
    #expect(abs(learnt - share) < 0.25)
    let chosen = length.best(for: Array(repeating: source, count: Draft.longest))
    let rates = (0...Draft.longest).map { Self.rate($0, learnt, length.cost, &random) }
    #expect(rates[chosen] > (rates.max() ?? 0) * 0.97, "\(chosen) of \(rates)")
  }

  @Test func `what is forced is drafted from the first step on`() {
    #expect(DraftLength().best(for: Array(repeating: .forced, count: 15)) == 15)
    #expect(DraftLength().best(for: []) == 0)
  }

  @Test func `a kind that fails is no longer drafted, and again when it succeeds`() {
    var length = DraftLength()
    let sources = Array(repeating: Draft.Source.copied(matched: 4), count: 8)
    #expect(length.best(for: sources) > 0)
    for _ in 0..<40 { length.count(.copied(matched: 4), isHit: false) }
    #expect(length.best(for: sources) == 0)
    // The other kinds are as they were.
    #expect(length.best(for: [.forced, .forced]) == 2)
    for _ in 0..<200 { length.count(.copied(matched: 4), isHit: true) }
    #expect(length.best(for: sources) == 8)
  }

  @Test func `rows that cost as much as steps are not spent on guesses`() {
    var length = DraftLength()
    for _ in 0..<60 {
      length.count(rows: 1, elapsed: .milliseconds(10))
      length.count(rows: 8, elapsed: .milliseconds(80))
    }
    #expect(length.best(for: Array(repeating: .copied(matched: 4), count: 7)) == 0)
    // Nothing is measured any more; after a while it is tried again.
    for _ in 0..<400 { length.count(rows: 1, elapsed: .milliseconds(10)) }
    #expect(length.best(for: Array(repeating: .copied(matched: 4), count: 7)) > 0)
  }

  @Test func `a cost that is measured is foretold for other rows`() {
    // A step takes 20 ms and 1 ms for each row: 1.05 steps for 2 rows.
    var cost = StepCost()
    for rows in [1, 4, 1, 16, 1, 8, 1, 2, 1, 16, 1, 4] { cost.count(rows: rows, seconds: 0.019 + 0.001 * Double(rows)) }
    for rows in [4, 8, 16] {
      #expect(abs(cost.relative(rows: rows) - (0.019 + 0.001 * Double(rows)) / 0.020) < 0.3)
    }
    #expect(cost.relative(rows: 1) == 1)
    // One step that something else held up changes little.
    let before = cost.relative(rows: 8)
    cost.count(rows: 8, seconds: 2)
    #expect(cost.relative(rows: 8) < before + 1.1)
  }

  @Test func `before a step of one row was seen nothing is concluded`() {
    var cost = StepCost()
    cost.count(rows: 8, seconds: 100)
    #expect(cost.relative(rows: 8) == StepCost().relative(rows: 8))
  }
}
