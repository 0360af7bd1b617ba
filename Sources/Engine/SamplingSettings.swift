public import ModelFiles

/// How the next token is drawn from the logits. The values below switch a stage off.
public struct SamplingSettings: Sendable, Equatable {
  /// 0 takes the most probable token.
  public var temperature: Float
  /// Keeps the k most probable tokens; 0 keeps all.
  public var topK: Int
  /// Keeps the smallest set whose probability reaches p; 1 keeps all.
  public var topP: Float
  /// Drops tokens less probable than this share of the most probable one; 0 drops none.
  public var minP: Float
  /// Locally typical sampling (arXiv 2202.00666): keeps the mass p nearest the entropy; 1 keeps all.
  public var typicalP: Float
  /// Divides positive and multiplies negative logits of tokens seen before (arXiv 1909.05858); 1 is off.
  public var repetitionPenalty: Float
  /// Subtracted once from the logit of each token seen before; 0 is off.
  public var presencePenalty: Float
  /// Subtracted from a logit once per time the token was seen; 0 is off.
  public var frequencyPenalty: Float
  /// How many of the last tokens, prompt included, the penalties look at; nil means all.
  public var penaltyWindow: Int?
  /// Added to a token's logit before everything else.
  public var logitBias: [TokenID: Float]
  /// Same seed, same build, same device: same tokens. Nil draws a fresh one, which the summary reports.
  public var seed: UInt64?
  public var order: SamplerOrder

  public init(
    temperature: Float = 1, topK: Int = 0, topP: Float = 1, minP: Float = 0, typicalP: Float = 1,
    repetitionPenalty: Float = 1, presencePenalty: Float = 0, frequencyPenalty: Float = 0, penaltyWindow: Int? = nil,
    logitBias: [TokenID: Float] = [:], seed: UInt64? = nil, order: SamplerOrder = .huggingFace
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
    self.typicalP = typicalP
    self.repetitionPenalty = repetitionPenalty
    self.presencePenalty = presencePenalty
    self.frequencyPenalty = frequencyPenalty
    self.penaltyWindow = penaltyWindow
    self.logitBias = logitBias
    self.seed = seed
    self.order = order
  }

  /// The most probable token each time.
  public static let greedy = SamplingSettings(temperature: 0)
  /// Qwen3's published settings with thinking on (model card).
  public static let qwen3Thinking = SamplingSettings(temperature: 0.6, topK: 20, topP: 0.95)
  /// Qwen3's published settings with thinking off (model card).
  public static let qwen3NonThinking = SamplingSettings(temperature: 0.7, topK: 20, topP: 0.8)
}

/// One stage of the sampler. The mask of a schema, where it is enforced, comes before all stages that settings order.
public enum SamplerStage: String, Sendable, CaseIterable, Hashable {
  case mask, logitBias, penalties, temperature, topK, typicalP, topP, minP
}

/// The order in which the stages run; implementations differ, and with it the probabilities.
public enum SamplerOrder: String, Sendable, CaseIterable {
  /// transformers: bias, penalties, temperature, top-k, top-p, min-p, typical.
  case huggingFace
  /// llama.cpp: bias, penalties, top-k, typical, top-p, min-p, temperature last.
  case llamaCpp
  /// vLLM: bias, penalties, temperature, min-p, top-k, top-p.
  case vLLM
}
