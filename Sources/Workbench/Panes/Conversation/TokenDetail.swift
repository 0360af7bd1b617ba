import Engine
import Terminal

/// What is known of one token's choice: the alternatives with their probabilities before and after the sampler, the rank,
/// the entropy, and what each stage removed.
struct TokenDetail {
  let answer: Answer
  let index: Int

  func draw(into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext) {
    guard !rect.isEmpty, answer.tokens.indices.contains(index) else { return }
    let theme = context.theme
    let token = answer.tokens[index]
    let separator = " \(context.glyphs.separator) "
    buffer.rule(x: rect.x, y: rect.y, width: rect.width, theme[.accent])
    buffer.write(
      " token \(index + 1) of \(answer.tokens.count) ", x: rect.x + 1, y: rect.y, style: theme[.accent], clip: rect)
    let area = Rect(x: rect.x + 1, y: rect.y + 1, width: rect.width - 2, height: rect.height - 1)
    guard !area.isEmpty else { return }

    var y = area.y
    var facts = ["id \(token.id)", token.lane.words]
    if let logprob = token.logprob { facts.append("p \(percent(Double(TokenWrap.probability(logprob: logprob))))") }
    if let rank = token.rank { facts.append("rank \(rank)") }
    if let entropy = token.entropy { facts.append("entropy \(fixed(Double(entropy), 2)) nats") }
    if index > 0 { facts.append("after \((token.time - answer.tokens[index - 1].time).words)") }
    let name = Self.quoted(token.bytes) + "  "
    buffer.write(name, x: area.x, y: y, style: theme[.strong], clip: area)
    // The facts go on in the next row where they do not fit beside the token.
    var x = area.x + columns(of: name)
    for (number, fact) in facts.enumerated() {
      let text = number + 1 < facts.count ? fact + separator : fact
      if x > area.x, x + columns(of: fact) > area.maxX {
        x = area.x
        y += 1
      }
      x = buffer.write(text, x: x, y: y, style: theme[.dim], clip: area)
    }
    y += 1

    let removals = token.removals.filter { $0.removedTokens > 0 }
    let candidateRows = area.maxY - y - (removals.isEmpty ? 1 : 2)
    if token.candidates.isEmpty {
      buffer.write("no alternatives were reported", x: area.x, y: y, style: theme[.dim], clip: area)
      return
    }
    drawCandidates(
      token, into: buffer, Rect(x: area.x, y: y, width: area.width, height: max(0, candidateRows + 1)), context)
    guard !removals.isEmpty, area.height >= 4 else { return }
    let words = removals.map { "\($0.stage.words) \(grouped($0.removedTokens)) (\(percent(Double($0.removedMass))))" }
    buffer.write(
      truncated("removed: " + words.joined(separator: separator), to: area.width), x: area.x, y: area.maxY - 1,
      style: theme[.dim], clip: area)
  }

  private func drawCandidates(_ token: TokenEvent, into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext) {
    let theme = context.theme
    let rows = token.candidates.prefix(max(0, rect.height - 1))
    let texts = rows.map { Self.quoted($0.bytes) }
    let textWidth = min(max(8, rect.width - 34), max(8, texts.map { columns(of: $0) }.max() ?? 0))
    let beforeX = rect.x + 2 + textWidth + 1
    let barX = beforeX + 9
    let barWidth = max(0, min(24, rect.maxX - barX - 9))
    buffer.write("model", x: beforeX + 3, y: rect.y, style: theme[.faint], clip: rect)
    buffer.write("sampler", x: barX + barWidth + 1, y: rect.y, style: theme[.faint], clip: rect)
    for (row, candidate) in rows.enumerated() {
      let y = rect.y + 1 + row
      let isChosen = candidate.id == token.id
      let isRemoved = candidate.sampledProbability == 0
      let role: Theme.Role = isChosen ? .strong : isRemoved ? .maskedToken : .text
      if isChosen { buffer.write(context.glyphs.selected, x: rect.x, y: y, style: theme[.accent], clip: rect) }
      buffer.write(truncated(texts[row], to: textWidth), x: rect.x + 2, y: y, style: theme[role], clip: rect)
      let before = percent(Double(candidate.probability))
      buffer.write(before, x: beforeX + 8 - columns(of: before), y: y, style: theme[.text], clip: rect)
      // Less than a quarter of a percent is no bar at all.
      Bar.draw(
        candidate.probability < 0.0025 ? 0 : Double(candidate.probability), into: buffer,
        Rect(x: barX, y: y, width: barWidth, height: 1), context,
        role: isChosen ? .accent : .gaugeTrack, track: nil)
      let after = isRemoved ? "removed" : percent(Double(candidate.sampledProbability))
      buffer.write(
        after, x: barX + barWidth + 8 - columns(of: after), y: y, style: theme[isRemoved ? .faint : .text], clip: rect)
    }
  }

  /// A token as a quoted text in which blanks and line breaks can be seen.
  static func quoted(_ bytes: [UInt8]) -> String {
    var text = ""
    for character in TokenWrap.text(of: bytes) {
      switch character {
      case "\n": text += "\\n"
      case "\r\n": text += "\\r\\n"
      case "\t": text += "\\t"
      case "\"": text += "\\\""
      default: text.append(character)
      }
    }
    return "\"\(text)\""
  }
}

extension Lane {
  var words: String {
    switch self {
    case .thinking: "thinking"
    case .answer: "answer"
    case .toolCall: "tool call"
    case .control: "control"
    }
  }
}

extension SamplerStage {
  var words: String {
    switch self {
    case .mask: "schema"
    case .logitBias: "bias"
    case .penalties: "penalties"
    case .temperature: "temperature"
    case .topK: "top-k"
    case .typicalP: "typical-p"
    case .topP: "top-p"
    case .minP: "min-p"
    }
  }
}
