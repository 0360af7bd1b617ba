/// Where one answer is: thinking, free text, or a call. A value: a copy is a fork.
public struct ToolCallMatcher: Sendable {
  public enum Phase: Equatable, Sendable {
    /// Before `</think>`; anything goes, and nothing opens a call.
    case thinking
    /// Free text, in which a call may open; or, where the answer has a schema, what comes before it.
    case text
    /// Inside an answer that has a schema.
    case answer
    /// Inside a call.
    case call
    /// After a call: another one, or the end.
    case between
    case ended
  }

  private struct Place: Sendable {
    var phase: Phase
    /// Bytes of the spelt opening, or of the end of thinking, that stand at the end of the text.
    var matched = 0
    var call: GrammarMatcher?
    var answer: GrammarMatcher?
    var callCount = 0
    /// Line breaks since the text began or the last call closed, where only they may come before a call.
    var lineBreaks = 0
  }

  public let grammar: ToolCallGrammar
  private var place: Place
  private var history: [Place] = []

  init(_ grammar: ToolCallGrammar, isThinking: Bool) {
    self.grammar = grammar
    place = Place(phase: isThinking ? .thinking : .text)
  }

  public var phase: Phase { place.phase }
  /// Calls that have closed.
  public var callCount: Int { place.callCount }

  private var mustCall: Bool {
    switch grammar.choice {
    case .required, .named: place.callCount == 0
    case .auto, .none: false
    }
  }

  /// The tokens that may come next; nil where any may.
  public func mask() -> TokenMask? {
    switch place.phase {
    case .thinking: return nil
    case .text:
      if mustCall {
        return place.matched > 0 ? spelledOpener() : place.lineBreaks < 2 ? grammar.openerOrNewline : grammar.opener
      }
      if let start = grammar.answerStart {
        if place.matched > 0 { return spelledOpener() }
        return place.lineBreaks < 2 ? start : start.removing(grammar.lineBreaks)
      }
      return grammar.call == nil ? grammar.withoutCall[place.matched] : nil
    case .answer: return place.answer?.mask()
    case .call: return place.call?.mask()
    case .between:
      if place.matched > 0 { return spelledOpener() }
      guard grammar.allowsParallelCalls else { return grammar.ends }
      return place.lineBreaks == 0 ? grammar.endsOrNewline : grammar.opener
    case .ended: return TokenMask(allowing: [], tokenCount: grammar.vocabulary.tokenCount)
    }
  }

  /// Inside a spelt `<tool_call>` nothing but its rest.
  private func spelledOpener() -> TokenMask {
    let rest = Array(ToolCallGrammar.openingText[place.matched...])
    return TokenMask(allowing: grammar.vocabulary.prefixes(of: rest), tokenCount: grammar.vocabulary.tokenCount)
  }

  /// Whether the token may come next; if so the matcher goes on.
  @discardableResult
  public mutating func accept(_ token: Int) -> Bool {
    // In a call or an answer the bytes decide, at less than a mask's cost.
    if place.phase != .call, place.phase != .answer, let mask = mask(), !mask.allows(token) { return false }
    history.append(place)
    if grammar.tokens.ends.contains(token), place.phase != .call, place.phase != .answer {
      place = Place(phase: .ended, callCount: place.callCount)
      return true
    }
    switch place.phase {
    case .thinking:
      if token == grammar.tokens.thinkingEnd {
        place = Place(phase: .text)
      } else {
        follow(ToolCallGrammar.thinkingEndText, grammar.vocabulary.bytes(of: token)) { $0 = Place(phase: .text) }
      }
    case .text, .between:
      if token == grammar.tokens.opening {
        open()
        return true
      }
      let bytes = grammar.vocabulary.bytes(of: token)
      if bytes.allSatisfy({ $0 == 0x0A }) {
        place.lineBreaks += bytes.count
      } else if place.phase == .text, !mustCall, place.matched == 0, let answer = grammar.answer {
        var answer = answer.makeMatcher()
        if answer.accept(token) {
          place = Place(phase: .answer, answer: answer, callCount: place.callCount)
          return true
        }
      }
      var rest: ArraySlice<UInt8> = []
      for (index, byte) in zip(bytes.indices, bytes) {
        place.matched = ToolCallGrammar.openingText.matched(place.matched, byte)
        if place.matched == ToolCallGrammar.openingText.count, grammar.call != nil {
          rest = bytes[(index + 1)...]
          open()
          break
        }
      }
      // What the token goes on with belongs to the call, and may not fit it.
      if !rest.isEmpty, place.phase == .call, place.call?.acceptBytes(rest) != true {
        place = history.removeLast()
        return false
      }
    case .answer:
      guard place.answer?.accept(token) == true else {
        place = history.removeLast()
        return false
      }
      if place.answer?.isEnded == true { place = Place(phase: .ended, callCount: place.callCount) }
    case .call:
      guard place.call?.accept(token) == true else {
        place = history.removeLast()
        return false
      }
      closeIfDone(token)
    case .ended: return false
    }
    return true
  }

  private mutating func open() {
    guard let call = grammar.call else { return }
    place = Place(phase: .call, call: call.makeMatcher(), callCount: place.callCount)
  }

  private mutating func closeIfDone(_ token: Int) {
    let isClosed = grammar.tokens.closing == nil ? place.call?.isComplete == true : token == grammar.tokens.closing
    if isClosed { place = Place(phase: .between, callCount: place.callCount + 1) }
  }

  private mutating func follow(_ text: [UInt8], _ bytes: ArraySlice<UInt8>, found: (inout Place) -> Void) {
    for byte in bytes {
      place.matched = text.matched(place.matched, byte)
      if place.matched == text.count {
        found(&place)
        return
      }
    }
  }

  /// Takes the last accepted tokens back.
  /// - Precondition: so many have been accepted.
  public mutating func rollback(_ count: Int) {
    precondition(count >= 0 && count <= history.count, "rollback of \(count) of \(history.count) tokens")
    guard count > 0 else { return }
    place = history[history.count - count]
    history.removeLast(count)
  }

  public func fork() -> ToolCallMatcher { self }

  /// The bytes that must come next inside a call, or an answer that has a schema, as far as there is no choice, at most
  /// `limit`; without the control tokens around it.
  public func forcedBytes(limit: Int = 4096) -> [UInt8] {
    switch place.phase {
    case .call: place.call?.forcedBytes(limit: limit) ?? []
    case .answer: place.answer?.forcedBytes(limit: limit) ?? []
    case .thinking, .text, .between, .ended: []
    }
  }

  /// The control token that closes the call, where nothing else can come.
  public var forcedClosing: Int? {
    guard place.phase == .call, let closing = grammar.tokens.closing, let call = place.call, call.isComplete,
      call.nextBytes().isEmpty
    else { return nil }
    return closing
  }

  /// An answer that has a schema is whole: nothing can come but its end.
  public var mustEnd: Bool {
    guard place.phase == .answer, let answer = place.answer else { return false }
    return answer.isComplete && answer.nextBytes().isEmpty
  }

  /// Whether the bytes may come next inside a call, or an answer that has a schema; if so the matcher goes on, by one step
  /// for `rollback`.
  @discardableResult
  public mutating func acceptBytes(_ bytes: some Sequence<UInt8>) -> Bool {
    let before = place
    let isAccepted =
      switch place.phase {
      case .call: place.call?.acceptBytes(bytes) == true
      case .answer: place.answer?.acceptBytes(bytes) == true
      case .thinking, .text, .between, .ended: false
      }
    guard isAccepted else { return false }
    history.append(before)
    if grammar.tokens.closing == nil, place.call?.isComplete == true {
      place = Place(phase: .between, callCount: place.callCount + 1)
    }
    return true
  }

  /// The answer may end here.
  public var isComplete: Bool {
    switch place.phase {
    case .thinking, .call: false
    case .text: !mustCall && grammar.answer == nil
    case .answer: place.answer?.isComplete == true
    case .between, .ended: true
    }
  }
}

extension ToolCallGrammar {
  /// After a call: a line break before the next one, or the end.
  var endsOrNewline: TokenMask { ends.adding(vocabulary.ids(of: [0x0A])) }
  /// Tokens that may stand before an answer that has a schema.
  var lineBreaks: [Int] { vocabulary.ids(of: [0x0A]) + vocabulary.ids(of: [0x0A, 0x0A]) }
}
