import ModelFiles
import TestSupport
import Testing

@Suite struct HuggingFaceFolderTests {
  /// A folder of a model with one tensor, in the older spelling of transformers 4.
  private func folder(
    config change: (inout String) -> Void = { _ in }, tokenizer: String? = tokenizer, weights: [UInt8]? = nil
  ) throws -> ScratchFolder {
    let folder = try ScratchFolder()
    var config = Self.config
    change(&config)
    try folder.write("config.json", config)
    if let tokenizer { try folder.write("tokenizer.json", tokenizer) }
    if let weights { try folder.write("model.safetensors", weights) }
    return folder
  }

  static let config = """
    {"model_type": "qwen3", "num_hidden_layers": 1, "hidden_size": 4, "num_attention_heads": 2,
     "num_key_value_heads": 1, "head_dim": 2, "intermediate_size": 8, "vocab_size": 8, "max_position_embeddings": 64,
     "rms_norm_eps": 1e-6, "rope_theta": 10000, "rope_scaling": null, "bos_token_id": null, "eos_token_id": 3}
    """

  static let expression =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"#

  static let tokenizer = """
    {"added_tokens": [{"id": 3, "content": "<|im_end|>", "special": true}, {"id": 5, "content": "<t>", "rstrip": true}],
     "normalizer": {"type": "NFC"},
     "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
       {"type": "Split", "pattern": {"Regex": "\(expression)"}, "behavior": "Isolated"}, {"type": "ByteLevel"}]},
     "model": {"type": "BPE", "vocab": {"b": 1, "a": 0, "ab": 2}, "merges": ["a b"]}}
    """

  @Test func `added tokens keep their flags and unassigned ids are padding`() throws {
    let folder = try folder()
    let tokenizer = try Checkpoint.open(folder.path).requireTokenizer()
    #expect(
      (0..<tokenizer.tokens.count).map(tokenizer.tokens.string) == ["a", "b", "ab", "<|im_end|>", "[PAD4]", "<t>"])
    #expect(
      tokenizer.addedTokens == [
        AddedToken(id: 3, content: "<|im_end|>", isSpecial: true),
        AddedToken(id: 5, content: "<t>", isSpecial: false, stripsRight: true),
      ])
    #expect(tokenizer.eosTokenID == 3)
    #expect(tokenizer.normalizesToNFC)
  }

  @Test func `vocab_json and merges_txt give what tokenizer_json gives`() throws {
    let whole = try folder()
    let apart = try folder(tokenizer: nil)
    try apart.write("vocab.json", #"{"a": 0, "b": 1, "ab": 2}"#)
    try apart.write("merges.txt", "#version: 0.2\na b\n")
    try apart.write(
      "tokenizer_config.json",
      """
      {"tokenizer_class": "Qwen2Tokenizer", "eos_token": {"content": "<|im_end|>"}, "chat_template": "inner",
       "added_tokens_decoder": {"5": {"content": "<t>", "rstrip": true}, "3": {"content": "<|im_end|>", "special": true}}}
      """)
    let checkpoint = try Checkpoint.open(apart.path)
    #expect(try checkpoint.requireTokenizer() == Checkpoint.open(whole.path).requireTokenizer())
    #expect(checkpoint.chatTemplate == "inner")
  }

  @Test func `the template's own file goes before the configuration's`() throws {
    let folder = try folder()
    #expect(try Checkpoint.open(folder.path).chatTemplate == nil)
    try folder.write(
      "tokenizer_config.json",
      #"{"chat_template": [{"name": "tools", "template": "x"}, {"name": "default", "template": "y"}]}"#)
    #expect(try Checkpoint.open(folder.path).chatTemplate == "y")
    try folder.write("chat_template.json", #"{"chat_template": "z"}"#)
    #expect(try Checkpoint.open(folder.path).chatTemplate == "z")
    try folder.write("chat_template.jinja", "{{ messages }}")
    #expect(try Checkpoint.open(folder.path).chatTemplate == "{{ messages }}")
  }

  @Test(
    arguments: [
      ("", nil, nil, [3]),
      (#"{"eos_token_id": 5, "temperature": 0.7, "do_sample": true}"#, 0.7, nil, [5]),
      (#"{"eos_token_id": [3, 5], "top_k": 20}"#, nil, 20, [3, 5]),
      (#"{"do_sample": false, "temperature": 0.7}"#, 0, nil, [3]),
    ] as [(String, Float?, Int?, [TokenID])])
  func `sampling comes from generation_config_json`(
    text: String, temperature: Float?, topK: Int?, ends: [TokenID]
  ) throws {
    let folder = try folder()
    if !text.isEmpty { try folder.write("generation_config.json", text) }
    let defaults = try Checkpoint.open(folder.path).generationDefaults
    #expect(defaults == GenerationDefaults(temperature: temperature, topK: topK, eosTokenIDs: ends))
  }

  @Test(
    arguments: [
      (#""rope_theta": 10000, "rope_scaling": null"#, 10000, .none),
      (#""rope_parameters": {"rope_theta": 5000, "rope_type": "default"}"#, 5000, .none),
      (
        #""rope_theta": 1e6, "rope_scaling": {"type": "yarn", "factor": 2, "attention_factor": 1.5, "beta_slow": 2}"#,
        1e6,
        .yarn(factor: 2, originalContextLength: 64, betaFast: 32, betaSlow: 2, attentionFactor: 1.5)
      ),
      (
        #""rope_parameters": {"rope_theta": 7, "rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 16}"#,
        7,
        .yarn(factor: 4, originalContextLength: 16, betaFast: 32, betaSlow: 1, attentionFactor: nil)
      ),
    ] as [(String, Float, RopeScaling)])
  func `rotary positions are read in the form of transformers 4 and of 5`(
    text: String, theta: Float, scaling: RopeScaling
  ) throws {
    let folder = try folder(config: { $0.replace(#""rope_theta": 10000, "rope_scaling": null"#, with: text) })
    let hyperparameters = try Checkpoint.open(folder.path).hyperparameters
    #expect(hyperparameters.ropeTheta == theta)
    #expect(hyperparameters.ropeScaling == scaling)
  }

  @Test(arguments: [
    (#""hidden_size": 4, "#, "", "\"hidden_size\" is missing, expected the hidden size"),
    (
      #""hidden_size": 4"#, #""hidden_size": "4""#,
      "\"hidden_size\" is \"4\", expected a whole number from 1 to 2147483647"
    ),
    (#""hidden_size": 4"#, #""hidden_size": 0"#, "\"hidden_size\" is 0, expected a whole number from 1 to 2147483647"),
    (
      #""vocab_size": 8"#, #""vocab_size": 1e12"#,
      "\"vocab_size\" is 1e12, expected a whole number from 1 to 2147483647"
    ),
    (#""rms_norm_eps": 1e-6"#, #""rms_norm_eps": -1"#, "\"rms_norm_eps\" is -1, expected a number above 0"),
    (
      #""eos_token_id": 3"#, #""eos_token_id": [3, "x"]"#,
      "\"eos_token_id\" is [3, \"x\"], expected a token id or a list of them"
    ),
  ])
  func `a config with a missing or wrong member is refused`(text: String, other: String, sentence: String) throws {
    let folder = try folder(config: { $0.replace(text, with: other) })
    expectRefusal("\(folder.name)/config.json: \(sentence)") {
      () throws(ModelFileError) in _ = try Checkpoint.open(folder.path)
    }
  }

  @Test(arguments: [
    (
      #""type": "BPE""#, #""type": "Unigram""#,
      "tokenizer.json#/model: \"type\" is \"Unigram\", which is not supported; supported: \"BPE\""
    ),
    (
      #""b": 1"#, #""b": 0"#, "tokenizer.json#/model/vocab: the id of \"a\" is 0, expected one that \"b\" does not have"
    ),
    (#""b": 1"#, #""b": 9"#, "tokenizer.json#/model/vocab: the id of \"b\" is 9, expected 0 to 7"),
    (#""a b""#, #""ab""#, "tokenizer.json#/model: \"merges\"[0] is \"\"ab\"\", expected \"left right\" or a pair"),
    (
      "NFC", "Lowercase",
      "tokenizer.json#/normalizer: \"type\" is \"Lowercase\", which is not supported; supported: \"NFC\" or no normalizer"
    ),
    (
      #"\\p{N}|"#, #"\\p{N}{1,3}|"#,
      "tokenizer.json#/pre_tokenizer: the \"Regex\" is \"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]…\" (115 bytes), which is not supported; supported: Qwen2's"
    ),
  ])
  func `a tokenizer of another kind or with a fault is refused`(text: String, other: String, sentence: String) throws {
    var tokenizer = Self.tokenizer
    tokenizer.replace(text, with: other)
    let folder = try folder(tokenizer: tokenizer)
    expectRefusal("\(folder.name)/\(sentence)") { () throws(ModelFileError) in _ = try Checkpoint.open(folder.path) }
  }

  @Test func `text that is not JSON is shown with its place`() throws {
    let folder = try folder(config: { $0 = "{\"a\" 1}" })
    expectRefusal(
      "\(folder.name)/config.json:1:6: found \"1\", expected \":\" after the key\n  {\"a\" 1}\n       ^"
    ) { () throws(ModelFileError) in _ = try Checkpoint.open(folder.path) }
  }

  @Test(
    arguments: [
      (nil, false, false), (nil, true, false), ("true", true, true), ("true", false, true), ("false", false, false),
    ] as [(String?, Bool, Bool)])
  func `the head is the embedding where the config says so`(said: String?, hasHead: Bool, ties: Bool) throws {
    // Without the member a model that has weights but no head ties them; here only the head may be present.
    let head = SafetensorsFileTests.file(["lm_head.weight": #"{"dtype": "F16", "shape": [2], "data_offsets": [0, 4]}"#])
    let folder = try folder(
      config: {
        if let said { $0.replace("{\"model_type\"", with: "{\"tie_word_embeddings\": \(said), \"model_type\"") }
      },
      weights: hasHead ? head : nil)
    #expect(try Checkpoint.open(folder.path).hyperparameters.tiesEmbedding == ties)
  }

  @Test func `files named by an index are all needed`() throws {
    let folder = try folder()
    let index = #"{"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}"#
    try folder.write("model.safetensors.index.json", index)
    try folder.write(
      "one.safetensors", SafetensorsFileTests.file(["a": #"{"dtype": "F16", "shape": [2], "data_offsets": [0, 4]}"#]))
    let name = folder.name
    expectRefusal(
      "\(name)/model.safetensors.index.json: part 2 of 2, two.safetensors, is missing; put all parts into one folder"
    ) { () throws(ModelFileError) in _ = try Checkpoint.open(folder.path) }
    try folder.write("two.safetensors", SafetensorsFileTests.file([:]))
    expectRefusal(
      "\(name)/two.safetensors: tensor \"b\" is missing, expected it here, as \(name)/model.safetensors.index.json says"
    ) { () throws(ModelFileError) in _ = try Checkpoint.open(folder.path) }
    try folder.write("model.safetensors.index.json", #"{"weight_map": {"a": "../one.safetensors"}}"#)
    expectRefusal(
      "\(name)/model.safetensors.index.json#/weight_map: \"a\" is \"../one.safetensors\", expected a file of this folder"
    ) { () throws(ModelFileError) in _ = try Checkpoint.open(folder.path) }
  }
}
