public import JSON

/// Why a theme cannot be used.
public enum ThemeError: Error, Equatable, CustomStringConvertible {
  case syntax(SourceExcerpt, String)
  case unreadable(path: String, reason: String)
  case unknown(name: String, available: [String])

  public var description: String {
    switch self {
    case .syntax(let excerpt, let sentence): excerpt.description(sentence)
    case .unreadable(let path, let reason): "\(path): cannot read the theme: \(reason)"
    case .unknown(let name, let available):
      "no theme is called \"\(name)\"; there are \(available.joined(separator: ", ")), and the path of a file is taken too"
    }
  }
}

extension Theme {
  /// - Parameters:
  ///   - source: the file's text.
  ///   - name: what messages call it, such as `dark.theme`.
  /// - Throws: `ThemeError.syntax` for the first line that is wrong.
  public init(parsing source: String, name: String) throws(ThemeError) {
    var parser = ThemeParser(source: source, name: name)
    try parser.parse()
    self.init(name: name, styles: parser.styles)
  }
}

/// Goes through a theme line by line; a line is a comment, `color NAME = …` or `ROLE = …`.
private struct ThemeParser {
  let source: String
  let name: String
  private(set) var styles: [Theme.Role: Theme.StyleByDepth] = [:]
  private var colors: [String: ColorByDepth] = [:]

  private struct ColorByDepth {
    var direct: Color
    var palette256: Color
    var ansi16: Color

    /// One colour for all depths, brought down to what each can show.
    init(_ color: Color) {
      direct = color
      palette256 = color.reduced(to: .palette256)
      ansi16 = color.reduced(to: .ansi16)
    }
  }

  /// A word and its UTF-8 offset in the source.
  private struct Word {
    let text: Substring
    let offset: Int
    var end: Int { offset + text.utf8.count }
  }

  init(source: String, name: String) {
    self.source = source
    self.name = name
  }

  mutating func parse() throws(ThemeError) {
    for line in source.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      let words = words(of: line)
      guard let first = words.first, !first.text.hasPrefix("#") else { continue }
      if first.text == "color" {
        try parseColor(words)
      } else {
        try parseRole(words)
      }
    }
    guard styles[.text] != nil else {
      throw .syntax(
        SourceExcerpt(of: source.utf8, offset: source.utf8.count, name: name), "the theme does not give role \"text\"")
    }
  }

  /// Parts between blanks; "=" and "," are words of their own.
  private func words(of line: Substring) -> [Word] {
    var words: [Word] = []
    var rest = line
    while let first = rest.first {
      if first == " " || first == "\t" {
        rest.removeFirst()
        continue
      }
      let text = first == "=" || first == "," ? rest.prefix(1) : rest.prefix { !" \t=,".contains($0) }
      words.append(Word(text: text, offset: source.utf8.distance(from: source.startIndex, to: text.startIndex)))
      rest = rest[text.endIndex...]
    }
    return words
  }

  private func error(at offset: Int, _ sentence: String) -> ThemeError {
    .syntax(SourceExcerpt(of: source.utf8, offset: offset, name: name), sentence)
  }

  /// `color NAME = DIRECT, PALETTE, ANSI`, the last two optional.
  private mutating func parseColor(_ words: [Word]) throws(ThemeError) {
    let end = words[words.count - 1].end
    guard words.count >= 2, words[1].text != "=" else { throw error(at: words[0].end, "expected the colour's name") }
    let name = String(words[1].text)
    let isTaken = Attributes(themeWord: name) != nil || ["on", "default"].contains(name)
    guard !isTaken, name.first?.isLetter == true else {
      throw error(at: words[1].offset, "a colour cannot be called \"\(name)\"; take another word")
    }
    guard colors[name] == nil else { throw error(at: words[1].offset, "colour \"\(name)\" is given twice") }
    guard words.count >= 3, words[2].text == "=" else { throw error(at: words[1].end, "expected \"=\"") }
    var forms: [Color] = []
    for (position, word) in words[3...].enumerated() {
      if position % 2 == 1 {
        guard word.text == "," else { throw error(at: word.offset, "expected \",\", found \"\(word.text)\"") }
      } else {
        guard let color = Color(themeWord: word.text) else { throw error(at: word.offset, unknownColor(word.text)) }
        forms.append(color)
      }
    }
    guard (1...3).contains(forms.count), words.count - 3 == 2 * forms.count - 1 else {
      throw error(at: end, "expected one to three colours: direct, of 256, of 16")
    }
    var color = ColorByDepth(forms[0])
    if forms.count > 1 {
      color.palette256 = forms[1].reduced(to: .palette256)
      color.ansi16 = forms[1].reduced(to: .ansi16)
    }
    if forms.count > 2 { color.ansi16 = forms[2].reduced(to: .ansi16) }
    colors[name] = color
  }

  /// `ROLE = [FOREGROUND] [on BACKGROUND] [attribute…]`.
  private mutating func parseRole(_ words: [Word]) throws(ThemeError) {
    let first = words[0]
    guard let role = Theme.Role(rawValue: String(first.text)) else {
      let near = nearest(to: first.text, among: Theme.Role.allCases.map(\.rawValue))
      throw error(at: first.offset, "unknown role \"\(first.text)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? ""))
    }
    guard styles[role] == nil else { throw error(at: first.offset, "role \"\(first.text)\" is given twice") }
    guard words.count >= 2, words[1].text == "=" else { throw error(at: first.end, "expected \"=\"") }
    guard role == .text || styles[.text] != nil else {
      throw error(at: first.offset, "role \"text\" must come first: the others take their background from it")
    }

    var foreground: ColorByDepth?
    var background: ColorByDepth?
    var attributes: Attributes = []
    var rest = words[2...]
    while let word = rest.popFirst() {
      if let attribute = Attributes(themeWord: word.text) {
        attributes.insert(attribute)
      } else if word.text == "on" {
        guard let ground = rest.popFirst() else { throw error(at: word.end, "expected a colour after \"on\"") }
        background = try color(ground)
      } else if foreground == nil, background == nil, attributes.isEmpty {
        foreground = try color(word)
      } else {
        let near = nearest(to: word.text, among: Attributes.names.map(\.0))
        throw error(
          at: word.offset, "unknown attribute \"\(word.text)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? ""))
      }
    }
    if role == .text, foreground == nil || background == nil {
      throw error(at: words[words.count - 1].end, "role \"text\" needs both colours: \"text = … on …\"")
    }
    let text = styles[.text] ?? .init()
    styles[role] = .init(
      direct: Style(
        foreground?.direct ?? text.direct.foreground, on: background?.direct ?? text.direct.background, attributes),
      palette256: Style(
        foreground?.palette256 ?? text.palette256.foreground,
        on: background?.palette256 ?? text.palette256.background, attributes),
      ansi16: Style(
        foreground?.ansi16 ?? text.ansi16.foreground, on: background?.ansi16 ?? text.ansi16.background, attributes))
  }

  private func color(_ word: Word) throws(ThemeError) -> ColorByDepth {
    if let named = colors[String(word.text)] { return named }
    if let literal = Color(themeWord: word.text) { return ColorByDepth(literal) }
    throw error(at: word.offset, unknownColor(word.text))
  }

  private func unknownColor(_ text: Substring) -> String {
    if text.hasPrefix("#") { return "\"\(text)\" is not a colour: expected six hexadecimal digits, as in #61afef" }
    if text.allSatisfy(\.isNumber) { return "the terminal has colours 0 to 255, not \(text)" }
    let near = nearest(to: text, among: colors.keys.sorted() + Color.ansiNames + ["default"])
    return "unknown colour \"\(text)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? "")
  }

  /// The candidate that the fewest edits turn into the text, if that is at most a third of its letters.
  private func nearest(to text: Substring, among candidates: [String]) -> String? {
    let best = candidates.map { ($0, editDistance(Array(text.utf8), Array($0.utf8))) }.min { $0.1 < $1.1 }
    return best.flatMap { $0.1 <= max(1, text.count / 3) ? $0.0 : nil }
  }

  /// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
  private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(last[j] + (a[i] == b[j] ? 0 : 1), row[j] + 1, last[j + 1] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
        row.append(best)
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }
}

extension Attributes {
  fileprivate init?(themeWord: some StringProtocol) {
    guard let named = Attributes.names.first(where: { $0.0 == themeWord }) else { return nil }
    self = named.1
  }
}

extension Color {
  /// `#rrggbb`, 0–255, an ANSI name or `default`.
  fileprivate init?(themeWord word: some StringProtocol) {
    if word == "default" {
      self = .terminal
    } else if let index = Color.ansiNames.firstIndex(where: { $0 == word }) {
      self = .palette(UInt8(index))
    } else if word.hasPrefix("#"), word.utf8.count == 7, word.dropFirst().allSatisfy(\.isHexDigit),
      let value = UInt32(word.dropFirst(), radix: 16)
    {
      self = .rgb(value)
    } else if word.first?.isNumber == true, let index = UInt8(word) {
      self = .palette(index)
    } else {
      return nil
    }
  }
}
