/// A filter: the value, the evaluated arguments, the interpreter for attribute access and calls.
typealias FilterFunction = @Sendable (Value, Arguments, Interpreter) throws(Fault) -> Value

/// The filters of Jinja2, with `tojson` as transformers replaces it.
enum Filters {
  static let table: [String: FilterFunction] = {
    var table: [String: FilterFunction] = [:]
    for group in [general, sequences, strings, numbers] { table.merge(group) { first, _ in first } }
    return table
  }()

  private static let general: [String: FilterFunction] = [
    "default": useDefault,
    "d": useDefault,
    "string": { value, arguments, _ throws(Fault) in
      _ = try arguments.bound(to: "soft_str", [])
      return .string(try Representation.text(value))
    },
    "pprint": { value, _, _ throws(Fault) in .string(try Representation.of(value)) },
    "attr": { value, arguments, interpreter throws(Fault) in
      let name = try arguments.bound(to: "do_attr", ["name"], required: 1)[0]!
      let text = try Representation.text(name)
      return try Attributes.attributeOnly(value, text, interpreter)
    },
    "tojson": { value, arguments, _ throws(Fault) in
      let given = try arguments.bound(to: "tojson", ["ensure_ascii", "indent", "separators", "sort_keys"])
      return .string(Text(try JSONText.of(value, given)))
    },
    "escape": { value, _, _ throws(Fault) in .string(try Markup.escaped(value)) },
    "e": { value, _, _ throws(Fault) in .string(try Markup.escaped(value)) },
    "forceescape": { value, _, _ throws(Fault) in
      .string(Text(Markup.escaped(try Representation.text(value).utf8), isMarkup: true))
    },
    "safe": { value, _, _ throws(Fault) in
      let text = try Representation.text(value)
      return .string(Text(text.utf8, isMarkup: true, origin: text.origin))
    },
    "striptags": { value, _, _ throws(Fault) in
      .string(Text(Markup.stripped(try Representation.text(value).utf8)))
    },
    "xmlattr": { value, arguments, _ throws(Fault) in
      let given = try arguments.bound(to: "do_xmlattr", ["autospace"])
      guard case .dict(let dict) = value else { throw .type("xmlattr needs a mapping, not \(value.typeName)") }
      var items: [[UInt8]] = []
      for (key, value) in zip(dict.keys, dict.values) {
        if value.isUndefined { continue }
        if case .null = value { continue }
        let name = try Representation.text(key)
        if name.utf8.contains(where: { " \t\n\r\u{0B}\u{0C}/>=".utf8.contains($0) }) {
          throw .value("Invalid character in attribute name: \(try Representation.of(key))")
        }
        items.append(
          try Markup.escaped(.string(name)).utf8 + "=\"" + (try Markup.escaped(value).utf8) + "\"")
      }
      let text = Array(items.joined(separator: [0x20]))
      let hasSpace = given[0]?.isTrue ?? true
      return .string(Text((hasSpace && !text.isEmpty ? [0x20] : []) + text))
    },
  ]

  private static let useDefault: FilterFunction = { value, arguments, _ throws(Fault) in
    let given = try arguments.bound(to: "do_default", ["default_value", "boolean"])
    let replaces = value.isUndefined || (given[1]?.isTrue ?? false) && !value.isTrue
    return replaces ? given[0] ?? .string("") : value
  }

  /// The fault of `map` and `select` for a name that means nothing.
  static func unknown(_ what: String, _ name: Value) throws(Fault) -> Fault {
    let message = "No \(what) named \(try Representation.of(name))."
    guard case .undefined(let undefined) = name else { return Fault(.runtime, message) }
    return Fault(.runtime, "\(message) (\(undefined.fault.message); did you forget to quote the callable name?)")
  }

  /// What `attribute=` asks of an element: `"a.b.0"` is three steps.
  struct AttributePath {
    private let steps: [Value]

    init(_ path: Value?) {
      switch path {
      case nil, .some(.null): steps = []
      case .string(let text):
        steps = StringMethods.split(text, [UInt8(ascii: ".")], limit: -1).map { step in
          let isNumber = !step.isEmpty && step.allSatisfy { (0x30...0x39).contains($0) }
          return (isNumber ? Int(String(decoding: step, as: UTF8.self)).map(Value.int) : nil) ?? .string(Text(step))
        }
      case let other?: steps = [other]
      }
    }

    func callAsFunction(_ value: Value, default fallback: Value? = nil, _ interpreter: Interpreter) throws(Fault)
      -> Value
    {
      var value = value
      for step in steps {
        value = try Attributes.item(value, step, interpreter)
        if let fallback, value.isUndefined { value = fallback }
      }
      return value
    }
  }

  /// The value to compare by: strings in lower case unless case matters.
  static func comparable(_ value: Value, caseSensitive: Bool) -> Value {
    guard !caseSensitive, case .string(let text) = value else { return value }
    return .string(Text(StringMethods.lowercased(text.utf8)))
  }

  static func integer(_ value: Value?, _ fallback: Int) throws(Fault) -> Int {
    switch value {
    case nil: return fallback
    case .undefined(let undefined): throw undefined.fault
    case let other?:
      guard let index = other.index else {
        throw .type("'\(other.typeName)' object cannot be interpreted as an integer")
      }
      return index
    }
  }
}
