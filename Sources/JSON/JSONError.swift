/// Why a text is not JSON, and where.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong at that place.
  public enum Fault: Sendable, Equatable {
    case unexpected(found: String, expected: String)
    case unterminatedString
    case controlCharacter(UInt8)
    case badEscape(String)
    case unpairedSurrogate(String)
    case badNumber(String, reason: String)
    case invalidUTF8
    case tooDeep(limit: Int)
    case trailingText(String)
    case byteOrderMark
  }

  public let fault: Fault
  /// UTF-8 offset of the fault.
  public let offset: Int
  public let excerpt: SourceExcerpt

  public var message: String {
    switch fault {
    case .unexpected(let found, let expected): "found \(found), expected \(expected)"
    case .unterminatedString: "the string that starts here has no closing quote"
    case .controlCharacter(let byte):
      "control character 0x\(hex(byte)) inside a string; write it as \\u00\(hex(byte))"
    case .badEscape(let text): "\"\(text)\" is not an escape; after \\ one of \" \\ / b f n r t or uXXXX is expected"
    case .unpairedSurrogate(let text): "\(text) is half of a surrogate pair; the other half is missing"
    case .badNumber(let text, let reason): "\"\(text)\" is not a number: \(reason)"
    case .invalidUTF8: "the bytes here are not UTF-8"
    case .tooDeep(let limit): "nested deeper than \(limit) levels"
    case .trailingText(let found): "found \(found) after the end of the value"
    case .byteOrderMark: "the text starts with a byte order mark; remove it"
    }
  }

  /// Place, sentence, line and caret.
  public var description: String { excerpt.description(message) }
}

private func hex(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return digits.count < 2 ? "0" + digits : digits
}
