/// A place between two characters of a text.
struct TextPosition: Hashable, Comparable, Sendable {
  /// From 0.
  var line: Int
  /// UTF-8 offset in the line.
  var offset: Int

  init(_ line: Int, _ offset: Int) {
    self.line = line
    self.offset = offset
  }

  static let start = TextPosition(0, 0)

  static func < (a: TextPosition, b: TextPosition) -> Bool {
    a.line != b.line ? a.line < b.line : a.offset < b.offset
  }
}

/// A text as an array of lines. Places are UTF-8 offsets, so that an edit and its reverse are exact to the byte even
/// where a combining mark joins its neighbour; `boundary` says where a character ends.
struct TextBuffer: Sendable, Equatable {
  /// Without their ends; never empty.
  private(set) var lines: [String]

  /// Line ends of all kinds become "\n".
  init(_ text: String = "") { lines = Self.split(text) }

  var text: String { lines.joined(separator: "\n") }
  var isEmpty: Bool { lines.count == 1 && lines[0].isEmpty }
  var end: TextPosition { TextPosition(lines.count - 1, lines[lines.count - 1].utf8.count) }

  func text(in range: Range<TextPosition>) -> String {
    let (from, to) = (range.lowerBound, range.upperBound)
    if from.line == to.line {
      let line = lines[from.line]
      return String(line[line.at(from.offset)..<line.at(to.offset)])
    }
    let first = lines[from.line]
    let last = lines[to.line]
    var pieces = [String(first[first.at(from.offset)...])]
    pieces += lines[(from.line + 1)..<to.line]
    pieces.append(String(last[..<last.at(to.offset)]))
    return pieces.joined(separator: "\n")
  }

  /// Returns where the inserted text ends. Costs the touched lines; the others only move when their number changes.
  @discardableResult
  mutating func replace(_ range: Range<TextPosition>, with text: String) -> TextPosition {
    let (from, to) = (range.lowerBound, range.upperBound)
    var pieces = Self.split(text)
    let end =
      pieces.count == 1
      ? TextPosition(from.line, from.offset + pieces[0].utf8.count)
      : TextPosition(from.line + pieces.count - 1, pieces[pieces.count - 1].utf8.count)
    if from.line == to.line, pieces.count == 1 {
      let line = lines[from.line]
      lines[from.line].replaceSubrange(line.at(from.offset)..<line.at(to.offset), with: pieces[0])
      return end
    }
    let first = lines[from.line]
    let last = lines[to.line]
    pieces[0] = first[..<first.at(from.offset)] + pieces[0]
    pieces[pieces.count - 1] += last[last.at(to.offset)...]
    lines.replaceSubrange(from.line...to.line, with: pieces)
    return end
  }

  /// The place of a UTF-8 offset into `text`; past the end it means the end.
  func position(atByte byte: Int) -> TextPosition {
    var rest = max(0, byte)
    for (index, line) in lines.enumerated() {
      let count = line.utf8.count
      if rest <= count { return TextPosition(index, rest) }
      rest -= count + 1
    }
    return end
  }

  /// The place itself if it lies between two characters, else the end of the character around it; brought into the text
  /// if it lies outside.
  func boundary(_ position: TextPosition) -> TextPosition {
    guard position.line >= 0 else { return .start }
    guard position.line < lines.count else { return end }
    let line = lines[position.line]
    let offset = max(0, min(position.offset, line.utf8.count))
    return TextPosition(position.line, line.characterBoundary(offset))
  }

  /// The place after the next character, or the start of the next line.
  func after(_ position: TextPosition) -> TextPosition {
    let line = lines[position.line]
    if position.offset < line.utf8.count {
      return TextPosition(position.line, line.offset(line.index(after: line.at(position.offset))))
    }
    return position.line + 1 < lines.count ? TextPosition(position.line + 1, 0) : position
  }

  /// The place before the previous character, or the end of the previous line.
  func before(_ position: TextPosition) -> TextPosition {
    if position.offset > 0 {
      let line = lines[position.line]
      return TextPosition(position.line, line.offset(line.index(before: line.at(position.offset))))
    }
    return position.line > 0 ? TextPosition(position.line - 1, lines[position.line - 1].utf8.count) : position
  }

  /// The character after a place; "\n" at the end of a line, nil at the end of the text.
  func character(after position: TextPosition) -> Character? {
    let line = lines[position.line]
    if position.offset < line.utf8.count { return line[line.at(position.offset)] }
    return position.line + 1 < lines.count ? "\n" : nil
  }

  func character(before position: TextPosition) -> Character? {
    position == .start ? nil : character(after: before(position))
  }

  private static func split(_ text: String) -> [String] {
    guard text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return [text] }
    var lines: [String] = []
    let bytes = text.utf8
    var start = bytes.startIndex
    var index = start
    while index < bytes.endIndex {
      let byte = bytes[index]
      let next = bytes.index(after: index)
      if byte == 0x0A || byte == 0x0D {
        lines.append(String(text[start..<index]))
        start = byte == 0x0D && next < bytes.endIndex && bytes[next] == 0x0A ? bytes.index(after: next) : next
        index = start
      } else {
        index = next
      }
    }
    lines.append(String(text[start...]))
    return lines
  }
}

extension String {
  /// Constant time in a native string.
  func at(_ offset: Int) -> Index { utf8.index(startIndex, offsetBy: offset) }
  func offset(_ index: Index) -> Int { utf8.distance(from: startIndex, to: index) }

  /// `offset` if a character starts or ends there, else the end of the character around it.
  func characterBoundary(_ offset: Int) -> Int {
    let count = utf8.count
    if offset <= 0 || offset >= count { return Swift.max(0, Swift.min(offset, count)) }
    let index = at(offset)
    if utf8[index] < 0x80, utf8[utf8.index(before: index)] < 0x80 { return offset }
    // From inside a character, `index(after:)` gives that character's end.
    let next = self.index(after: index)
    return self.index(before: next) == index ? offset : self.offset(next)
  }
}
