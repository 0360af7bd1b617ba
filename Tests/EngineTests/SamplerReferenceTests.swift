import Engine
import JSON
import ModelFiles
import TestSupport
import Testing

/// Probabilities of transformers, llama.cpp and vLLM's order (reference/sampling, README there).
@Suite(.enabled(if: Reference.isPresent, "reference data is absent"))
struct SamplerReferenceTests {
  @Test(arguments: [("hf", SamplerOrder.huggingFace, 224), ("llama", .llamaCpp, 284), ("vllm", .vLLM, 284)])
  func `each chain gives the reference's probabilities`(key: String, order: SamplerOrder, caseCount: Int) throws {
    var compared = 0
    for row in try Reference.lines("sampling/chain.jsonl") {
      guard let expected = row[key]?["probs"]?.array?.map({ $0.double ?? 0 }) else { continue }
      let logits = try #require(row["logits"]?.array).map(float)
      let settings = try #require(row["settings"])
      let output = ids(row["output_ids"])
      func number(_ name: String) -> Float { Float(settings[name]?.double ?? .nan) }
      let isLlama = order == .llamaCpp
      var sampler = try Sampler(
        SamplingSettings(
          temperature: number("temperature"), topK: settings["top_k"]?.int ?? -1, topP: number("top_p"),
          minP: number("min_p"), repetitionPenalty: number("repetition_penalty"),
          presencePenalty: number("presence_penalty"), frequencyPenalty: number("frequency_penalty"),
          penaltyWindow: isLlama ? settings["repeat_last_n"]?.int : nil, order: order),
        vocabularySize: logits.count, prompt: ids(row["prompt_ids"]), seed: 0)
      for token in output { sampler.accept(token) }
      let found = sampler.probabilities(logits.span)
      let hasTies = row["has_ties"]?.bool == true
      let difference = largestDifference(hasTies ? found.sorted() : found, hasTies ? expected.sorted() : expected)
      #expect(difference < 2e-6, "\(row["id"]?.string ?? "?")")
      compared += 1
    }
    #expect(compared == caseCount)
  }

  /// `neginf14/typical/0.2` is left out: there llama.cpp computes 0 * log 0 = NaN for the entropy and keeps whatever
  /// its sort put first.
  @Test func `typical sampling gives llama.cpp's probabilities`() throws {
    var compared = 0
    for row in try Reference.lines("sampling/stages_llama.jsonl")
    where row["stage"]?.string == "typical" && row["id"]?.string != "neginf14/typical/0.2" {
      let logits = try #require(row["logits"]?.array).map(float)
      let expected = try #require(row["probs"]?.array).map { $0.double ?? 0 }
      var sampler = try Sampler(
        SamplingSettings(typicalP: Float(row["arg"]?.double ?? .nan), order: .llamaCpp), vocabularySize: logits.count,
        prompt: [], seed: 0)
      let found = sampler.probabilities(logits.span)
      #expect(largestDifference(found.sorted(), expected.sorted()) < 2e-6, "\(row["id"]?.string ?? "?")")
      compared += 1
    }
    #expect(compared == 21)
  }

  private func float(_ value: JSONValue) -> Float { value.string == "-inf" ? -.infinity : Float(value.double ?? .nan) }
  private func ids(_ value: JSONValue?) -> [TokenID] { (value?.array ?? []).map { TokenID($0.int ?? -1) } }
  private func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
  }
}
