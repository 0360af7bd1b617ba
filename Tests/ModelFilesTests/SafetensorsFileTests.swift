import ModelFiles
import TestSupport
import Testing

@Suite struct SafetensorsFileTests {
  /// A file with these entries, a header padded to 8 bytes, and 16 bytes of data.
  static func file(_ entries: KeyValuePairs<String, String>, headerByteCount: UInt64? = nil) -> [UInt8] {
    var header = "{" + entries.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}"
    while header.utf8.count % 8 != 0 { header += " " }
    let count = headerByteCount ?? UInt64(header.utf8.count)
    return withUnsafeBytes(of: count.littleEndian) { Array($0) } + Array(header.utf8) + Array(0..<16)
  }

  private func refusal(_ bytes: [UInt8]) throws -> String? {
    let folder = try ScratchFolder()
    try folder.write("model.safetensors", bytes)
    do { _ = try SafetensorsFile(try MappedFile(path: "\(folder.path)/model.safetensors")) } catch {
      return error.description
    }
    return nil
  }

  @Test func `tensors have the type, shape and bytes of the header`() throws {
    let folder = try ScratchFolder()
    try folder.write(
      "model.safetensors",
      Self.file([
        "b": #"{"dtype": "BF16", "shape": [2, 3], "data_offsets": [4, 16]}"#, "__metadata__": #"{"format": "pt"}"#,
        "a": #"{"dtype": "F32", "shape": [], "data_offsets": [0, 4]}"#,
      ]))
    let file = try SafetensorsFile(try MappedFile(path: "\(folder.path)/model.safetensors"))
    #expect(file.tensors.map(\.name) == ["b", "a"])
    #expect(file.tensors.map(\.typeAndShape) == ["bf16 [2, 3]", "f32 []"])
    #expect(file.tensors[0].bytes.elementsEqual(4..<16))
  }

  @Test(arguments: [
    (
      #"{"dtype": "I64", "shape": [2], "data_offsets": [0, 16]}"#,
      "the dtype of tensor \"t\" is \"I64\", which is not supported; supported: F32, F16, BF16"
    ),
    (#"{"shape": [2], "data_offsets": [0, 4]}"#, "tensor \"t\" has no \"dtype\", expected one such as \"BF16\""),
    (
      #"{"dtype": "F16", "shape": [2.5], "data_offsets": [0, 4]}"#,
      "tensor \"t\" has no \"shape\" of whole numbers, expected one such as [2, 3]"
    ),
    (
      #"{"dtype": "F16", "shape": [-2], "data_offsets": [0, 4]}"#,
      "tensor \"t\" is f16 [-2], expected axes whose product fits 63 bits"
    ),
    (
      #"{"dtype": "F16", "shape": [4294967296, 4294967296], "data_offsets": [0, 4]}"#,
      "tensor \"t\" is f16 [4294967296, 4294967296], expected axes whose product fits 63 bits"
    ),
    (
      #"{"dtype": "F16", "shape": [2], "data_offsets": [0]}"#,
      "tensor \"t\" has no \"data_offsets\" [begin, end], expected two offsets"
    ),
    (
      #"{"dtype": "F16", "shape": [2], "data_offsets": [14, 18]}"#,
      "tensor \"t\" occupies bytes 14..<18, which ends past the 16 bytes after the header; fetch the file again"
    ),
    (
      #"{"dtype": "F16", "shape": [2], "data_offsets": [0, 8]}"#,
      "tensor \"t\" has 8 bytes, expected 4, as f16 [2] takes"
    ),
    (
      #"{"dtype": "F16", "shape": [1], "data_offsets": [1, 3]}"#,
      "tensor \"t\" starts at byte 73 of the file, expected a multiple of 2"
    ),
    (
      #"{"dtype": "F16", "shape": [1], "data_offsets": [0, 2]}, "u": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}"#,
      "tensor \"u\" occupies bytes 136..<140, which overlaps tensor \"t\"; fetch the file again"
    ),
    (
      #"{"dtype": "F16", "shape": [1], "data_offsets": [0, 2]}, "t": {"dtype": "F16", "shape": [1], "data_offsets": [2, 4]}"#,
      "tensor \"t\" occurs twice, expected once"
    ),
  ])
  func `a faulty entry is refused with a sentence`(entry: String, sentence: String) throws {
    let found = try refusal(Self.file(["t": entry]))
    #expect(found == "model.safetensors: \(sentence)")
  }

  @Test(
    arguments: [
      (
        100_000_001,
        "the header's length is 100000001, but the rest of the file has room for 100000000; fetch the file again"
      ),
      (5000, "the file ends in the header: 5000 bytes needed, 24 left; fetch the file again"),
    ] as [(UInt64, String)])
  func `a header longer than the file or the format allows is refused`(byteCount: UInt64, sentence: String) throws {
    #expect(try refusal(Self.file([:], headerByteCount: byteCount)) == "model.safetensors: \(sentence)")
  }

  @Test func `a file with bytes changed at random opens or is refused`() {
    let bytes = Self.file(["t": #"{"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}"#])
    var random = SeededRandom(seed: 11)
    var refused = 0
    for _ in 0..<5_000 {
      var damaged = bytes
      for _ in 0...random.next() % 2 {
        damaged[Int(random.next() % UInt64(bytes.count - 16))] = UInt8(truncatingIfNeeded: random.next())
      }
      damaged.withUnsafeBytes { buffer in
        do { _ = try SafetensorsFile(MappedFile(embedded: buffer, name: "test")) } catch { refused += 1 }
      }
    }
    #expect(refused > 2_500)
  }

  @Test func `a file cut at any length is refused`() throws {
    let bytes = Self.file(["t": #"{"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}"#])
    for length in bytes.indices { #expect(try refusal(Array(bytes[..<length])) != nil, "cut at \(length)") }
  }
}
