import Engine
import JSON
import Tools
import Workbench

/// Shows a turn as it runs.
protocol RunPrinter {
  mutating func print(_ event: ToolLoopEvent)
  mutating func finish()
}

/// Every event as a line of JSON. The end of an answer tells also what its tokens say of its calls.
struct JSONRunPrinter: RunPrinter {
  /// Of the answer under way.
  private var tokens: [TokenEvent] = []
  private var firstTokenAge: Duration?

  mutating func print(_ event: ToolLoopEvent) {
    switch event {
    case .generation(let step, let event):
      var members = event.json.object ?? [:]
      switch event {
      case .token(let token):
        if step == 0, token.index == 0 { firstTokenAge = ProcessAge.now }
        tokens.append(token)
      case .finished, .failed:
        let calls = CallReading.all(in: tokens)
        if !calls.isEmpty { members["calls"] = .array(calls.map(\.json)) }
        if step == 0, let age = firstTokenAge {
          members["first_token_since_process_start"] = .number(JSONNumber((age / .microseconds(1)).rounded() / 1000))
        }
        tokens = []
      default: break
      }
      write(step, members)
    case .call(let step, let call, .decided(let decision)):
      var members: JSONObject = ["event": "decision", "name": .string(call.name)]
      for (name, value) in decision.members { members[name] = value }
      write(step, members)
    case .call(let step, let call, .finished(let outcome)):
      guard let result = outcome.result else { return }
      write(
        step,
        [
          "event": "result", "name": .string(call.name), "content": .string(result.content),
          "outcome": .string(outcome.word),
        ])
    }
  }

  mutating func finish() {}

  private func write(_ step: Int, _ members: JSONObject) {
    var line: JSONObject = ["step": .number(JSONNumber(step))]
    for (name, value) in members { line[name] = value }
    StandardOutput.writeLine(.object(line))
  }
}

extension CallOutcome {
  fileprivate var word: String {
    switch self {
    case .returned: "returned"
    case .denied: "denied"
    case .refused: "refused"
    case .unresolved: "unresolved"
    }
  }
}

/// The answer on standard output as it streams, the rest on standard error.
struct TextRunPrinter: RunPrinter {
  private var isThinking = false
  private var answerEndsLine = true
  private var thoughtEndsLine = true
  /// Of the process, at the first token of all.
  private var firstTokenAge: Duration?

  mutating func print(_ event: ToolLoopEvent) {
    switch event {
    case .generation(let step, .token(let token)):
      if step == 0, token.index == 0 { firstTokenAge = ProcessAge.now }
      for piece in token.pieces { print(piece) }
    case .generation(_, .toolCall(let call)):
      endLines()
      StandardError.write("→ \(call.name) \(JSONValue.object(call.arguments).text(.spaced))\n")
    case .generation(_, .malformedToolCall(let call)):
      endLines()
      StandardError.write("lathe: not a call: \(call.reason)\n\(call.text)\n")
    case .generation(_, .warning(let sentence)): StandardError.write("lathe: \(sentence)\n")
    case .generation(let step, .finished(let summary)):
      endLines()
      let tokens = summary.counts
      var words = "\(tokens.prompt) prompt tokens, \(tokens.cached) reused, \(tokens.generated) generated; "
      words += "first token after \(summary.phases.firstToken.milliseconds) ms"
      if step == 0, let firstTokenAge { words += " (\(firstTokenAge.milliseconds) ms after the program's start)" }
      StandardError.write("  \(words), \(summary.phases.total.milliseconds) ms in all\n")
    case .generation: break
    case .call(_, _, .decided): break
    case .call(_, let call, .finished(let outcome)):
      if case .denied(let decision, _) = outcome {
        StandardError.write("✗ \(call.name) was denied by \(decision.decider)\n")
      }
      if let result = outcome.result { StandardError.write("← \(call.name) \(result.content)\n") }
    }
  }

  mutating func finish() { endLines() }

  private mutating func print(_ piece: LanePiece) {
    switch piece.lane {
    case .answer:
      if !thoughtEndsLine { endLines() }
      // The blank lines between the end of thinking and the answer are the template's, not the answer's.
      let text = answerEndsLine && isAtAnswerStart ? String(piece.text.drop(while: \.isNewline)) : piece.text
      if text.isEmpty { return }
      isAtAnswerStart = false
      StandardOutput.write(text)
      answerEndsLine = text.hasSuffix("\n")
    case .thinking:
      StandardError.write(piece.text)
      thoughtEndsLine = piece.text.hasSuffix("\n")
    case .toolCall, .control: break
    }
  }

  private var isAtAnswerStart = true

  private mutating func endLines() {
    if !answerEndsLine { StandardOutput.write("\n") }
    if !thoughtEndsLine { StandardError.write("\n") }
    (answerEndsLine, thoughtEndsLine, isAtAnswerStart) = (true, true, true)
  }
}

extension Duration {
  /// With one decimal.
  var milliseconds: String {
    let tenths = components.seconds * 10_000 + components.attoseconds / 100_000_000_000_000
    return "\(tenths / 10).\(tenths % 10)"
  }
}
