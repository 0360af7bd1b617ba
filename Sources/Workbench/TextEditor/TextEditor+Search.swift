extension TextEditor {
  /// UTF-8 ranges of what is searched for in a line. Case counts only if the search has a capital letter.
  func matches(inLine line: Int) -> [Range<Int>] {
    guard !searchText.isEmpty else { return [] }
    return Self.matches(of: searchText, in: buffer.lines[line])
  }

  static func matches(of search: String, in line: String) -> [Range<Int>] {
    let ignoresCase = !search.contains { $0.isUppercase }
    let wanted = search.map { ignoresCase ? $0.lowercased() : String($0) }
    guard !wanted.isEmpty, line.utf8.count >= search.utf8.count || ignoresCase else { return [] }
    var found: [Range<Int>] = []
    var index = line.startIndex
    while index < line.endIndex {
      var end = index
      var matched = 0
      while matched < wanted.count, end < line.endIndex {
        let own = ignoresCase ? line[end].lowercased() : String(line[end])
        guard own == wanted[matched] else { break }
        matched += 1
        end = line.index(after: end)
      }
      if matched == wanted.count {
        found.append(line.offset(index)..<line.offset(end))
        index = end
      } else {
        index = line.index(after: index)
      }
    }
    return found
  }

  /// Selects the next match, from the other end of the text if need be.
  /// - Parameters:
  ///   - text: what is searched for from now on.
  ///   - fromHere: a match at the cursor, or the one that is selected, counts too.
  /// - Returns: false if there is none.
  @discardableResult
  mutating func find(_ text: String, backwards: Bool = false, fromHere: Bool = false) -> Bool {
    searchText = text
    guard !text.isEmpty else { return false }
    let start = selection.range.lowerBound
    let count = buffer.lines.count
    for step in 0...count {
      let line = ((start.line + (backwards ? -step : step)) % count + count) % count
      let here = matches(inLine: line).filter { match in
        // The start's own line comes first with what lies ahead, and last with what lies behind.
        guard line == start.line else { return true }
        let isAhead =
          backwards
          ? match.lowerBound < start.offset
          : match.lowerBound > start.offset || (fromHere && match.lowerBound == start.offset)
        return step == 0 ? isAhead : step == count ? !isAhead : true
      }
      guard let match = backwards ? here.last : here.first else { continue }
      selectRange(TextPosition(line, match.lowerBound)..<TextPosition(line, match.upperBound))
      return true
    }
    return false
  }

  mutating func selectRange(_ range: Range<TextPosition>) {
    moveCursor(to: range.lowerBound)
    moveCursor(to: range.upperBound, extending: true)
  }
}
