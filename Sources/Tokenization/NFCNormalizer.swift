/// Brings text into Normalization Form C (Unicode Standard Annex #15) and remembers where each changed stretch came
/// from.
///
/// The work is done only around characters that may change; text without any, nearly all text, is only looked through.
/// The data is cut down to what the reference's normaliser knows, see `make_unicode_tables.py`.
public struct NFCNormalizer: Sendable {
  /// A stretch that was replaced, from one stable character to the next.
  struct Change {
    /// UTF-8 offsets in the given text.
    var source: Range<Int>
    /// UTF-8 offsets in the normalised text.
    var result: Range<Int>
  }

  private let classes = CharacterClasses.shared
  private let data = NormalizationData.shared

  /// Cheap: the tables are shared.
  public init() {}

  /// The text in NFC.
  public func normalize(_ text: String) -> String {
    var text = text
    return text.withUTF8 { bytes in
      guard let first = firstUnstable(bytes, from: 0) else { return String(decoding: bytes, as: UTF8.self) }
      return String(decoding: normalize(bytes, firstUnstable: first).bytes, as: UTF8.self)
    }
  }

  /// The offset of the first character at or after `start` that may change, or make the one before it change.
  func firstUnstable(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    guard let text = bytes.baseAddress else { return nil }
    let count = bytes.count
    var offset = start
    while offset < count {
      let first = text[offset]
      if first < 0x80 {
        offset &+= 1
        while offset &+ 8 <= count {
          let word = UnsafeRawPointer(text + offset).loadUnaligned(as: UInt64.self)
          if word & 0x8080_8080_8080_8080 != 0 { break }
          offset &+= 8
        }
      } else if first < 0xCC {  // below U+0300 nothing is unstable
        offset &+= 2
      } else {
        let (codePoint, width) = decodeUTF8(text + offset)
        if classes.of(codePoint) & CharacterClass.unstable != 0 { return offset }
        offset &+= width
      }
    }
    return nil
  }

  /// The normalised text and its changes in order, given the first unstable character of `bytes`.
  func normalize(_ bytes: UnsafeBufferPointer<UInt8>, firstUnstable: Int) -> (bytes: [UInt8], changes: [Change]) {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var changes: [Change] = []
    var scalars: [UInt64] = []
    var copied = 0
    var unstable: Int? = firstUnstable
    while let first = unstable {
      // The stable character before an unstable one may compose with it.
      var start = first
      if start > copied {
        start -= 1
        while bytes[start] & 0xC0 == 0x80 { start -= 1 }
      }
      var end = first
      while end < bytes.count {
        let (codePoint, width) = decodeUTF8(bytes.baseAddress! + end)  // there is a byte at `end`
        if classes.of(codePoint) & CharacterClass.unstable == 0 { break }
        end += width
      }
      result.append(contentsOf: bytes[copied..<start])
      let resultStart = result.count
      decompose(bytes, start..<end, into: &scalars)
      compose(&scalars)
      for scalar in scalars { appendUTF8(UInt32(truncatingIfNeeded: scalar), to: &result) }
      // What stays the same in front is no part of the change.
      var same = 0
      while start + same < end, resultStart + same < result.count, bytes[start + same] == result[resultStart + same] {
        same += 1
      }
      if start + same < end || resultStart + same < result.count {
        while same > 0, start + same == end || bytes[start + same] & 0xC0 == 0x80 { same -= 1 }
        changes.append(Change(source: start + same..<end, result: resultStart + same..<result.count))
      }
      copied = end
      unstable = self.firstUnstable(bytes, from: end)
    }
    result.append(contentsOf: bytes[copied...])
    return (result, changes)
  }

  // MARK: - The algorithm (UAX #15, section 1.3; Hangul: The Unicode Standard, section 3.12)

  /// Full canonical decomposition in canonical order. An element is the combining class << 32 | the code point.
  private func decompose(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into scalars: inout [UInt64]) {
    scalars.removeAll(keepingCapacity: true)
    var offset = range.lowerBound
    while offset < range.upperBound {
      let (codePoint, width) = decodeUTF8(bytes.baseAddress! + offset)  // there is a byte at `offset`
      appendDecomposed(codePoint, to: &scalars)
      offset += width
    }
    // Marks between two starters are ordered by class. Equal classes keep their order, so the place takes part.
    var start = 0
    while start < scalars.count {
      guard scalars[start] >> 32 != 0 else {
        start += 1
        continue
      }
      var end = start + 1
      while end < scalars.count, scalars[end] >> 32 != 0 { end += 1 }
      if end - start > 1 {
        let marks = Array(scalars[start..<end])
        let order = marks.indices.map { marks[$0] & ~0xFFFF_FFFF | UInt64($0) }.sorted()
        for (index, entry) in order.enumerated() { scalars[start + index] = marks[Int(entry & 0xFFFF_FFFF)] }
      }
      start = end
    }
  }

  private func appendDecomposed(_ codePoint: UInt32, to scalars: inout [UInt64]) {
    if codePoint >= 0xAC00, codePoint < 0xAC00 + 11172 {
      let index = codePoint - 0xAC00
      scalars.append(UInt64(0x1100 + index / 588))
      scalars.append(UInt64(0x1161 + index % 588 / 28))
      if index % 28 != 0 { scalars.append(UInt64(0x11A7 + index % 28)) }
    } else if let parts = data.decomposition(of: codePoint) {
      appendDecomposed(parts.first, to: &scalars)
      if parts.second != 0 { appendDecomposed(parts.second, to: &scalars) }
    } else {
      scalars.append(UInt64(data.combiningClass(of: codePoint)) << 32 | UInt64(codePoint))
    }
  }

  /// Canonical composition in place.
  private func compose(_ scalars: inout [UInt64]) {
    var kept = 0
    var starter: Int?
    for index in scalars.indices {
      let scalar = scalars[index]
      let isBlocked = starter.map { $0 + 1 < kept && scalars[kept - 1] >> 32 >= scalar >> 32 } ?? true
      if !isBlocked, let starter,
        let composite = compose(UInt32(truncatingIfNeeded: scalars[starter]), UInt32(truncatingIfNeeded: scalar))
      {
        scalars[starter] = UInt64(composite)
        continue
      }
      scalars[kept] = scalar
      if scalar >> 32 == 0 { starter = kept }
      kept += 1
    }
    scalars.removeSubrange(kept...)
  }

  private func compose(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if first >= 0x1100, first < 0x1113, second >= 0x1161, second < 0x1176 {
      return 0xAC00 + (first - 0x1100) * 588 + (second - 0x1161) * 28
    }
    if first >= 0xAC00, first < 0xAC00 + 11172, (first - 0xAC00) % 28 == 0, second > 0x11A7, second < 0x11C3 {
      return first + (second - 0x11A7)
    }
    return data.composite(of: first, second)
  }
}

private func appendUTF8(_ codePoint: UInt32, to bytes: inout [UInt8]) {
  func continuation(_ shift: UInt32) -> UInt8 { UInt8(0x80 | codePoint >> shift & 0x3F) }
  switch codePoint {
  case ..<0x80: bytes.append(UInt8(codePoint))
  case ..<0x800: bytes += [UInt8(0xC0 | codePoint >> 6), continuation(0)]
  case ..<0x10000: bytes += [UInt8(0xE0 | codePoint >> 12), continuation(6), continuation(0)]
  default: bytes += [UInt8(0xF0 | codePoint >> 18), continuation(12), continuation(6), continuation(0)]
  }
}

/// Combining classes, canonical decompositions and primary composites, looked up by binary search.
private struct NormalizationData: Sendable {
  static let shared = NormalizationData()

  /// In order: start << 32 | length << 8 | class.
  private var combiningRuns: [UInt64] = []
  /// In order of the code point: code point << 42 | first << 21 | second.
  private var decompositions: [UInt64] = []
  /// In order: first << 42 | second << 21 | composite.
  private var composites: [UInt64] = []

  private init() {
    var reader = UnicodeText(UnicodeTables.combiningClasses)
    var codePoint: UInt64 = 0
    while !reader.isAtEnd {
      codePoint += UInt64(reader.next())
      let length = UInt64(reader.next())
      combiningRuns.append(codePoint << 32 | length << 8 | UInt64(reader.next()))
    }
    reader = UnicodeText(UnicodeTables.decompositions)
    codePoint = 0
    while !reader.isAtEnd {
      codePoint += UInt64(reader.next())
      let first = UInt64(reader.next())
      let (second, composes) = UInt64(reader.next()).quotientAndRemainder(dividingBy: 2)
      decompositions.append(codePoint << 42 | first << 21 | second)
      if composes == 1 { composites.append(first << 42 | second << 21 | codePoint) }
    }
    composites.sort()
  }

  func combiningClass(of codePoint: UInt32) -> UInt8 {
    guard let run = last(in: combiningRuns, upTo: UInt64(codePoint) << 32 | 0xFFFF_FFFF) else { return 0 }
    return UInt64(codePoint) < run >> 32 + (run >> 8 & 0xFF_FFFF) ? UInt8(truncatingIfNeeded: run) : 0
  }

  func decomposition(of codePoint: UInt32) -> (first: UInt32, second: UInt32)? {
    guard let entry = last(in: decompositions, upTo: UInt64(codePoint) << 42 | 0x3FF_FFFF_FFFF),
      entry >> 42 == UInt64(codePoint)
    else { return nil }
    return (UInt32(entry >> 21 & 0x1F_FFFF), UInt32(entry & 0x1F_FFFF))
  }

  func composite(of first: UInt32, _ second: UInt32) -> UInt32? {
    let pair = UInt64(first) << 42 | UInt64(second) << 21
    guard let entry = last(in: composites, upTo: pair | 0x1F_FFFF), entry >> 21 == pair >> 21 else { return nil }
    return UInt32(entry & 0x1F_FFFF)
  }

  /// The largest entry that is not above `bound`.
  private func last(in entries: [UInt64], upTo bound: UInt64) -> UInt64? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle] <= bound { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : entries[low - 1]
  }
}
