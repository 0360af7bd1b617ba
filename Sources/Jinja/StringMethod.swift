/// The methods of `str` by name, with their arguments taken apart.
enum StringMethod: String {
  case capitalize, casefold, center, count, encode, endswith, expandtabs, find, format, format_map, index, isalnum,
    isalpha, isascii, isdecimal, isdigit, isidentifier, islower, isnumeric, isprintable, isspace, istitle, isupper,
    join,
    ljust, lower, lstrip, maketrans, partition, removeprefix, removesuffix, replace, rfind, rindex, rjust, rpartition,
    rsplit, rstrip, split, splitlines, startswith, strip, swapcase, title, translate, upper, zfill

  func call(_ text: Text, _ arguments: Arguments, _ interpreter: Interpreter) throws(Fault) -> Value {
    switch self {
    case .format: return .string(try Formatting.format(text, arguments, interpreter))
    case .format_map:
      guard case .dict(let dict)? = arguments.positional.first else { throw .type("format_map() takes a mapping") }
      var named = Arguments()
      for (key, value) in zip(dict.keys, dict.values) {
        if case .string(let name) = key { named.keyword.append((name.string, value)) }
      }
      return .string(try Formatting.format(text, named, interpreter))
    case .split, .rsplit: return try split(text, arguments)
    case .strip, .lstrip, .rstrip:
      let set = try optionalText(try given(arguments, ["chars"])[0])
      let end: StringMethods.End = self == .strip ? .both : self == .lstrip ? .left : .right
      return .string(text.with(StringMethods.stripped(text.utf8, set?.utf8, end)))
    case .replace: return try replace(text, arguments)
    case .startswith, .endswith: return try hasAffix(text, arguments)
    case .find, .rfind, .index, .rindex, .count: return try search(text, arguments)
    case .join: return try join(text, arguments)
    case .partition, .rpartition: return try partition(text, arguments)
    case .removeprefix, .removesuffix:
      let affix = try self.text(try given(arguments, ["affix"], required: 1)[0]).utf8
      if self == .removeprefix {
        return .string(text.with(text.utf8.starts(with: affix) ? text.utf8[affix.count...] : text.utf8[...]))
      }
      let hasSuffix = text.utf8.count >= affix.count && text.utf8.suffix(affix.count).elementsEqual(affix)
      return .string(text.with(hasSuffix ? text.utf8.dropLast(affix.count) : text.utf8[...]))
    case .center, .ljust, .rjust: return try pad(text, arguments)
    case .zfill:
      let width = try integer(try given(arguments, ["width"], required: 1)[0])
      var spec = FormatSpec()
      spec.width = try checked(width)
      spec.fill = "0"
      let hasSign = text.utf8.first == UInt8(ascii: "-") || text.utf8.first == UInt8(ascii: "+")
      let sign = hasSign ? Array(text.utf8.prefix(1)) : []
      spec.alignment = ">"
      spec.width -= sign.count
      return .string(text.with(sign + (try spec.format(.string(Text(Array(text.utf8.dropFirst(sign.count))))))))
    case .expandtabs:
      let size = try given(arguments, ["tabsize"])[0].map { value throws(Fault) in try integer(value) } ?? 8
      return .string(text.with(StringMethods.expandedTabs(text.utf8, size: try checked(size))))
    case .splitlines:
      let keeps = try given(arguments, ["keepends"])[0]?.isTrue ?? false
      return .list(StringMethods.lines(text.utf8, keepingEnds: keeps).map { .string(text.with($0)) })
    case .encode, .maketrans, .translate:
      throw Fault(.runtime, "str.\(rawValue) is not supported in a chat template")
    default:
      if !arguments.positional.isEmpty || !arguments.keyword.isEmpty {
        throw .type("str.\(rawValue)() takes no arguments (\(arguments.positional.count) given)")
      }
      return simple(text)
    }
  }

  /// The methods without arguments.
  private func simple(_ text: Text) -> Value {
    switch self {
    case .upper: .string(text.with(StringMethods.uppercased(text.utf8)))
    case .lower: .string(text.with(StringMethods.lowercased(text.utf8)))
    case .casefold: .string(text.with(StringMethods.casefolded(text.utf8)))
    case .capitalize: .string(text.with(StringMethods.capitalized(text.utf8)))
    case .title: .string(text.with(StringMethods.titled(text.utf8)))
    case .swapcase: .string(text.with(StringMethods.caseSwapped(text.utf8)))
    case .isalnum: .bool(StringMethods.all(text) { StringMethods.isAlphabetic($0) || StringMethods.isNumeric($0) })
    case .isalpha: .bool(StringMethods.all(text, StringMethods.isAlphabetic))
    case .isascii: .bool(text.isASCII)
    case .isdecimal: .bool(StringMethods.all(text) { $0.properties.numericType == .decimal })
    case .isdigit: .bool(StringMethods.all(text, StringMethods.isDigit))
    case .isnumeric: .bool(StringMethods.all(text, StringMethods.isNumeric))
    case .isspace: .bool(StringMethods.all(text) { $0.isPythonSpace })
    case .isprintable: .bool(text.utf8.scalars.allSatisfy(\.isPrintable))
    case .islower: .bool(StringMethods.isLower(text))
    case .isupper: .bool(StringMethods.isUpper(text))
    case .istitle: .bool(StringMethods.isTitle(text))
    case .isidentifier: .bool(Lexer.isIdentifier(text.utf8))
    default: .null
    }
  }

  private func split(_ text: Text, _ arguments: Arguments) throws(Fault) -> Value {
    let given = try given(arguments, ["sep", "maxsplit"])
    let limit = try given[1].map { value throws(Fault) in try integer(value) } ?? -1
    let parts: [[UInt8]]
    if let separator = try optionalText(given[0]) {
      if separator.isEmpty { throw .value("empty separator") }
      parts =
        self == .split
        ? StringMethods.split(text, separator.utf8, limit: limit)
        : StringMethods.splitFromRight(text, separator.utf8, limit: limit)
    } else {
      parts =
        self == .split ? StringMethods.words(text, limit: limit) : StringMethods.wordsFromRight(text, limit: limit)
    }
    return .list(parts.map { .string(text.with($0)) })
  }

  private func replace(_ text: Text, _ arguments: Arguments) throws(Fault) -> Value {
    if arguments.positional.count < 2, arguments.keyword.isEmpty {
      throw .type("replace expected at least 2 arguments, got \(arguments.positional.count)")
    }
    let given = try given(arguments, ["old", "new", "count"], required: 2)
    let limit = try given[2].map { value throws(Fault) in try integer(value) } ?? -1
    let old = try self.text(given[0])
    var new = try self.text(given[1])
    if text.isMarkup { new = try Markup.escaped(.string(new)) }
    return .string(text.with(StringMethods.replaced(text.utf8, old.utf8, new.utf8, limit: limit)))
  }

  private func hasAffix(_ text: Text, _ arguments: Arguments) throws(Fault) -> Value {
    let given = try given(arguments, ["prefix", "start", "end"], required: 1)
    var candidates: [Value] = []
    if case .tuple(let tuple) = given[0]! { candidates = tuple.elements } else { candidates = [given[0]!] }
    let (start, end) = try range(text, given[1], given[2])
    guard start <= end else { return .bool(false) }
    let part = text.bytes(start, end)
    for candidate in candidates {
      guard case .string(let affix) = candidate else {
        throw .type("\(rawValue) first arg must be str or a tuple of str, not \(candidate.typeName)")
      }
      if self == .startswith
        ? part.starts(with: affix.utf8)
        : part.count >= affix.utf8.count && part.suffix(affix.utf8.count).elementsEqual(affix.utf8)
      {
        return .bool(true)
      }
    }
    return .bool(false)
  }

  private func search(_ text: Text, _ arguments: Arguments) throws(Fault) -> Value {
    let given = try given(arguments, ["sub", "start", "end"], required: 1)
    let wanted = try self.text(given[0])
    let (start, end) = try range(text, given[1], given[2])
    guard start <= end else {
      if self == .index || self == .rindex { throw .value("substring not found") }
      return .int(self == .count ? 0 : -1)
    }
    let part = text.utf8[text.offset(of: start)..<text.offset(of: end)]
    if self == .count {
      if wanted.isEmpty { return .int(end - start + 1) }
      var (count, at) = (0, part.startIndex)
      while let found = part[at...].firstOffset(of: wanted.utf8) {
        count += 1
        at = found + wanted.utf8.count
      }
      return .int(count)
    }
    let isFromRight = self == .rfind || self == .rindex
    let found: Int?
    if wanted.isEmpty {
      found = isFromRight ? part.endIndex : part.startIndex
    } else {
      found = isFromRight ? part.lastOffset(of: wanted.utf8) : part.firstOffset(of: wanted.utf8)
    }
    if let found { return .int(text.utf8[..<found].count { $0 & 0xC0 != 0x80 }) }
    if self == .index || self == .rindex { throw .value("substring not found") }
    return .int(-1)
  }

  private func join(_ text: Text, _ arguments: Arguments) throws(Fault) -> Value {
    guard arguments.positional.count == 1, arguments.keyword.isEmpty else {
      throw .type("str.join() takes exactly one argument (\(arguments.positional.count) given)")
    }
    var output: [UInt8] = []
    let elements: [Value]
    do throws(Fault) { elements = try arguments.positional[0].elements() } catch {
      throw error.kind == .type ? .type("can only join an iterable") : error
    }
    for (index, element) in elements.enumerated() {
      guard case .string(let part) = element else {
        throw .type("sequence item \(index): expected str instance, \(element.typeName) found")
      }
      if index > 0 { output += text.utf8 }
      output += text.isMarkup ? try Markup.escaped(element).utf8 : part.utf8
    }
    return .string(text.with(output))
  }

  private func partition(_ text: Text, _ arguments: Arguments) throws(Fault) -> Value {
    let separator = try self.text(try given(arguments, ["sep"], required: 1)[0])
    if separator.isEmpty { throw .value("empty separator") }
    let found =
      self == .partition
      ? text.utf8[...].firstOffset(of: separator.utf8) : text.utf8[...].lastOffset(of: separator.utf8)
    guard let found else {
      let empty = Value.string(text.with([UInt8]()))
      return .tuple(self == .partition ? [.string(text), empty, empty] : [empty, empty, .string(text)])
    }
    return .tuple([
      .string(text.with(text.utf8[..<found])), .string(text.with(separator.utf8)),
      .string(text.with(text.utf8[(found + separator.utf8.count)...])),
    ])
  }

  private func pad(_ text: Text, _ arguments: Arguments) throws(Fault) -> Value {
    let given = try given(arguments, ["width", "fillchar"], required: 1)
    let width = try checked(try integer(given[0]!))
    let fill = try optionalText(given[1]) ?? Text(" ")
    if fill.count != 1 { throw .type("The fill character must be exactly one character long") }
    let missing = width - text.count
    guard missing > 0 else { return .string(text) }
    // Python puts the odd one on the left when the width is odd, too.
    let left = self == .ljust ? 0 : self == .rjust ? missing : missing / 2 + (missing & width & 1)
    func padding(_ count: Int) -> [UInt8] { Array(repeatElement(fill.utf8, count: count).joined()) }
    return .string(text.with(padding(left) + text.utf8 + padding(missing - left)))
  }

  // MARK: - Arguments

  private func given(_ arguments: Arguments, _ names: [String], required: Int = 0) throws(Fault) -> [Value?] {
    try arguments.bound(to: "str.\(rawValue)", names, required: required)
  }

  private func text(_ value: Value?) throws(Fault) -> Text {
    guard case .string(let text)? = value else {
      let name = value?.typeName ?? "nothing"
      switch self {
      case .replace: throw .type("replace() argument 1 must be str, not \(name)")
      case .find, .rfind, .index, .rindex, .count, .split, .rsplit, .partition, .rpartition:
        throw .type("must be str, not \(name)")
      default: throw .type("\(rawValue)() argument must be str, not \(name)")
      }
    }
    return text
  }

  private func optionalText(_ value: Value?) throws(Fault) -> Text? {
    switch value {
    case nil, .some(.null): return nil
    case .string(let text): return text
    case let other?:
      if self == .strip || self == .lstrip || self == .rstrip { throw .type("\(rawValue) arg must be None or str") }
      throw .type("must be str or None, not \(other.typeName)")
    }
  }

  private func integer(_ value: Value?) throws(Fault) -> Int {
    guard let index = value?.index else {
      if case .undefined(let undefined)? = value { throw undefined.fault }
      throw .type("'\(value?.typeName ?? "nothing")' object cannot be interpreted as an integer")
    }
    return index
  }

  private func checked(_ width: Int) throws(Fault) -> Int {
    if width > FormatSpec.widthLimit { throw Fault(.limit, "a width beyond \(FormatSpec.widthLimit) is refused") }
    return width
  }

  /// Start and end as Python clamps them; start may be past the end.
  private func range(_ text: Text, _ start: Value?, _ end: Value?) throws(Fault) -> (Int, Int) {
    func position(_ value: Value?, _ fallback: Int) throws(Fault) -> Int {
      switch value {
      case nil, .some(.null): return fallback
      default:
        let index = try integer(value)
        return index < 0 ? max(index + text.count, 0) : index
      }
    }
    let from = try position(start, 0)
    return (from, min(try position(end, text.count), text.count))
  }
}
