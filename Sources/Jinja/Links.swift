/// The addresses that `urlize` finds in a text: `jinja2.utils.urlize` of Jinja2 3.1, on words that are already escaped.
enum Links {
  /// What a link is given besides its address.
  struct Options {
    /// Code points of an address that are shown; nil shows all.
    var shownCount: Int?
    /// ` rel="…" target="…"`, or what of it is asked for.
    var attributes: [UInt8] = []
    /// Beginnings such as `tel:` that make a word an address as well.
    var schemes: [[UInt8]] = []
  }

  /// The text with each address in an `<a>`, without the punctuation around it.
  static func linked(_ escaped: [UInt8], _ options: Options) -> [UInt8] {
    var output: [UInt8] = []
    var at = 0
    while at < escaped.count {
      let space = Whitespace.end(escaped, from: at, limit: escaped.count)
      output += escaped[at..<space]
      at = space
      while at < escaped.count, Whitespace.width(escaped, at: at, limit: escaped.count) == 0 {
        at += utf8Width(escaped[at])
      }
      output += linked(word: escaped[space..<at], options)
    }
    return output
  }

  private static func linked(word: ArraySlice<UInt8>, _ options: Options) -> [UInt8] {
    let opening = ["(", "<", "&lt;"].map { Array($0.utf8) }
    let closing = [")", ">", ".", ",", "&gt;"].map { Array($0.utf8) }
    var middle = word
    while let head = opening.first(where: { middle.starts(with: $0) }) { middle = middle.dropFirst(head.count) }
    let head = word[..<middle.startIndex]
    while let tail = closing.first(where: { middle.reversed().starts(with: $0.reversed()) }) {
      middle = middle.dropLast(tail.count)
    }
    // Parentheses that an address opens, it also closes: what closes them is taken back from the tail.
    for (open, close) in [("(", ")"), ("<", ">"), ("&lt;", "&gt;")] {
      let (open, close) = (Array(open.utf8), Array(close.utf8))
      let openCount = middle.occurrences(of: open)
      if openCount <= middle.occurrences(of: close) { continue }
      for _ in 0..<openCount {
        guard let at = word[middle.endIndex...].firstOffset(of: close) else { break }
        middle = word[middle.startIndex..<at + close.count]
      }
    }
    return head + link(Array(middle), options) + word[middle.endIndex...]
  }

  /// The word as a link, or as it is.
  private static func link(_ word: [UInt8], _ options: Options) -> [UInt8] {
    func anchor(_ address: [UInt8], _ attributes: [UInt8], shown: [UInt8]) -> [UInt8] {
      "<a href=\"".utf8 + address + "\"" + attributes + ">" + shown + "</a>"
    }
    if isWebAddress(word) {
      let isWhole = word.starts(with: "https://".utf8) || word.starts(with: "http://".utf8)
      return anchor((isWhole ? [] : Array("https://".utf8)) + word, options.attributes, shown: shown(word, options))
    }
    let isMail = word.starts(with: "mailto:".utf8)
    if isMail, isMailAddress(word.dropFirst(7)) { return anchor(word, [], shown: Array(word.dropFirst(7))) }
    let isName = !word.starts(with: "www.".utf8) && word.first != UInt8(ascii: "@") && !word.contains(UInt8(ascii: ":"))
    if isName, isMailAddress(word[...]) {
      return anchor("mailto:".utf8 + word, [], shown: word)
    }
    return options.schemes.reduce(word) { word, scheme in
      word != scheme && word.starts(with: scheme) ? anchor(word, options.attributes, shown: word) : word
    }
  }

  private static func shown(_ address: [UInt8], _ options: Options) -> [UInt8] {
    let text = Text(address)
    guard let limit = options.shownCount, text.count > limit else { return address }
    // A negative limit counts from the end, as a slice does.
    return Array(text.bytes(0, limit < 0 ? max(text.count + limit, 0) : limit)) + "..."
  }

  // MARK: - Addresses

  /// Whether a word without white space is a web address: a scheme or `www.` with a host name, a host name below one of
  /// the old top-level domains, or a scheme with a number; then a port and a path.
  private static func isWebAddress(_ word: [UInt8]) -> Bool {
    let word = word.scalars.map(folded)
    let afterScheme = ["https://", "http://"].lazy.map { Array($0.unicodeScalars) }.first { word.starts(with: $0) }?
      .count
    for start in [afterScheme, word.starts(with: "www.".unicodeScalars) ? 4 : nil].compactMap(\.self) {
      let end = word[start...].firstIndex { !isHostCharacter($0) && $0 != "." } ?? word.count
      let labels = word[start..<end].split(separator: ".", omittingEmptySubsequences: false)
      let isName = labels.dropLast().allSatisfy { !$0.isEmpty } && labels.last.map(isTopLevelDomain) ?? false
      if isName, endsHost(word[end...]) { return true }
    }
    let end = word.firstIndex { !isHostCharacter($0) && $0 != "." } ?? word.count
    let labels = word[..<end].split(separator: ".", omittingEmptySubsequences: false)
    let oldDomains = ["com", "net", "int", "edu", "gov", "org", "info", "mil"]
    if labels.count > 1, labels.dropLast().allSatisfy({ (2...63).contains($0.count) }),
      oldDomains.contains(where: { $0.unicodeScalars.elementsEqual(labels[labels.count - 1]) }), endsHost(word[end...])
    {
      return true
    }
    return afterScheme.map { isNumericHost(word[$0...]) } ?? false
  }

  private static func isTopLevelDomain(_ label: ArraySlice<Unicode.Scalar>) -> Bool {
    if (2...63).contains(label.count), label.allSatisfy({ ("a"..."z").contains($0) }) { return true }
    return label.starts(with: "xn--".unicodeScalars) && (6...63).contains(label.count)
      && label.dropFirst(4).allSatisfy { isWordCharacter($0) || $0 == "%" }
  }

  /// Whether `host` starts with an IPv4 address or a bracketed IPv6 address and then ends as a host does.
  private static func isNumericHost(_ host: ArraySlice<Unicode.Scalar>) -> Bool {
    guard host.first == "[" else {
      let end = host.firstIndex { !isDecimal($0) && $0 != "." } ?? host.endIndex
      let numbers = host[..<end].split(separator: ".", omittingEmptySubsequences: false)
      return numbers.count == 4 && numbers.allSatisfy { (1...3).contains($0.count) } && endsHost(host[end...])
    }
    guard let end = host.firstIndex(of: "]") else { return false }
    var rest = host[..<end].dropFirst()
    func dropGroup() -> (hasDigits: Bool, hasColon: Bool) {
      let digits = rest.prefix(4).prefix { isDecimal($0) || ("a"..."f").contains($0) }
      rest = rest.dropFirst(digits.count)
      let hasColon = rest.first == ":"
      if hasColon { rest = rest.dropFirst() }
      return (!digits.isEmpty, hasColon)
    }
    for _ in 0..<2 { guard dropGroup().hasColon else { return false } }
    for _ in 0..<6 { _ = dropGroup() }
    return rest.isEmpty && endsHost(host[(end + 1)...])
  }

  /// Whether nothing, or a port and a path, follows a host.
  private static func endsHost(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
    var rest = rest
    if rest.first == ":" {
      let digits = rest.dropFirst().prefix(while: isDecimal)
      guard (1...5).contains(digits.count) else { return false }
      rest = rest[digits.endIndex...]
    }
    return rest.first.map { "/?#".unicodeScalars.contains($0) } ?? true
  }

  /// Whether a word without white space is `name@host.domain`.
  private static func isMailAddress(_ word: ArraySlice<UInt8>) -> Bool {
    guard let at = word.lastIndex(of: UInt8(ascii: "@")), at > word.startIndex else { return false }
    let host = Array(Array(word[(at + 1)...]).scalars)
    guard let dot = host.lastIndex(of: "."), dot > 0, dot + 1 < host.count, isWordCharacter(host[0]) else {
      return false
    }
    return host.allSatisfy { isWordCharacter($0) || $0 == "." || $0 == "-" }
      && host[(dot + 1)...].allSatisfy(isWordCharacter)
  }

  /// Whether a scheme that a template names is one: `tel:`, `svn+ssh://`.
  static func isScheme(_ scheme: [UInt8]) -> Bool {
    let scalars = Array(scheme.scalars)
    guard let colon = scalars.firstIndex(of: ":"), colon >= 2 else { return false }
    let slashes = scalars[(colon + 1)...]
    return scalars[..<colon].allSatisfy { isWordCharacter($0) || ".+-".unicodeScalars.contains($0) }
      && slashes.count <= 2 && slashes.allSatisfy { $0 == "/" }
  }

  // MARK: - Characters

  /// The letter that Python's expressions compare when case does not matter, for the letters of ASCII.
  private static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar {
    case "A"..."Z": Unicode.Scalar(UInt8(scalar.value) | 0x20)
    case "\u{130}", "\u{131}": "i"
    case "\u{17F}": "s"
    case "\u{212A}": "k"
    default: scalar
    }
  }

  private static func isDecimal(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .decimalNumber
  }

  /// `\w`.
  private static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || StringMethods.isAlphabetic(scalar) || StringMethods.isNumeric(scalar)
  }

  private static func isHostCharacter(_ scalar: Unicode.Scalar) -> Bool {
    isWordCharacter(scalar) || scalar == "%" || scalar == "-"
  }
}

extension ArraySlice<UInt8> {
  /// How often `needle`, which is not empty, occurs without overlap.
  fileprivate func occurrences(of needle: [UInt8]) -> Int {
    var (count, rest) = (0, self)
    while let at = rest.firstOffset(of: needle) {
      count += 1
      rest = rest[(at + needle.count)...]
    }
    return count
  }
}
