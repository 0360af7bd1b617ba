/// How a value is written.
public struct JSONStyle: Sendable, Equatable {
  /// What follows a comma and a colon on one line.
  public var itemSeparator: String
  public var keySeparator: String
  /// Spaces per level; nil writes everything on one line.
  public var indent: Int?
  /// Writes every scalar above U+007E as \uXXXX.
  public var escapesNonASCII: Bool
  public var sortsKeys: Bool

  public init(
    itemSeparator: String = ",", keySeparator: String = ":", indent: Int? = nil, escapesNonASCII: Bool = false,
    sortsKeys: Bool = false
  ) {
    self.itemSeparator = itemSeparator
    self.keySeparator = keySeparator
    self.indent = indent
    self.escapesNonASCII = escapesNonASCII
    self.sortsKeys = sortsKeys
  }

  /// No space at all: `{"a":1,"b":[2]}`.
  public static let compact = JSONStyle()
  /// Python's and Qwen's one-line form: `{"a": 1, "b": [2]}`.
  public static let spaced = JSONStyle(itemSeparator: ", ", keySeparator: ": ")
  /// Two spaces a level, one member a line: the form of files.
  public static let pretty = JSONStyle(itemSeparator: ",", keySeparator: ": ", indent: 2)
}

extension JSONValue {
  /// The value as JSON text; numbers as they were read.
  public func text(_ style: JSONStyle = .compact) -> String {
    var writer = JSONWriter(style: style)
    writer.write(self, depth: 0)
    return writer.text
  }

  /// A string as JSON writes it, with its quotes.
  public static func quoted(_ string: String, escapingNonASCII: Bool = false) -> String {
    var writer = JSONWriter(style: JSONStyle(escapesNonASCII: escapingNonASCII))
    writer.write(string)
    return writer.text
  }
}

private struct JSONWriter {
  let style: JSONStyle
  var text = ""

  mutating func write(_ value: JSONValue, depth: Int) {
    switch value {
    case .null: text += "null"
    case .bool(let flag): text += flag ? "true" : "false"
    case .number(let number): text += number.literal
    case .string(let string): write(string)
    case .array(let elements):
      writeItems(elements, open: "[", close: "]", depth: depth) { writer, element in
        writer.write(element, depth: depth + 1)
      }
    case .object(let object):
      let members = style.sortsKeys ? object.sorted { $0.key < $1.key } : Array(object)
      writeItems(members, open: "{", close: "}", depth: depth) { writer, member in
        writer.write(member.key)
        writer.text += writer.style.keySeparator
        writer.write(member.value, depth: depth + 1)
      }
    }
  }

  private mutating func writeItems<Item>(
    _ items: [Item], open: String, close: String, depth: Int, _ writeItem: (inout JSONWriter, Item) -> Void
  ) {
    text += open
    for (index, item) in items.enumerated() {
      if index > 0 { text += style.itemSeparator }
      breakLine(depth + 1)
      writeItem(&self, item)
    }
    if !items.isEmpty { breakLine(depth) }
    text += close
  }

  private mutating func breakLine(_ depth: Int) {
    guard let indent = style.indent else { return }
    text += "\n" + String(repeating: " ", count: indent * depth)
  }

  mutating func write(_ string: String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{08}": text += "\\b"
      case "\u{0C}": text += "\\f"
      case _ where scalar.value < 0x20 || (style.escapesNonASCII && scalar.value > 0x7E):
        for unit in UTF16.encode(scalar)! {  // every scalar has a UTF-16 form
          let digits = String(unit, radix: 16)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
