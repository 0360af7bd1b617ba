internal import JSON

/// The pre-tokenizer of Qwen2, Qwen2.5 and Qwen3 as tokenizer.json writes it.
private let qwen2Expression =
  #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

extension TokenizerData {
  /// Reads tokenizer.json, or else vocab.json, merges.txt and the added tokens of tokenizer_config.json; nil where the
  /// folder has none of them.
  /// - Parameters:
  ///   - specialTokens: the files that give the special tokens' ids where tokenizer_config.json does not name them.
  ///   - vocabularySize: the embedding's rows, which bound the ids.
  init?(
    folder: HuggingFaceFolder, tokenizerConfig: ConfigurationFile?, specialTokens: [ConfigurationFile],
    vocabularySize: Int
  ) throws(ModelFileError) {
    var data: TokenizerData
    if let file = try folder.configuration("tokenizer.json") {
      data = try TokenizerData(tokenizerJSON: file, vocabularySize: vocabularySize)
    } else if let vocabulary = try folder.configuration("vocab.json"), let merges = try folder.bytes("merges.txt") {
      data = try TokenizerData(
        vocabulary: vocabulary, merges: merges, mergesName: "\(folder.name)/merges.txt",
        tokenizerConfig: tokenizerConfig, vocabularySize: vocabularySize)
    } else {
      return nil
    }
    func id(_ role: String) throws(ModelFileError) -> TokenID? {
      if let content = try tokenizerConfig?.tokenContent(role) ?? nil {
        return data.addedTokens.first { $0.content == content }?.id
      }
      for file in specialTokens {
        if let id = try file.tokenIDs("\(role)_id")?.first { return id }
      }
      return nil
    }
    data.bosTokenID = try id("bos_token")
    data.eosTokenID = try id("eos_token")
    data.padTokenID = try id("pad_token")
    self = data
  }

  private init(tokenizerJSON file: ConfigurationFile, vocabularySize: Int) throws(ModelFileError) {
    let model = try file.require(try file.inner("model"), "model", "the byte-pair model")
    let type = try model.require(try model.string("type"), "type", "\"BPE\"")
    guard type == "BPE" else {
      throw .unsupported(file: model.name, field: "\"type\"", found: shortened(type), supported: "\"BPE\"")
    }
    for key in ["byte_fallback", "ignore_merges"] where try model.bool(key) == true {
      throw .unsupported(file: model.name, field: "\"\(key)\"", found: "true", supported: "false")
    }
    let vocabulary = try model.require(try model.inner("vocab"), "vocab", "an object from token to id")
    let added = try file.array("added_tokens") ?? []
    var addedTokens: [AddedToken] = []
    for (index, value) in added.enumerated() {
      guard let id = value["id"]?.int, let token = AddedToken(value, id: id) else {
        throw .mismatch(
          file: file.name, field: "\"added_tokens\"[\(index)]", found: value.text(), expected: "\"id\" and \"content\"")
      }
      addedTokens.append(token)
    }
    self.init(
      preTokenizer: try file.preTokenizerName(),
      tokens: try vocabulary.tokens(with: addedTokens, vocabularySize: vocabularySize),
      merges: try model.merges(), addedTokens: addedTokens.sorted { $0.id < $1.id },
      normalizesToNFC: try file.normalizesToNFC())
  }

  private init(
    vocabulary: ConfigurationFile, merges bytes: [UInt8], mergesName: String, tokenizerConfig: ConfigurationFile?,
    vocabularySize: Int
  ) throws(ModelFileError) {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw .invalidUTF8(file: mergesName, field: "the whole")
    }
    var merges = ByteStringTable()
    for (number, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
      let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if number == 0, text.starts(with: "#version".utf8) { continue }
      guard text.count(where: { $0 == UInt8(ascii: " ") }) == 1 else {
        throw .mismatch(
          file: mergesName, field: "line \(number + 1)", found: shortened(String(decoding: text, as: UTF8.self)),
          expected: "two tokens with one space between them")
      }
      merges.append(text)
    }
    guard let config = tokenizerConfig else {
      throw .missingFile(
        folder: vocabulary.name, file: "tokenizer_config.json beside it",
        advice: "it lists the added tokens; fetch it too")
    }
    let className = try config.require(try config.string("tokenizer_class"), "tokenizer_class", "\"Qwen2Tokenizer\"")
    guard className == "Qwen2Tokenizer" || className == "Qwen2TokenizerFast" else {
      throw .unsupported(
        file: config.name, field: "\"tokenizer_class\"", found: shortened(className), supported: "\"Qwen2Tokenizer\"")
    }
    let decoder = try config.require(
      try config.inner("added_tokens_decoder"), "added_tokens_decoder", "an object from id to added token")
    var addedTokens: [AddedToken] = []
    for (key, value) in decoder.object {
      guard let id = Int(key), let token = AddedToken(value, id: id) else {
        throw .mismatch(
          file: decoder.name, field: "\"\(key)\"", found: value.text(), expected: "an id and its \"content\"")
      }
      addedTokens.append(token)
    }
    self.init(
      preTokenizer: "qwen2", tokens: try vocabulary.tokens(with: addedTokens, vocabularySize: vocabularySize),
      merges: merges, addedTokens: addedTokens.sorted { $0.id < $1.id })
  }
}

extension AddedToken {
  fileprivate init?(_ value: JSONValue, id: Int) {
    guard let content = value["content"]?.string, !content.isEmpty, let id = TokenID(exactly: id), id >= 0 else {
      return nil
    }
    self.init(
      id: id, content: content, isSpecial: value["special"]?.bool ?? false, stripsLeft: value["lstrip"]?.bool ?? false,
      stripsRight: value["rstrip"]?.bool ?? false, isNormalized: value["normalized"]?.bool ?? false,
      isSingleWord: value["single_word"]?.bool ?? false)
  }
}

extension ConfigurationFile {
  /// A special token's text, written as a string or as an added token.
  fileprivate func tokenContent(_ key: String) throws(ModelFileError) -> String? {
    if let content = object[key]?["content"]?.string { return content }
    return try string(key)
  }

  /// This object from token to id as a table in order of the ids, with the added tokens in their places.
  fileprivate func tokens(
    with addedTokens: [AddedToken], vocabularySize: Int
  ) throws(ModelFileError) -> ByteStringTable {
    var names: [String?] = []
    // A file cannot make the table much longer than the file.
    let most = Swift.min(vocabularySize, object.count + addedTokens.count + 65_536)
    func place(_ name: String, _ id: Int) throws(ModelFileError) {
      guard id >= 0, id < most else {
        throw .mismatch(
          file: self.name, field: "the id of \(shortened(name))", found: "\(id)", expected: "0 to \(most - 1)")
      }
      if id >= names.count { names += Array(repeating: nil, count: id + 1 - names.count) }
      if let other = names[id], other != name {
        throw .mismatch(
          file: self.name, field: "the id of \(shortened(name))", found: "\(id)",
          expected: "one that \(shortened(other)) does not have")
      }
      names[id] = name
    }
    names.reserveCapacity(object.count + addedTokens.count)
    for (name, value) in zip(object.keys, object.values) {
      guard let id = value.int else {
        throw .mismatch(file: self.name, field: shortened(name), found: value.text(), expected: "an id")
      }
      try place(name, id)
    }
    for token in addedTokens { try place(token.content, Int(token.id)) }
    var table = ByteStringTable()
    table.reserve(count: names.count, byteCount: names.count * 8)
    // Ids that no token has are named as llama.cpp's converter names them.
    for (id, name) in names.enumerated() { table.append((name ?? "[PAD\(id)]").utf8) }
    return table
  }

  /// `merges` of a byte-pair model: "left right", or ["left", "right"] from tokenizers 0.20 on.
  fileprivate func merges() throws(ModelFileError) -> ByteStringTable {
    let values = try require(try array("merges"), "merges", "the merges in order of rank")
    var table = ByteStringTable()
    table.reserve(count: values.count, byteCount: values.count * 9)
    for (rank, value) in values.enumerated() {
      if let text = value.string, text.utf8.count(where: { $0 == UInt8(ascii: " ") }) == 1 {
        table.append(text.utf8)
      } else if let pair = value.array, pair.count == 2, let left = pair[0].string, let right = pair[1].string,
        !left.utf8.contains(UInt8(ascii: " ")), !right.utf8.contains(UInt8(ascii: " "))
      {
        table.append("\(left) \(right)".utf8)
      } else {
        throw .mismatch(
          file: name, field: "\"merges\"[\(rank)]", found: shortened(value.text()), expected: "\"left right\" or a pair"
        )
      }
    }
    return table
  }

  fileprivate func normalizesToNFC() throws(ModelFileError) -> Bool {
    guard let normalizer = try inner("normalizer") else { return false }
    let type = try normalizer.string("type")
    guard type == "NFC" else {
      throw .unsupported(
        file: normalizer.name, field: "\"type\"", found: shortened(type ?? "nothing"),
        supported: "\"NFC\" or no normalizer")
    }
    return true
  }

  /// The name that GGUF gives to the pre-tokenizer, known by its regular expression.
  fileprivate func preTokenizerName() throws(ModelFileError) -> String {
    let preTokenizer = try require(try inner("pre_tokenizer"), "pre_tokenizer", "a Split and a ByteLevel")
    let steps = try preTokenizer.array("pretokenizers") ?? []
    let split = steps.first { $0["type"]?.string == "Split" }
    guard let expression = split?["pattern"]?["Regex"]?.string else {
      throw .missing(file: preTokenizer.name, field: "a Split by a \"Regex\"", expected: "Qwen2's")
    }
    guard expression == qwen2Expression else {
      throw .unsupported(
        file: preTokenizer.name, field: "the \"Regex\"", found: shortened(expression), supported: "Qwen2's")
    }
    return "qwen2"
  }
}
