/// Added tokens that Qwen's tokenizer_config.json says are not special. llama.cpp's converter marks all of the form
/// `<|…|>` as control tokens, so a GGUF file has lost this.
private let qwenTextTokens: Set = [
  "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>",
]

extension TokenizerData {
  /// Reads the keys `tokenizer.ggml.*`; nil where the file has no tokenizer.
  init?(gguf metadata: GGUFMetadata) throws(ModelFileError) {
    let prefix = "tokenizer.ggml"
    guard let model = try metadata.string("\(prefix).model"), model != "none" else { return nil }
    guard model == "gpt2" else {
      throw .unsupported(
        file: metadata.file, field: "metadata \"\(prefix).model\"", found: shortened(model),
        supported: "\"gpt2\" (byte-level byte-pair encoding)")
    }
    let tokensKey = "\(prefix).tokens"
    let typesKey = "\(prefix).token_type"
    let mergesKey = "\(prefix).merges"
    var tokens = try metadata.require(try metadata.strings(tokensKey), tokensKey, "the tokens in order of their ids")
    let types = try metadata.require(try metadata.integers(typesKey), typesKey, "one type for each token")
    let merges = try metadata.require(try metadata.strings(mergesKey), mergesKey, "the merges in order of rank")
    try tokens.requireUTF8(metadata.file, tokensKey)
    try merges.requireUTF8(metadata.file, mergesKey)
    guard types.count == tokens.count else {
      throw .mismatch(
        file: metadata.file, field: "the length of metadata \"\(typesKey)\"", found: "\(types.count)",
        expected: "\(tokens.count), as many as tokens")
    }
    let preTokenizer = try metadata.string("\(prefix).pre") ?? "default"
    var addedTokens: [AddedToken] = []
    for (index, type) in types.enumerated() where type == TokenType.control || type == TokenType.userDefined {
      let content = tokens.string(index)
      let isText = preTokenizer == "qwen2" && qwenTextTokens.contains(content)
      addedTokens.append(
        AddedToken(id: TokenID(index), content: content, isSpecial: type == TokenType.control && !isText))
    }
    // The converter fills the embedding's padding with unused tokens, `[PAD151669]`, which no text ever becomes.
    tokens.truncate(to: (types.lastIndex { $0 != TokenType.unused } ?? -1) + 1)
    func specialToken(_ name: String) throws(ModelFileError) -> TokenID? {
      let key = "\(prefix).\(name)_token_id"
      guard let id = try metadata.tokenID(key) else { return nil }
      guard Int(id) < types.count else {
        throw .mismatch(
          file: metadata.file, field: "metadata \"\(key)\"", found: "\(id)", expected: "below \(types.count)")
      }
      return id
    }
    self.init(
      preTokenizer: preTokenizer, tokens: tokens, merges: merges,
      addedTokens: addedTokens, bosTokenID: try specialToken("bos"), eosTokenID: try specialToken("eos"),
      padTokenID: try specialToken("padding"))
  }

  /// llama.h, `enum llama_token_type`.
  private enum TokenType {
    static let control = 3
    static let userDefined = 4
    static let unused = 5
  }
}

extension ByteStringTable {
  /// Checks all strings at once: the whole must be UTF-8, and no string may start inside a character.
  fileprivate func requireUTF8(_ file: String, _ key: String) throws(ModelFileError) {
    let isUTF8 = (try? UTF8Span(validating: bytes.span)) != nil
    let startsInside = offsets.dropLast().contains { $0 < bytes.count && bytes[Int($0)] & 0xC0 == 0x80 }
    guard isUTF8, !startsInside else {
      let index = (0..<count).first { String(validating: self[$0], as: UTF8.self) == nil } ?? 0
      throw .invalidUTF8(file: file, field: "element \(index) of metadata \"\(key)\"")
    }
  }
}
