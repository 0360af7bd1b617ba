public import JSON
internal import Jinja
public import ModelFiles

/// A checkpoint's chat template, run as transformers' `apply_chat_template` runs it: messages, tools and options in, the
/// prompt's text out, and which stretch of it came from which message or tool.
public struct ChatTemplate: Sendable {
  private let template: Template
  /// Special tokens by the names templates know them by (`bos_token`).
  private let specialTokens: JSONObject
  /// Text that becomes one token wherever it stands.
  let addedTokens: [AddedToken]
  /// The source mentions thoughts, so the model may think unless told not to.
  public let knowsThinking: Bool
  /// The source asks for `enable_thinking`: thinking can be switched.
  public let switchesThinking: Bool

  /// Throws `GenerationError.template` with line, column and caret if the source is not Jinja.
  public init(source: String, tokenizer: TokenizerData) throws(GenerationError) {
    do {
      template = try Template(source, name: "chat template")
    } catch {
      throw .template(error.description)
    }
    var specialTokens = JSONObject()
    for (name, id) in [
      ("bos_token", tokenizer.bosTokenID), ("eos_token", tokenizer.eosTokenID), ("pad_token", tokenizer.padTokenID),
    ] {
      if let id, id >= 0, id < tokenizer.tokens.count {
        specialTokens[name] = .string(tokenizer.tokens.string(Int(id)))
      }
    }
    self.specialTokens = specialTokens
    addedTokens = tokenizer.addedTokens
    knowsThinking = source.utf8.contains("<think>")
    switchesThinking = source.utf8.contains("enable_thinking")
  }

  /// Text with the origin of its parts; `owner` is message or function, the rest is the template's own.
  public struct Rendering: Sendable, Equatable {
    public var text: String
    /// UTF-8, ascending, without overlaps.
    public var spans: [(owner: SegmentOwner, bytes: Range<Int>)]

    public static func == (a: Rendering, b: Rendering) -> Bool {
      a.text == b.text && a.spans.elementsEqual(b.spans) { $0.owner == $1.owner && $0.bytes == $1.bytes }
    }
  }

  /// Renders a request: `add_generation_prompt` is set, `enable_thinking` as the request says, and its further options.
  public func render(_ request: GenerationRequest) throws(GenerationError) -> Rendering {
    if request.messages.isEmpty { throw .emptyConversation }
    var options: JSONObject = ["add_generation_prompt": true]
    switch request.thinking {
    case .template: break
    case .on: options["enable_thinking"] = true
    case .off: options["enable_thinking"] = false
    }
    for (name, value) in request.templateOptions { options[name] = value }
    let tools = request.toolChoice == .none ? [] : request.functions.map(\.definition)
    return try render(messages: request.messages.map(\.json), tools: tools.isEmpty ? nil : tools, options: options)
  }

  /// Renders messages and tools in OpenAI's form. As transformers does, members of a message that are null are dropped,
  /// `reasoning` or `thinking` is copied to `reasoning_content`, and `continue_final_message` (true, or the name of a
  /// member of the last message) ends the text within that message.
  public func render(
    messages: [JSONValue], tools: [JSONValue]?, options: JSONObject
  ) throws(GenerationError) -> Rendering {
    var messages = messages.map(Self.normalised)
    var options = options
    let continued = try Self.markEnd(of: &messages, options["continue_final_message"])
    options["continue_final_message"] = nil

    var context = specialTokens
    context["messages"] = .array(messages)
    context["tools"] = tools.map { .array($0) } ?? .null
    context["documents"] = .null
    context["add_generation_prompt"] = false
    for (name, value) in options { context[name] = value }
    let rendered: RenderedTemplate
    do {
      rendered = try template.render(context, tracing: ["messages", "tools"])
    } catch {
      throw .template(error.description)
    }
    let end = try continued.map { (final) throws(GenerationError) in try Self.end(of: final, in: rendered.text) }
    let text = end.map { String(decoding: rendered.text.utf8.prefix($0), as: UTF8.self) } ?? rendered.text
    let byteCount = text.utf8.count
    var spans: [(owner: SegmentOwner, bytes: Range<Int>)] = []
    for span in rendered.spans where span.range.lowerBound < byteCount && !span.range.isEmpty {
      let owner: SegmentOwner = span.variable == "messages" ? .message(span.index) : .function(span.index)
      spans.append((owner, span.range.clamped(to: 0..<byteCount)))
    }
    return Rendering(text: text, spans: spans)
  }

  private static func normalised(_ message: JSONValue) -> JSONValue {
    guard let object = message.object else { return message }
    var result = JSONObject(object.filter { $0.value.isNull == false })
    if result["reasoning_content"] == nil, let reasoning = result["reasoning"] ?? result["thinking"] {
      result["reasoning_content"] = reasoning
    }
    return .object(result)
  }

  // MARK: - Continuing the last message

  /// Stands behind the text to be continued while the template runs; the space shows whether the template trims.
  private static let endMark = "CONTINUE_FINAL_MESSAGE_TAG "

  /// Puts the mark behind the text that is to be continued, and returns that text.
  private static func markEnd(of messages: inout [JSONValue], _ option: JSONValue?) throws(GenerationError) -> String? {
    let member: String
    switch option {
    case nil, .null, .bool(false): return nil
    case .string(let name): member = name
    default: member = "content"
    }
    guard var last = messages.last?.object, let text = last[member]?.string else {
      throw .template("continue_final_message: the last message has no text in \"\(member)\"")
    }
    last[member] = .string(text + endMark)
    messages[messages.count - 1] = .object(last)
    return text
  }

  /// UTF-8 offset where the text to be continued ends.
  private static func end(of final: String, in rendered: String) throws(GenerationError) -> Int {
    let bytes = Array(rendered.utf8)
    let mark = Array(endMark.utf8)
    guard bytes.range(of: trimmed(Array(final.utf8))) != nil,
      let place = bytes.lastRange(of: mark.dropLast())?.lowerBound
    else {
      throw .template(
        "continue_final_message: the last message does not appear in the rendered chat; the template leaves out a part of it"
      )
    }
    if bytes[place...].starts(with: mark) { return place }
    var end = place
    while end > 0, isSpace(bytes[end - 1]) { end -= 1 }
    return end
  }

  private static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    var slice = bytes.drop(while: isSpace)
    while let last = slice.last, isSpace(last) { slice.removeLast() }
    return slice
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

extension Message {
  /// In OpenAI's form, as chat templates take it.
  public var json: JSONValue {
    var object: JSONObject = ["role": .string(role.rawValue), "content": .string(content)]
    if let reasoning { object["reasoning_content"] = .string(reasoning) }
    if !toolCalls.isEmpty {
      object["tool_calls"] = .array(
        toolCalls.map {
          ["type": "function", "function": ["name": .string($0.name), "arguments": .object($0.arguments)]]
        })
    }
    if let toolName { object["name"] = .string(toolName) }
    return .object(object)
  }
}

extension JSONValue {
  fileprivate var isNull: Bool { if case .null = self { true } else { false } }
}

extension Collection<UInt8> where Index == Int {
  fileprivate func range(of pattern: some Collection<UInt8>) -> Range<Int>? {
    if pattern.isEmpty { return startIndex..<startIndex }
    return indices.first { self[$0...].starts(with: pattern) }.map { $0..<$0 + pattern.count }
  }

  fileprivate func lastRange(of pattern: some Collection<UInt8>) -> Range<Int>? {
    indices.reversed().first { self[$0...].starts(with: pattern) }.map { $0..<$0 + pattern.count }
  }
}

extension Collection<UInt8> {
  func contains(_ word: String) -> Bool {
    var rest = self[...]
    while !rest.isEmpty {
      if rest.starts(with: word.utf8) { return true }
      rest = rest.dropFirst()
    }
    return false
  }
}
