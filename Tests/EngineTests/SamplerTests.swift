import Engine
import Foundation
import ModelFiles
import Testing

@Suite struct SamplerTests {
  private static let logits: [Float] = [0, 1, 4, 2, 4, -1, 3, -.infinity]

  @Test(arguments: SamplerOrder.allCases)
  func `at temperature 0 the lowest of the most probable ids is taken`(order: SamplerOrder) throws {
    var sampler = try Sampler(
      SamplingSettings(temperature: 0, topK: 3, topP: 0.9, order: order), vocabularySize: 8, prompt: [], seed: 1)
    let token = try sampler.sample(Self.logits.span, candidateCount: 3)
    #expect(token.id == 2)
    #expect(token.rank == 1)
    #expect(token.candidates.map(\.id) == [2, 4, 6])
    #expect(token.candidates.map(\.sampledProbability) == [1, 0, 0])
  }

  /// Against a slow softmax in double precision.
  @Test func `logprob, rank, entropy and candidates are those of the model's own distribution`() throws {
    let weights = Self.logits.map { exp(Double($0)) }
    let sum = weights.reduce(0, +)
    let probabilities = weights.map { $0 / sum }
    let entropy = -probabilities.reduce(0.0) { $0 + ($1 > 0 ? $1 * log($1) : 0) }
    for forced in [0, 1, 3, 5, 6] {
      var sampler = try Sampler(
        SamplingSettings(temperature: 0.5, logitBias: [TokenID(forced): 100]), vocabularySize: 8, prompt: [], seed: 1)
      let token = try sampler.sample(Self.logits.span, candidateCount: 2)
      #expect(token.id == TokenID(forced))
      #expect(abs(Double(token.logprob) - log(probabilities[forced])) < 1e-6)
      #expect(token.rank == 1 + Self.logits.count { $0 > Self.logits[forced] })
      #expect(abs(Double(token.entropy) - entropy) < 1e-6)
      #expect(token.candidates.map(\.id) == [2, 4, TokenID(forced)])
      #expect(abs(Double(token.candidates[2].probability) - probabilities[forced]) < 1e-6)
      #expect(token.candidates[2].sampledProbability == 1)
    }
  }

  @Test func `each stage reports how many tokens and how much mass it removed`() throws {
    // Probabilities 0.5, 0.25, 0.125, 0.0625, 0.0625.
    let logits = [0.5, 0.25, 0.125, 0.0625, 0.0625].map { Float(log($0)) }
    var sampler = try Sampler(
      SamplingSettings(topK: 3, topP: 0.8, minP: 0.9), vocabularySize: 5, prompt: [], seed: 1)
    let token = try sampler.sample(logits.span, candidateCount: 5)
    #expect(token.removals.map(\.stage) == [.topK, .topP, .minP])
    #expect(token.removals.map(\.removedTokens) == [2, 1, 1])
    let expected: [Float] = [0.125, 0.125 / 0.875, 0.25 / 0.75]
    for (removal, mass) in zip(token.removals, expected) { #expect(abs(removal.removedMass - mass) < 1e-6) }
    #expect(token.id == 0)
  }

  @Test func `penalties take mass from tokens that were seen and the window forgets`() throws {
    let logits: [Float] = [2, 2, 2, 2]
    var sampler = try Sampler(
      SamplingSettings(temperature: 0, presencePenalty: 1, penaltyWindow: 2), vocabularySize: 4, prompt: [0], seed: 1)
    let ids = try (0..<6).map { _ in try sampler.sample(logits.span, candidateCount: 0).id }
    #expect(ids == [1, 2, 0, 1, 2, 0])
  }

  @Test func `draws follow the distribution`() throws {
    let logits = [0.5, 0.3, 0.2].map { Float(log($0)) }
    var sampler = try Sampler(SamplingSettings(), vocabularySize: 3, prompt: [], seed: 7)
    var counts = [0, 0, 0]
    for _ in 0..<20_000 { counts[Int(try sampler.sample(logits.span, candidateCount: 0).id)] += 1 }
    for (count, expected) in zip(counts, [0.5, 0.3, 0.2]) {
      // Five standard deviations of a binomial share at 20,000 draws.
      #expect(abs(Double(count) / 20_000 - expected) < 5 * (expected * (1 - expected) / 20_000).squareRoot())
    }
  }

  /// Against sorting, on a vocabulary of Qwen3's size.
  @Test(arguments: [1, 20, 1000, 100_000])
  func `selection equals sorting on 151,936 logits`(k: Int) throws {
    let logits = Self.normals(count: 151_936, seed: UInt64(k))
    let order = logits.indices.sorted { logits[$0] != logits[$1] ? logits[$0] > logits[$1] : $0 < $1 }
    var top = try Sampler(
      SamplingSettings(topK: k, order: .llamaCpp), vocabularySize: logits.count, prompt: [], seed: 1)
    let kept = top.probabilities(logits.span).indices(where: { $0 > 0 })
    #expect(Set(kept.ranges.joined()) == Set(order.prefix(k)))

    let weights = logits.map { exp(Double($0)) }
    let sum = weights.reduce(0, +)
    for p in [0.1, 0.5, 0.95] as [Float] {
      var running = 0.0
      var count = 0
      for id in order {
        count += 1
        running += weights[id] / sum
        if running >= Double(p) { break }
      }
      var sampler = try Sampler(SamplingSettings(topP: p), vocabularySize: logits.count, prompt: [], seed: 1)
      let found = sampler.probabilities(logits.span).count { $0 > 0 }
      // Float weights may move the border by a token in 100,000.
      #expect(abs(found - count) <= 1, "p \(p)")
    }
  }

  /// The scan that finds few and the selection that finds many.
  @Test(arguments: [1, 10, 64, 65, 1000])
  func `candidates are the most probable tokens in order`(count: Int) throws {
    // Rounded, so that there are equals, which go by id.
    let logits = Self.normals(count: 20_000, seed: 3).map { ($0 * 50).rounded() / 50 }
    let order = logits.indices.sorted { logits[$0] != logits[$1] ? logits[$0] > logits[$1] : $0 < $1 }
    var sampler = try Sampler(.greedy, vocabularySize: logits.count, prompt: [], seed: 1)
    let token = try sampler.sample(logits.span, candidateCount: count)
    #expect(token.candidates.map { Int($0.id) } == Array(order.prefix(count)))
    #expect(Int(token.id) == order[0])
    for k in [count, count + 1] {
      var kept = try Sampler(SamplingSettings(topK: k), vocabularySize: logits.count, prompt: [], seed: 1)
      let least = logits[order[k - 1]]
      #expect(kept.probabilities(logits.span).count { $0 > 0 } == logits.count { $0 >= least })
    }
  }

  @Test(arguments: [
    (SamplingSettings(temperature: -1), "temperature is -1.0; 0 or more is expected"),
    (SamplingSettings(topP: 1.5), "top-p is 1.5; a share from 0 to 1 is expected"),
    (SamplingSettings(repetitionPenalty: 0), "repetition penalty is 0.0; more than 0 is expected"),
    (SamplingSettings(logitBias: [9: 1]), "logit bias is for token 9; an id from 0 to 7 is expected"),
    (
      SamplingSettings(typicalP: 0.9, order: .vLLM),
      "typical-p is 0.9 in vLLM's order, which has no such stage; 1 is expected"
    ),
  ])
  func `a setting out of its range is refused by name`(settings: SamplingSettings, sentence: String) {
    let error = #expect(throws: GenerationError.self) {
      _ = try Sampler(settings, vocabularySize: 8, prompt: [], seed: 1)
    }
    #expect(error?.description == sentence)
  }

  @Test(arguments: [[Float.nan, 1], [-.infinity, -.infinity], [.infinity, 0]])
  func `logits that are no distribution are an error`(logits: [Float]) throws {
    var sampler = try Sampler(.greedy, vocabularySize: 2, prompt: [], seed: 1)
    #expect(throws: GenerationError.self) { _ = try sampler.sample(logits.span, candidateCount: 1) }
  }

  static func normals(count: Int, seed: UInt64) -> [Float] {
    var source = RandomSource(seed: seed)
    return (0..<count).map { _ in
      Float((-2 * log(1 - source.nextUnit())).squareRoot() * cos(2 * .pi * source.nextUnit()) * 3)
    }
  }
}
