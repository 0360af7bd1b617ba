import Testing

@testable import ModelFiles

@Suite struct RandomBlocksTests {
  /// Read back with the dequantisation that is tested against ggml's.
  @Test(arguments: [TensorType.f32, .f16, .bf16, .q8_0, .q4_0, .q4_k, .q5_k, .q6_k])
  func `numbers of each type have the deviation asked for, and no offset`(type: TensorType) {
    let count = 65_536
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: count / type.elementsPerBlock * type.bytesPerBlock, alignment: 64)
    defer { bytes.deallocate() }
    var random = SplitMix(state: 7)
    RandomBlocks.fill(bytes, type: type, deviation: 0.02, &random)
    let tensor = TensorView(name: "w", type: type, shape: [count / 256, 256], bytes: UnsafeRawBufferPointer(bytes))
    var numbers = [Float](repeating: 0, count: count)
    numbers.withUnsafeMutableBufferPointer { dequantize(tensor, rows: 0..<count / 256, into: $0) }
    let mean = numbers.reduce(0, +) / Float(count)
    let deviation = (numbers.reduce(0) { $0 + $1 * $1 } / Float(count)).squareRoot()
    #expect(numbers.allSatisfy { $0.isFinite })
    // Q4_0's quants are -8 to 7, half a step off the middle; llama-quantize's are too.
    #expect(abs(mean) < (type == .q4_0 ? 0.15 : 0.03) * 0.02, "\(mean)")
    #expect(abs(deviation / 0.02 - 1) < 0.1, "\(deviation)")
  }

  /// Sizes of Qwen3-0.6B-Q8_0.gguf and Qwen3-0.6B-Q4_K_M.gguf, of which about 6 MB are the vocabulary.
  @Test(arguments: [("q8_0", 639_446_688, 0), ("q4_k_m", 396_705_472, 29)])
  func `the tensors are those of the published files`(type: String, byteCount: Int, sixBitCount: Int) throws {
    let checkpoint = try RandomModel("random:qwen3-0.6b:\(type)").checkpoint
    #expect(checkpoint.tensors.count == 310)
    #expect(checkpoint.tensors.reduce(0) { $0 + $1.elementCount } == 596_049_920)
    #expect(abs(Double(checkpoint.weightByteCount) / Double(byteCount) - 1) < 0.02, "\(checkpoint.weightByteCount)")
    #expect(checkpoint.tensors.count { $0.type == .q6_k } == sixBitCount)
  }
}
