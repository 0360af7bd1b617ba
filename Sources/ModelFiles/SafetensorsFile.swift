internal import JSON

/// One safetensors file (huggingface/safetensors, "Format"): tensors of plain numbers after a header in JSON.
///
///     header length u64 | {"name": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 12]}, …} | the tensors' bytes
public struct SafetensorsFile: Sendable {
  /// In the order of the header.
  public let tensors: [TensorView]
  private let file: MappedFile

  /// The longest header the format allows.
  private static let longestHeader: UInt64 = 100_000_000

  /// Reads the header and checks every entry of it; the tensors' bytes are not touched.
  public init(_ file: MappedFile) throws(ModelFileError) {
    self.file = file
    let bytes = file.bytes
    guard bytes.count >= 8 else {
      throw .truncated(file: file.name, field: "the header's length", needed: 8, available: UInt64(bytes.count))
    }
    let headerLength = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard headerLength <= Self.longestHeader else {
      throw .count(file: file.name, field: "the header's length", found: headerLength, most: Self.longestHeader)
    }
    guard headerLength <= UInt64(bytes.count - 8) else {
      throw .truncated(
        file: file.name, field: "the header", needed: headerLength, available: UInt64(bytes.count - 8))
    }
    let dataStart = 8 + Int(headerLength)
    guard let text = String(validating: bytes[8..<dataStart], as: UTF8.self) else {
      throw .invalidUTF8(file: file.name, field: "the header")
    }
    let header = try Self.parse(text, file.name)
    let data = UnsafeRawBufferPointer(rebasing: bytes[dataStart...])
    var entries: [(view: TensorView, range: Range<Int>)] = []
    for (name, value) in header where name != "__metadata__" {
      entries.append(try Self.entry(name, value, data: data, dataStart: dataStart, file: file.name))
    }
    let ordered = entries.sorted { $0.range.lowerBound < $1.range.lowerBound }
    for (first, second) in zip(ordered, ordered.dropFirst()) where second.range.lowerBound < first.range.upperBound {
      throw .tensorBounds(
        file: file.name, tensor: second.view.name,
        range: UInt64(dataStart + second.range.lowerBound)..<UInt64(dataStart + second.range.upperBound),
        fault: "overlaps tensor \"\(first.view.name)\"")
    }
    tensors = entries.map(\.view)
  }

  private static func parse(_ text: String, _ file: String) throws(ModelFileError) -> JSONObject {
    let document: JSONDocument
    do { document = try JSONDocument(parsing: text, name: "\(file), header", depthLimit: 8) } catch {
      throw .json(error)
    }
    if let key = document.duplicateKeys.first { throw .duplicate(file: file, what: "tensor", name: key.key) }
    guard let object = document.value.object else {
      throw .mismatch(file: file, field: "the header", found: document.value.typeName, expected: "an object")
    }
    return object
  }

  private static func entry(
    _ name: String, _ value: JSONValue, data: UnsafeRawBufferPointer, dataStart: Int, file: String
  ) throws(ModelFileError) -> (view: TensorView, range: Range<Int>) {
    guard let dtype = value["dtype"]?.string else {
      throw .tensor(file: file, tensor: name, found: "has no \"dtype\"", expected: "one such as \"BF16\"")
    }
    let types: [String: TensorType] = ["F32": .f32, "F16": .f16, "BF16": .bf16]
    guard let type = types[dtype] else {
      throw .unsupported(
        file: file, field: "the dtype of tensor \"\(name)\"", found: shortened(dtype), supported: "F32, F16, BF16")
    }
    guard let axes = value["shape"]?.array, axes.allSatisfy({ $0.int != nil }) else {
      throw .tensor(
        file: file, tensor: name, found: "has no \"shape\" of whole numbers", expected: "one such as [2, 3]")
    }
    let shape = axes.compactMap(\.int)
    let byteCount = try type.byteCount(of: shape.isEmpty ? [1] : shape, tensor: name, file: file)
    let offsets = value["data_offsets"]?.array?.compactMap(\.int) ?? []
    guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1] else {
      throw .tensor(file: file, tensor: name, found: "has no \"data_offsets\" [begin, end]", expected: "two offsets")
    }
    guard offsets[1] <= data.count else {
      throw .tensorBounds(
        file: file, tensor: name,
        range: UInt64(offsets[0])..<UInt64(offsets[1]), fault: "ends past the \(data.count) bytes after the header")
    }
    guard UInt64(offsets[1] - offsets[0]) == byteCount else {
      throw .tensor(
        file: file, tensor: name, found: "has \(offsets[1] - offsets[0]) bytes",
        expected: "\(byteCount), as \(type.name) \(shape) takes")
    }
    guard (dataStart + offsets[0]) % type.bytesPerBlock == 0 else {
      throw .tensor(
        file: file, tensor: name, found: "starts at byte \(dataStart + offsets[0]) of the file",
        expected: "a multiple of \(type.bytesPerBlock)")
    }
    let range = offsets[0]..<offsets[1]
    return (
      TensorView(name: name, type: type, shape: shape, bytes: UnsafeRawBufferPointer(rebasing: data[range])), range
    )
  }
}
