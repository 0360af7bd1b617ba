import Engine
import JSON
import Testing

@Suite struct SamplingPresetTests {
  @Test func `what is written reads back, and defaults are left out`() throws {
    let settings = SamplingSettings(
      temperature: 0.35, topK: 40, topP: 0.9, minP: 0.05, typicalP: 0.8, repetitionPenalty: 1.1, presencePenalty: 0.5,
      frequencyPenalty: -0.25, penaltyWindow: 64, logitBias: [7: -2.5, 3: 1], seed: .max, order: .llamaCpp)
    let preset = settings.preset(defaults: .qwen3Thinking)
    #expect(
      JSONValue.object(preset).text()
        == #"{"temperature":0.35,"top_k":40,"top_p":0.9,"min_p":0.05,"typical_p":0.8,"repetition_penalty":1.1,"presence_penalty":0.5,"frequency_penalty":-0.25,"penalty_window":64,"logit_bias":{"3":1,"7":-2.5},"seed":18446744073709551615,"order":"llamaCpp"}"#
    )
    #expect(try SamplingSettings(preset, defaults: .qwen3Thinking) == settings)
    #expect(SamplingSettings.qwen3Thinking.preset(defaults: .qwen3Thinking).isEmpty)
  }

  @Test(arguments: [
    (#"{"temprature": 1}"#, "temprature is 1; no member of this name is expected"),
    (#"{"top_k": 1.5}"#, "top_k is 1.5; a whole number is expected"),
    (#"{"seed": -1}"#, "seed is -1; a whole number from 0 to 2^64 - 1, or null is expected"),
    (#"{"order": "vllm"}"#, #"order is "vllm"; one of "huggingFace", "llamaCpp", "vLLM" is expected"#),
    (#"{"logit_bias": {"the": 1}}"#, #"logit_bias is the key "the"; a token id is expected"#),
  ])
  func `a member that cannot be is refused by name`(json: String, sentence: String) throws {
    let preset = try #require(JSONValue(parsing: json).object)
    #expect {
      try SamplingSettings(preset, defaults: .qwen3Thinking)
    } throws: { error in
      String(describing: error) == sentence
    }
  }
}
