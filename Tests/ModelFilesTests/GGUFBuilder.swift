import ModelFiles

/// Writes GGUF files of any shape, faulty ones too, for the tests.
struct GGUFBuilder {
  var magic = Array("GGUF".utf8)
  var version: UInt32 = 3
  /// Instead of the true numbers.
  var tensorCount: UInt64?
  var metadataCount: UInt64?
  var alignment = 32
  private(set) var metadata: [UInt8] = []
  private(set) var metadataEntries: UInt64 = 0
  var tensors: [Tensor] = []

  struct Tensor {
    var name: String
    /// As the file has it: the fastest axis first.
    var axes: [UInt64]
    var type: UInt32
    /// Nil places it after the one before.
    var offset: UInt64?
    var bytes: [UInt8]
  }

  enum Value {
    case uint8(UInt8), int8(Int8), uint16(UInt16), int16(Int16), uint32(UInt32), int32(Int32), uint64(UInt64), int64(
      Int64)
    case float32(Float), float64(Double), bool(UInt8), string(String), bytes([UInt8])
    case strings([String]), int32s([Int32]), nested([[UInt16]])
    /// A type's number and what follows, as it is.
    case raw(UInt32, [UInt8])
  }

  mutating func add(_ key: String, _ value: Value) {
    metadataEntries += 1
    metadata += string(key)
    switch value {
    case .uint8(let v): metadata += little(UInt32(0)) + little(v)
    case .int8(let v): metadata += little(UInt32(1)) + little(v)
    case .uint16(let v): metadata += little(UInt32(2)) + little(v)
    case .int16(let v): metadata += little(UInt32(3)) + little(v)
    case .uint32(let v): metadata += little(UInt32(4)) + little(v)
    case .int32(let v): metadata += little(UInt32(5)) + little(v)
    case .float32(let v): metadata += little(UInt32(6)) + little(v.bitPattern)
    case .bool(let v): metadata += little(UInt32(7)) + [v]
    case .string(let v): metadata += little(UInt32(8)) + string(v)
    case .bytes(let v): metadata += little(UInt32(8)) + little(UInt64(v.count)) + v
    case .uint64(let v): metadata += little(UInt32(10)) + little(v)
    case .int64(let v): metadata += little(UInt32(11)) + little(v)
    case .float64(let v): metadata += little(UInt32(12)) + little(v.bitPattern)
    case .strings(let v):
      metadata += little(UInt32(9)) + little(UInt32(8)) + little(UInt64(v.count)) + v.flatMap { string($0) }
    case .int32s(let v):
      metadata += little(UInt32(9)) + little(UInt32(5)) + little(UInt64(v.count)) + v.flatMap { little($0) }
    case .nested(let v):
      metadata += little(UInt32(9)) + little(UInt32(9)) + little(UInt64(v.count))
      for inner in v { metadata += little(UInt32(2)) + little(UInt64(inner.count)) + inner.flatMap { little($0) } }
    case .raw(let type, let bytes): metadata += little(type) + bytes
    }
  }

  var bytes: [UInt8] {
    var result = magic + little(version) + little(tensorCount ?? UInt64(tensors.count))
    result += little(metadataCount ?? metadataEntries) + metadata
    var data: [UInt8] = []
    for tensor in tensors {
      data += Array(repeating: 0, count: (alignment - data.count % alignment) % alignment)
      result += string(tensor.name) + little(UInt32(tensor.axes.count)) + tensor.axes.flatMap { little($0) }
      result += little(tensor.type) + little(tensor.offset ?? UInt64(data.count))
      data += tensor.bytes
    }
    result += Array(repeating: 0, count: (alignment - result.count % alignment) % alignment)
    return result + data
  }

  private func string(_ text: String) -> [UInt8] { little(UInt64(text.utf8.count)) + Array(text.utf8) }

  private func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  /// A whole model of one layer: hidden 32, 2 heads of 16, feed-forward 64, 6 tokens, q8_0 and f32.
  static func model(extra: (inout GGUFBuilder) -> Void = { _ in }) -> GGUFBuilder {
    var builder = GGUFBuilder()
    builder.add("general.architecture", .string("qwen3"))
    builder.add("qwen3.block_count", .uint32(1))
    builder.add("qwen3.context_length", .uint32(64))
    builder.add("qwen3.embedding_length", .uint32(32))
    builder.add("qwen3.feed_forward_length", .uint32(64))
    builder.add("qwen3.attention.head_count", .uint32(2))
    builder.add("qwen3.attention.head_count_kv", .uint32(1))
    builder.add("qwen3.attention.key_length", .uint32(16))
    builder.add("qwen3.rope.freq_base", .float32(10000))
    builder.add("qwen3.attention.layer_norm_rms_epsilon", .float32(1e-6))
    builder.add("tokenizer.ggml.model", .string("gpt2"))
    builder.add("tokenizer.ggml.pre", .string("qwen2"))
    builder.add("tokenizer.ggml.tokens", .strings(["a", "b", "ab", "<|im_end|>", "<think>", "[PAD5]"]))
    builder.add("tokenizer.ggml.token_type", .int32s([1, 1, 1, 3, 4, 5]))
    builder.add("tokenizer.ggml.merges", .strings(["a b"]))
    builder.add("tokenizer.ggml.eos_token_id", .uint32(3))
    builder.add("test.nested", .nested([[1, 2], [3]]))
    extra(&builder)
    func tensor(_ name: String, _ axes: [UInt64], _ type: TensorType) -> Tensor {
      let count = Int(axes.reduce(1, *)) / type.elementsPerBlock * type.bytesPerBlock
      return Tensor(
        name: name, axes: axes, type: type.rawValue, bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0) })
    }
    builder.tensors = [
      tensor("token_embd.weight", [32, 6], .q8_0), tensor("blk.0.attn_q.weight", [32, 32], .q8_0),
      tensor("blk.0.attn_norm.weight", [32], .f32), tensor("output_norm.weight", [32], .f32),
    ]
    return builder
  }
}

/// Opens bytes as a checkpoint and hands the result over while they live.
func withCheckpoint<R>(
  _ bytes: [UInt8], name: String = "test.gguf", _ body: (Result<Checkpoint, ModelFileError>) throws -> R
) rethrows -> R {
  try bytes.withUnsafeBytes { buffer in
    try body(Result { () throws(ModelFileError) in try Checkpoint.open(embedded: buffer, name: name) })
  }
}

/// The sentence with which bytes are refused, or nil.
func refusal(_ bytes: [UInt8]) -> String? {
  withCheckpoint(bytes) { result in
    if case .failure(let error) = result { error.description } else { nil }
  }
}
