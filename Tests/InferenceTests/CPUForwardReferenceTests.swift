import Foundation
import Inference
import ModelFiles
import TestSupport
import Testing

/// Against transformers in float32 over the same weights, quantised ones decoded by gguf-py (`reference/models`).
///
/// In exact mode one tolerance holds for all types: weights are expanded exactly and multiplied with f32 activations, and keys and values
/// are f32, so what differs is the order of the sums alone. Halves in the KV cache have a tolerance of their own.
@Suite(.enabled(if: Reference.isPresent, "the reference data is not beside the package; set LATHE_REFERENCE"))
struct CPUForwardReferenceTests {
  static let tolerance: Float = 1e-4
  /// Halves have 11 bits: a key or a value is off by up to 2^-12 of itself, 2.4e-4. The worst of these models, small and
  /// with random weights, is off by 2.3e-3 of the largest logit.
  static let halfTolerance: Float = 4e-3

  /// Whole numbers of 16 bits have more than halves have, if what they stand for is of a size. The worst of these models is off
  /// by 4.9e-4 of the largest logit.
  static let wordTolerance: Float = 1e-3

  /// Codes of 8 bits: a key or a value is off by up to 1/254 of the largest that it shares a scale with, 16 times as much as
  /// a half. The worst of these models is off by 3.4e-2 of the largest logit.
  static let byteTolerance: Float = 4e-2

  /// Inputs of 8 bits: of the largest logit, on models that are small and have random weights. The mean of the cases is 1.6e-2,
  /// the worst 6.1e-2.
  static let roundedTolerance: Float = 8e-2

  @Test(arguments: Reference.cases)
  func `logits equal the reference`(_ row: Reference.Case) throws {
    try compare(row, kv: .float32, tolerance: Self.tolerance, comparesBest: true)
  }

  @Test(arguments: Reference.cases)
  func `logits with keys and values in halves stay near the reference`(_ row: Reference.Case) throws {
    try compare(row, kv: .float16, tolerance: Self.halfTolerance, comparesBest: false)
  }

  @Test(arguments: Reference.cases)
  func `logits with keys and values in 16 bits in pairs stay near the reference`(_ row: Reference.Case) throws {
    try compare(row, kv: .int16, tolerance: Self.wordTolerance, comparesBest: false)
  }

  @Test(arguments: Reference.cases)
  func `logits with keys and values in 8 bits stay near the reference`(_ row: Reference.Case) throws {
    try compare(row, kv: .int8, tolerance: Self.byteTolerance, comparesBest: false)
  }

  @Test(arguments: Reference.cases)
  func `logits with rounded inputs stay near the reference`(_ row: Reference.Case) throws {
    try compare(row, kv: .standard, isExact: false, tolerance: Self.roundedTolerance, comparesBest: false)
  }

  /// llama.cpp rounds the inputs of the same types to as many bits; what is beyond it is chance.
  @Test(arguments: Reference.cases.filter { $0.peerMeanDifference != nil })
  func `logits with rounded inputs are as near the reference as llama.cpp's`(_ row: Reference.Case) throws {
    let stepper = try Stepper(path: row.path)
    let logits = try stepper.computePending(stepper.pool.makeSequence(prompt: row.ids))
    let width = stepper.forward.config.vocabularySize
    let expected = try Reference.floats(row.logits)
    let start = row.positions.lowerBound * width
    let sum = expected.indices.reduce(0.0) { $0 + Double(abs(logits[start + $1] - expected[$1])) }
    let mean = Float(sum / Double(expected.count))
    let peer = row.peerMeanDifference ?? 0
    #expect(mean < 1.25 * peer || mean < 1e-2, "off by \(mean) in the mean, llama.cpp by \(peer)")
  }

  private func compare(
    _ row: Reference.Case, kv: KVElement, isExact: Bool = true, tolerance: Float, comparesBest: Bool
  ) throws {
    let stepper = try Stepper(path: row.path, kv: kv, isExact: isExact)
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
      difference < tolerance,
      "row \(row.positions.lowerBound + worst / width), token \(worst % width): \(found[worst]), expected \(expected[worst])"
    )
    guard comparesBest else { return }
    let best = (0..<row.positions.count).map { argmax(found[$0 * width..<($0 + 1) * width]) }
    #expect(row.argmax == nil || best == row.argmax)
  }

  @Test(arguments: Reference.cases)
  func `a greedy continuation of 64 tokens equals the reference as far as its steps are decided`(_ row: Reference.Case)
    throws
  {
    let found = try Stepper(path: row.path, kv: .float32, isExact: true).greedy(row.ids, count: row.greedy.count)
    // A step decided by less than 0.02 may go either way with quantised weights; what follows it is then another text.
    let decided = row.isQuantised ? row.firstCloseStep ?? row.greedy.count : row.greedy.count
    #expect(Array(found.prefix(decided)) == Array(row.greedy.prefix(decided)))
  }
}
