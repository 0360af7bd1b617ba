import Glibc
internal import JSON

/// A model's folder as the Hugging Face hub has it: config.json, safetensors, and the tokenizer's and the generation's
/// files, of which each may be absent but config.json.
struct HuggingFaceFolder {
  /// The folder's name, for messages.
  let name: String
  private let path: String
  private let config: ConfigurationFile

  init(path: String) throws(ModelFileError) {
    var trimmed = path
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    self.path = trimmed
    name = MappedFile.lastComponent(of: trimmed)
    guard access("\(trimmed)/config.json", F_OK) == 0 else {
      throw .missingFile(
        folder: name, file: "config.json", advice: "give a .gguf file or a model's folder from the Hugging Face hub")
    }
    config = try ConfigurationFile(
      name: "\(name)/config.json", bytes: try MappedFile.contents(of: "\(trimmed)/config.json"))
  }

  /// A file's bytes, nil where the folder has no such file.
  func bytes(_ file: String) throws(ModelFileError) -> [UInt8]? {
    guard access("\(path)/\(file)", F_OK) == 0 else { return nil }
    return try MappedFile.contents(of: "\(path)/\(file)")
  }

  /// A JSON file's object, nil where the folder has no such file.
  func configuration(_ file: String) throws(ModelFileError) -> ConfigurationFile? {
    guard let bytes = try bytes(file) else { return nil }
    return try ConfigurationFile(name: "\(name)/\(file)", bytes: bytes)
  }

  func contents() throws(ModelFileError) -> Checkpoint.Contents {
    let (tensors, files) = try weights()
    let generation = try configuration("generation_config.json")
    let tokenizerConfig = try configuration("tokenizer_config.json")
    let hyperparameters = try Hyperparameters(config: config, tensorNames: Set(tensors.map(\.name)))
    let tokenizer = try TokenizerData(
      folder: self, tokenizerConfig: tokenizerConfig, specialTokens: [config, generation].compactMap { $0 },
      vocabularySize: hyperparameters.vocabularySize)
    return Checkpoint.Contents(
      name: name, format: .huggingFace, hyperparameters: hyperparameters, tokenizer: tokenizer,
      chatTemplate: try chatTemplate(tokenizerConfig),
      generationDefaults: try generationDefaults(generation), tensors: tensors, metadata: config.entries, files: files)
  }

  // MARK: - Weights

  /// model.safetensors, or the files that model.safetensors.index.json lists; none in a folder without weights.
  private func weights() throws(ModelFileError) -> ([TensorView], [MappedFile]) {
    if let index = try configuration("model.safetensors.index.json") { return try shards(index) }
    guard access("\(path)/model.safetensors", F_OK) == 0 else { return ([], []) }
    let file = try MappedFile(path: "\(path)/model.safetensors")
    return (try SafetensorsFile(file).tensors, [file])
  }

  private func shards(_ index: ConfigurationFile) throws(ModelFileError) -> ([TensorView], [MappedFile]) {
    let map = try index.require(try index.inner("weight_map"), "weight_map", "an object from tensor to file")
    var namesOfFile: [String: Set<String>] = [:]
    for tensor in map.object.keys {
      let file = try map.require(try map.string(tensor), tensor, "a file's name")
      guard !file.contains("/") else {
        throw .mismatch(
          file: map.name, field: "\"\(tensor)\"", found: shortened(file), expected: "a file of this folder")
      }
      namesOfFile[file, default: []].insert(tensor)
    }
    var tensors: [TensorView] = []
    var files: [MappedFile] = []
    for (number, file) in namesOfFile.keys.sorted().enumerated() {
      guard access("\(path)/\(file)", F_OK) == 0 else {
        throw .missingPart(file: index.name, part: file, number: number + 1, count: namesOfFile.count)
      }
      let mapped = try MappedFile(path: "\(path)/\(file)")
      let found = try SafetensorsFile(mapped).tensors
      let expected = namesOfFile[file] ?? []
      tensors += found.filter { expected.contains($0.name) }
      if let absent = expected.subtracting(found.map(\.name)).min() {
        throw .tensor(
          file: "\(name)/\(file)", tensor: absent, found: "is missing", expected: "it here, as \(index.name) says")
      }
      files.append(mapped)
    }
    return (tensors, files)
  }

  // MARK: - Template and sampling

  /// chat_template.jinja goes before chat_template.json, and that before the template in tokenizer_config.json.
  private func chatTemplate(_ tokenizerConfig: ConfigurationFile?) throws(ModelFileError) -> String? {
    if let bytes = try bytes("chat_template.jinja") {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw .invalidUTF8(file: "\(name)/chat_template.jinja", field: "the template")
      }
      return text
    }
    for file in [try configuration("chat_template.json"), tokenizerConfig] {
      guard let file, let value = file.object["chat_template"] else { continue }
      // Several templates are a list of {"name", "template"}; the one for conversation is called "default".
      guard let named = value.array else { return try file.string("chat_template") }
      guard let template = named.first(where: { $0["name"]?.string == "default" })?["template"]?.string else {
        throw .missing(file: file.name, field: "\"chat_template\" named \"default\"", expected: "one of the list")
      }
      return template
    }
    return nil
  }

  private func generationDefaults(_ generation: ConfigurationFile?) throws(ModelFileError) -> GenerationDefaults {
    var eosTokenIDs = try config.tokenIDs("eos_token_id") ?? []
    guard let generation else { return GenerationDefaults(eosTokenIDs: eosTokenIDs) }
    if let ids = try generation.tokenIDs("eos_token_id") { eosTokenIDs = ids }
    // Without sampling the likeliest token is taken, which is what a temperature of 0 says here.
    let isGreedy = try generation.bool("do_sample") == false
    return GenerationDefaults(
      temperature: isGreedy ? 0 : try generation.number("temperature"), topK: try generation.wholeNumber("top_k"),
      topP: try generation.number("top_p"), minP: try generation.number("min_p"),
      repetitionPenalty: try generation.number("repetition_penalty"),
      eosTokenIDs: eosTokenIDs)
  }
}
