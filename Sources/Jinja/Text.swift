import Glibc

/// Which element of which traced context array a value came from.
struct Origin: Equatable {
  /// Index into the names given as `tracing`.
  var variable: Int32
  /// Index of the element.
  var index: Int32
}

/// A Python string: immutable UTF-8, measured and cut in code points.
///
/// Offsets of code points are found through a table of every 64th one, built when first needed, so that indexing costs
/// the same at every place; ASCII needs no table.
final class Text {
  let utf8: [UInt8]
  /// Python's `Markup`: what is added to it is HTML-escaped.
  let isMarkup: Bool
  let origin: Origin?
  private var cachedCount = -1
  private var checkpoints: [Int] = []
  private static let stride = 64

  init(_ utf8: [UInt8], isMarkup: Bool = false, origin: Origin? = nil) {
    self.utf8 = utf8
    self.isMarkup = isMarkup
    self.origin = origin
  }

  convenience init(_ string: String) { self.init(Array(string.utf8)) }

  convenience init(_ slice: ArraySlice<UInt8>) { self.init(Array(slice)) }

  var string: String { String(decoding: utf8, as: UTF8.self) }
  var isEmpty: Bool { utf8.isEmpty }

  /// Length in code points.
  var count: Int {
    if cachedCount < 0 {
      cachedCount = utf8.withUnsafeBufferPointer { bytes in
        var count = 0
        for byte in bytes where byte & 0xC0 != 0x80 { count &+= 1 }
        return count
      }
    }
    return cachedCount
  }

  var isASCII: Bool { count == utf8.count }

  /// UTF-8 offset of the code point at `position`, which is between 0 and `count`.
  func offset(of position: Int) -> Int {
    if isASCII { return position }
    if position == count { return utf8.count }
    if checkpoints.isEmpty {
      var seen = 0
      for (offset, byte) in utf8.enumerated() where byte & 0xC0 != 0x80 {
        if seen % Self.stride == 0 { checkpoints.append(offset) }
        seen += 1
      }
    }
    var offset = checkpoints[position / Self.stride]
    for _ in 0..<position % Self.stride { offset += utf8Width(utf8[offset]) }
    return offset
  }

  /// Code points from `start` to before `end`, both within `0...count`.
  func bytes(_ start: Int, _ end: Int) -> ArraySlice<UInt8> {
    start >= end ? [] : utf8[offset(of: start)..<offset(of: end)]
  }

  /// The code point at `position` as a string.
  func character(_ position: Int) -> Text {
    Text(Array(bytes(position, position + 1)), isMarkup: isMarkup, origin: origin)
  }

  /// Each code point as a string.
  func characters() -> [Value] {
    var result: [Value] = []
    result.reserveCapacity(count)
    var offset = 0
    while offset < utf8.count {
      let end = offset + utf8Width(utf8[offset])
      result.append(.string(Text(Array(utf8[offset..<end]), isMarkup: isMarkup, origin: origin)))
      offset = end
    }
    return result
  }

  /// The same kind of string (markup or not) with other bytes.
  func with(_ utf8: [UInt8]) -> Text { Text(utf8, isMarkup: isMarkup) }
  func with(_ utf8: ArraySlice<UInt8>) -> Text { Text(Array(utf8), isMarkup: isMarkup) }
}

/// Bytes of the sequence that starts with `lead`.
func utf8Width(_ lead: UInt8) -> Int { lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4 }

extension ArraySlice<UInt8> {
  /// Offset of the first occurrence of `needle`, which is not empty.
  func firstOffset(of needle: [UInt8]) -> Int? {
    withUnsafeBufferPointer { bytes in
      needle.withUnsafeBufferPointer { needle in
        var from = 0
        while bytes.count - from >= needle.count {
          let searched = bytes.count - from - needle.count + 1
          guard let found = memchr(bytes.baseAddress! + from, Int32(needle[0]), searched) else { return nil }
          let at = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - bytes.baseAddress!
          if memcmp(bytes.baseAddress! + at, needle.baseAddress!, needle.count) == 0 { return startIndex + at }
          from = at + 1
        }
        return nil
      }
    }
  }

  /// Offset of the last occurrence of `needle`, which is not empty.
  func lastOffset(of needle: [UInt8]) -> Int? {
    var at = endIndex - needle.count
    while at >= startIndex {
      if self[at] == needle[0], self[at..<at + needle.count].elementsEqual(needle) { return at }
      at -= 1
    }
    return nil
  }
}

extension Array<UInt8> {
  static func + (a: [UInt8], b: StaticString) -> [UInt8] {
    a + UnsafeBufferPointer(start: b.utf8Start, count: b.utf8CodeUnitCount)
  }

  /// The code points; the bytes are UTF-8 by construction.
  var scalars: String.UnicodeScalarView { String(decoding: self, as: UTF8.self).unicodeScalars }

  // Every scalar has a UTF-8 form.
  mutating func append(_ scalar: Unicode.Scalar) { append(contentsOf: UTF8.encode(scalar)!) }
  mutating func append(_ text: String) { append(contentsOf: text.utf8) }
}

extension Unicode.Scalar {
  /// White space as `str.isspace` and `\s` have it.
  var isPythonSpace: Bool {
    switch value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }
}

/// Byte ranges of white space at the ends of UTF-8 text.
enum Whitespace {
  /// Offset after the white space that starts at `offset`.
  static func end(_ bytes: [UInt8], from offset: Int, limit: Int) -> Int {
    var at = offset
    while at < limit {
      let width = self.width(bytes, at: at, limit: limit)
      if width == 0 { break }
      at += width
    }
    return at
  }

  /// Offset at which the white space that ends at `offset` starts.
  static func start(_ bytes: [UInt8], to offset: Int, limit: Int) -> Int {
    var at = offset
    while at > limit {
      var lead = at - 1
      while lead > limit, bytes[lead] & 0xC0 == 0x80 { lead -= 1 }
      if width(bytes, at: lead, limit: offset) != at - lead { break }
      at = lead
    }
    return at
  }

  /// Bytes of the white space character at `at`, 0 if it is another one.
  static func width(_ bytes: [UInt8], at: Int, limit: Int) -> Int {
    let byte = bytes[at]
    if byte < 0x80 { return Unicode.Scalar(byte).isPythonSpace ? 1 : 0 }
    let width = utf8Width(byte)
    guard at + width <= limit, width < 4 else { return 0 }
    var value = UInt32(byte) & (width == 2 ? 0x1F : 0x0F)
    for offset in 1..<width { value = value << 6 | UInt32(bytes[at + offset] & 0x3F) }
    return Unicode.Scalar(value).map { $0.isPythonSpace ? width : 0 } ?? 0
  }
}
