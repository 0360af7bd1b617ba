/// A JSON Pointer (RFC 6901): "" is the whole document, "/properties/city" a place in it.
///
/// Pointers are equal when their bytes are, as the keys of JSON objects are.
public struct JSONPointer: Sendable, CustomStringConvertible {
  /// With `~` and `/` of a name written `~0` and `~1`.
  public let text: String

  public init() { text = "" }

  /// Takes a pointer as it is written.
  init(text: String) { self.text = text }

  public var description: String { text }

  /// The place of a member.
  public func appending(_ name: String) -> JSONPointer { JSONPointer(text: text + "/" + Self.escape(name)) }

  /// The place of an element.
  public func appending(_ index: Int) -> JSONPointer { JSONPointer(text: text + "/" + String(index)) }

  /// The place of the member beside this one that has another name.
  public func naming(_ name: String) -> JSONPointer { (parent ?? self).appending(name) }

  /// The place that contains this one; nil for the whole document.
  var parent: JSONPointer? {
    guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    return JSONPointer(text: String(text[..<slash]))
  }

  /// The reference tokens; nil if the pointer does not start with a slash or has a bad escape.
  public var tokens: [String]? {
    if text.isEmpty { return [] }
    guard text.utf8.first == UInt8(ascii: "/") else { return nil }
    var tokens: [String] = []
    for part in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      var token: [UInt8] = []
      var isEscape = false
      for byte in part {
        if isEscape {
          guard byte == UInt8(ascii: "0") || byte == UInt8(ascii: "1") else { return nil }
          token.append(byte == UInt8(ascii: "0") ? UInt8(ascii: "~") : UInt8(ascii: "/"))
          isEscape = false
        } else if byte == UInt8(ascii: "~") {
          isEscape = true
        } else {
          token.append(byte)
        }
      }
      if isEscape { return nil }
      tokens.append(String(decoding: token, as: UTF8.self))
    }
    return tokens
  }

  private static func escape(_ token: String) -> String {
    guard token.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return token }
    var text = String.UnicodeScalarView()
    for scalar in token.unicodeScalars {
      switch scalar {
      case "~": text.append(contentsOf: "~0".unicodeScalars)
      case "/": text.append(contentsOf: "~1".unicodeScalars)
      default: text.append(scalar)
      }
    }
    return String(text)
  }
}

extension JSONPointer: Hashable {
  public static func == (a: JSONPointer, b: JSONPointer) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

  public func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
