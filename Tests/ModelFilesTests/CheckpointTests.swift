import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

@Suite struct CheckpointTests {
  @Test func `the embedded model's file opens with its numbers`() throws {
    let checkpoint = try Checkpoint.open(Project.mini)
    #expect(checkpoint.name == "mini-q8_0.gguf")
    #expect(checkpoint.format == .gguf(version: 3))
    #expect(
      checkpoint.hyperparameters
        == Hyperparameters(
          architecture: "qwen3", layerCount: 12, hiddenSize: 192, headCount: 6, kvHeadCount: 3, headDim: 32,
          feedForwardSize: 512, vocabularySize: 4096, contextLength: 4096, rmsNormEps: 1e-6, ropeTheta: 10000,
          ropeScaling: .none, tiesEmbedding: true))
    #expect(checkpoint.tensors.count == 134)
    let tokenizer = try checkpoint.requireTokenizer()
    #expect(tokenizer.tokens.count == 4096)
    #expect(tokenizer.merges.string(0) == "Ċ Ċ")
    #expect(tokenizer.eosTokenID == 4089)
    #expect(checkpoint.generationDefaults.eosTokenIDs == [4089, 4087])
    #expect(checkpoint.chatTemplate?.hasPrefix("{%- if tools %}") == true)
  }

  // MARK: - Reference models

  /// config.json of the reference's models, which the GGUF files were converted from.
  static let models: [String: Hyperparameters] = [
    "a": hyperparameters(hidden: 64, heads: 4, kvHeads: 4, headDim: 32, feedForward: 160, vocabulary: 600, ties: false),
    "b": hyperparameters(
      layers: 1, hidden: 256, heads: 4, kvHeads: 2, headDim: 64, feedForward: 256, vocabulary: 320, ties: true),
    "c": hyperparameters(
      hidden: 128, heads: 8, kvHeads: 2, headDim: 32, feedForward: 256, vocabulary: 900, ties: true,
      scaling: .yarn(factor: 4, originalContextLength: 512, betaFast: 32, betaSlow: 1, attentionFactor: nil)),
  ]

  static func hyperparameters(
    layers: Int = 2, hidden: Int, heads: Int, kvHeads: Int, headDim: Int, feedForward: Int, vocabulary: Int, ties: Bool,
    scaling: RopeScaling = .none
  ) -> Hyperparameters {
    Hyperparameters(
      architecture: "qwen3", layerCount: layers, hiddenSize: hidden, headCount: heads, kvHeadCount: kvHeads,
      headDim: headDim, feedForwardSize: feedForward, vocabularySize: vocabulary, contextLength: 2048, rmsNormEps: 1e-6,
      ropeTheta: 1_000_000, ropeScaling: scaling, tiesEmbedding: ties)
  }

  /// Every GGUF file and every Hugging Face folder of the reference.
  static let paths: [String] = {
    guard Reference.isPresent else { return [] }
    let manager = FileManager.default
    return ["a-gqa1-untied", "b-gqa2-quants", "c-gqa4-yarn-sharded"].flatMap { model in
      let folder = "models/\(model)"
      let ggufs = (try? manager.contentsOfDirectory(atPath: Reference.path("\(folder)/gguf"))) ?? []
      let inner = (try? manager.contentsOfDirectory(atPath: Reference.path(folder))) ?? []
      return ggufs.sorted().map { "\(folder)/gguf/\($0)" }
        + inner.filter { $0.hasPrefix("hf-") }.sorted().map { "\(folder)/\($0)" }
    }
  }()

  @Test(.enabled(if: Reference.isPresent, "the reference data is not beside the package"), arguments: paths)
  func `a model of the reference opens with the numbers and shapes of its config`(path: String) throws {
    let checkpoint = try Checkpoint.open(Reference.path(path))
    let model = try #require(Self.models[String(path.dropFirst("models/".count).prefix(1))])
    #expect(checkpoint.hyperparameters == model)
    try requireAllTensors(checkpoint)
    #expect(checkpoint.generationDefaults.temperature == 0.6)
    #expect(checkpoint.generationDefaults.topK == 20)
    #expect(checkpoint.generationDefaults.topP == 0.95)
    let tokenizer = try checkpoint.requireTokenizer()
    let ends = ["<|im_end|>", "<|endoftext|>"].map { name in tokenizer.addedTokens.first { $0.content == name }?.id }
    #expect(checkpoint.generationDefaults.eosTokenIDs == ends)
    #expect(tokenizer.addedTokens.count == 26)
    #expect(tokenizer.preTokenizer == "qwen2")
  }

  @Test(
    .enabled(if: Reference.isPresent, "the reference data is not beside the package"),
    arguments: [
      ("a-gqa1-untied/hf-f32", "a-gqa1-untied/gguf/a-gqa1-untied-F32.gguf"),
      ("a-gqa1-untied/hf-bf16", "a-gqa1-untied/gguf/a-gqa1-untied-F16.gguf"),
      ("c-gqa4-yarn-sharded/hf-bf16-sharded", "c-gqa4-yarn-sharded/gguf/c-gqa4-yarn-sharded-BF16.gguf"),
    ])
  func `the same model has the same tokenizer and defaults from both formats`(folder: String, file: String) throws {
    let huggingFace = try Checkpoint.open(Reference.path("models/\(folder)"))
    let gguf = try Checkpoint.open(Reference.path("models/\(file)"))
    let found = differences(try huggingFace.requireTokenizer(), try gguf.requireTokenizer())
    #expect(found == [])
    #expect(huggingFace.chatTemplate == gguf.chatTemplate)
    #expect(huggingFace.generationDefaults == gguf.generationDefaults)
    #expect(huggingFace.hyperparameters == gguf.hyperparameters)
  }

  @Test(
    .enabled(if: Reference.isPresent, "the reference data is not beside the package"),
    arguments: [
      ("a-gqa1-untied/hf-f32", "a-gqa1-untied/gguf/a-gqa1-untied-F32.gguf"),
      ("c-gqa4-yarn-sharded/hf-bf16-sharded", "c-gqa4-yarn-sharded/gguf/c-gqa4-yarn-sharded-BF16.gguf"),
    ])
  func `the same model has the same weights from both formats`(folder: String, file: String) throws {
    let huggingFace = try Checkpoint.open(Reference.path("models/\(folder)"))
    let gguf = try Checkpoint.open(Reference.path("models/\(file)"))
    func expectSame(_ a: String, _ b: String) throws {
      let (a, b) = (try #require(huggingFace.tensor(a)), try #require(gguf.tensor(b)))
      #expect(a.shape == b.shape)
      #expect(decoded(a, rows: 0..<a.rowCount) == decoded(b, rows: 0..<b.rowCount), "\(a.name)")
    }
    for role in TensorNaming.ModelRole.allCases where !(role == .lmHead && gguf.hyperparameters.tiesEmbedding) {
      try expectSame(TensorNaming.huggingFace.name(role), TensorNaming.gguf.name(role))
    }
    for layer in 0..<gguf.hyperparameters.layerCount {
      for role in TensorNaming.LayerRole.allCases {
        try expectSame(
          TensorNaming.huggingFace.name(role, layer: layer), TensorNaming.gguf.name(role, layer: layer))
      }
    }
  }

  @Test(.enabled(if: Reference.isPresent, "the reference data is not beside the package"))
  func `Qwen3's whole vocabulary is the same from both formats`() throws {
    let gguf = try Checkpoint.open(Reference.path("common/qwen3-vocab.gguf"))
    let folder = try ScratchFolder()
    for file in ["config.json", "tokenizer_config.json", "generation_config.json"] {
      try folder.write(file, try Reference.bytes("common/qwen3-hf/\(file)"))
    }
    let packed = try Reference.bytes("common/qwen3-hf/tokenizer.json.gz")
    try folder.write("tokenizer.json", try output(of: "gunzip", ["-c"], input: packed))
    let huggingFace = try Checkpoint.open(folder.path)
    #expect(gguf.hyperparameters.vocabularySize == 151_936)
    let tokenizer = try gguf.requireTokenizer()
    #expect(tokenizer.tokens.count == 151_669)
    #expect(tokenizer.merges.count == 151_387)
    #expect(tokenizer.tokens.string(151_668) == "</think>")
    let found = differences(try huggingFace.requireTokenizer(), try gguf.requireTokenizer())
    #expect(found == [])
    #expect(huggingFace.chatTemplate == gguf.chatTemplate)
    #expect(huggingFace.generationDefaults == gguf.generationDefaults)
    #expect(gguf.tensors.isEmpty)
    expectRefusal("qwen3-vocab.gguf: there are no weights, expected tensors; this file holds a vocabulary alone") {
      () throws(ModelFileError) in _ = try gguf.require("token_embd.weight", shape: [151_936, 1024])
    }
  }

  @Test(.enabled(if: Reference.isPresent, "the reference data is not beside the package"))
  func `a folder without its tokenizer opens, and says what was looked for when it is asked`() throws {
    let checkpoint = try Checkpoint.open(Reference.path("common/qwen3-hf"))
    #expect(checkpoint.tokenizer == nil)
    expectRefusal("qwen3-hf: there is no tokenizer, expected tokenizer.json, or vocab.json and merges.txt") {
      () throws(ModelFileError) in _ = try checkpoint.requireTokenizer()
    }
  }

  // MARK: - Paths

  @Test func `a path that leads nowhere and a folder without a model are refused`() throws {
    let folder = try ScratchFolder()
    expectRefusal("\(folder.path)/none.gguf: cannot open: no such file or folder") {
      () throws(ModelFileError) in _ = try Checkpoint.open("\(folder.path)/none.gguf")
    }
    let advice = "give a .gguf file or a model's folder from the Hugging Face hub"
    expectRefusal("\(folder.name): there is no config.json; \(advice)") {
      () throws(ModelFileError) in _ = try Checkpoint.open(folder.path + "/")
    }
    try folder.write("empty.gguf", [])
    expectRefusal(
      "empty.gguf: the file starts with nothing, expected \"GGUF\"; give a .gguf file or a folder with config.json"
    ) { () throws(ModelFileError) in _ = try Checkpoint.open("\(folder.path)/empty.gguf") }
  }

  // MARK: - Split files

  @Test(arguments: ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"])
  func `a split model opens from any of its parts`(part: String) throws {
    let folder = try Self.splitModel()
    let checkpoint = try Checkpoint.open("\(folder.path)/\(part)")
    #expect(
      checkpoint.tensors.map(\.name)
        == ["token_embd.weight", "blk.0.attn_q.weight", "blk.0.attn_norm.weight", "output_norm.weight"])
    #expect(checkpoint.hyperparameters.layerCount == 1)
    #expect(checkpoint.tensor("output_norm.weight")?.bytes.prefix(4).elementsEqual([0, 1, 2, 3]) == true)
  }

  @Test func `a split model whose part is missing, misnamed or of another model is refused`() throws {
    let folder = try Self.splitModel()
    try FileManager.default.copyItem(
      atPath: "\(folder.path)/m-00001-of-00002.gguf", toPath: "\(folder.path)/renamed.gguf")
    expectRefusal(
      "renamed.gguf: the file's name is \"renamed.gguf\", expected a name that ends in \"-00001-of-00002.gguf\""
    ) { () throws(ModelFileError) in _ = try Checkpoint.open("\(folder.path)/renamed.gguf") }
    try FileManager.default.removeItem(atPath: "\(folder.path)/m-00002-of-00002.gguf")
    expectRefusal(
      "m-00001-of-00002.gguf: part 2 of 2, m-00002-of-00002.gguf, is missing; put all parts into one folder"
    ) { () throws(ModelFileError) in _ = try Checkpoint.open("\(folder.path)/m-00001-of-00002.gguf") }
    try FileManager.default.moveItem(
      atPath: "\(folder.path)/renamed.gguf", toPath: "\(folder.path)/m-00002-of-00002.gguf")
    expectRefusal(
      "m-00002-of-00002.gguf: metadata \"split.no\" and \"split.count\" is 0 and 2, expected 1 and 2"
    ) { () throws(ModelFileError) in _ = try Checkpoint.open("\(folder.path)/m-00001-of-00002.gguf") }
  }

  private static func splitModel() throws -> ScratchFolder {
    let folder = try ScratchFolder()
    var first = GGUFBuilder.model {
      $0.add("split.no", .uint16(0))
      $0.add("split.count", .uint16(2))
      $0.add("split.tensors.count", .int32(4))
    }
    var second = GGUFBuilder()
    second.add("split.no", .uint16(1))
    second.add("split.count", .uint16(2))
    second.add("split.tensors.count", .int32(4))
    second.tensors = Array(first.tensors[2...])
    first.tensors.removeLast(2)
    try folder.write("m-00001-of-00002.gguf", first.bytes)
    try folder.write("m-00002-of-00002.gguf", second.bytes)
    return folder
  }

  /// Binds every tensor as a Qwen3 of these hyperparameters must.
  private func requireAllTensors(_ checkpoint: Checkpoint) throws {
    let h = checkpoint.hyperparameters
    let (queries, keys) = (h.headCount * h.headDim, h.kvHeadCount * h.headDim)
    let embedding = [h.vocabularySize, h.hiddenSize]
    func require(_ name: String, _ shape: [Int]) throws { _ = try checkpoint.require(name, shape: shape) }
    try require(checkpoint.naming.name(.tokenEmbedding), embedding)
    try require(checkpoint.naming.name(.outputNorm), [h.hiddenSize])
    if !h.tiesEmbedding { try require(checkpoint.naming.name(.lmHead), embedding) }
    for layer in 0..<h.layerCount {
      for role in TensorNaming.LayerRole.allCases {
        let shape =
          switch role {
          case .attentionNorm, .feedForwardNorm: [h.hiddenSize]
          case .qNorm, .kNorm: [h.headDim]
          case .wq: [queries, h.hiddenSize]
          case .wk, .wv: [keys, h.hiddenSize]
          case .wo: [h.hiddenSize, queries]
          case .gate, .up: [h.feedForwardSize, h.hiddenSize]
          case .down: [h.hiddenSize, h.feedForwardSize]
          }
        try require(checkpoint.naming.name(role, layer: layer), shape)
      }
    }
  }
}

/// The members in which two tokenizers differ; the whole would fill the log.
func differences(_ a: TokenizerData, _ b: TokenizerData) -> [String] {
  var result: [String] = []
  if a.preTokenizer != b.preTokenizer { result.append("preTokenizer: \(a.preTokenizer), \(b.preTokenizer)") }
  if a.tokens != b.tokens { result.append("tokens: \(a.tokens.count), \(b.tokens.count)") }
  if a.merges != b.merges { result.append("merges: \(a.merges.count), \(b.merges.count)") }
  for (x, y) in zip(a.addedTokens, b.addedTokens) where x != y { result.append("added token: \(x), \(y)") }
  if a.addedTokens.count != b.addedTokens.count {
    result.append("added tokens: \(a.addedTokens.count), \(b.addedTokens.count)")
  }
  let ids = { (data: TokenizerData) in [data.bosTokenID, data.eosTokenID, data.padTokenID] }
  if ids(a) != ids(b) { result.append("special tokens: \(ids(a)), \(ids(b))") }
  if a.normalizesToNFC != b.normalizesToNFC { result.append("normalizesToNFC: \(a.normalizesToNFC)") }
  if result.isEmpty && a != b { result.append("another member") }
  return result
}

/// Expects exactly this sentence.
func expectRefusal(
  _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws(ModelFileError) -> Void
) {
  do {
    try body()
    Issue.record("not refused", sourceLocation: sourceLocation)
  } catch {
    #expect(error.description == sentence, sourceLocation: sourceLocation)
  }
}
