/// Where each value of a parsed text stands: a tree of the same shape as the value.
public struct JSONPositions: Sendable, Equatable {
  /// UTF-8 offsets of the value, from its first byte to after its last.
  public var range: Range<Int>
  /// For an object, the range of each key with its quotes, in order.
  public var keyRanges: [Range<Int>] = []
  /// For an array or an object, the positions of the elements or the members' values, in order.
  public var children: [JSONPositions] = []
}

/// A member whose key the object already had. The last one's value stands, at the first one's place.
public struct JSONDuplicateKey: Sendable, Equatable {
  public let key: String
  /// UTF-8 range of the later key, with its quotes.
  public let range: Range<Int>
}

/// A parsed text: the value, where everything stands, and the keys that were written twice.
public struct JSONDocument: Sendable {
  public let value: JSONValue
  public let positions: JSONPositions
  public let duplicateKeys: [JSONDuplicateKey]
}

extension JSONValue {
  /// Parses one JSON text (RFC 8259), the whole of it.
  /// - Parameters:
  ///   - name: what the text is called in an error.
  ///   - depthLimit: arrays and objects within each other, at most.
  public init(parsing text: String, name: String = "JSON", depthLimit: Int = 512) throws(JSONError) {
    try self.init(parsing: Array(text.utf8), name: name, depthLimit: depthLimit)
  }

  public init(parsing bytes: [UInt8], name: String = "JSON", depthLimit: Int = 512) throws(JSONError) {
    self = try JSONDocument.parse(bytes, name: name, depthLimit: depthLimit, recordingPositions: false).value
  }
}

extension JSONDocument {
  /// Parses one JSON text and keeps the place of every value and key.
  public init(parsing text: String, name: String = "JSON", depthLimit: Int = 512) throws(JSONError) {
    self = try Self.parse(Array(text.utf8), name: name, depthLimit: depthLimit, recordingPositions: true)
  }

  fileprivate static func parse(
    _ bytes: [UInt8], name: String, depthLimit: Int, recordingPositions: Bool
  ) throws(JSONError) -> JSONDocument {
    let outcome: Result<JSONDocument, JSONFault> = bytes.withUnsafeBufferPointer { buffer in
      var parser = JSONParser(bytes: buffer, depthLimit: depthLimit, recordsPositions: recordingPositions)
      return Result { () throws(JSONFault) in try parser.parseDocument() }
    }
    switch outcome {
    case .success(let document): return document
    case .failure(let error):
      throw JSONError(
        fault: error.fault, offset: error.offset, excerpt: SourceExcerpt(of: bytes, offset: error.offset, name: name))
    }
  }
}

/// A fault before the excerpt around it has been cut out.
private struct JSONFault: Error {
  let fault: JSONError.Fault
  let offset: Int
}

/// Recursive descent over borrowed bytes, one function per rule of the grammar.
private struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  let depthLimit: Int
  let recordsPositions: Bool
  var offset = 0
  var depth = 0
  var duplicateKeys: [JSONDuplicateKey] = []

  init(bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int, recordsPositions: Bool) {
    self.bytes = bytes
    self.depthLimit = depthLimit
    self.recordsPositions = recordsPositions
  }

  mutating func parseDocument() throws(JSONFault) -> JSONDocument {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw JSONFault(fault: .byteOrderMark, offset: 0) }
    skipWhitespace()
    let (value, positions) = try parseValue()
    skipWhitespace()
    if offset < bytes.count { throw JSONFault(fault: .trailingText(foundHere), offset: offset) }
    return JSONDocument(value: value, positions: positions, duplicateKeys: duplicateKeys)
  }

  private mutating func parseValue() throws(JSONFault) -> (JSONValue, JSONPositions) {
    let start = offset
    guard offset < bytes.count else { throw unexpected("a value") }
    let value: JSONValue
    switch bytes[offset] {
    case UInt8(ascii: "{"): return try parseObject()
    case UInt8(ascii: "["): return try parseArray()
    case UInt8(ascii: "\""): value = .string(try parseString())
    case UInt8(ascii: "t"): value = try parseWord("true", .bool(true))
    case UInt8(ascii: "f"): value = try parseWord("false", .bool(false))
    case UInt8(ascii: "n"): value = try parseWord("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): value = .number(try parseNumber())
    default: throw unexpected("a value")
    }
    return (value, JSONPositions(range: start..<offset))
  }

  private mutating func parseObject() throws(JSONFault) -> (JSONValue, JSONPositions) {
    try enter()
    var object = JSONObject()
    var positions = JSONPositions(range: offset..<offset)
    offset += 1
    skipWhitespace()
    if !take("}") {
      while true {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
          throw unexpected(object.isEmpty ? "a key in quotes or \"}\"" : "a key in quotes")
        }
        let keyStart = offset
        let key = try parseString()
        let keyRange = keyStart..<offset
        skipWhitespace()
        guard take(":") else { throw unexpected("\":\" after the key") }
        skipWhitespace()
        let (value, valuePositions) = try parseValue()
        if let position = object.position(of: key) {
          duplicateKeys.append(JSONDuplicateKey(key: key, range: keyRange))
          object[key] = value
          if recordsPositions {
            positions.keyRanges[position] = keyRange
            positions.children[position] = valuePositions
          }
        } else {
          object.append(key, value)
          if recordsPositions {
            positions.keyRanges.append(keyRange)
            positions.children.append(valuePositions)
          }
        }
        skipWhitespace()
        if take("}") { break }
        guard take(",") else { throw unexpected("\",\" or \"}\"") }
        skipWhitespace()
      }
    }
    depth -= 1
    positions.range = positions.range.lowerBound..<offset
    return (.object(object), positions)
  }

  private mutating func parseArray() throws(JSONFault) -> (JSONValue, JSONPositions) {
    try enter()
    var elements: [JSONValue] = []
    var positions = JSONPositions(range: offset..<offset)
    offset += 1
    skipWhitespace()
    if !take("]") {
      while true {
        let (value, valuePositions) = try parseValue()
        elements.append(value)
        if recordsPositions { positions.children.append(valuePositions) }
        skipWhitespace()
        if take("]") { break }
        guard take(",") else { throw unexpected("\",\" or \"]\"") }
        skipWhitespace()
      }
    }
    depth -= 1
    positions.range = positions.range.lowerBound..<offset
    return (.array(elements), positions)
  }

  /// A string with its quotes. Runs without an escape are taken whole.
  private mutating func parseString() throws(JSONFault) -> String {
    let start = offset
    offset += 1
    var runStart = offset
    var unescaped: [UInt8] = []
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == UInt8(ascii: "\"") {
        let run = UnsafeBufferPointer(rebasing: bytes[runStart..<offset])
        let text: String?
        if unescaped.isEmpty {
          text = String(validating: run, as: UTF8.self)
        } else {
          unescaped.append(contentsOf: run)
          text = String(validating: unescaped, as: UTF8.self)
        }
        guard let text else { throw JSONFault(fault: .invalidUTF8, offset: firstInvalidUTF8(from: start + 1)) }
        offset += 1
        return text
      }
      if byte == UInt8(ascii: "\\") {
        unescaped.append(contentsOf: bytes[runStart..<offset])
        try parseEscape(into: &unescaped)
        runStart = offset
      } else if byte < 0x20 {
        throw JSONFault(fault: .controlCharacter(byte), offset: offset)
      } else {
        offset += 1
      }
    }
    throw JSONFault(fault: .unterminatedString, offset: start)
  }

  private mutating func parseEscape(into unescaped: inout [UInt8]) throws(JSONFault) {
    let start = offset
    guard offset + 1 < bytes.count else { throw JSONFault(fault: .badEscape("\\"), offset: start) }
    let letter = bytes[offset + 1]
    offset += 2
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(letter)
    case UInt8(ascii: "b"): unescaped.append(0x08)
    case UInt8(ascii: "f"): unescaped.append(0x0C)
    case UInt8(ascii: "n"): unescaped.append(0x0A)
    case UInt8(ascii: "r"): unescaped.append(0x0D)
    case UInt8(ascii: "t"): unescaped.append(0x09)
    case UInt8(ascii: "u"):
      let unit = try parseHexUnit(escapeStart: start)
      var scalar = UInt32(unit)
      if UTF16.isLeadSurrogate(unit) {
        let isFollowed =
          offset + 1 < bytes.count && bytes[offset] == UInt8(ascii: "\\") && bytes[offset + 1] == UInt8(ascii: "u")
        guard isFollowed else { throw JSONFault(fault: .unpairedSurrogate(text(start..<offset)), offset: start) }
        let second = offset
        offset += 2
        let trail = try parseHexUnit(escapeStart: second)
        guard UTF16.isTrailSurrogate(trail) else {
          throw JSONFault(fault: .unpairedSurrogate(text(start..<second)), offset: start)
        }
        scalar = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(trail) - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(scalar) else {
        throw JSONFault(fault: .unpairedSurrogate(text(start..<offset)), offset: start)
      }
      unescaped.append(contentsOf: UTF8.encode(scalar)!)  // every scalar has a UTF-8 form
    default:
      // Show the whole character after the backslash, however many bytes it has.
      var end = start + 2
      while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
      throw JSONFault(fault: .badEscape(text(start..<end)), offset: start)
    }
  }

  /// Four hexadecimal digits.
  private mutating func parseHexUnit(escapeStart: Int) throws(JSONFault) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard offset < bytes.count, let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue,
        bytes[offset] < 0x80
      else {
        throw JSONFault(fault: .badEscape(text(escapeStart..<min(offset + 1, bytes.count))), offset: escapeStart)
      }
      unit = unit << 4 | UInt16(digit)
      offset += 1
    }
    return unit
  }

  private mutating func parseNumber() throws(JSONFault) -> JSONNumber {
    let start = offset
    func fail(_ parser: JSONParser, _ reason: String) -> JSONFault {
      var end = parser.offset
      while end < parser.bytes.count, end < start + 40, parser.isNumberByte(parser.bytes[end]) { end += 1 }
      return JSONFault(fault: .badNumber(parser.text(start..<end), reason: reason), offset: start)
    }
    _ = take("-")
    if take("0") {
      if offset < bytes.count, isDigit(bytes[offset]) { throw fail(self, "a number does not start with 0") }
    } else {
      guard skipDigits() else { throw fail(self, "a digit is expected after \"-\"") }
    }
    if take(".") {
      guard skipDigits() else { throw fail(self, "a digit is expected after \".\"") }
    }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      guard skipDigits() else { throw fail(self, "a digit is expected in the exponent") }
    }
    return JSONNumber(checked: text(start..<offset))
  }

  private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONFault) -> JSONValue {
    let letters = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard bytes[offset...].starts(with: letters) else { throw unexpected("a value") }
    offset += letters.count
    return value
  }

  // MARK: - Bytes

  private mutating func enter() throws(JSONFault) {
    depth += 1
    if depth > depthLimit { throw JSONFault(fault: .tooDeep(limit: depthLimit), offset: offset) }
  }

  private mutating func skipWhitespace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default: return
      }
    }
  }

  private mutating func skipDigits() -> Bool {
    let start = offset
    while offset < bytes.count, isDigit(bytes[offset]) { offset += 1 }
    return offset > start
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private func isNumberByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == 0x2E || byte == 0x2D || byte == 0x2B || byte | 0x20 == 0x65
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private func unexpected(_ expected: String) -> JSONFault {
    JSONFault(fault: .unexpected(found: foundHere, expected: expected), offset: offset)
  }

  /// What stands at the offset, in words.
  private var foundHere: String {
    guard offset < bytes.count else { return "the end of the text" }
    var end = offset + 1
    if isWordByte(bytes[offset]) {
      while end < bytes.count, end < offset + 20, isWordByte(bytes[end]) { end += 1 }
    } else {
      while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
    }
    if bytes[offset] < 0x20 || bytes[offset] == 0x7F { return "control character \(bytes[offset])" }
    return "\"\(text(offset..<end))\""
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || byte == 0x5F
  }

  /// The offset of the first byte that is not part of a UTF-8 sequence.
  private func firstInvalidUTF8(from start: Int) -> Int {
    var decoder = UTF8()
    var iterator = bytes[start...].makeIterator()
    var at = start
    while case .scalarValue(let scalar) = decoder.decode(&iterator) { at += UTF8.width(scalar) }
    return at
  }
}
