import Engine
import JSON
import ModelFiles

extension SamplingField {
  /// Takes over what was typed. Throws `badSetting`, and changes nothing then.
  func set(_ text: String, _ session: Session) throws(GenerationError) {
    let text = text.trimmed
    var settings = session.sampling
    switch self {
    case .temperature: settings.temperature = try number(text)
    case .topK: settings.topK = text == "off" ? 0 : try integer(text, "0 (off) or more")
    case .topP: settings.topP = text == "off" ? 1 : try number(text)
    case .minP: settings.minP = text == "off" ? 0 : try number(text)
    case .typicalP: settings.typicalP = text == "off" ? 1 : try number(text)
    case .repetitionPenalty: settings.repetitionPenalty = text == "off" ? 1 : try number(text)
    case .presencePenalty: settings.presencePenalty = text == "off" ? 0 : try number(text)
    case .frequencyPenalty: settings.frequencyPenalty = text == "off" ? 0 : try number(text)
    case .penaltyWindow:
      settings.penaltyWindow = isNone(text) ? nil : try integer(text, "a number of tokens or \"all\"")
    case .seed:
      guard isNone(text) || UInt64(text) != nil else {
        throw bad(text, "a whole number from 0 to 2^64 - 1 or \"random\"")
      }
      settings.seed = UInt64(text)
    case .order:
      guard let order = SamplerOrder(rawValue: text) else { throw bad(text, "huggingFace, llamaCpp or vLLM") }
      settings.order = order
    case .logitBias: settings.logitBias = try bias(text)
    case .thinking:
      guard let mode = ThinkingMode(rawValue: text) else { throw bad(text, "template, on or off") }
      session.thinking = mode
      return session.promptChanged()
    case .toolChoice:
      session.toolChoice = isNone(text) ? .none : .auto
      return session.promptChanged()
    case .tokenLimit:
      let limit = isNone(text) ? nil : try integer(text, "1 token or more, or \"none\"")
      if let limit, limit < 1 { throw bad(text, "1 token or more, or \"none\"") }
      session.tokenLimit = limit
      return
    case .stopStrings:
      session.stopStrings = try strings(text)
      return
    case .candidateCount:
      let count = try integer(text, "0 to 100")
      guard (0...100).contains(count) else { throw bad(text, "0 to 100") }
      session.candidateCount = count
      return
    case .speculation:
      guard let mode = SpeculationMode(rawValue: text) else { throw bad(text, "off, calls or all") }
      session.speculation = mode
      return
    }
    try settings.check(vocabularySize: session.model.info?.vocabularySize ?? .max)
    session.sampling = settings
  }

  /// One step up or down. False for what has no steps.
  func step(_ direction: Int, _ session: Session) -> Bool {
    let settings = session.sampling
    func stepped(_ value: Float, _ step: Double, _ range: ClosedRange<Float>) -> String {
      let next = Float(((Double(value) / step).rounded() + Double(direction)) * step)
      return short(min(max(next, range.lowerBound), range.upperBound))
    }
    func stepped(_ value: Int?, _ step: Int, first: Int) -> String {
      guard let value else { return String(first) }
      return value + direction * step < 1 ? "none" : String(value + direction * step)
    }
    let text: String
    switch self {
    case .temperature: text = stepped(settings.temperature, 0.1, 0...10)
    case .topK: text = String(max(0, settings.topK + direction))
    case .topP: text = stepped(settings.topP, 0.05, 0.05...1)
    case .minP: text = stepped(settings.minP, 0.01, 0...1)
    case .typicalP: text = stepped(settings.typicalP, 0.05, 0.05...1)
    case .repetitionPenalty: text = stepped(settings.repetitionPenalty, 0.05, 0.05...10)
    case .presencePenalty: text = stepped(settings.presencePenalty, 0.1, -10...10)
    case .frequencyPenalty: text = stepped(settings.frequencyPenalty, 0.1, -10...10)
    case .penaltyWindow: text = stepped(settings.penaltyWindow, 64, first: 64)
    case .tokenLimit: text = stepped(session.tokenLimit, 64, first: 256)
    case .seed:
      let seed = settings.seed.map { direction > 0 ? $0 &+ 1 : $0 == 0 ? nil : $0 - 1 } ?? (direction > 0 ? 0 : nil)
      text = seed.map(String.init) ?? "random"
    case .candidateCount: text = String(min(100, max(0, session.candidateCount + direction)))
    case .order: text = next(SamplerOrder.allCases.map(\.rawValue), after: settings.order.rawValue, direction)
    case .thinking: text = next(ThinkingMode.allCases.map(\.rawValue), after: session.thinking.rawValue, direction)
    case .toolChoice: text = session.toolChoice == .none ? "auto" : "none"
    case .speculation: text = next(SpeculationMode.allCases.map(\.rawValue), after: session.speculation.rawValue, direction)
    case .logitBias, .stopStrings: return false
    }
    // What a step leads to is in range, but for a stage that the order lacks; then the value stays.
    do throws(GenerationError) { try set(text, session) } catch { session.show(.warning, error.description) }
    return true
  }

  // MARK: - Words

  private func bad(_ found: String, _ expected: String) -> GenerationError {
    .badSetting(name: title, found: found.isEmpty ? "empty" : found, expected: expected)
  }

  private func isNone(_ text: String) -> Bool { ["", "none", "all", "random", "off"].contains(text) }

  private func number(_ text: String) throws(GenerationError) -> Float {
    guard let value = Float(text.map { $0 == "," ? "." : String($0) }.joined()), value.isFinite else {
      throw bad(text, "a number")
    }
    return value
  }

  private func integer(_ text: String, _ expected: String) throws(GenerationError) -> Int {
    guard let value = Int(text) else { throw bad(text, expected) }
    return value
  }

  private func bias(_ text: String) throws(GenerationError) -> [TokenID: Float] {
    var bias: [TokenID: Float] = [:]
    if isNone(text) { return bias }
    for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = pair.split(separator: ":", maxSplits: 1).map { String($0).trimmed }
      guard parts.count == 2, let id = TokenID(parts[0]), let value = Float(parts[1]), !value.isNaN else {
        throw bad(String(pair).trimmed, "a token's id, a colon and a number, such as 1234: -2.5")
      }
      bias[id] = value
    }
    return bias
  }

  /// One string as it is, or JSON strings with commas between.
  private func strings(_ text: String) throws(GenerationError) -> [String] {
    if text.isEmpty || text == "none" { return [] }
    guard text.hasPrefix("\"") else { return [text] }
    guard let list = (try? JSONValue(parsing: "[\(text)]"))?.array, list.allSatisfy({ $0.string?.isEmpty == false })
    else {
      throw bad(text, "strings in quotes with commas between, such as \"END\", \"\\n\\n\"")
    }
    return list.compactMap(\.string)
  }

  private func next(_ words: [String], after word: String, _ direction: Int) -> String {
    let index = words.firstIndex(of: word) ?? 0
    return words[(index + direction + words.count) % words.count]
  }
}

extension String {
  /// Without blanks at both ends.
  fileprivate var trimmed: String {
    let start = drop { $0.isWhitespace }
    return String(start.reversed().drop { $0.isWhitespace }.reversed())
  }
}
