/// The methods of Python's `str` that work on whole strings; all positions are code points.
enum StringMethods {
  enum End { case left, right, both }

  // MARK: - Cutting

  /// Without the characters of `set` (nil: white space) at the ends.
  static func stripped(_ utf8: [UInt8], _ set: [UInt8]?, _ end: End) -> [UInt8] {
    var (start, stop) = (0, utf8.count)
    guard let set else {
      if end != .right { start = Whitespace.end(utf8, from: 0, limit: stop) }
      if end != .left { stop = Whitespace.start(utf8, to: stop, limit: start) }
      return start == 0 && stop == utf8.count ? utf8 : Array(utf8[start..<stop])
    }
    let scalars = Set(set.scalars)
    func isInSet(_ at: Int) -> Bool {
      scalars.contains(utf8[at..<at + utf8Width(utf8[at])].withUnsafeBufferPointer { Array($0).scalars.first! })
    }
    if end != .right {
      while start < stop, isInSet(start) { start += utf8Width(utf8[start]) }
    }
    if end != .left {
      while stop > start {
        var lead = stop - 1
        while utf8[lead] & 0xC0 == 0x80 { lead -= 1 }
        guard isInSet(lead) else { break }
        stop = lead
      }
    }
    return Array(utf8[start..<stop])
  }

  /// `split(separator, limit)`; a negative limit is none.
  static func split(_ text: Text, _ separator: [UInt8], limit: Int) -> [[UInt8]] {
    var parts: [[UInt8]] = []
    var start = 0
    while limit < 0 || parts.count < limit, let found = text.utf8[start...].firstOffset(of: separator) {
      parts.append(Array(text.utf8[start..<found]))
      start = found + separator.count
    }
    parts.append(Array(text.utf8[start...]))
    return parts
  }

  static func splitFromRight(_ text: Text, _ separator: [UInt8], limit: Int) -> [[UInt8]] {
    var parts: [[UInt8]] = []
    var end = text.utf8.count
    while limit < 0 || parts.count < limit, let found = text.utf8[..<end].lastOffset(of: separator) {
      parts.append(Array(text.utf8[found + separator.count..<end]))
      end = found
    }
    parts.append(Array(text.utf8[..<end]))
    return parts.reversed()
  }

  /// `split(None, limit)`: runs of white space separate.
  static func words(_ text: Text, limit: Int) -> [[UInt8]] {
    let utf8 = text.utf8
    var parts: [[UInt8]] = []
    var at = Whitespace.end(utf8, from: 0, limit: utf8.count)
    while at < utf8.count {
      if limit >= 0, parts.count == limit {
        parts.append(Array(utf8[at...]))
        break
      }
      var end = at
      while end < utf8.count, Whitespace.width(utf8, at: end, limit: utf8.count) == 0 { end += utf8Width(utf8[end]) }
      parts.append(Array(utf8[at..<end]))
      at = Whitespace.end(utf8, from: end, limit: utf8.count)
    }
    return parts
  }

  static func wordsFromRight(_ text: Text, limit: Int) -> [[UInt8]] {
    if limit < 0 { return words(text, limit: -1) }
    let utf8 = text.utf8
    var parts: [[UInt8]] = []
    var end = Whitespace.start(utf8, to: utf8.count, limit: 0)
    while end > 0 {
      if parts.count == limit {
        parts.append(Array(utf8[..<end]))
        break
      }
      var start = end
      while start > 0 {
        var lead = start - 1
        while utf8[lead] & 0xC0 == 0x80 { lead -= 1 }
        if Whitespace.width(utf8, at: lead, limit: end) > 0 { break }
        start = lead
      }
      parts.append(Array(utf8[start..<end]))
      end = Whitespace.start(utf8, to: start, limit: 0)
    }
    return parts.reversed()
  }

  /// `splitlines(keepends)`: at \n, \r, \r\n and the other line boundaries of Unicode.
  static func lines(_ utf8: [UInt8], keepingEnds: Bool = false) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var (start, at) = (0, 0)
    while at < utf8.count {
      let width = lineEndWidth(utf8, at)
      guard width > 0 else {
        at += 1
        continue
      }
      lines.append(Array(utf8[start..<(keepingEnds ? at + width : at)]))
      at += width
      start = at
    }
    if start < utf8.count { lines.append(Array(utf8[start...])) }
    return lines
  }

  private static func lineEndWidth(_ utf8: [UInt8], _ at: Int) -> Int {
    switch utf8[at] {
    case 0x0D: at + 1 < utf8.count && utf8[at + 1] == 0x0A ? 2 : 1
    case 0x0A, 0x0B, 0x0C, 0x1C, 0x1D, 0x1E: 1
    case 0xC2: at + 1 < utf8.count && utf8[at + 1] == 0x85 ? 2 : 0
    case 0xE2: at + 2 < utf8.count && utf8[at + 1] == 0x80 && (utf8[at + 2] == 0xA8 || utf8[at + 2] == 0xA9) ? 3 : 0
    default: 0
    }
  }

  // MARK: - Replacing

  /// `replace(old, new, limit)`; an empty `old` is found between all characters.
  static func replaced(_ utf8: [UInt8], _ old: [UInt8], _ new: [UInt8], limit: Int) -> [UInt8] {
    var output: [UInt8] = []
    var (at, done) = (0, 0)
    if old.isEmpty {
      while limit < 0 || done < limit {
        output += new
        done += 1
        guard at < utf8.count else { return output }
        let width = utf8Width(utf8[at])
        output += utf8[at..<at + width]
        at += width
      }
      return output + utf8[at...]
    }
    while limit < 0 || done < limit, let found = utf8[at...].firstOffset(of: old) {
      output += utf8[at..<found]
      output += new
      at = found + old.count
      done += 1
    }
    return done == 0 ? utf8 : output + utf8[at...]
  }

  static func expandedTabs(_ utf8: [UInt8], size: Int) -> [UInt8] {
    var output: [UInt8] = []
    var column = 0
    for scalar in utf8.scalars {
      switch scalar {
      case "\t":
        let width = size > 0 ? size - column % size : 0
        output += [UInt8](repeating: 0x20, count: width)
        column += width
      case "\n", "\r":
        output.append(scalar)
        column = 0
      default:
        output.append(scalar)
        column += 1
      }
    }
    return output
  }

  // MARK: - Case

  static func uppercased(_ utf8: [UInt8]) -> [UInt8] {
    mapped(utf8, ascii: { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }, { $0.properties.uppercaseMapping })
  }

  static func lowercased(_ utf8: [UInt8]) -> [UInt8] {
    if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 } }
    let scalars = Array(utf8.scalars)
    var output: [UInt8] = []
    for index in scalars.indices { output.append(lowercase(scalars, index)) }
    return output
  }

  /// A capital sigma at the end of a word has a lower case of its own.
  private static func lowercase(_ scalars: [Unicode.Scalar], _ index: Int) -> String {
    guard scalars[index].value == 0x3A3 else { return scalars[index].properties.lowercaseMapping }
    let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
    let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
    let isFinal = before?.properties.isCased == true && after?.properties.isCased != true
    return isFinal ? "\u{3C2}" : "\u{3C3}"
  }

  /// For comparing without case. The library has no table of foldings: upper then lower case gives the same but for
  /// dotless i and Cherokee.
  static func casefolded(_ utf8: [UInt8]) -> [UInt8] {
    mapped(
      utf8, ascii: { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 },
      { scalar in
        switch scalar.value {
        case 0x131: return String(scalar)
        case 0x13A0...0x13F5: return String(scalar)
        case 0x13F8...0x13FD, 0xAB70...0xABBF: return scalar.properties.uppercaseMapping
        default: break
        }
        var folded = ""
        for upper in scalar.properties.uppercaseMapping.unicodeScalars { folded += upper.properties.lowercaseMapping }
        return folded
      })
  }

  static func capitalized(_ utf8: [UInt8]) -> [UInt8] {
    let scalars = Array(utf8.scalars)
    guard let first = scalars.first else { return [] }
    var output = Array(first.properties.titlecaseMapping.utf8)
    for index in scalars.indices.dropFirst() { output.append(lowercase(scalars, index)) }
    return output
  }

  /// `title()`: a cased letter after an uncased character is put in title case.
  static func titled(_ utf8: [UInt8]) -> [UInt8] {
    let scalars = Array(utf8.scalars)
    var output: [UInt8] = []
    var previousIsCased = false
    for index in scalars.indices {
      output.append(previousIsCased ? lowercase(scalars, index) : scalars[index].properties.titlecaseMapping)
      previousIsCased = scalars[index].properties.isCased
    }
    return output
  }

  static func caseSwapped(_ utf8: [UInt8]) -> [UInt8] {
    let scalars = Array(utf8.scalars)
    var output: [UInt8] = []
    for index in scalars.indices {
      let properties = scalars[index].properties
      output.append(
        properties.isUppercase
          ? lowercase(scalars, index) : properties.isLowercase ? properties.uppercaseMapping : String(scalars[index]))
    }
    return output
  }

  private static func mapped(
    _ utf8: [UInt8], ascii: (UInt8) -> UInt8, _ map: (Unicode.Scalar) -> String
  ) -> [UInt8] {
    if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.map(ascii) }
    var output: [UInt8] = []
    for scalar in utf8.scalars { output.append(map(scalar)) }
    return output
  }

  // MARK: - Questions

  static func all(_ text: Text, _ holds: (Unicode.Scalar) -> Bool) -> Bool {
    !text.isEmpty && text.utf8.scalars.allSatisfy(holds)
  }

  static func isAlphabetic(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }

  static func isNumeric(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.numericType != nil }

  static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.numericType == .decimal || scalar.properties.numericType == .digit
  }

  /// At least one cased character, and all of the one case.
  static func isLower(_ text: Text) -> Bool {
    var found = false
    for scalar in text.utf8.scalars {
      let properties = scalar.properties
      if properties.isUppercase || properties.generalCategory == .titlecaseLetter { return false }
      found = found || properties.isLowercase
    }
    return found
  }

  static func isUpper(_ text: Text) -> Bool {
    var found = false
    for scalar in text.utf8.scalars {
      let properties = scalar.properties
      if properties.isLowercase || properties.generalCategory == .titlecaseLetter { return false }
      found = found || properties.isUppercase
    }
    return found
  }

  static func isTitle(_ text: Text) -> Bool {
    var (found, previousIsCased) = (false, false)
    for scalar in text.utf8.scalars {
      let properties = scalar.properties
      if properties.isUppercase || properties.generalCategory == .titlecaseLetter {
        if previousIsCased { return false }
        (found, previousIsCased) = (true, true)
      } else if properties.isLowercase {
        if !previousIsCased { return false }
        found = true
      } else {
        previousIsCased = false
      }
    }
    return found
  }
}
