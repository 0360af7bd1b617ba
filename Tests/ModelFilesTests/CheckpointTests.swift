import Foundation
import ModelFiles
import Testing

@Suite struct CheckpointTests {
  @Test func `the embedded model's file opens with its numbers`() throws {
    let checkpoint = try Checkpoint.open(MiniModel.path)
    #expect(checkpoint.name == "mini-q8_0.gguf")
    #expect(checkpoint.format == .gguf(version: 3))
    #expect(
      checkpoint.hyperparameters
        == Hyperparameters(
          architecture: "qwen3", layerCount: 6, hiddenSize: 192, headCount: 6, kvHeadCount: 3, headDim: 32,
          feedForwardSize: 512, vocabularySize: 4096, contextLength: 4096, rmsNormEps: 1e-6, ropeTheta: 10000,
          ropeScaling: .none, tiesEmbedding: true))
    #expect(checkpoint.tensors.count == 68)
    let tokenizer = try checkpoint.requireTokenizer()
    #expect(tokenizer.tokens.count == 4096)
    #expect(tokenizer.merges.string(0) == "Ċ Ċ")
    #expect(tokenizer.eosTokenID == 4089)
    #expect(checkpoint.generationDefaults.eosTokenIDs == [4089, 4087])
  }
}
