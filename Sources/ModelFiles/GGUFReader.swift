/// Reads GGUF's little-endian fields one after the other, each checked against the end of the file first.
struct GGUFReader {
  let bytes: UnsafeRawBufferPointer
  let file: String
  private(set) var offset = 0

  init(_ file: MappedFile) {
    bytes = file.bytes
    self.file = file.name
  }

  var remaining: Int { bytes.count - offset }

  mutating func integer<T: FixedWidthInteger>(
    _ type: T.Type = T.self, _ field: @autoclosure () -> String
  ) throws(ModelFileError) -> T {
    try need(MemoryLayout<T>.size, field())
    let value = T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    offset += MemoryLayout<T>.size
    return value
  }

  /// A number of entries that take at least `entryByteCount` bytes each.
  mutating func count(ofAtLeast entryByteCount: Int, _ field: @autoclosure () -> String) throws(ModelFileError) -> Int {
    let count = try integer(UInt64.self, field())
    let most = UInt64(remaining / entryByteCount)
    guard count <= most else { throw .count(file: file, field: field(), found: count, most: most) }
    return Int(count)
  }

  /// A string: its length in 8 bytes, then as many bytes of UTF-8.
  mutating func string(_ field: @autoclosure () -> String) throws(ModelFileError) -> String {
    let length = try count(ofAtLeast: 1, "the length of \(field())")
    let slice = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
    guard let text = String(validating: slice, as: UTF8.self) else {
      throw .invalidUTF8(file: file, field: field())
    }
    offset += length
    return text
  }

  /// A value's type, then the value.
  mutating func value(_ field: String) throws(ModelFileError) -> GGUFValue {
    let type = try valueType(field)
    switch type {
    case .uint8: return .integer(Int64(try integer(UInt8.self, field)))
    case .int8: return .integer(Int64(try integer(Int8.self, field)))
    case .uint16: return .integer(Int64(try integer(UInt16.self, field)))
    case .int16: return .integer(Int64(try integer(Int16.self, field)))
    case .uint32: return .integer(Int64(try integer(UInt32.self, field)))
    case .int32: return .integer(Int64(try integer(Int32.self, field)))
    case .int64: return .integer(try integer(Int64.self, field))
    case .uint64:
      let value = try integer(UInt64.self, field)
      return Int64(exactly: value).map { .integer($0) } ?? .large(value)
    case .float32: return .float(Double(Float(bitPattern: try integer(UInt32.self, field))))
    case .float64: return .float(Double(bitPattern: try integer(UInt64.self, field)))
    case .bool:
      let value = try integer(UInt8.self, field)
      guard value <= 1 else { throw .mismatch(file: file, field: field, found: "\(value)", expected: "0 or 1") }
      return .bool(value == 1)
    case .string: return .string(try string(field))
    case .array: return .array(try array(field, depth: 0))
    }
  }

  /// Walks over an array without building its elements.
  private mutating func array(_ field: String, depth: Int) throws(ModelFileError) -> GGUFArray {
    guard depth < 4 else {
      throw .mismatch(file: file, field: field, found: "an array nested more than 4 deep", expected: "a flat array")
    }
    let type = try valueType(field)
    let count = try count(ofAtLeast: type.minimumByteCount, "the length of \(field)")
    let start = offset
    switch type {
    case .string:
      for index in 0..<count {
        let length = try integer(UInt64.self, "element \(index) of \(field)")
        try need(length, "element \(index) of \(field)")
        offset += Int(length)
      }
    case .array:
      for _ in 0..<count { _ = try array(field, depth: depth + 1) }
    default:
      offset += count * type.minimumByteCount
    }
    return GGUFArray(
      elementType: type, count: count, bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<offset]))
  }

  private mutating func valueType(_ field: String) throws(ModelFileError) -> GGUFValueType {
    let raw = try integer(UInt32.self, "the type of \(field)")
    guard let type = GGUFValueType(rawValue: raw) else {
      throw .mismatch(file: file, field: "the type of \(field)", found: "\(raw)", expected: "0 to 12")
    }
    return type
  }

  private func need(_ byteCount: some BinaryInteger, _ field: @autoclosure () -> String) throws(ModelFileError) {
    guard UInt64(byteCount) <= UInt64(remaining) else {
      throw .truncated(file: file, field: field(), needed: UInt64(byteCount), available: UInt64(remaining))
    }
  }
}
