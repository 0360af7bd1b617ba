import Testing

@testable import Inference

@Suite struct MemoryEstimateTests {
  @Test(arguments: [
    (
      MemoryEstimate(
        weightByteCount: 10_500_000_000, kvByteCount: 10_700_000_000, activationByteCount: 0, contextLength: 32_768,
        availableByteCount: 14_200_000_000),
      "needs 21.2 GB: weights 10.5, KV 10.7 at 32,768 positions; 14.2 GB free; try --context 8192"
    ),
    (
      MemoryEstimate(
        weightByteCount: 9_000_000_000, kvByteCount: 5_400_000_000, activationByteCount: 200_000_000,
        contextLength: 32_768, availableByteCount: 14_200_000_000),
      "needs 14.6 GB: weights 9.0, KV 5.4 at 32,768 positions, activations 0.2; 14.2 GB free; try --context 16384"
    ),
    (
      MemoryEstimate(
        weightByteCount: 29_500_000_000, kvByteCount: 5_400_000_000, activationByteCount: 0, contextLength: 900,
        availableByteCount: 14_200_000_000),
      "needs 34.9 GB: weights 29.5, KV 5.4 at 900 positions; 14.2 GB free; try a smaller model or a stronger quantisation"
    ),
  ])
  func `what does not fit is said with its arithmetic and the context that would`(
    _ estimate: MemoryEstimate, _ sentence: String
  ) {
    #expect(!estimate.fits)
    #expect(estimate.refusal == sentence)
  }

  @Test func `free memory is MemAvailable`() {
    #expect(MemoryEstimate.memAvailable("MemTotal:       24576000 kB\nMemAvailable:   12000000 kB\n") == 12_288_000_000)
    #expect(MemoryEstimate.memAvailable("MemTotal: 1 kB\n") == nil)
  }

  @Test(
    arguments: [
      ("max\n", "inactive_file 5\n", "7\n", nil),
      ("1000\n", "active_file 1\ninactive_file 300\n", "600\n", 700),
      ("1000\n", "", "1200\n", 0),
      (nil, nil, nil, nil),
    ] as [(String?, String?, String?, Int?)])
  func `a control group leaves its limit less what cannot be dropped`(
    _ maximum: String?, _ statistics: String?, _ current: String?, _ headroom: Int?
  ) {
    #expect(
      MemoryEstimate.controlGroupHeadroom(maximum: maximum, statistics: statistics, current: current) == headroom)
  }

  @Test func `this machine has some memory`() {
    #expect(MemoryEstimate.availableMemory() > 0)
  }
}
