/// JSON Pointers (RFC 6901) as schemas and messages use them.
enum JSONPointer {
  /// `~` and `/` in a member's name.
  static func escape(_ token: String) -> String {
    guard token.contains(where: { $0 == "~" || $0 == "/" }) else { return token }
    var text = ""
    for character in token {
      switch character {
      case "~": text += "~0"
      case "/": text += "~1"
      default: text.append(character)
      }
    }
    return text
  }

  /// The reference tokens of a pointer; nil if it does not start with a slash or has a bad escape.
  static func tokens(_ pointer: String) -> [String]? {
    if pointer.isEmpty { return [] }
    guard pointer.hasPrefix("/") else { return nil }
    var tokens: [String] = []
    for part in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      var token = ""
      var isEscape = false
      for character in part {
        if isEscape {
          guard character == "0" || character == "1" else { return nil }
          token.append(character == "0" ? "~" : "/")
          isEscape = false
        } else if character == "~" {
          isEscape = true
        } else {
          token.append(character)
        }
      }
      if isEscape { return nil }
      tokens.append(token)
    }
    return tokens
  }
}
