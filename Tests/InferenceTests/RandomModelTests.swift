import Inference
import ModelFiles
import Testing

/// The models of `random:SHAPE:TYPE`.
@Suite struct RandomModelTests {
  @Test(arguments: ["f32", "f16", "bf16", "q8_0", "q4_0"])
  func `logits are finite, spread, and the same for the same seed`(type: String) throws {
    let logits = try Self.logits(type, seed: 1)
    #expect(logits.allSatisfy { $0.isFinite })
    let mean = logits.reduce(0, +) / Float(logits.count)
    let variance = logits.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(logits.count)
    #expect(variance > 0.3 && variance < 10, "\(variance)")
    #expect(try Self.logits(type, seed: 1) == logits)
    #expect(try Self.logits(type, seed: 2) != logits)
  }

  @Test func `a type whose blocks do not divide the rows is refused`() {
    let error = #expect(throws: ModelFileError.self) { try RandomModel("random:mini:q4_k") }
    #expect(
      error?.description
        == "random:mini:q4_k: tensor \"token_embd.weight\" has rows of 320, expected a multiple of 256, the block of q4_k")
  }

  private static func logits(_ type: String, seed: UInt64) throws -> [Float] {
    let model = try RandomModel("random:mini:\(type)")
    model.fill(seed: seed)
    let forward = try CPUForward(checkpoint: model.checkpoint, contextLength: 64, threads: 1)
    let pool = PagePool(geometry: forward.geometry)
    let sequence = try pool.makeSequence(prompt: [1, 20, 300])
    _ = try pool.reserve(3, for: sequence)
    var batch = Batch()
    batch.add(sequence, tokenCount: 3, logits: .last)
    try forward.submit(batch)
    return try forward.withLogits { span in span.indices.map { span[$0] } }
  }
}
