/// Splits an answer, as it streams, into thinking, answer and tool calls, in the form of Qwen3's chat template:
///
/// ```
/// <think>
/// thoughts
/// </think>
///
/// answer
/// <tool_call>
/// {"name": "get_weather", "arguments": {"city": "Oslo"}}
/// </tool_call>
/// ```
///
/// Tags are recognised in the text, whether the model wrote them as one token or spelt them out; what may be the
/// beginning of one is held back. `<think>` counts before anything else was said, `<tool_call>` outside of thoughts.
/// Newlines that only set tags apart belong to no lane. Within an open string of a call, tags are text; JSON has no line
/// break there, so a string that has one is open by mistake and hides no tag. Outside of strings `</tool_call>` ends a call,
/// and so does another `<tool_call>`. If a call never ends, the first closing tag within it did end it.
/// The result does not depend on how the text was cut.
public struct ToolCallParser: Sendable {
  /// What a piece of generated text turned out to be.
  public enum Output: Sendable, Equatable {
    case text(LanePiece)
    /// `note`: what was put right to understand the call.
    case call(ToolCall, note: String?)
    case malformed(MalformedToolCall)
  }

  /// Where the text stands: thinking, answer or toolCall.
  public private(set) var lane: Lane
  public private(set) var calls: [ToolCall] = []
  public private(set) var malformed: [MalformedToolCall] = []
  private var reasoning: String?
  private var answer = ""

  private var held: [UInt8] = []
  /// Newlines at the beginning of a lane are dropped.
  private var isAtStart = true
  /// All between the tags, as it came.
  private var body: [UInt8] = []
  private var hasTag = false

  private static let thinkOpen = Array("<think>".utf8)
  private static let thinkClose = Array("</think>".utf8)
  private static let callOpen = Array("<tool_call>".utf8)
  private static let callClose = Array("</tool_call>".utf8)
  private static let newline = UInt8(ascii: "\n")

  /// `startsThinking`: the prompt ended inside `<think>`, as some templates do.
  public init(startsThinking: Bool = false) {
    lane = startsThinking ? .thinking : .answer
    if startsThinking { reasoning = "" }
  }

  /// Whether a turn that the prompt has begun stands inside `<think>`: then the answer goes on with thoughts.
  public static func endsInThinking(_ turn: some StringProtocol) -> Bool {
    var isOpen = false
    let bytes = Array(turn.utf8)
    for place in bytes.indices where bytes[place] == UInt8(ascii: "<") {
      if bytes[place...].starts(with: thinkOpen) { isOpen = true }
      if bytes[place...].starts(with: thinkClose) { isOpen = false }
    }
    return isOpen
  }

  /// Whether a token is one of the tags.
  static func isTag(_ bytes: some Sequence<UInt8>) -> Bool {
    [thinkOpen, thinkClose, callOpen, callClose].contains { bytes.elementsEqual($0) }
  }

  /// The answer as a message: complete calls as calls, malformed ones in the text.
  public var message: Message {
    Message(.assistant, answer, reasoning: reasoning, toolCalls: calls)
  }

  /// What this token counts as if it released nothing: the lane, or control after a tag.
  var laneOfSilentToken: Lane { hasTag ? .control : lane }

  /// Adds whole characters.
  public mutating func accept(_ text: String) -> [Output] {
    var outputs: [Output] = []
    hasTag = false
    held.append(contentsOf: text.utf8)
    while let (tag, place) = earliestTag() {
      release(held[..<place].droppingLast(newline: Self.newline), &outputs)
      if lane == .toolCall { body.append(contentsOf: held[..<place]) }
      held.removeFirst(place + tag.count)
      hasTag = true
      pass(tag, &outputs)
      isAtStart = true
    }
    let heldCount = tags.map { held.suffixCount(beginning: $0) }.max() ?? 0
    let certain = held.dropLast(heldCount)
    // Newlines before what may be a tag wait with it.
    let released = isAtStart ? certain.drop { $0 == Self.newline } : certain
    let shown = released.droppingLast(newline: Self.newline)
    if isAtStart && !certain.isEmpty && released.isEmpty { hasTag = true }
    release(shown, &outputs)
    if lane == .toolCall { body.append(contentsOf: held[..<shown.endIndex]) }
    held.removeFirst(isAtStart ? certain.endIndex : shown.endIndex)
    return outputs
  }

  /// Releases what is held and ends an open call, when no more text will come.
  public mutating func finish() -> [Output] {
    var outputs: [Output] = []
    hasTag = false
    release(held[...], &outputs)
    defer { held = [] }
    guard lane == .toolCall else { return outputs }
    body.append(contentsOf: held)
    held = []
    lane = .answer
    isAtStart = true
    guard case .malformed = ToolCallReading(String(decoding: body, as: UTF8.self)),
      let tag = body.indices.first(where: { body[$0...].starts(with: Self.callClose) })
    else {
      endCall(isClosed: false, &outputs)
      return outputs
    }
    // A string was not closed, and so hid the tag.
    let rest = String(decoding: body[(tag + Self.callClose.count)...], as: UTF8.self)
    body.removeSubrange(tag...)
    endCall(isClosed: true, &outputs)
    return outputs + accept(rest) + finish()
  }

  // MARK: - Tags

  /// Those that mean something where the text stands.
  private var tags: [[UInt8]] {
    switch lane {
    case .thinking: [Self.thinkClose]
    case .toolCall: [Self.callClose, Self.callOpen]
    case .answer, .control: mayThink ? [Self.callOpen, Self.thinkOpen] : [Self.callOpen]
    }
  }

  private var mayThink: Bool { reasoning == nil && answer.isEmpty && calls.isEmpty && malformed.isEmpty }

  private func earliestTag() -> (tag: [UInt8], place: Int)? {
    let tags = tags
    for place in held.indices where held[place] == UInt8(ascii: "<") {
      for tag in tags where held[place...].starts(with: tag) {
        if lane == .toolCall, Self.isInString(body + held[..<place]) { continue }
        // A think tag counts only before text; newlines are not text.
        if tag == Self.thinkOpen, held[..<place].contains(where: { $0 != Self.newline }) { continue }
        return (tag, place)
      }
    }
    return nil
  }

  private mutating func pass(_ tag: [UInt8], _ outputs: inout [Output]) {
    switch (lane, tag) {
    case (.answer, Self.thinkOpen):
      lane = .thinking
      reasoning = ""
    case (.thinking, _): lane = .answer
    case (.answer, _):
      lane = .toolCall
      body = []
    case (_, Self.callClose):
      endCall(isClosed: true, &outputs)
      lane = .answer
    default:
      endCall(isClosed: false, &outputs)
      body = []
    }
  }

  /// Whether a string is open after this much of a call, with nothing in it that no string has.
  private static func isInString(_ body: [UInt8]) -> Bool {
    var isInString = false
    var isEscaped = false
    for byte in body {
      switch byte {
      case ..<0x20 where isInString: return false
      case _ where isEscaped: isEscaped = false
      case UInt8(ascii: "\\"): isEscaped = isInString
      case UInt8(ascii: "\""): isInString.toggle()
      default: break
      }
    }
    return isInString
  }

  // MARK: - Text

  private mutating func release(_ bytes: ArraySlice<UInt8>, _ outputs: inout [Output]) {
    let shown = isAtStart ? bytes.drop { $0 == Self.newline } : bytes
    if shown.isEmpty { return }
    // Text after a call goes on a line of its own.
    if lane == .answer && isAtStart && !answer.isEmpty { answer += "\n" }
    isAtStart = false
    let text = String(decoding: shown, as: UTF8.self)
    switch lane {
    case .thinking: reasoning = (reasoning ?? "") + text
    case .answer, .control: answer += text
    case .toolCall: break
    }
    outputs.append(.text(LanePiece(lane: lane, text: text)))
  }

  private mutating func endCall(isClosed: Bool, _ outputs: inout [Output]) {
    let text = String(decoding: body, as: UTF8.self)
    let shown = body.drop { $0 == Self.newline }.droppingLast(newline: Self.newline)
    body = []
    // As it was shown, so that an error's line and column are those on the screen.
    switch ToolCallReading(String(decoding: shown, as: UTF8.self)) {
    case .call(let call, let note):
      calls.append(call)
      outputs.append(.call(call, note: isClosed ? note : note ?? "the call of \(call.name) has no closing tag"))
    case .malformed(let reason):
      let whole = "<tool_call>" + text + (isClosed ? "</tool_call>" : "")
      if !answer.isEmpty { answer += "\n" }
      answer += whole
      let call = MalformedToolCall(text: whole, reason: isClosed ? reason : "the call has no closing tag; " + reason)
      malformed.append(call)
      outputs.append(.malformed(call))
    }
  }
}

extension ArraySlice<UInt8> {
  fileprivate func droppingLast(newline: UInt8) -> Self {
    var result = self
    while result.last == newline { result.removeLast() }
    return result
  }
}
