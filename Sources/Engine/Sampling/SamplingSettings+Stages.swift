extension SamplerOrder {
  /// All stages that have a setting, in this order. vLLM has no typical sampling.
  public var stages: [SamplerStage] {
    switch self {
    case .huggingFace: [.logitBias, .penalties, .temperature, .topK, .topP, .minP, .typicalP]
    case .llamaCpp: [.logitBias, .penalties, .topK, .typicalP, .topP, .minP, .temperature]
    case .vLLM: [.logitBias, .penalties, .temperature, .minP, .topK, .topP]
    }
  }
}

extension SamplingSettings {
  /// Temperatures below this count as 0: dividing by them would leave the range of floats.
  public static let leastTemperature: Float = 1e-5

  /// Takes the most probable token each time.
  public var isGreedy: Bool { temperature < Self.leastTemperature }

  var hasPenalties: Bool { repetitionPenalty != 1 || presencePenalty != 0 || frequencyPenalty != 0 }

  /// Whether the stage does anything at all.
  public func isOn(_ stage: SamplerStage) -> Bool {
    switch stage {
    // No setting switches it: it is on where a mask is given.
    case .mask: false
    case .logitBias: !logitBias.isEmpty
    case .penalties: hasPenalties
    case .temperature: temperature != 1
    case .topK: topK > 0
    case .typicalP: typicalP < 1
    case .topP: topP < 1
    case .minP: minP > 0
    }
  }

  /// Throws `badSetting` for the first value that is out of its range.
  public func check(vocabularySize: Int) throws(GenerationError) {
    func expect(_ holds: Bool, _ name: String, _ found: some Any, _ expected: String) throws(GenerationError) {
      if !holds { throw .badSetting(name: name, found: "\(found)", expected: expected) }
    }
    try expect(temperature >= 0 && temperature.isFinite, "temperature", temperature, "0 or more")
    try expect(topK >= 0, "top-k", topK, "0 (off) or more")
    try expect(topP >= 0 && topP <= 1, "top-p", topP, "a share from 0 to 1")
    try expect(minP >= 0 && minP <= 1, "min-p", minP, "a share from 0 to 1")
    try expect(typicalP >= 0 && typicalP <= 1, "typical-p", typicalP, "a share from 0 to 1")
    try expect(
      typicalP == 1 || order != .vLLM, "typical-p", "\(typicalP) in vLLM's order, which has no such stage", "1")
    try expect(
      repetitionPenalty > 0 && repetitionPenalty.isFinite, "repetition penalty", repetitionPenalty, "more than 0")
    try expect(presencePenalty.isFinite, "presence penalty", presencePenalty, "a number")
    try expect(frequencyPenalty.isFinite, "frequency penalty", frequencyPenalty, "a number")
    if let penaltyWindow { try expect(penaltyWindow >= 0, "penalty window", penaltyWindow, "0 tokens or more") }
    for (id, value) in logitBias.sorted(by: { $0.key < $1.key }) {
      try expect(
        id >= 0 && id < vocabularySize, "logit bias", "for token \(id)", "an id from 0 to \(vocabularySize - 1)")
      try expect(!value.isNaN && value != .infinity, "logit bias", "\(value) for token \(id)", "a number or -infinity")
    }
  }
}
