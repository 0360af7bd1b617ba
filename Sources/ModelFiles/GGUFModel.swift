import Glibc

/// A model in one GGUF file or in the parts of a split one (`name-00001-of-00003.gguf`), and what its metadata means.
struct GGUFModel {
  private let name: String
  private let parts: [GGUFFile]
  private let files: [MappedFile]
  /// The first part's; the others repeat only what says that they are parts.
  private let metadata: GGUFMetadata

  /// - Parameter path: the file, or any part.
  init(path: String) throws(ModelFileError) {
    let opened = try MappedFile(path: path)
    let first = try GGUFFile(opened)
    guard let split = try GGUFSplit(first.metadata), split.count > 1 else {
      self.init(name: opened.name, parts: [first], files: [opened])
      return
    }
    var parts: [GGUFFile] = []
    var files: [MappedFile] = []
    for (index, path) in try split.paths(ofParts: path, file: opened.name).enumerated() {
      guard access(path, F_OK) == 0 else {
        throw .missingPart(
          file: opened.name, part: MappedFile.lastComponent(of: path), number: index + 1, count: split.count)
      }
      let file = index == split.index ? opened : try MappedFile(path: path)
      let part = index == split.index ? first : try GGUFFile(file)
      guard let found = try GGUFSplit(part.metadata), found.index == index, found.count == split.count else {
        throw .mismatch(
          file: file.name, field: "metadata \"split.no\" and \"split.count\"",
          found:
            "\(part.metadata["split.no"]?.summary ?? "none") and \(part.metadata["split.count"]?.summary ?? "none")",
          expected: "\(index) and \(split.count)")
      }
      parts.append(part)
      files.append(file)
    }
    self.init(name: opened.name, parts: parts, files: files)
    try checkParts()
  }

  init(embedded file: MappedFile) throws(ModelFileError) {
    let whole = try GGUFFile(file)
    if let split = try GGUFSplit(whole.metadata), split.count > 1 {
      throw .mismatch(
        file: file.name, field: "metadata \"split.count\"", found: "\(split.count)", expected: "1 in memory")
    }
    self.init(name: file.name, parts: [whole], files: [file])
  }

  private init(name: String, parts: [GGUFFile], files: [MappedFile]) {
    self.name = name
    self.parts = parts
    self.files = files
    metadata = parts[0].metadata
  }

  private func checkParts() throws(ModelFileError) {
    var names: Set<String> = []
    for part in parts {
      for tensor in part.tensors where !names.insert(tensor.name).inserted {
        throw .duplicate(file: part.metadata.file, what: "tensor", name: tensor.name)
      }
    }
    if let expected = try metadata.count("split.tensors.count"), expected != names.count {
      throw .mismatch(
        file: name, field: "the number of tensors in all parts", found: "\(names.count)", expected: "\(expected)")
    }
  }

  func contents() throws(ModelFileError) -> Checkpoint.Contents {
    let tensors = parts.flatMap(\.tensors)
    let tokenizer = try TokenizerData(gguf: metadata)
    return Checkpoint.Contents(
      name: name, format: .gguf(version: parts[0].version),
      hyperparameters: try hyperparameters(tensors, tokenCount: metadata["tokenizer.ggml.tokens"]?.array?.count),
      tokenizer: tokenizer, chatTemplate: try metadata.string("tokenizer.chat_template"),
      generationDefaults: try generationDefaults(tokenizer), tensors: tensors,
      metadata: metadata.entries.map { Checkpoint.MetadataEntry(key: $0.key, value: $0.value.summary) }, files: files)
  }

  // MARK: - What the metadata means

  private func hyperparameters(_ tensors: [TensorView], tokenCount: Int?) throws(ModelFileError) -> Hyperparameters {
    let architecture = try metadata.require(
      try metadata.string("general.architecture"), "general.architecture", "the architecture, such as \"qwen3\"")
    func count(_ suffix: String, _ expected: String) throws(ModelFileError) -> Int {
      let key = "\(architecture).\(suffix)"
      return try metadata.require(try metadata.count(key), key, expected)
    }
    let hiddenSize = try count("embedding_length", "the hidden size")
    let headCount = try count("attention.head_count", "the number of query heads")
    // As gguf.md has it: without these keys the model has no grouped queries, and heads that share the hidden size.
    let kvHeadCount = try metadata.count("\(architecture).attention.head_count_kv") ?? headCount
    let headDim = try metadata.count("\(architecture).attention.key_length") ?? Swift.max(hiddenSize / headCount, 1)
    if let valueDim = try metadata.count("\(architecture).attention.value_length"), valueDim != headDim {
      throw .mismatch(
        file: name, field: "metadata \"\(architecture).attention.value_length\"", found: "\(valueDim)",
        expected: "\(headDim), as key_length")
    }
    let naming = TensorNaming.gguf
    let embedding = tensors.first { $0.name == naming.name(.tokenEmbedding) }
    let thetaKey = "\(architecture).rope.freq_base"
    let epsKey = "\(architecture).attention.layer_norm_rms_epsilon"
    return Hyperparameters(
      architecture: architecture,
      layerCount: try count("block_count", "the number of layers"), hiddenSize: hiddenSize, headCount: headCount,
      kvHeadCount: kvHeadCount, headDim: headDim,
      feedForwardSize: try count("feed_forward_length", "the feed-forward size"),
      vocabularySize: try vocabularySize(architecture, embedding: embedding, tokenCount: tokenCount),
      contextLength: try count("context_length", "the context length in tokens"),
      rmsNormEps: try metadata.require(try metadata.positive(epsKey), epsKey, "the RMS norm's epsilon"),
      ropeTheta: try metadata.require(try metadata.positive(thetaKey), thetaKey, "the rotary base, such as 1000000"),
      ropeScaling: try ropeScaling(architecture),
      tiesEmbedding: !tensors.contains { $0.name == naming.name(.lmHead) })
  }

  /// The embedding's rows, or in a file without tensors the tokens that it lists.
  private func vocabularySize(
    _ architecture: String, embedding: TensorView?, tokenCount: Int?
  ) throws(ModelFileError) -> Int {
    guard let rows = embedding?.shape.first else {
      let key = "\(architecture).vocab_size"
      if let tokenCount, tokenCount > 0 { return tokenCount }
      return try metadata.require(try metadata.count(key), key, "the number of tokens")
    }
    if let tokenCount, tokenCount > rows {
      throw .mismatch(
        file: name, field: "the length of metadata \"tokenizer.ggml.tokens\"", found: "\(tokenCount)",
        expected: "at most \(rows), the rows of \"\(TensorNaming.gguf.name(.tokenEmbedding))\"")
    }
    return rows
  }

  private func ropeScaling(_ architecture: String) throws(ModelFileError) -> RopeScaling {
    let prefix = "\(architecture).rope.scaling"
    switch try metadata.string("\(prefix).type") {
    case nil, "none": return .none
    case "yarn":
      let factorKey = "\(prefix).factor"
      let originalKey = "\(prefix).original_context_length"
      let factor = try metadata.require(try metadata.positive(factorKey), factorKey, "YaRN's factor, such as 4")
      // llama.cpp multiplies this with YaRN's own temperature, 1 + 0.1 ln(factor); `attentionFactor` is the product.
      var multiplier = try metadata.positive("\(prefix).attn_factor") ?? 1
      if let newer = try metadata.positive("\(prefix).yarn_attn_factor") { multiplier = newer }
      return .yarn(
        factor: factor,
        originalContextLength: try metadata.require(
          try metadata.count(originalKey), originalKey, "the context length before YaRN"),
        betaFast: try metadata.positive("\(prefix).yarn_beta_fast") ?? 32,
        betaSlow: try metadata.positive("\(prefix).yarn_beta_slow") ?? 1,
        attentionFactor: multiplier == 1 ? nil : multiplier * (1 + 0.1 * log(factor)))
    case let other?:
      throw .unsupported(
        file: name, field: "metadata \"\(prefix).type\"", found: shortened(other), supported: "none, yarn")
    }
  }

  private func generationDefaults(_ tokenizer: TokenizerData?) throws(ModelFileError) -> GenerationDefaults {
    let prefix = "general.sampling"
    return GenerationDefaults(
      temperature: try metadata.number("\(prefix).temp"), topK: try metadata.wholeNumber("\(prefix).top_k"),
      topP: try metadata.number("\(prefix).top_p"), minP: try metadata.number("\(prefix).min_p"),
      repetitionPenalty: try metadata.number("\(prefix).penalty_repeat"),
      eosTokenIDs: try endTokens(tokenizer))
  }

  /// The tokens that end a turn. GGUF keeps one id of generation_config.json's list, so the two control tokens that
  /// end a turn in every Qwen3 are added where the vocabulary has them.
  private func endTokens(_ tokenizer: TokenizerData?) throws(ModelFileError) -> [TokenID] {
    var ids: [TokenID] = []
    for key in ["eos_token_id", "eot_token_id", "eom_token_id"] {
      if let id = try metadata.tokenID("tokenizer.ggml.\(key)"), !ids.contains(id) { ids.append(id) }
    }
    for name in ["<|im_end|>", "<|endoftext|>"] {
      guard let token = tokenizer?.addedTokens.first(where: { $0.content == name && $0.isSpecial }) else { continue }
      if !ids.contains(token.id) { ids.append(token.id) }
    }
    return ids
  }
}
