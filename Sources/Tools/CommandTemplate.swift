import Glibc
import JSON

/// One element of a command's argument list: text with typed placeholders, each filled from one argument of the call.
///
///     --city={city:string}    the argument `city`, which has to be a string
///     {days?:integer}         left out, with its whole element, when the call has no `days`
///     {file:path}             made absolute; refused unless it stays inside the workspace's folder
///     {{                      a brace
struct CommandTemplate: Sendable, Equatable {
  /// What a placeholder takes; anything else is refused.
  enum Kind: String, CaseIterable, Sendable { case string, integer, number, boolean, path }
  enum Part: Sendable, Equatable {
    case literal(String)
    case placeholder(name: String, kind: Kind, isOptional: Bool)
  }

  let parts: [Part]

  /// - Parameter path: the place of the element in an error.
  init(_ text: String, path: String) throws(ToolFileError) {
    var parts: [Part] = []
    var literal = ""
    var rest = Substring(text)
    func fault(_ sentence: String) -> ToolFileError { ToolFileError(path: path, sentence: sentence) }
    while let first = rest.first {
      rest = rest.dropFirst()
      switch first {
      case "{" where rest.first == "{", "}" where rest.first == "}":
        literal.append(first)
        rest = rest.dropFirst()
      case "{":
        guard let end = rest.firstIndex(of: "}") else {
          throw fault("the placeholder that begins with \"{\(rest.prefix(20))\" has no end; a brace itself is \"{{\"")
        }
        let inside = rest[..<end]
        rest = rest[rest.index(after: end)...]
        guard let colon = inside.lastIndex(of: ":"), let kind = Kind(rawValue: String(inside[inside.index(after: colon)...]))
        else {
          let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
          throw fault("found \"{\(inside)}\"; {name:type} or {name?:type} with one of the types \(kinds) is expected")
        }
        var name = String(inside[..<colon])
        let isOptional = name.hasSuffix("?")
        if isOptional { name.removeLast() }
        if name.isEmpty { throw fault("found \"{\(inside)}\"; a placeholder needs the name of an argument") }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        literal = ""
        parts.append(.placeholder(name: name, kind: kind, isOptional: isOptional))
      case "}": throw fault("found a single \"}\"; a brace itself is \"}}\"")
      case "\0": throw fault("a zero cannot be part of an argument")
      default: literal.append(first)
      }
    }
    if !literal.isEmpty || parts.isEmpty { parts.append(.literal(literal)) }
    self.parts = parts
  }

  /// The text, if no placeholder is in it.
  var literal: String? {
    if parts.count == 1, case .literal(let text) = parts[0] { text } else { nil }
  }

  /// The element for a call; nil if it is left out.
  /// - Parameter folder: the workspace's, resolved.
  func filled(_ arguments: JSONObject, folder: String) throws(CommandRefusal) -> String? {
    var text = ""
    for part in parts {
      switch part {
      case .literal(let literal): text += literal
      case .placeholder(let name, let kind, let isOptional):
        guard let value = arguments[name] else {
          if isOptional { return nil }
          throw CommandRefusal("the command needs the argument \"\(name)\"")
        }
        text += try Self.text(value, name, kind, folder)
      }
    }
    // What the model chose must not be taken for an option of the program.
    if case .placeholder(let name, _, _)? = parts.first, text.hasPrefix("-") {
      throw CommandRefusal("the argument \"\(name)\" begins with \"-\", which the program would take for an option")
    }
    return text
  }

  private static func text(
    _ value: JSONValue, _ name: String, _ kind: Kind, _ folder: String
  ) throws(CommandRefusal) -> String {
    switch (kind, value) {
    case (.string, .string(let text)):
      if text.utf8.contains(0) { throw CommandRefusal("the argument \"\(name)\" holds a zero") }
      return text
    case (.integer, .number): if let integer = value.int { return String(integer) }
    case (.number, .number): return value.text()
    case (.boolean, .bool(let truth)): return truth ? "true" : "false"
    case (.path, .string(let path)): return try pathInside(folder, path, name)
    default: break
    }
    throw CommandRefusal("the argument \"\(name)\" is \(value.text(.spaced)); the command takes \(kind.rawValue) there")
  }

  /// The path made absolute, with the links in it followed as far as it exists.
  private static func pathInside(_ folder: String, _ path: String, _ name: String) throws(CommandRefusal) -> String {
    let refusal = CommandRefusal("the argument \"\(name)\" names \"\(path)\", which is not inside the workspace's folder")
    if path.utf8.contains(0) || path.isEmpty { throw refusal }
    var existing = path.hasPrefix("/") ? path : folder + "/" + path
    var missing: [Substring] = []
    while true {
      if let resolved = Self.resolved(existing) {
        guard resolved == folder || resolved.hasPrefix(folder == "/" ? "/" : folder + "/") else { throw refusal }
        return ([resolved] + missing.reversed().map(String.init)).joined(separator: "/")
      }
      guard errno == ENOENT, let slash = existing.lastIndex(of: "/"), slash > existing.startIndex else { throw refusal }
      let last = existing[existing.index(after: slash)...]
      if last == ".." || last == "." { throw refusal }
      if !last.isEmpty { missing.append(last) }
      existing = String(existing[..<slash])
    }
  }

  /// realpath(3).
  static func resolved(_ path: String) -> String? {
    guard let text = realpath(path, nil) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }
}

/// Why a command is not run with a call's arguments; the model is told.
struct CommandRefusal: Error, Equatable {
  let sentence: String
  init(_ sentence: String) { self.sentence = sentence }
}
