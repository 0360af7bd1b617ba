import Foundation
import Inference
import ModelFiles
import TestSupport
import Testing

/// Against transformers in float32 over the same weights, quantised ones decoded by gguf-py (`reference/models`).
///
/// One tolerance holds for all types: weights are expanded exactly and multiplied with f32 activations, so what differs is
/// the order of the sums alone.
@Suite(.enabled(if: Reference.isPresent, "the reference data is not beside the package; set LATHE_REFERENCE"))
struct CPUForwardReferenceTests {
  static let tolerance: Float = 1e-4

  @Test(arguments: Reference.cases)
  func `logits equal the reference`(_ row: Reference.Case) throws {
    let stepper = try Stepper(path: row.path)
    let sequence = try stepper.pool.makeSequence(prompt: row.ids)
    let logits = try stepper.computePending(sequence)
    let width = stepper.forward.config.vocabularySize
    let expected = try Reference.floats(row.logits)
    let found = Array(logits[row.positions.lowerBound * width..<row.positions.upperBound * width])
    try #require(found.count == expected.count)
    let largest = expected.reduce(0) { max($0, abs($1)) }
    let worst = expected.indices.max { abs(found[$0] - expected[$0]) < abs(found[$1] - expected[$1]) } ?? 0
    let difference = abs(found[worst] - expected[worst]) / largest
    #expect(
      difference < Self.tolerance,
      "row \(row.positions.lowerBound + worst / width), token \(worst % width): \(found[worst]), expected \(expected[worst])"
    )
    let best = (0..<row.positions.count).map { argmax(found[$0 * width..<($0 + 1) * width]) }
    #expect(row.argmax == nil || best == row.argmax)
  }

  @Test(arguments: Reference.cases)
  func `a greedy continuation of 64 tokens equals the reference as far as its steps are decided`(_ row: Reference.Case)
    throws
  {
    let found = try Stepper(path: row.path).greedy(row.ids, count: row.greedy.count)
    // A step decided by less than 0.02 may go either way with quantised weights; what follows it is then another text.
    let decided = row.isQuantised ? row.firstCloseStep ?? row.greedy.count : row.greedy.count
    #expect(Array(found.prefix(decided)) == Array(row.greedy.prefix(decided)))
  }
}
