public import JSON

/// One message of a prompt file.
public struct PromptMessage: Sendable, Equatable {
  /// Who speaks.
  public enum Role: String, Sendable, CaseIterable { case system, user, assistant, tool }
  /// A function that the assistant called.
  public struct Call: Sendable, Equatable {
    public var name: String
    public var arguments: JSONObject
    public init(name: String, arguments: JSONObject) {
      self.name = name
      self.arguments = arguments
    }
  }

  public var role: Role
  public var content: String
  /// An assistant's thinking.
  public var thinking: String?
  /// An assistant's calls, in order.
  public var calls: [Call]
  /// A tool's name.
  public var toolName: String?

  public init(_ role: Role, _ content: String, thinking: String? = nil, calls: [Call] = [], toolName: String? = nil) {
    self.role = role
    self.content = content
    self.thinking = thinking
    self.calls = calls
    self.toolName = toolName
  }
}

/// A prompt kept as a Markdown file: a short header, then the messages.
///
///     title: Where is my order?
///     thinking: off
///
///     @system
///     You help the customers of a shop.
///
///     @user
///     Where is order ORD12345?
///
///     @assistant
///
///     @call get_order_status
///     {"order_id": "ORD12345"}
///
///     @tool get_order_status
///     {"status": "packed"}
///
/// `@thinking` and `@call NAME` belong to the `@assistant` above them. A blank line stands before each marker and is not
/// part of the text. A line of text that starts with `@` and a marker's word is written with a second `@`.
public struct PromptDocument: Sendable, Equatable {
  /// The file's name without `.md`.
  public var name: String
  /// `key: value` lines, in order.
  public var header: [(key: String, value: String)]
  public var messages: [PromptMessage]

  public init(name: String, header: [(key: String, value: String)] = [], messages: [PromptMessage]) {
    self.name = name
    self.header = header
    self.messages = messages
  }

  public static func == (a: PromptDocument, b: PromptDocument) -> Bool {
    a.name == b.name && a.messages == b.messages && a.header.elementsEqual(b.header) { $0 == $1 }
  }

  /// The header's value for a key, or nil.
  public subscript(header key: String) -> String? { header.first { $0.key == key }?.value }

  /// - Parameter path: what the text is called in an error.
  public init(name: String, parsing text: String, path: String) throws(DocumentError) {
    self.init(name: name, messages: [])
    var reader = PromptReader(text: text, path: path)
    try reader.read(into: &self)
  }

  /// The file's text; parsing it gives this document again.
  public var text: String {
    var sections: [String] = []
    if !header.isEmpty { sections.append(header.map { "\($0.key): \($0.value)" }.joined(separator: "\n")) }
    for message in messages {
      sections.append(
        section(message.role == .tool ? "tool \(message.toolName ?? "")" : message.role.rawValue, message.content))
      if let thinking = message.thinking { sections.append(section("thinking", thinking)) }
      for call in message.calls {
        sections.append(section("call \(call.name)", JSONValue.object(call.arguments).text(.spaced)))
      }
    }
    return sections.joined(separator: "\n\n") + "\n"
  }

  private func section(_ marker: String, _ body: String) -> String {
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
    let escaped = lines.map { PromptReader.isMarkerLike($0) ? "@" + $0 : String($0) }
    return "@\(marker.hasSuffix(" ") ? String(marker.dropLast()) : marker)\n" + escaped.joined(separator: "\n")
  }
}

/// Reads a prompt file line by line.
private struct PromptReader {
  let lines: [Substring]
  let text: String
  let path: String

  init(text: String, path: String) {
    self.text = text
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// A line that would be a marker, with any number of `@` before the word.
  static func isMarkerLike(_ line: Substring) -> Bool {
    let rest = line.drop { $0 == "@" }
    guard rest.startIndex != line.startIndex else { return false }
    return ["system", "user", "assistant", "tool", "thinking", "call"].contains { word in
      rest.hasPrefix(word) && (rest.dropFirst(word.count).first.map { $0 == " " } ?? true)
    }
  }

  mutating func read(into document: inout PromptDocument) throws(DocumentError) {
    var index = 0
    while index < lines.count, !lines[index].hasPrefix("@") {
      let line = lines[index]
      if !line.allSatisfy(\.isWhitespace) {
        guard let colon = line.firstIndex(of: ":") else {
          throw fault(
            index, "the header has \"key: value\" lines, then the first message starts with a line such as \"@user\"")
        }
        document.header.append((String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " })))
      }
      index += 1
    }
    while index < lines.count {
      let markerLine = index
      let words = lines[index].dropFirst().split(separator: " ", maxSplits: 1)
      index += 1
      var body: [String] = []
      while index < lines.count,
        !(lines[index].hasPrefix("@") && !lines[index].hasPrefix("@@") && Self.isMarkerLike(lines[index]))
      {
        let line = lines[index]
        body.append(line.hasPrefix("@@") && Self.isMarkerLike(line) ? String(line.dropFirst()) : String(line))
        index += 1
      }
      // One blank line before the next marker, or the file's last line break, is not text.
      if body.last == "" { body.removeLast() }
      try add(words.map(String.init), body.joined(separator: "\n"), line: markerLine, to: &document)
    }
  }

  private func add(_ words: [String], _ body: String, line: Int, to document: inout PromptDocument)
    throws(DocumentError)
  {
    let word = words.first ?? ""
    let argument = words.count > 1 ? words[1] : nil
    if let role = PromptMessage.Role(rawValue: word) {
      document.messages.append(PromptMessage(role, body, toolName: role == .tool ? argument : nil))
      return
    }
    guard word == "thinking" || word == "call" else {
      throw fault(line, "\"@\(word)\" is no marker; @system, @user, @assistant, @tool, @thinking and @call are")
    }
    guard let last = document.messages.indices.last, document.messages[last].role == .assistant else {
      throw fault(line, "\"@\(word)\" belongs under an \"@assistant\"")
    }
    if word == "thinking" {
      document.messages[last].thinking = body
      return
    }
    guard let argument else { throw fault(line, "\"@call\" needs the function's name: \"@call get_weather\"") }
    let value: JSONValue
    do { value = try JSONValue(parsing: body, name: "\(path):\(line + 2)") } catch { throw .badJSON(error) }
    guard case .object(let arguments) = value else {
      throw fault(line + 1, "the arguments of a call are a JSON object")
    }
    document.messages[last].calls.append(PromptMessage.Call(name: argument, arguments: arguments))
  }

  private func fault(_ line: Int, _ sentence: String) -> DocumentError {
    let offset = lines[..<line].reduce(0) { $0 + $1.utf8.count + 1 }
    return .badPrompt(SourceExcerpt(of: text.utf8, offset: offset, name: path), sentence: sentence)
  }
}
