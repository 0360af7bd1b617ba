import ModelFiles
import TestSupport
import Testing

@Suite struct GGUFFileTests {
  @Test(arguments: [2, 3] as [UInt32])
  func `a small model opens with everything in it`(version: UInt32) throws {
    var builder = GGUFBuilder.model()
    builder.version = version
    try withCheckpoint(builder.bytes) { result in
      let checkpoint = try result.get()
      #expect(checkpoint.format == .gguf(version: version))
      #expect(checkpoint.tensors.map(\.typeAndShape) == ["q8_0 [6, 32]", "q8_0 [32, 32]", "f32 [32]", "f32 [32]"])
      #expect(checkpoint.weightByteCount == 6 * 34 + 32 * 34 + 2 * 128)
      #expect(checkpoint.tensor("output_norm.weight")?.bytes.prefix(4).elementsEqual([0, 1, 2, 3]) == true)
      let tokenizer = try checkpoint.requireTokenizer()
      #expect((0..<tokenizer.tokens.count).map(tokenizer.tokens.string) == ["a", "b", "ab", "<|im_end|>", "<think>"])
      #expect(
        tokenizer.addedTokens == [
          AddedToken(id: 3, content: "<|im_end|>", isSpecial: true),
          AddedToken(id: 4, content: "<think>", isSpecial: false),
        ])
      #expect(checkpoint.hyperparameters.vocabularySize == 6)
      #expect(checkpoint.metadata.first { $0.key == "test.nested" }?.value == "2 × array")
      #expect(checkpoint.metadata.first { $0.key == "tokenizer.ggml.pre" }?.value == "\"qwen2\"")
    }
  }

  @Test func `numbers of every type are read`() throws {
    var builder = GGUFBuilder.model()
    let rows: [(GGUFBuilder.Value, String)] = [
      (.uint8(200), "200"), (.int8(-3), "-3"), (.uint16(60000), "60000"), (.int16(-300), "-300"),
      (.uint32(4_000_000_000), "4000000000"), (.int32(-70000), "-70000"), (.uint64(.max), "18446744073709551615"),
      (.int64(.min), "-9223372036854775808"), (.float32(0.5), "0.5"), (.float64(-2.25), "-2.25"), (.bool(1), "true"),
      (.string("one\ntwo"), "\"one\\ntwo\""), (.strings(["a", "b"]), "2 × string"), (.int32s([]), "0 × int32"),
    ]
    for (index, row) in rows.enumerated() { builder.add("test.\(index)", row.0) }
    try withCheckpoint(builder.bytes) { result in
      let metadata = try result.get().metadata
      for (index, row) in rows.enumerated() {
        #expect(metadata.first { $0.key == "test.\(index)" }?.value == row.1)
      }
    }
  }

  /// What is changed in a good file, and the whole sentence that refuses it.
  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let sentence: String
    let change: @Sendable (inout GGUFBuilder) -> Void

    init(_ name: String, _ sentence: String, _ change: @escaping @Sendable (inout GGUFBuilder) -> Void) {
      testDescription = name
      self.sentence = sentence
      self.change = change
    }
  }

  static let faults = [
    Fault(
      "the magic number",
      "test.gguf: the file starts with \"GGML\", expected \"GGUF\"; give a .gguf file or a folder with config.json"
    ) { $0.magic = Array("GGML".utf8) },
    Fault(
      "version 1",
      "test.gguf: GGUF version 1, expected 2 or 3; convert the model again with a current converter"
    ) { $0.version = 1 },
    Fault(
      "big-endian",
      "test.gguf: a big-endian GGUF, expected little-endian; convert the model again without --bigendian"
    ) { $0.version = UInt32(3).byteSwapped },
    Fault(
      "too many tensors",
      "test.gguf: the tensor count is 1152921504606846976, but the rest of the file has room for 83; fetch the file again"
    ) { $0.tensorCount = 1 << 60 },
    Fault(
      "too many keys",
      "test.gguf: the metadata count is 18446744073709551615, but the rest of the file has room for 204; fetch the file again"
    ) { $0.metadataCount = .max },
    Fault(
      "a key twice",
      "test.gguf: metadata key \"qwen3.block_count\" occurs twice, expected once"
    ) { $0.add("qwen3.block_count", .uint32(2)) },
    Fault(
      "a text that is not UTF-8",
      "test.gguf: metadata \"test.text\" is not UTF-8; convert the model again"
    ) { $0.add("test.text", .bytes([0x61, 0xFF])) },
    Fault(
      "a type that does not exist",
      "test.gguf: the type of metadata \"test.type\" is 13, expected 0 to 12"
    ) { $0.add("test.type", .raw(13, [])) },
    Fault(
      "a bool of 2",
      "test.gguf: metadata \"test.bool\" is 2, expected 0 or 1"
    ) { $0.add("test.bool", .bool(2)) },
    Fault(
      "an array longer than the file",
      "test.gguf: the length of metadata \"test.array\" is 18446744073709551615, but the rest of the file has room for 451; fetch the file again"
    ) { $0.add("test.array", .raw(9, [5, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255])) },
    Fault(
      "an alignment of 24",
      "test.gguf: general.alignment is 24, expected a power of two up to 1048576"
    ) { $0.add("general.alignment", .uint32(24)) },
    Fault(
      "a tensor twice",
      "test.gguf: tensor \"token_embd.weight\" occurs twice, expected once"
    ) { $0.tensors.append($0.tensors[0]) },
    Fault(
      "no axes",
      "test.gguf: tensor \"blk.0.attn_norm.weight\" has 0 axes, expected 1 to 4"
    ) { $0.tensors[2].axes = [] },
    Fault(
      "five axes",
      "test.gguf: tensor \"blk.0.attn_norm.weight\" has 5 axes, expected 1 to 4"
    ) { $0.tensors[2].axes = [2, 2, 2, 2, 2] },
    Fault(
      "a row that ends inside a block",
      "test.gguf: tensor \"token_embd.weight\" is q8_0 [6, 33], expected rows that are a multiple of 32 long"
    ) { $0.tensors[0].axes = [33, 6] },
    Fault(
      "an empty axis",
      "test.gguf: tensor \"token_embd.weight\" is q8_0 [0, 32], expected axes whose product fits 63 bits"
    ) { $0.tensors[0].axes = [32, 0] },
    Fault(
      "a product that overflows",
      "test.gguf: tensor \"token_embd.weight\" is q8_0 [4294967296, 4294967296], expected axes whose product fits 63 bits"
    ) { $0.tensors[0].axes = [1 << 32, 1 << 32] },
    Fault(
      "a type that we do not read",
      "test.gguf: the type of tensor \"token_embd.weight\" is iq2_xxs (16), which is not supported; supported: f32, f16, q4_0, q4_1, q5_0, q5_1, q8_0, q2_k, q3_k, q4_k, q5_k, q6_k, iq4_nl, iq4_xs, bf16"
    ) { $0.tensors[0].type = 16 },
    Fault(
      "an unaligned tensor",
      "test.gguf: tensor \"blk.0.attn_q.weight\" starts at offset 40, expected a multiple of 32"
    ) { $0.tensors[1].offset = 40 },
    Fault(
      "tensors over each other",
      "test.gguf: tensor \"blk.0.attn_q.weight\" occupies bytes 1312..<2400, which overlaps tensor \"token_embd.weight\"; fetch the file again"
    ) { $0.tensors[1].offset = 192 },
    Fault(
      "a tensor past the end",
      "test.gguf: tensor \"output_norm.weight\" occupies bytes 1099511628896..<1099511629024, which ends past the file's 2688 bytes; fetch the file again"
    ) { $0.tensors[3].offset = 1 << 40 },
    Fault(
      "more tokens than embeddings",
      "test.gguf: the length of metadata \"tokenizer.ggml.tokens\" is 6, expected at most 5, the rows of \"token_embd.weight\""
    ) { $0.tensors[0].axes = [32, 5] },
  ]

  @Test(arguments: faults)
  func `a faulty file is refused with a sentence`(fault: Fault) {
    var builder = GGUFBuilder.model()
    fault.change(&builder)
    #expect(refusal(builder.bytes) == fault.sentence)
  }

  @Test(arguments: [
    (
      "general.architecture",
      "test.gguf: metadata \"general.architecture\" is missing, expected the architecture, such as \"qwen3\""
    ),
    ("qwen3.block_count", "test.gguf: metadata \"qwen3.block_count\" is missing, expected the number of layers"),
    (
      "qwen3.rope.freq_base",
      "test.gguf: metadata \"qwen3.rope.freq_base\" is missing, expected the rotary base, such as 1000000"
    ),
    (
      "tokenizer.ggml.merges",
      "test.gguf: metadata \"tokenizer.ggml.merges\" is missing, expected the merges in order of rank"
    ),
  ])
  func `a missing key is named`(key: String, sentence: String) {
    // A key that nobody asks for stands in its place.
    let bytes = replacing(key, by: String(repeating: "x", count: key.utf8.count), in: GGUFBuilder.model().bytes)
    #expect(refusal(bytes) == sentence)
  }

  @Test(arguments: [
    (
      "linear",
      "test.gguf: metadata \"qwen3.rope.scaling.type\" is \"linear\", which is not supported; supported: none, yarn"
    ),
    ("yarn", "test.gguf: metadata \"qwen3.rope.scaling.factor\" is missing, expected YaRN's factor, such as 4"),
  ])
  func `rope scaling that is incomplete or of another kind is refused`(type: String, sentence: String) {
    #expect(refusal(GGUFBuilder.model { $0.add("qwen3.rope.scaling.type", .string(type)) }.bytes) == sentence)
  }

  @Test func `YaRN's numbers are read, and its temperature is the product of the file's and YaRN's`() throws {
    let bytes = GGUFBuilder.model {
      $0.add("qwen3.rope.scaling.type", .string("yarn"))
      $0.add("qwen3.rope.scaling.factor", .float32(4))
      $0.add("qwen3.rope.scaling.original_context_length", .uint32(512))
      $0.add("qwen3.rope.scaling.attn_factor", .float32(2))
      $0.add("qwen3.rope.scaling.yarn_beta_fast", .float32(16))
    }.bytes
    // 2 (1 + 0.1 ln 4) = 2.27726
    let expected = RopeScaling.yarn(
      factor: 4, originalContextLength: 512, betaFast: 16, betaSlow: 1, attentionFactor: 2.2772589)
    let found = try withCheckpoint(bytes) { try $0.get().hyperparameters.ropeScaling }
    #expect(found == expected)
  }

  @Test func `a tensor of another shape than asked for is named with both`() throws {
    try withCheckpoint(GGUFBuilder.model().bytes) { result in
      let checkpoint = try result.get()
      #expect(try checkpoint.require("blk.0.attn_q.weight", shape: [32, 32]).type == .q8_0)
      #expect(throws: ModelFileError.self) { try checkpoint.require("blk.0.attn_q.weight", shape: [64, 32]) }
      func sentence(_ name: String, _ shape: [Int]) -> String? {
        do { _ = try checkpoint.require(name, shape: shape) } catch { return error.description }
        return nil
      }
      #expect(
        sentence("blk.0.attn_q.weight", [64, 32])
          == "test.gguf: tensor \"blk.0.attn_q.weight\" is q8_0 [32, 32]; the model's metadata says [64, 32]")
      #expect(
        sentence("blk.0.attn_k.weight", [16, 32])
          == "test.gguf: tensor \"blk.0.attn_k.weight\" is missing; the model's metadata asks for [16, 32]")
    }
  }

  private func replacing(_ text: String, by other: String, in bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    let needle = Array(text.utf8)
    for start in bytes.indices.dropLast(needle.count) where bytes[start..<start + needle.count].elementsEqual(needle) {
      bytes.replaceSubrange(start..<start + needle.count, with: other.utf8)
    }
    return bytes
  }
}

/// Files damaged in every way that a broken transfer damages them: the only outcome but success is a `ModelFileError`.
@Suite struct GGUFDamageTests {
  @Test func `a file cut at any length is refused`() {
    let bytes = GGUFBuilder.model().bytes
    for length in bytes.indices {
      #expect(refusal(Array(bytes[..<length])) != nil, "cut at \(length) of \(bytes.count)")
    }
    #expect(refusal(bytes) == nil)
  }

  @Test func `a file with bytes changed at random opens or is refused`() {
    let bytes = GGUFBuilder.model().bytes
    let headerByteCount = bytes.count - 1568
    var random = SeededRandom(seed: 7)
    var refused = 0
    for _ in 0..<20_000 {
      var damaged = bytes
      for _ in 0...random.next() % 3 {
        // Lengths and counts suffer most when a high byte becomes 0xFF.
        let value: UInt8 = random.next() % 4 == 0 ? 0xFF : UInt8(truncatingIfNeeded: random.next())
        damaged[Int(random.next() % UInt64(headerByteCount))] = value
      }
      if refusal(damaged) != nil { refused += 1 }
    }
    #expect(refused > 5_000)
  }
}
