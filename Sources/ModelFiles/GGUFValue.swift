/// A metadata value's type, with GGUF's numbers (gguf.md, `gguf_metadata_value_type`).
public enum GGUFValueType: UInt32, Sendable {
  case uint8 = 0
  case int8 = 1
  case uint16 = 2
  case int16 = 3
  case uint32 = 4
  case int32 = 5
  case float32 = 6
  case bool = 7
  case string = 8
  case array = 9
  case uint64 = 10
  case int64 = 11
  case float64 = 12

  /// The least an element takes in the file.
  var minimumByteCount: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64, .string: 8
    case .array: 12
    }
  }

  var hasFixedSize: Bool { self != .string && self != .array }
}

/// A metadata value. Arrays stay in the mapped file until they are asked for.
public enum GGUFValue: Sendable {
  case integer(Int64)
  /// Above Int64's range.
  case large(UInt64)
  case float(Double)
  case bool(Bool)
  case string(String)
  case array(GGUFArray)

  public var int: Int? { if case .integer(let value) = self { Int(exactly: value) } else { nil } }
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var array: GGUFArray? { if case .array(let value) = self { value } else { nil } }
  /// Integers count as numbers too.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .large(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }

  /// The value as a message or `inspect` shows it, cut to about 100 characters.
  public var summary: String {
    switch self {
    case .integer(let value): String(value)
    case .large(let value): String(value)
    case .float(let value): String(Float(value))
    case .bool(let value): String(value)
    case .string(let value): shortened(value)
    case .array(let array): "\(array.count) × \(array.elementType)"
    }
  }
}

/// An array of metadata, already walked once: every length in it stays inside `bytes`.
public struct GGUFArray: Sendable {
  public let elementType: GGUFValueType
  public let count: Int
  /// The elements as they stand in the file; lives as long as the file's mapping.
  public nonisolated(unsafe) let bytes: UnsafeRawBufferPointer  // read-only and outlived by its file

  /// The elements as integers, nil if they are not.
  public var integers: [Int]? {
    func all<T: FixedWidthInteger>(_: T.Type) -> [Int]? {
      var result: [Int] = []
      result.reserveCapacity(count)
      for i in 0..<count {
        let raw = T(littleEndian: bytes.loadUnaligned(fromByteOffset: i * MemoryLayout<T>.size, as: T.self))
        guard let value = Int(exactly: raw) else { return nil }
        result.append(value)
      }
      return result
    }
    return switch elementType {
    case .uint8: all(UInt8.self)
    case .int8: all(Int8.self)
    case .uint16: all(UInt16.self)
    case .int16: all(Int16.self)
    case .uint32: all(UInt32.self)
    case .int32: all(Int32.self)
    case .uint64: all(UInt64.self)
    case .int64: all(Int64.self)
    default: nil
    }
  }

  /// The elements as byte strings in one table, nil if they are not strings or more than 4 GiB. Not checked to be UTF-8.
  public var strings: ByteStringTable? {
    guard elementType == .string else { return nil }
    let byteCount = bytes.count - count * 8
    guard byteCount <= UInt32.max else { return nil }
    var table = ByteStringTable()
    table.reserve(count: count, byteCount: byteCount)
    var offset = 0
    for _ in 0..<count {
      let length = Int(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset += 8
      table.append(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
      offset += length
    }
    return table
  }
}

/// One line of at most about 100 characters, in quotes, line ends written as \n.
func shortened(_ text: String) -> String {
  var line = ""
  for scalar in text.unicodeScalars.prefix(100) {
    switch scalar {
    case "\n": line += "\\n"
    case "\r": line += "\\r"
    case "\t": line += "\\t"
    default: line.unicodeScalars.append(scalar.value < 0x20 || scalar.value == 0x7F ? "\u{FFFD}" : scalar)
    }
  }
  return text.unicodeScalars.count > 100 ? "\"\(line)…\" (\(text.utf8.count) bytes)" : "\"\(line)\""
}
