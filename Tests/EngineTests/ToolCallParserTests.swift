import Engine
import JSON
import Testing

@Suite struct ToolCallParserTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var text: String
    var startsThinking = false
    /// Text by lane, in order.
    var pieces: [LanePiece]
    var message: Message
    var reasons: [String] = []
    var notes: [String] = []
    var testDescription: String { text }
  }

  static let oslo = ToolCall(name: "get_weather", arguments: ["city": "Oslo"])
  static let osloText = #"{"name": "get_weather", "arguments": {"city": "Oslo"}}"#

  static let rows: [Row] = [
    Row(
      text: "Hello.\nWorld\n", pieces: [.init(lane: .answer, text: "Hello.\nWorld\n")],
      message: Message(.assistant, "Hello.\nWorld\n")),
    Row(
      text: "<think>\nfirst\n\nthen\n</think>\n\nDone 🙂",
      pieces: [.init(lane: .thinking, text: "first\n\nthen"), .init(lane: .answer, text: "Done 🙂")],
      message: Message(.assistant, "Done 🙂", reasoning: "first\n\nthen")),
    Row(
      text: "still\n</think>\n\nDone", startsThinking: true,
      pieces: [.init(lane: .thinking, text: "still"), .init(lane: .answer, text: "Done")],
      message: Message(.assistant, "Done", reasoning: "still")),
    Row(
      text: "<think>\na <tool_call> in thought", pieces: [.init(lane: .thinking, text: "a <tool_call> in thought")],
      message: Message(.assistant, "", reasoning: "a <tool_call> in thought")),
    Row(
      text: "the <think> tag and 1 < 2 <", pieces: [.init(lane: .answer, text: "the <think> tag and 1 < 2 <")],
      message: Message(.assistant, "the <think> tag and 1 < 2 <")),
    Row(
      text: "Let me look.\n<tool_call>\n\(osloText)\n</tool_call>",
      pieces: [.init(lane: .answer, text: "Let me look."), .init(lane: .toolCall, text: osloText)],
      message: Message(.assistant, "Let me look.", toolCalls: [oslo])),
    Row(
      text: "<tool_call>\n\(osloText)\n</tool_call>\n<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>",
      pieces: [
        .init(lane: .toolCall, text: osloText), .init(lane: .toolCall, text: #"{"name": "now", "arguments": {}}"#),
      ],
      message: Message(.assistant, "", toolCalls: [oslo, ToolCall(name: "now", arguments: [:])])),
    Row(
      text: #"<tool_call>{"name": "f", "arguments": "{\"x\": 1}"}</tool_call>"#,
      pieces: [.init(lane: .toolCall, text: #"{"name": "f", "arguments": "{\"x\": 1}"}"#)],
      message: Message(.assistant, "", toolCalls: [ToolCall(name: "f", arguments: ["x": 1])]),
      notes: ["the arguments of f came as a string that holds JSON; read as an object"]),
    Row(
      text: "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": }}\n</tool_call> after",
      pieces: [
        .init(lane: .toolCall, text: #"{"name": "f", "arguments": {"x": }}"#), .init(lane: .answer, text: " after"),
      ],
      message: Message(
        .assistant, "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": }}\n</tool_call>\n after"),
      reasons: [
        """
        tool call:1:34: found "}", expected a value
          {"name": "f", "arguments": {"x": }}
                                           ^
        """
      ]),
    Row(
      text: #"<tool_call>["f"]</tool_call>"#, pieces: [.init(lane: .toolCall, text: #"["f"]"#)],
      message: Message(.assistant, #"<tool_call>["f"]</tool_call>"#),
      reasons: [#"the call is an array; an object with "name" and "arguments" is expected"#]),
    Row(
      text: #"<tool_call>{"name": "f", "parameters": {}}</tool_call>"#,
      pieces: [.init(lane: .toolCall, text: #"{"name": "f", "parameters": {}}"#)],
      message: Message(.assistant, #"<tool_call>{"name": "f", "parameters": {}}</tool_call>"#),
      reasons: [#"the call has "name", "parameters"; "name" and "arguments" are expected"#]),
    Row(
      text: "<tool_call>\n{\"name\": \"f\", \"argu",
      pieces: [.init(lane: .toolCall, text: #"{"name": "f", "argu"#)],
      message: Message(.assistant, "<tool_call>\n{\"name\": \"f\", \"argu"),
      reasons: [
        """
        the call has no closing tag; tool call:1:15: the string that starts here has no closing quote
          {"name": "f", "argu
                        ^
        """
      ]),
    Row(
      text: "<tool_call>\n\(osloText)\n<tool_call>\n\(osloText)\n</tool_call>",
      pieces: [.init(lane: .toolCall, text: osloText), .init(lane: .toolCall, text: osloText)],
      message: Message(.assistant, "", toolCalls: [oslo, oslo]),
      notes: ["the call of get_weather has no closing tag"]),
    Row(
      text: #"<tool_call>{"name": "f", "arguments": {"x": "<tool_call>"}}</tool_call>"#,
      pieces: [.init(lane: .toolCall, text: #"{"name": "f", "arguments": {"x": "<tool_call>"}}"#)],
      message: Message(.assistant, "", toolCalls: [ToolCall(name: "f", arguments: ["x": "<tool_call>"])])),
    Row(
      text: "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": \"a </tool_call> \\\" </tool_call>\"}}\n</tool_call>",
      pieces: [
        .init(lane: .toolCall, text: #"{"name": "f", "arguments": {"x": "a </tool_call> \" </tool_call>"}}"#)
      ],
      message: Message(
        .assistant, "", toolCalls: [ToolCall(name: "f", arguments: ["x": #"a </tool_call> " </tool_call>"#])])),
    // A quote is missing: the line break tells, or else the end.
    Row(
      text: "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": \"a}}\n</tool_call> after",
      pieces: [
        .init(lane: .toolCall, text: #"{"name": "f", "arguments": {"x": "a}}"#), .init(lane: .answer, text: " after"),
      ],
      message: Message(
        .assistant, "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": \"a}}\n</tool_call>\n after"),
      reasons: [
        """
        tool call:1:34: the string that starts here has no closing quote
          {"name": "f", "arguments": {"x": "a}}
                                           ^
        """
      ]),
    Row(
      text: "<tool_call>{\"name\": \"f\", \"arguments\": {\"x\": \"a}}</tool_call>",
      pieces: [.init(lane: .toolCall, text: #"{"name": "f", "arguments": {"x": "a}}</tool_call>"#)],
      message: Message(.assistant, "<tool_call>{\"name\": \"f\", \"arguments\": {\"x\": \"a}}</tool_call>"),
      reasons: [
        """
        tool call:1:34: the string that starts here has no closing quote
          {"name": "f", "arguments": {"x": "a}}
                                           ^
        """
      ]),
  ]

  @Test(arguments: rows) func `the text is split the same wherever it is cut`(row: Row) {
    let characters = Array(row.text)
    for cut in 0...characters.count {
      check(row, [String(characters[..<cut]), String(characters[cut...])])
    }
    check(row, characters.map { String($0) })
    check(
      row, stride(from: 0, to: characters.count, by: 3).map { String(characters[$0..<min($0 + 3, characters.count)]) })
  }

  private func check(_ row: Row, _ chunks: [String]) {
    var parser = ToolCallParser(startsThinking: row.startsThinking)
    var outputs: [ToolCallParser.Output] = []
    for chunk in chunks { outputs += parser.accept(chunk) }
    outputs += parser.finish()
    var pieces: [LanePiece] = []
    var mayJoin = false
    var notes: [String] = []
    for output in outputs {
      switch output {
      case .text(let piece):
        if mayJoin, pieces.last?.lane == piece.lane {
          pieces[pieces.count - 1].text += piece.text
        } else {
          pieces.append(piece)
        }
        mayJoin = true
      case .call(_, let note):
        if let note { notes.append(note) }
        mayJoin = false
      case .malformed: mayJoin = false
      }
    }
    #expect(pieces == row.pieces, "\(chunks)")
    #expect(parser.message == row.message, "\(chunks)")
    #expect(parser.malformed.map(\.reason) == row.reasons, "\(chunks)")
    #expect(notes == row.notes, "\(chunks)")
  }

  @Test(arguments: [
    ("assistant\n<think>\n", true), ("assistant\n<think>\nso far", true), ("assistant\n", false),
    ("assistant\n<think>\n\n</think>\n\n", false), ("assistant\n<think>a</think>b<think>", true),
  ])
  func `a turn that ends inside a thought is recognised`(turn: String, expected: Bool) {
    #expect(ToolCallParser.endsInThinking(turn) == expected)
  }
}
