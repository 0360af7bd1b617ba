import Engine
import JSON
import Terminal

/// What the layout of an entry depends on; while it is the same, the layout stands.
struct EntryLayoutKey: Equatable {
  var message: Message
  var state: Answer.State?
  var tokenCount: Int
  var openToolCall: String
  var warningCount: Int
  var resultCount: Int
  var callStates: [Int: CallState]
  var width: Int
  var isFolded: Bool
  var showsTokens: Bool

  init(_ index: Int, _ transcript: Transcript, width: Int, isFolded: Bool, showsTokens: Bool) {
    let entry = transcript.entries[index]
    message = entry.message
    state = entry.answer?.state
    tokenCount = entry.answer?.tokens.count ?? 0
    openToolCall = entry.answer?.openToolCall ?? ""
    warningCount = (entry.answer?.warnings.count ?? 0) + (entry.answer?.malformedToolCalls.count ?? 0)
    let calls = entry.message.toolCalls.indices
    resultCount = calls.count { transcript.result(ofCall: $0, at: index) != nil }
    callStates = entry.callStates
    self.width = width
    self.isFolded = isFolded
    self.showsTokens = showsTokens
  }
}

extension EntryLayout {
  /// Rows of a folded tool result.
  private static let foldedRows = 6

  /// - Parameter old: the entry's layout before this one, if there was one.
  init(_ key: EntryLayoutKey, _ entry: Transcript.Entry, _ glyphs: Glyphs, old: EntryLayout?) {
    self.init(width: key.width)
    switch entry.message.role {
    case .system: addSystem(entry.message, key, glyphs)
    case .user:
      addLine([Span("You", .user)])
      addText(entry.message.content, .text)
    case .tool:
      addLine([Span("Result", .toolResult), Span(" of \(entry.message.toolName ?? "a function")", .dim)])
      let limit = key.isFolded ? Self.foldedRows : .max
      if TextWrap.wrap(entry.message.content, width: max(1, width - 4)).count > Self.foldedRows { foldRow = 0 }
      addText(entry.message.content, .text, indent: 4, bar: .toolResult, limit: limit)
    case .assistant: addAssistant(entry, key, glyphs, old)
    }
    addBlank()
  }

  private mutating func addSystem(_ message: Message, _ key: EntryLayoutKey, _ glyphs: Glyphs) {
    let isShort = !message.content.contains(where: \.isNewline) && columns(of: message.content) + 12 <= width
    if isShort {
      addLine([Span("System  ", .system), Span(message.content, .dim)])
    } else if key.isFolded {
      let line = message.content.split(whereSeparator: \.isNewline).joined(separator: " ")
      addLine([Span("\(glyphs.folded) System  ", .system), Span(line, .dim)], folds: true)
    } else {
      addLine([Span("\(glyphs.unfolded) System", .system)], folds: true)
      addText(message.content, .text)
    }
  }

  // MARK: - An answer

  private mutating func addAssistant(
    _ entry: Transcript.Entry, _ key: EntryLayoutKey, _ glyphs: Glyphs, _ old: EntryLayout?
  ) {
    let answer = entry.answer
    addLine([Span("Assistant", .accent)], trailing: answer.map { [Span(Self.summary($0, glyphs), .faint)] } ?? [])
    if key.showsTokens, let answer {
      add(Block(content: .tokens(TokenWrap(answer.tokens, width: max(1, width - 2)))))
    } else {
      addThinking(entry, key, glyphs, old)
      let content = Self.trimmed(entry.message.content)
      if !content.isEmpty {
        addText(content, .assistant, isMarkdown: true, growing: .answer, old: old)
      }
      for (index, call) in entry.message.toolCalls.enumerated() {
        let state = Self.state(
          key.callStates[index], isAnswered: index < key.resultCount, isRunning: answer?.isRunning == true, glyphs)
        let reading = answer.flatMap { $0.calls.indices.contains(index) ? $0.calls[index] : nil }
        addCall(call, state, reading.flatMap { $0.name == call.name ? $0 : nil }, glyphs)
      }
      if !key.openToolCall.isEmpty {
        addLine(
          [Span("\(glyphs.arrow) call", .toolCall)], trailing: [Span("being written", .dim)], indent: 4, bar: .toolCall)
        addText(Self.trimmed(key.openToolCall), .dim, indent: 4, bar: .toolCall, growing: .openCall, old: old)
      }
    }
    for malformed in answer?.malformedToolCalls ?? [] {
      addText("\(glyphs.cross) not a call: \(malformed.reason)", .error, indent: 4, bar: .error)
    }
    for warning in answer?.warnings ?? [] { addText("\(glyphs.warning) \(warning)", .warning) }
    switch answer?.state {
    case .waiting: addLine([Span("waiting for the engine", .dim)])
    case .prefilling(let done, let total) where total > 0:
      addLine([Span("reading the prompt: \(grouped(done)) of \(grouped(total)) tokens", .dim)])
    case .finished(.cancelled): addLine([Span("stopped here", .warning)])
    case .finished(.tokenLimit): addLine([Span("the token limit ends the answer here", .warning)])
    case .finished(.contextFull): addLine([Span("the context is full", .warning)])
    case .failed(let error): addText("\(glyphs.cross) \(error.description)", .error)
    default: break
    }
  }

  /// "57 tokens · 812 tok/s".
  private static func summary(_ answer: Answer, _ glyphs: Glyphs) -> String {
    guard !answer.tokens.isEmpty else { return "" }
    var words = ["\(grouped(answer.tokens.count)) tokens"]
    if let speed = answer.tokensPerSecond { words.append("\(rate(speed)) tok/s") }
    return words.joined(separator: " \(glyphs.separator) ")
  }

  private mutating func addThinking(
    _ entry: Transcript.Entry, _ key: EntryLayoutKey, _ glyphs: Glyphs, _ old: EntryLayout?
  ) {
    let thinking = Self.trimmed(entry.message.reasoning ?? "")
    guard !thinking.isEmpty else { return }
    let answer = entry.answer
    let isOpen = answer?.isRunning == true && answer?.tokens.last?.lane == .thinking
    var words = isOpen ? "thinking" : "thought"
    if let answer {
      words += " \(glyphs.separator) \(grouped(answer.tokenCount(in: .thinking))) tokens"
      words += " \(glyphs.separator) \(answer.elapsed(in: .thinking).words)"
    }
    if key.isFolded {
      var spans = [Span("\(glyphs.folded) \(words)", .dim)]
      if isOpen {
        // What it thinks right now, as much as the row holds.
        let room = width - columns(of: spans[0].text) - 6
        spans.append(Span("  " + Self.tail(of: thinking, columns: room), .thinking))
      }
      addLine(spans, folds: true)
    } else {
      addLine([Span("\(glyphs.unfolded) \(words)", .dim)], folds: true)
      addText(thinking, .thinking, indent: 4, bar: .thinking, growing: .thinking, old: old)
    }
  }

  /// A call as a card: its name and state, then an argument a row, with how probable its value was.
  private mutating func addCall(_ call: ToolCall, _ state: Span, _ reading: CallReading?, _ glyphs: Glyphs) {
    addLine(
      [Span("\(glyphs.arrow) ", .toolCall), Span(call.name, .toolCall)], trailing: [state], indent: 4, bar: .toolCall)
    let keyWidth = min(24, call.arguments.keys.map { columns(of: $0) }.max() ?? 0)
    for (name, value) in call.arguments {
      let label = "  " + name + String(repeating: " ", count: max(0, keyWidth - columns(of: name))) + "  "
      let text = value.text(.spaced)
      let certainty = reading.map { Self.certainty(of: name, $0, glyphs) } ?? []
      if columns(of: label) + columns(of: text) <= width - 4 {
        let spans = [Span(label, .jsonKey), Span(text, Self.role(of: value))]
        addLine(spans, trailing: certainty, indent: 4, bar: .toolCall)
      } else {
        addLine([Span(label, .jsonKey)], trailing: certainty, indent: 4, bar: .toolCall)
        addText(value.text(.pretty), Self.role(of: value), indent: 8, growing: nil)
      }
    }
  }

  /// "mask 0.41 · 97.3 %": the probability that the mask took from the model in an argument's text, where it took some, and
  /// that of the argument's value.
  private static func certainty(of name: String, _ reading: CallReading, _ glyphs: Glyphs) -> [Span] {
    let path = FieldPath([.member(name)])
    guard let argument = reading.arguments.first(where: { $0.path == path }), let probability = argument.probability else {
      return []
    }
    let words = probability > 0 && probability < 0.0005 ? "<0.1 %" : fixed(probability * 100, 1) + " %"
    var spans = [Span(words, probability < 0.5 ? .warning : .faint)]
    if let pressure = reading.fieldPressures[path], pressure.removedMass >= 0.005 {
      let words = "mask \(fixed(pressure.removedMass, 2)) \(glyphs.separator) "
      spans.insert(Span(words, pressure.overruledCount > 0 ? .warning : .faint), at: 0)
    }
    return spans
  }

  private static func state(_ state: CallState?, isAnswered: Bool, isRunning: Bool, _ glyphs: Glyphs) -> Span {
    switch state {
    case .denied(let decider): Span("\(glyphs.cross) denied by \(decider)", .error)
    case .refused: Span("\(glyphs.cross) not run", .error)
    case .returned(isError: true): Span("\(glyphs.cross) returned an error", .warning)
    case .returned: Span("\(glyphs.on) answered", .success)
    case .running where !isAnswered: Span("\(glyphs.off) running", .info)
    case .asking where !isAnswered: Span("\(glyphs.warning) asks for permission", .warning)
    default:
      if isAnswered {
        Span("\(glyphs.on) answered", .success)
      } else if isRunning {
        Span("\(glyphs.off) proposed", .dim)
      } else {
        Span("\(glyphs.off) awaiting result", .warning)
      }
    }
  }

  private static func role(of value: JSONValue) -> Theme.Role {
    switch value {
    case .string: .jsonString
    case .number: .jsonNumber
    case .bool, .null: .jsonKeyword
    case .array, .object: .text
    }
  }

  private static func trimmed(_ text: String) -> String {
    var start = text.startIndex
    while start < text.endIndex, text[start].isNewline { text.formIndex(after: &start) }
    var end = text.endIndex
    while end > start, text[text.index(before: end)].isWhitespace { text.formIndex(before: &end) }
    return start == text.startIndex && end == text.endIndex ? text : String(text[start..<end])
  }

  /// The end of a text that fits so many columns, on one line.
  private static func tail(of text: String, columns limit: Int) -> String {
    var used = 0
    var start = text.endIndex
    while start > text.startIndex {
      let before = text.index(before: start)
      used += columns(of: text[before].isNewline ? " " : String(text[before]))
      if used > limit { break }
      start = before
    }
    return text[start...].map { $0.isNewline ? " " : String($0) }.joined()
  }
}
