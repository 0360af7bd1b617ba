extension Filters {
  static let strings: [String: FilterFunction] = [
    "upper": { value, _, _ throws(Fault) in
      let text = try Representation.text(value)
      return .string(text.with(StringMethods.uppercased(text.utf8)))
    },
    "lower": { value, _, _ throws(Fault) in
      let text = try Representation.text(value)
      return .string(text.with(StringMethods.lowercased(text.utf8)))
    },
    "capitalize": { value, _, _ throws(Fault) in
      let text = try Representation.text(value)
      return .string(text.with(StringMethods.capitalized(text.utf8)))
    },
    "title": { value, _, _ throws(Fault) in
      let text = try Representation.text(value)
      var output: [UInt8] = []
      var word: [UInt8] = []
      func finish() {
        let width = word.first.map(utf8Width) ?? 0
        output +=
          StringMethods.uppercased(Array(word.prefix(width))) + StringMethods.lowercased(Array(word.dropFirst(width)))
        word = []
      }
      for scalar in text.utf8.scalars {
        if scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar) {
          finish()
          output.append(scalar)
        } else {
          word.append(scalar)
        }
      }
      finish()
      return .string(Text(output))
    },
    "trim": { value, arguments, _ throws(Fault) in
      let text = try Representation.text(value)
      switch try arguments.bound(to: "do_trim", ["chars"])[0] {
      case nil, .some(.null): return .string(text.with(StringMethods.stripped(text.utf8, nil, .both)))
      case .string(let set): return .string(text.with(StringMethods.stripped(text.utf8, set.utf8, .both)))
      default: throw .type("strip arg must be None or str")
      }
    },
    "replace": { value, arguments, _ throws(Fault) in
      let given = try arguments.bound(to: "do_replace", ["old", "new", "count"], required: 2)
      let text = try Representation.text(value)
      let (old, new) = (try Representation.text(given[0]!), try Representation.text(given[1]!))
      let limit = if case .null? = given[2] { -1 } else { try integer(given[2], -1) }
      return .string(Text(StringMethods.replaced(text.utf8, old.utf8, new.utf8, limit: limit)))
    },
    "center": { value, arguments, interpreter throws(Fault) in
      let width = try arguments.bound(to: "do_center", ["width"])[0] ?? .int(80)
      return try StringMethod.center.call(try Representation.text(value), Arguments(positional: [width]), interpreter)
    },
    "format": { value, arguments, _ throws(Fault) in
      let text = try Representation.text(value)
      if !arguments.positional.isEmpty, !arguments.keyword.isEmpty {
        throw Fault(.runtime, "can't handle positional and keyword arguments at the same time")
      }
      let operand: Value =
        arguments.keyword.isEmpty
        ? .tuple(arguments.positional) : .dict(Dict(arguments.keyword.map { (Text($0.name), $0.value) }))
      return .string(try Formatting.percent(text, operand))
    },
    "indent": indent,
    "truncate": truncate,
    "wordcount": { value, _, _ throws(Fault) in
      var count = 0
      var isInWord = false
      for scalar in try Representation.text(value).utf8.scalars {
        let isWord = scalar == "_" || StringMethods.isAlphabetic(scalar) || StringMethods.isNumeric(scalar)
        if isWord, !isInWord { count += 1 }
        isInWord = isWord
      }
      return .int(count)
    },
    "wordwrap": wordWrap,
    "urlencode": { value, _, _ throws(Fault) in
      switch value {
      case .string, .null, .bool, .int, .big, .float:
        return .string(Text(percentEncoded(try Representation.text(value).utf8, isQuery: false)))
      default: break
      }
      let pairs: [Value]
      if case .dict(let dict) = value { pairs = DictView(dict, .items).elements } else { pairs = try value.elements() }
      var parts: [[UInt8]] = []
      for pair in pairs {
        let elements = try pair.elements()
        guard elements.count == 2 else {
          throw .value("not enough values to unpack (expected 2, got \(elements.count))")
        }
        let key = percentEncoded(try Representation.text(elements[0]).utf8, isQuery: true)
        parts.append(key + "=" + percentEncoded(try Representation.text(elements[1]).utf8, isQuery: true))
      }
      return .string(Text(Array(parts.joined(separator: [UInt8(ascii: "&")]))))
    },
    "urlize": urlize,
  ]

  /// Links are `noopener` and open where they stand, as Jinja2's policies have it unless they are changed.
  private static let urlize: FilterFunction = { value, arguments, _ throws(Fault) in
    let given = try arguments.bound(
      to: "do_urlize", ["trim_url_limit", "nofollow", "target", "rel", "extra_schemes"])
    var options = Links.Options()
    if let limit = given[0], !limit.isNull { options.shownCount = try integer(limit, 0) }
    var relations = ["noopener"]
    if given[1]?.isTrue ?? false { relations.append("nofollow") }
    if let rel = given[3], rel.isTrue {
      let words = StringMethods.words(try Representation.text(rel), limit: -1)
      relations += words.map { String(decoding: $0, as: UTF8.self) }
    }
    relations = Set(relations).sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    options.attributes = " rel=\"".utf8 + Markup.escaped(Array(relations.joined(separator: " ").utf8)) + "\""
    if let target = given[2], target.isTrue {
      options.attributes += " target=\"".utf8 + (try Markup.escaped(target).utf8) + "\""
    }
    if let schemes = given[4], !schemes.isNull {
      for scheme in try schemes.elements() {
        guard case .string(let text) = scheme else {
          throw .type("expected string or bytes-like object, got '\(scheme.typeName)'")
        }
        guard Links.isScheme(text.utf8) else {
          throw Fault(.runtime, "\(try Representation.of(scheme)) is not a valid URI scheme prefix.")
        }
        options.schemes.append(text.utf8)
      }
    }
    return .string(Text(Links.linked(try Markup.escaped(value).utf8, options)))
  }

  private static func percentEncoded(_ utf8: [UInt8], isQuery: Bool) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    var output: [UInt8] = []
    for byte in utf8 {
      let isLetter = (0x61...0x7A).contains(byte | 0x20) && byte < 0x80 || (0x30...0x39).contains(byte)
      if isLetter || "_.-~".utf8.contains(byte) || byte == UInt8(ascii: "/") && !isQuery {
        output.append(byte)
      } else if byte == 0x20, isQuery {
        output.append(UInt8(ascii: "+"))
      } else {
        output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return output
  }

  private static let indent: FilterFunction = { value, arguments, _ throws(Fault) in
    let given = try arguments.bound(to: "do_indent", ["width", "first", "blank"])
    guard case .string(let text) = value else {
      if case .undefined(let undefined) = value { throw undefined.fault }
      throw .type("unsupported operand type(s) for +=: '\(value.typeName)' and 'str'")
    }
    var margin: [UInt8] = []
    if case .string(let width)? = given[0] {
      margin = width.utf8
    } else {
      let width = try integer(given[0], 4)
      if width > FormatSpec.widthLimit { throw Fault(.limit, "a width beyond \(FormatSpec.widthLimit) is refused") }
      margin = Array(repeating: 0x20, count: max(width, 0))
    }
    let indentsBlank = given[2]?.isTrue ?? false
    var output: [UInt8] = given[1]?.isTrue ?? false ? margin : []
    for (index, line) in StringMethods.lines(text.utf8 + "\n").enumerated() {
      if index > 0 {
        output.append(0x0A)
        if indentsBlank || !line.isEmpty { output += margin }
      }
      output += line
    }
    return .string(text.with(output))
  }

  private static let truncate: FilterFunction = { value, arguments, _ throws(Fault) in
    let given = try arguments.bound(to: "do_truncate", ["length", "killwords", "end", "leeway"])
    guard case .string(let text) = value else {
      if case .undefined = value { return .string("") }
      throw .type("object of type '\(value.typeName)' has no len()")
    }
    let length = try integer(given[0], 255)
    let end = try given[2].map { (value) throws(Fault) in try Representation.text(value) } ?? Text("...")
    let leeway = if case .null? = given[3] { 5 } else { try integer(given[3], 5) }
    if length < end.count { throw .value("expected length >= \(end.count), got \(length)") }
    if leeway < 0 { throw .value("expected leeway >= 0, got \(leeway)") }
    if text.count <= length + leeway { return value }
    let kept = Text(text.bytes(0, length - end.count))
    if given[1]?.isTrue ?? false { return .string(Text(kept.utf8 + end.utf8)) }
    let whole = StringMethods.splitFromRight(kept, [0x20], limit: 1)[0]
    return .string(Text(whole + end.utf8))
  }

  /// Fills lines greedily, each line of the text on its own.
  private static let wordWrap: FilterFunction = { value, arguments, _ throws(Fault) in
    let given = try arguments.bound(
      to: "do_wordwrap", ["width", "break_long_words", "wrapstring", "break_on_hyphens"])
    let width = try integer(given[0], 79)
    if width <= 0 { throw .value("invalid width \(width) (must be > 0)") }
    let breaksWords = given[1]?.isTrue ?? true
    let separator: [UInt8] = if case .string(let text)? = given[2] { text.utf8 } else { [0x0A] }
    var lines: [[UInt8]] = []
    for paragraph in StringMethods.lines(try Representation.text(value).utf8) {
      let chunks = wrappingChunks(paragraph, breaksHyphens: given[3]?.isTrue ?? true)
      lines.append(Array(wrapped(chunks, width, breaksWords).joined(separator: separator)))
    }
    return .string(Text(Array(lines.joined(separator: separator))))
  }

  /// Words and the white space between them; a hyphen between letters ends a chunk.
  private static func wrappingChunks(_ line: [UInt8], breaksHyphens: Bool) -> [Text] {
    var chunks: [Text] = []
    var chunk: [UInt8] = []
    var wasSpace = false
    let scalars = Array(line.scalars)
    for (index, scalar) in scalars.enumerated() {
      if scalar.isPythonSpace != wasSpace, !chunk.isEmpty {
        chunks.append(Text(chunk))
        chunk = []
      }
      wasSpace = scalar.isPythonSpace
      chunk.append(scalar)
      let isBetweenLetters =
        scalar == "-" && index > 0 && index + 1 < scalars.count && StringMethods.isAlphabetic(scalars[index - 1])
        && StringMethods.isAlphabetic(scalars[index + 1])
      if breaksHyphens, isBetweenLetters {
        chunks.append(Text(chunk))
        chunk = []
      }
    }
    if !chunk.isEmpty { chunks.append(Text(chunk)) }
    return chunks
  }

  private static func wrapped(_ chunks: [Text], _ width: Int, _ breaksWords: Bool) -> [[UInt8]] {
    func isSpace(_ chunk: Text) -> Bool {
      Whitespace.end(chunk.utf8, from: 0, limit: chunk.utf8.count) == chunk.utf8.count
    }
    var rest = Array(chunks.reversed())
    var lines: [[UInt8]] = []
    while !rest.isEmpty {
      if !lines.isEmpty, let next = rest.last, isSpace(next) { rest.removeLast() }
      var line: [Text] = []
      var length = 0
      while let next = rest.last, length + next.count <= width {
        line.append(next)
        length += next.count
        rest.removeLast()
      }
      if let next = rest.last, next.count > width {
        if breaksWords {
          let room = max(width - length, 1)
          line.append(Text(next.bytes(0, room)))
          rest[rest.count - 1] = Text(next.bytes(room, next.count))
        } else if line.isEmpty {
          line.append(next)
          rest.removeLast()
        }
      }
      if let last = line.last, isSpace(last) { line.removeLast() }
      if !line.isEmpty { lines.append(line.flatMap(\.utf8)) }
    }
    return lines
  }
}
