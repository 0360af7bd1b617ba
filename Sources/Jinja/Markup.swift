/// HTML escaping, as `escape` and Python's `Markup` do it.
enum Markup {
  /// `escape(value)`: markup is left as it is.
  static func escaped(_ value: Value) throws(Fault) -> Text {
    let text = try Representation.text(value)
    return text.isMarkup ? text : Text(escaped(text.utf8), isMarkup: true)
  }

  static func escaped(_ utf8: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(utf8.count)
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "&"): output.append("&amp;")
      case UInt8(ascii: "<"): output.append("&lt;")
      case UInt8(ascii: ">"): output.append("&gt;")
      case UInt8(ascii: "\""): output.append("&#34;")
      case UInt8(ascii: "'"): output.append("&#39;")
      default: output.append(byte)
      }
    }
    return output
  }

  /// Without comments and tags, the five common entities resolved, white space collapsed.
  static func stripped(_ utf8: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    var at = 0
    while at < utf8.count {
      if utf8[at] == UInt8(ascii: "<") {
        if utf8[at...].starts(with: Array("<!--".utf8)), let end = utf8[(at + 4)...].firstOffset(of: Array("-->".utf8))
        {
          at = end + 3
          continue
        }
        if let end = utf8[at...].firstIndex(of: UInt8(ascii: ">")) {
          at = end + 1
          continue
        }
      }
      output.append(utf8[at])
      at += 1
    }
    let words = StringMethods.words(Text(output), limit: -1)
    var text = Text(words.joined(separator: [0x20]).map { $0 })
    for (entity, character) in [
      ("&lt;", "<"), ("&gt;", ">"), ("&#34;", "\""), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&"),
    ] {
      text = Text(StringMethods.replaced(text.utf8, Array(entity.utf8), Array(character.utf8), limit: -1))
    }
    return text.utf8
  }
}
