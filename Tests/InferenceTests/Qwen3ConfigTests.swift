import Inference
import ModelFiles
import Testing

@Suite struct Qwen3ConfigTests {
  static let valid = Hyperparameters(
    architecture: "qwen3", layerCount: 28, hiddenSize: 1024, headCount: 16, kvHeadCount: 8, headDim: 128,
    feedForwardSize: 3072, vocabularySize: 151_936, contextLength: 40_960, rmsNormEps: 1e-6, ropeTheta: 1e6,
    ropeScaling: .none, tiesEmbedding: true)

  @Test func `the numbers of a real model are taken over`() throws {
    let config = try Qwen3Config(Self.valid)
    #expect(config.queryWidth == 2048)
    #expect(config.kvWidth == 1024)
    #expect(config.groupSize == 2)
  }

  struct Fault: CustomStringConvertible {
    let description: String
    let change: @Sendable (inout Hyperparameters) -> Void
    init(_ description: String, _ change: @escaping @Sendable (inout Hyperparameters) -> Void) {
      self.description = description
      self.change = change
    }
  }

  @Test(arguments: [
    Fault("the model's architecture is \"llama\", expected \"qwen3\"; other architectures are not supported") {
      $0.architecture = "llama"
    },
    Fault("the model's head count is 12, expected a multiple of the KV head count, 8") { $0.headCount = 12 },
    Fault("the model's head count is 16, expected a multiple of the KV head count, 32") { $0.kvHeadCount = 32 },
    Fault("the model's head count is 256, expected at most 16 for each of the 8 KV heads") { $0.headCount = 256 },
    Fault("the model's head size is 63, expected an even number, since RoPE turns pairs") { $0.headDim = 63 },
    Fault("the model's layer count is 0, expected 1 to 1024") { $0.layerCount = 0 },
    Fault("the model's hidden size is -1, expected 1 to 1048576") { $0.hiddenSize = -1 },
    Fault("the model's RMSNorm epsilon is 0.0, expected between 0 and 1") { $0.rmsNormEps = 0 },
    Fault("the model's RoPE theta is nan, expected more than 1") { $0.ropeTheta = .nan },
    Fault(
      "the model's YaRN scaling is factor 4.0 over 0, beta 32.0 and 1.0, expected a factor of at least 1 over a positive context, and beta fast above beta slow above 0"
    ) {
      $0.ropeScaling = .yarn(factor: 4, originalContextLength: 0, betaFast: 32, betaSlow: 1, attentionFactor: nil)
    },
  ])
  func `a number that cannot be right is refused`(_ fault: Fault) {
    var hyperparameters = Self.valid
    fault.change(&hyperparameters)
    let error = #expect(throws: InferenceError.self) { try Qwen3Config(hyperparameters) }
    #expect(error?.description == fault.description)
  }
}
