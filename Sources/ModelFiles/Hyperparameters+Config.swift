import Glibc
internal import JSON

extension Hyperparameters {
  /// Reads config.json as transformers does (configuration_qwen3.py).
  /// - Parameter tensorNames: tell whether there is a head where the file does not say; empty if there are no weights.
  init(config: ConfigurationFile, tensorNames: Set<String>) throws(ModelFileError) {
    func count(_ key: String, _ expected: String) throws(ModelFileError) -> Int {
      try config.require(try config.count(key), key, expected)
    }
    let headCount = try count("num_attention_heads", "the number of query heads")
    let hiddenSize = try count("hidden_size", "the hidden size")
    let architecture = try config.require(try config.string("model_type"), "model_type", "\"qwen3\"")
    // transformers 5 puts theta among the rope parameters, 4 beside rope_scaling.
    let parameters = try config.inner("rope_parameters")
    let scaling = try config.inner("rope_scaling")
    var theta = try config.positive("rope_theta")
    if let newer = try parameters?.positive("rope_theta") { theta = newer }
    let contextLength = try count("max_position_embeddings", "the context length in tokens")
    let hasHead = tensorNames.contains(TensorNaming.huggingFace.name(.lmHead))
    self.init(
      architecture: architecture,
      layerCount: try count("num_hidden_layers", "the number of layers"), hiddenSize: hiddenSize, headCount: headCount,
      kvHeadCount: try count("num_key_value_heads", "the number of key and value heads"),
      headDim: try config.count("head_dim") ?? Self.headDim(architecture, hiddenSize / headCount),
      feedForwardSize: try count("intermediate_size", "the feed-forward size"),
      vocabularySize: try count("vocab_size", "the number of tokens"), contextLength: contextLength,
      rmsNormEps: try config.require(try config.positive("rms_norm_eps"), "rms_norm_eps", "the RMS norm's epsilon"),
      ropeTheta: try config.require(theta, "rope_theta", "the rotary base, such as 1000000"),
      ropeScaling: try RopeScaling(parameters ?? scaling, contextLength: contextLength),
      tiesEmbedding: try config.bool("tie_word_embeddings") ?? (!tensorNames.isEmpty && !hasHead))
  }

  /// What transformers takes for an absent head_dim.
  private static func headDim(_ architecture: String, _ quotient: Int) -> Int {
    architecture == "qwen3" ? 128 : Swift.max(quotient, 1)
  }
}

extension RopeScaling {
  /// Reads `rope_scaling` or `rope_parameters` (transformers, modeling_rope_utils.py); nil means none.
  init(_ parameters: ConfigurationFile?, contextLength: Int) throws(ModelFileError) {
    guard let parameters else {
      self = .none
      return
    }
    let typeKey = parameters.object["rope_type"] == nil ? "type" : "rope_type"
    switch try parameters.string(typeKey) {
    case nil, "default": self = .none
    case "yarn":
      let factor = try parameters.require(try parameters.positive("factor"), "factor", "YaRN's factor, such as 4")
      if try parameters.bool("truncate") == false {
        throw .unsupported(file: parameters.name, field: "\"truncate\"", found: "false", supported: "true")
      }
      self = .yarn(
        factor: factor,
        originalContextLength: try parameters.count("original_max_position_embeddings") ?? contextLength,
        betaFast: try parameters.positive("beta_fast") ?? 32, betaSlow: try parameters.positive("beta_slow") ?? 1,
        attentionFactor: try Self.attentionFactor(parameters, factor: factor))
    case let other?:
      throw .unsupported(
        file: parameters.name, field: "\"\(typeKey)\"", found: shortened(other), supported: "default, yarn")
    }
  }

  /// The temperature where the file sets it: itself, or as a quotient of two of YaRN's with other weights.
  private static func attentionFactor(_ parameters: ConfigurationFile, factor: Float) throws(ModelFileError) -> Float? {
    if let attentionFactor = try parameters.positive("attention_factor") { return attentionFactor }
    guard let scale = try parameters.positive("mscale"), let scaleOfAll = try parameters.positive("mscale_all_dim")
    else {
      return nil
    }
    func temperature(_ weight: Float) -> Float { factor <= 1 ? 1 : 0.1 * weight * log(factor) + 1 }
    return temperature(scale) / temperature(scaleOfAll)
  }
}
