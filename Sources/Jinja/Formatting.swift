import Glibc

/// Python's `%` operator and `str.format`.
enum Formatting {
  // MARK: - printf style

  /// `format % argument`: a tuple gives one value after the other, a dict is asked by `%(name)s`.
  static func percent(_ format: Text, _ argument: Value) throws(Fault) -> Text {
    var values: [Value] = [argument]
    var isTuple = false
    if case .tuple(let tuple) = argument {
      values = tuple.elements
      isTuple = true
    }
    var used = 0
    var usesNames = false
    func take() throws(Fault) -> Value {
      if used >= values.count { throw .type("not enough arguments for format string") }
      used += 1
      return values[used - 1]
    }
    var output: [UInt8] = []
    var reader = ScalarReader(format.utf8)
    while let scalar = reader.next() {
      guard scalar == "%" else {
        output.append(scalar)
        continue
      }
      var named: Value?
      if reader.take("(") {
        var name: [UInt8] = []
        while let scalar = reader.next(), scalar != ")" { name.append(scalar) }
        guard case .dict(let dict) = argument else { throw .type("format requires a mapping") }
        guard let value = dict.value(of: name) else {
          throw Fault(.lookup, Representation.quoted(String(decoding: name, as: UTF8.self)))
        }
        named = value
        usesNames = true
      }
      var spec = FormatSpec()
      while let flag = reader.peek, "-+ 0#".unicodeScalars.contains(flag) {
        _ = reader.next()
        switch flag {
        case "-": spec.alignment = "<"
        case "+": spec.sign = "+"
        case " ": if spec.sign != "+" { spec.sign = " " }
        case "0": spec.isZeroPadded = true
        default: spec.isAlternate = true
        }
      }
      if reader.take("*") {
        let width = try take().index ?? 0
        if width < 0 { spec.alignment = "<" }
        spec.width = width.magnitude > UInt(FormatSpec.widthLimit) ? FormatSpec.widthLimit : Int(width.magnitude)
      } else {
        spec.width = try reader.number() ?? 0
      }
      if reader.take(".") { spec.precision = reader.take("*") ? try take().index ?? 0 : try reader.number() ?? 0 }
      while let letter = reader.peek, "hlL".unicodeScalars.contains(letter) { _ = reader.next() }
      guard let conversion = reader.next() else { throw .value("incomplete format") }
      if conversion == "%" {
        output.append("%")
        continue
      }
      let value = if let named { named } else { try take() }
      if format.isMarkup, "sra".unicodeScalars.contains(conversion) {
        spec.type = "s"
        output.append(contentsOf: try spec.format(.string(Markup.escaped(value))))
        continue
      }
      output.append(contentsOf: try convert(value, conversion, spec))
    }
    if used < values.count, isTuple || !usesNames {
      if case .dict = argument {} else { throw .type("not all arguments converted during string formatting") }
    }
    return format.with(output)
  }

  private static func convert(_ value: Value, _ conversion: Unicode.Scalar, _ spec: FormatSpec) throws(Fault) -> [UInt8]
  {
    var spec = spec
    // Unlike str.format, printf aligns everything to the right by default.
    if spec.alignment == nil { spec.alignment = spec.isZeroPadded ? "=" : ">" }
    if spec.isZeroPadded, spec.alignment == "=" { spec.fill = "0" }
    switch conversion {
    case "s", "r", "a":
      spec.type = "s"
      if spec.alignment == "=" { (spec.alignment, spec.fill) = (">", " ") }
      let text = conversion == "s" ? try Representation.text(value) : Text(try Representation.of(value))
      return try spec.format(.string(text))
    case "d", "i", "u", "x", "X", "o":
      guard let number = value.number else {
        if value.isUndefined { throw try Operators.undefinedFault(value) }
        throw .type("%\(conversion) format: a real number is required, not \(value.typeName)")
      }
      spec.type = conversion == "i" || conversion == "u" ? "d" : conversion
      spec.precision = nil
      if case .float(let double) = number {
        if !"diu".unicodeScalars.contains(conversion) {
          throw .type("%\(conversion) format: an integer is required, not float")
        }
        return try spec.format(try Operators.truncated(double))
      }
      return try spec.format(value)
    case "e", "E", "f", "F", "g", "G":
      guard let number = value.number else {
        if value.isUndefined { throw try Operators.undefinedFault(value) }
        throw .type("must be real number, not \(value.typeName)")
      }
      spec.type = conversion
      return try spec.format(.float(number.double))
    case "c":
      if case .string(let text) = value {
        if text.count != 1 { throw .type("%c requires int or char") }
        spec.type = "s"
        return try spec.format(value)
      }
      spec.type = "c"
      return try spec.format(value)
    default:
      throw .value("unsupported format character '\(conversion)' (0x\(String(conversion.value, radix: 16)))")
    }
  }

  // MARK: - str.format

  /// `format.format(*positional, **keyword)` with the sandbox's attribute access.
  static func format(_ format: Text, _ arguments: Arguments, _ interpreter: Interpreter) throws(Fault) -> Text {
    var automatic = 0
    let output = try expand(format, arguments, interpreter, depth: 0, automatic: &automatic)
    return format.with(output)
  }

  private static func expand(
    _ format: Text, _ arguments: Arguments, _ interpreter: Interpreter, depth: Int, automatic: inout Int
  ) throws(Fault) -> [UInt8] {
    if depth > 2 { throw .value("Max string recursion exceeded") }
    var output: [UInt8] = []
    var reader = ScalarReader(format.utf8)
    while let scalar = reader.next() {
      if scalar == "}" {
        guard reader.take("}") else { throw .value("Single '}' encountered in format string") }
        output.append("}")
        continue
      }
      guard scalar == "{" else {
        output.append(scalar)
        continue
      }
      if reader.take("{") {
        output.append("{")
        continue
      }
      var field: [UInt8] = []
      var spec: [UInt8] = []
      var conversion: Unicode.Scalar?
      var nesting = 0
      while let scalar = reader.next() {
        if scalar == "}", nesting == 0 {
          nesting = -1
          break
        }
        if conversion == nil, spec.isEmpty, nesting == 0, scalar == "!" {
          conversion = reader.next()
        } else if spec.isEmpty, nesting == 0, scalar == ":" {
          while let scalar = reader.next() {
            if scalar == "{" { nesting += 1 }
            if scalar == "}" {
              if nesting == 0 { break }
              nesting -= 1
            }
            spec.append(scalar)
          }
          nesting = -1
          break
        } else {
          field.append(scalar)
        }
      }
      if nesting != -1 {
        throw .value(field.isEmpty ? "Single '{' encountered in format string" : "expected '}' before end of string")
      }
      var value = try resolve(field, arguments, interpreter, automatic: &automatic)
      switch conversion {
      case "r", "a": value = .string(try Representation.of(value))
      case "s": value = .string(try Representation.text(value))
      case nil: break
      case let other?: throw .value("Unknown conversion specifier \(other)")
      }
      let expanded = try expand(Text(spec), arguments, interpreter, depth: depth + 1, automatic: &automatic)
      if format.isMarkup {
        output.append(contentsOf: try FormatSpec(parsing: expanded).format(.string(Markup.escaped(value))))
      } else {
        output.append(contentsOf: try FormatSpec(parsing: expanded).format(value))
      }
    }
    return output
  }

  /// `0`, `name`, `` (the next), each with `.attribute` and `[key]` after it.
  private static func resolve(
    _ field: [UInt8], _ arguments: Arguments, _ interpreter: Interpreter, automatic: inout Int
  ) throws(Fault) -> Value {
    let end = field.firstIndex { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") } ?? field.count
    let first = String(decoding: field[..<end], as: UTF8.self)
    var value: Value
    if first.isEmpty || Int(first) != nil {
      // Counting starts with the first empty field; a negative count says that fields were numbered.
      if first.isEmpty, automatic < 0 {
        throw .value("cannot switch from manual field specification to automatic field numbering")
      }
      if !first.isEmpty, automatic > 0 {
        throw .value("cannot switch from manual field specification to automatic field numbering")
      }
      let index = Int(first) ?? automatic
      automatic = first.isEmpty ? automatic + 1 : -1
      guard arguments.positional.indices.contains(index) else { throw Fault(.lookup, "tuple index out of range") }
      value = arguments.positional[index]
    } else {
      guard let found = arguments.keyword.first(where: { $0.name == first }) else {
        throw Fault(.lookup, Representation.quoted(first))
      }
      value = found.value
    }
    var reader = ScalarReader(Array(field[end...]))
    while let scalar = reader.next() {
      var name: [UInt8] = []
      if scalar == "." {
        while let scalar = reader.peek, scalar != ".", scalar != "[" {
          name.append(scalar)
          _ = reader.next()
        }
        value = try Attributes.attribute(value, Text(name), interpreter)
      } else {
        while let scalar = reader.next(), scalar != "]" { name.append(scalar) }
        let key = Int(String(decoding: name, as: UTF8.self)).map(Value.int) ?? .string(Text(name))
        value = try Attributes.item(value, key, interpreter)
      }
    }
    return value
  }
}

/// Reads UTF-8 one scalar at a time.
struct ScalarReader {
  private let scalars: [Unicode.Scalar]
  private var position = 0

  init(_ utf8: [UInt8]) { scalars = Array(utf8.scalars) }

  var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  mutating func next() -> Unicode.Scalar? {
    guard position < scalars.count else { return nil }
    position += 1
    return scalars[position - 1]
  }

  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == scalar else { return false }
    position += 1
    return true
  }

  mutating func number() throws(Fault) -> Int? {
    var value: Int?
    while let scalar = peek, let digit = Int(exactly: Int(scalar.value) - 0x30), digit >= 0, digit < 10 {
      value = (value ?? 0) * 10 + digit
      if value! > FormatSpec.widthLimit { throw Fault(.limit, "a width beyond \(FormatSpec.widthLimit) is refused") }
      position += 1
    }
    return value
  }
}

/// Python's format specification mini-language: `[[fill]align][sign][#][0][width][,][.precision][type]`.
struct FormatSpec {
  static let widthLimit = 1_000_000
  var fill: Unicode.Scalar = " "
  var alignment: Unicode.Scalar?
  var sign: Unicode.Scalar = "-"
  var isAlternate = false
  var isZeroPadded = false
  var width = 0
  var grouping: Unicode.Scalar?
  var precision: Int?
  var type: Unicode.Scalar?

  init() {}

  init(parsing utf8: [UInt8]) throws(Fault) {
    let scalars = Array(utf8.scalars)
    let alignments: Set<Unicode.Scalar> = ["<", ">", "^", "="]
    var start = 0
    if scalars.count > 1, alignments.contains(scalars[1]) {
      fill = scalars[0]
      alignment = scalars[1]
      start = 2
    } else if let first = scalars.first, alignments.contains(first) {
      alignment = first
      start = 1
    }
    var rest: [UInt8] = []
    for scalar in scalars[start...] { rest.append(scalar) }
    var reader = ScalarReader(rest)
    if let scalar = reader.peek, scalar == "+" || scalar == "-" || scalar == " " {
      sign = scalar
      _ = reader.next()
    }
    isAlternate = reader.take("#")
    if reader.take("0") {
      isZeroPadded = true
      if alignment == nil {
        fill = "0"
        alignment = "="
      }
    }
    width = try reader.number() ?? 0
    if let scalar = reader.peek, scalar == "," || scalar == "_" {
      grouping = scalar
      _ = reader.next()
    }
    if reader.take(".") {
      precision = try reader.number()
      if precision == nil { throw .value("Format specifier missing precision") }
    }
    type = reader.next()
    if reader.peek != nil { throw .value("Invalid format specifier") }
  }

  func format(_ value: Value) throws(Fault) -> [UInt8] {
    switch value {
    case .int, .big:
      if let type, "eEfFgG%".unicodeScalars.contains(type) { return try formatFloat(value.number!.double) }
      return try formatInteger(value)
    case .bool(let flag):
      let isPlain = alignment == nil && width == 0 && grouping == nil && sign == "-" && !isAlternate
      if type == "s" || type == nil && isPlain { return try formatString(value) }
      return try format(.int(flag ? 1 : 0))
    case .float(let double): return try formatFloat(double)
    case .string, .null, .undefined: return try formatString(value)
    default:
      let isPlain = alignment == nil && width == 0 && precision == nil && type == nil
      if !isPlain { throw .type("unsupported format string passed to \(value.typeName).__format__") }
      return try Representation.text(value).utf8
    }
  }

  private func formatString(_ value: Value) throws(Fault) -> [UInt8] {
    if let type, type != "s" {
      throw .value("Unknown format code '\(type)' for object of type '\(value.typeName)'")
    }
    if alignment == "=" && !isZeroPadded { throw .value("'=' alignment not allowed in string format specifier") }
    var text = try Representation.text(value)
    if let precision, precision < text.count { text = Text(Array(text.bytes(0, precision))) }
    return padded(sign: [], body: text.utf8, count: text.count, default: "<")
  }

  private func formatInteger(_ value: Value) throws(Fault) -> [UInt8] {
    if precision != nil { throw .value("Precision not allowed in integer format specifier") }
    let text = try Representation.text(value).string
    let isNegative = text.hasPrefix("-")
    var digits = isNegative ? String(text.dropFirst()) : text
    var prefix = ""
    switch type {
    case nil, "d", "n": break
    case "x", "X", "o", "b":
      guard let int = value.index else { throw Fault(.overflow, "integer \(text) is too large for format '\(type!)'") }
      let radix = type == "o" ? 8 : type == "b" ? 2 : 16
      digits = String(int.magnitude, radix: radix, uppercase: type == "X")
      if isAlternate { prefix = "0\(type!)" }
    case "c":
      guard let int = value.index, let scalar = UInt32(exactly: int).flatMap(Unicode.Scalar.init) else {
        throw Fault(.overflow, "%c arg not in range(0x110000)")
      }
      let character = Array(String(scalar).utf8)
      return padded(sign: [], body: character, count: 1, default: "<")
    default: throw .value("Unknown format code '\(type!)' for object of type 'int'")
    }
    let body = Array(grouped(digits).utf8)
    let sign = Array(((isNegative ? "-" : self.sign == "-" ? "" : String(self.sign)) + prefix).utf8)
    return padded(sign: sign, body: body, count: body.count, default: ">")
  }

  private func formatFloat(_ value: Double) throws(Fault) -> [UInt8] {
    var digits: String
    var suffix = ""
    let magnitude = value.magnitude
    switch type {
    case nil:
      digits = Representation.float(magnitude)
      if let precision {
        // Like g, but with at least one digit after the point.
        digits = Self.printed(magnitude, "g", max(precision, 1), isAlternate)
        if magnitude.isFinite, !digits.contains("e"), !digits.contains(".") { digits += ".0" }
      }
    case "f", "F", "e", "E", "g", "G":
      digits = Self.printed(magnitude, type!, precision ?? 6, isAlternate)
    case "n": digits = Self.printed(magnitude, "g", precision ?? 6, isAlternate)
    case "%":
      digits = Self.printed(magnitude * 100, "f", precision ?? 6, isAlternate)
      suffix = "%"
    default: throw .value("Unknown format code '\(type!)' for object of type 'float'")
    }
    if grouping != nil {
      let point = digits.firstIndex { $0 == "." || $0 == "e" } ?? digits.endIndex
      digits = grouped(String(digits[..<point])) + digits[point...]
    }
    let body = Array((digits + suffix).utf8)
    let isNegative = value.sign == .minus && !value.isNaN
    let sign = Array((isNegative ? "-" : self.sign == "-" ? "" : String(self.sign)).utf8)
    return padded(sign: sign, body: body, count: body.count, default: ">")
  }

  /// C's printf for one non-negative double.
  static func printed(_ value: Double, _ conversion: Unicode.Scalar, _ precision: Int, _ isAlternate: Bool = false)
    -> String
  {
    if !value.isFinite {
      let name = value.isNaN ? "nan" : "inf"
      return "EFG".unicodeScalars.contains(conversion) ? name.uppercased() : name
    }
    let format = "%\(isAlternate ? "#" : "").*\(conversion)"
    let capacity = 400 + precision
    return String(unsafeUninitializedCapacity: capacity) { buffer in
      buffer.withMemoryRebound(to: CChar.self) { characters in
        withVaList([Int32(precision), value]) { arguments in
          Int(vsnprintf(characters.baseAddress!, capacity, format, arguments))
        }
      }
    }
  }

  private func grouped(_ digits: String) -> String {
    guard let grouping else { return digits }
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % (type == "x" || type == "X" || type == "b" || type == "o" ? 4 : 3) == 0 {
        result.unicodeScalars.append(grouping)
      }
      result.append(digit)
    }
    return result
  }

  private func padded(sign: [UInt8], body: [UInt8], count: Int, default defaultAlignment: Unicode.Scalar) -> [UInt8] {
    let missing = width - count - sign.count
    guard missing > 0 else { return sign + body }
    var unit: [UInt8] = []
    unit.append(fill)
    func padding(_ count: Int) -> [UInt8] { Array(repeatElement(unit, count: count).joined()) }
    switch alignment ?? defaultAlignment {
    case "<": return sign + body + padding(missing)
    case "^": return padding(missing / 2) + sign + body + padding(missing - missing / 2)
    case "=": return sign + padding(missing) + body
    default: return padding(missing) + sign + body
    }
  }
}
