/// One GGUF file, little-endian, version 2 or 3: its metadata and where its tensors lie (ggml, docs/gguf.md).
///
///     "GGUF" | version u32 | tensor count u64 | metadata count u64
///     metadata: key string | type u32 | value                         … as many as counted
///     tensors:  name string | axis count u32 | axes u64… | type u32 | offset u64 … as many as counted
///     padding to general.alignment, then the tensors' bytes, offsets counted from here
public struct GGUFFile: Sendable {
  public let version: UInt32
  public let metadata: GGUFMetadata
  /// In the order of the file.
  public let tensors: [TensorView]
  private let file: MappedFile

  /// Reads the header and checks every count, length and offset in it; the tensors' bytes are not touched.
  public init(_ file: MappedFile) throws(ModelFileError) {
    self.file = file
    var reader = GGUFReader(file)
    version = try Self.header(&reader)
    // A tensor's entry takes at least 32 bytes, a metadata entry 13.
    let tensorCount = try reader.count(ofAtLeast: 32, "the tensor count")
    let metadataCount = try reader.count(ofAtLeast: 13, "the metadata count")
    metadata = try GGUFMetadata(&reader, count: metadataCount)
    let alignment = try Self.alignment(metadata)
    var entries: [TensorEntry] = []
    entries.reserveCapacity(tensorCount)
    for index in 0..<tensorCount { entries.append(try TensorEntry(&reader, index: index, alignment: alignment)) }
    tensors = try Self.place(
      entries, in: file, dataStart: (UInt64(reader.offset) + alignment - 1) / alignment * alignment)
  }

  private static func header(_ reader: inout GGUFReader) throws(ModelFileError) -> UInt32 {
    let magic = reader.bytes.prefix(4)
    guard magic.elementsEqual("GGUF".utf8) else {
      let isText = magic.allSatisfy { (0x20..<0x7F).contains($0) }
      let found =
        magic.isEmpty
        ? "nothing"
        : isText
          ? "\"\(String(decoding: magic, as: UTF8.self))\""
          : "bytes " + magic.map { String($0, radix: 16) }.joined(separator: " ")
      throw .notAModel(file: reader.file, found: found)
    }
    _ = try reader.integer(UInt32.self, "the magic number")
    let version = try reader.integer(UInt32.self, "the version")
    if version.byteSwapped == 2 || version.byteSwapped == 3 { throw .bigEndian(file: reader.file) }
    guard version == 2 || version == 3 else { throw .unsupportedVersion(file: reader.file, found: version) }
    return version
  }

  private static func alignment(_ metadata: GGUFMetadata) throws(ModelFileError) -> UInt64 {
    guard let value = metadata["general.alignment"] else { return 32 }
    guard let alignment = value.int, alignment > 0, alignment & (alignment - 1) == 0, alignment <= 1 << 20 else {
      throw .mismatch(
        file: metadata.file, field: "general.alignment", found: value.summary, expected: "a power of two up to 1048576")
    }
    return UInt64(alignment)
  }

  /// Turns offsets into views, none past the end of the file and no two over the same bytes.
  private static func place(
    _ entries: [TensorEntry], in file: MappedFile, dataStart: UInt64
  ) throws(ModelFileError) -> [TensorView] {
    let available = UInt64(file.bytes.count)
    var names: Set<String> = []
    names.reserveCapacity(entries.count)
    var views: [TensorView] = []
    views.reserveCapacity(entries.count)
    for entry in entries {
      guard names.insert(entry.name).inserted else {
        throw .duplicate(file: file.name, what: "tensor", name: entry.name)
      }
      let (start, wrapped) = dataStart.addingReportingOverflow(entry.offset)
      let (end, wrappedAgain) = start.addingReportingOverflow(entry.byteCount)
      guard !wrapped, !wrappedAgain, end <= available else {
        throw .tensorBounds(
          file: file.name, tensor: entry.name, range: wrapped || wrappedAgain ? 0..<UInt64.max : start..<end,
          fault: "ends past the file's \(available) bytes")
      }
      views.append(
        TensorView(
          name: entry.name, type: entry.type, shape: entry.shape,
          bytes: UnsafeRawBufferPointer(rebasing: file.bytes[Int(start)..<Int(end)])))
    }
    let order = entries.indices.sorted { entries[$0].offset < entries[$1].offset }
    for (first, second) in zip(order, order.dropFirst()) where entries[second].offset < entries[first].end {
      throw .tensorBounds(
        file: file.name, tensor: entries[second].name,
        range: dataStart + entries[second].offset..<dataStart + entries[second].end,
        fault: "overlaps tensor \"\(entries[first].name)\"")
    }
    return views
  }
}

/// A tensor's entry in the header.
private struct TensorEntry {
  let name: String
  let shape: [Int]
  let type: TensorType
  /// From the start of the data.
  let offset: UInt64
  let byteCount: UInt64
  var end: UInt64 { offset + byteCount }

  init(_ reader: inout GGUFReader, index: Int, alignment: UInt64) throws(ModelFileError) {
    let file = reader.file
    let name = try reader.string("the name of tensor \(index)")
    let axisCount = try reader.integer(UInt32.self, "the axis count of tensor \"\(name)\"")
    guard (1...4).contains(axisCount) else {
      throw .tensor(file: file, tensor: name, found: "has \(axisCount) axes", expected: "1 to 4")
    }
    var axes: [UInt64] = []
    for _ in 0..<axisCount { axes.append(try reader.integer(UInt64.self, "the shape of tensor \"\(name)\"")) }
    let rawType = try reader.integer(UInt32.self, "the type of tensor \"\(name)\"")
    guard let type = TensorType(rawValue: rawType) else {
      throw .unsupported(
        file: file, field: "the type of tensor \"\(name)\"", found: TensorType.nameOfUnsupported(rawType),
        supported: TensorType.allCases.map(\.name).joined(separator: ", "))
    }
    offset = try reader.integer(UInt64.self, "the offset of tensor \"\(name)\"")
    guard offset % alignment == 0 else {
      throw .tensor(
        file: file, tensor: name, found: "starts at offset \(offset)", expected: "a multiple of \(alignment)")
    }
    // GGUF writes the fastest axis first.
    shape = axes.reversed().map { Int(clamping: $0) }
    byteCount = try type.byteCount(of: shape, tensor: name, file: file)
    guard !offset.addingReportingOverflow(byteCount).overflow else {
      throw .tensor(
        file: file, tensor: name, found: "starts at offset \(offset)", expected: "an offset inside the file")
    }
    self.name = name
    self.type = type
  }
}

extension TensorType {
  /// The bytes that a tensor of this shape takes; refuses empty axes, overflow, and rows that end inside a block.
  func byteCount(of shape: [Int], tensor: String, file: String) throws(ModelFileError) -> UInt64 {
    var elementCount = 1
    for axis in shape {
      let (product, overflow) = elementCount.multipliedReportingOverflow(by: axis)
      guard axis > 0, !overflow else {
        throw .tensor(
          file: file, tensor: tensor, found: "is \(name) \(shape)", expected: "axes whose product fits 63 bits")
      }
      elementCount = product
    }
    guard let columns = shape.last, columns % elementsPerBlock == 0 else {
      throw .tensor(
        file: file, tensor: tensor, found: "is \(name) \(shape)",
        expected: "rows that are a multiple of \(elementsPerBlock) long")
    }
    let (byteCount, overflow) = (elementCount / elementsPerBlock).multipliedReportingOverflow(by: bytesPerBlock)
    guard !overflow else {
      throw .tensor(file: file, tensor: tensor, found: "is \(name) \(shape)", expected: "fewer than 2^63 bytes")
    }
    return UInt64(byteCount)
  }

  /// A type number that we do not read, with ggml's name for it where it has one.
  static func nameOfUnsupported(_ raw: UInt32) -> String {
    let names: [UInt32: String] = [
      9: "q8_1", 15: "q8_k", 16: "iq2_xxs", 17: "iq2_xs", 18: "iq3_xxs", 19: "iq1_s", 21: "iq3_s", 22: "iq2_s",
      24: "i8", 25: "i16", 26: "i32", 27: "i64", 28: "f64", 29: "iq1_m", 34: "tq1_0", 35: "tq2_0", 39: "mxfp4",
    ]
    return names[raw].map { "\($0) (\(raw))" } ?? "\(raw)"
  }
}
