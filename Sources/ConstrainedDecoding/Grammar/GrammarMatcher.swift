/// Where one sequence is in a grammar. A value: a copy is a fork.
///
///     var matcher = grammar.makeMatcher()
///     let mask = matcher.mask()        // which tokens may come next
///     matcher.accept(token)            // false, and nothing changed, if it may not
public struct GrammarMatcher: Sendable {
  public let grammar: Grammar
  private var state: Int32
  /// The states before each accepted step.
  private var history: [Int32] = []

  init(_ grammar: Grammar) {
    self.grammar = grammar
    state = grammar.withMachine { $0.initialState }
  }

  /// The tokens that may come next; with the end tokens where the text is complete. Shared: the same place gives the same
  /// object. No token after an end token.
  public func mask() -> TokenMask {
    guard state >= 0 else { return TokenMask(allowing: [], tokenCount: grammar.vocabulary.tokenCount) }
    return grammar.mask(state)
  }

  /// Whether the token may come next; if so the matcher goes on.
  @discardableResult
  public mutating func accept(_ token: Int) -> Bool {
    if grammar.endTokens.contains(token) {
      guard isComplete else { return false }
      history.append(state)
      state = Self.ended
      return true
    }
    let bytes = grammar.vocabulary.bytes(of: token)
    return !bytes.isEmpty && acceptBytes(bytes)
  }

  /// Whether the bytes may come next, all of them; if so the matcher goes on. Counts as one step for `rollback`.
  @discardableResult
  public mutating func acceptBytes(_ bytes: some Sequence<UInt8>) -> Bool {
    guard state >= 0 else { return false }
    let bytes = ContiguousArray(bytes)
    let start = state
    let next = grammar.withMachine { machine in
      var at = start
      for byte in bytes {
        at = machine.next(at, byte)
        if at < 0 { break }
      }
      return at
    }
    guard next >= 0 else { return false }
    history.append(state)
    state = next
    return true
  }

  /// How many of the bytes may come next. The matcher stays where it is.
  public func admittedCount(_ bytes: some Sequence<UInt8>) -> Int {
    guard state >= 0 else { return 0 }
    let bytes = ContiguousArray(bytes)
    let start = state
    return grammar.withMachine { machine in
      var at = start
      for (count, byte) in bytes.enumerated() {
        at = machine.next(at, byte)
        if at < 0 { return count }
      }
      return bytes.count
    }
  }

  /// Takes the last accepted steps back.
  /// - Precondition: so many have been accepted.
  public mutating func rollback(_ count: Int) {
    precondition(count >= 0 && count <= history.count, "rollback of \(count) of \(history.count) steps")
    guard count > 0 else { return }
    state = history[history.count - count]
    history.removeLast(count)
  }

  public func fork() -> GrammarMatcher { self }

  /// The accepted steps.
  public var stepCount: Int { history.count }

  /// The text may end here.
  public var isComplete: Bool {
    let state = self.state
    return state >= 0 && grammar.withMachine { $0.states[Int(state)].isComplete }
  }

  /// An end token was accepted.
  public var isEnded: Bool { state == Self.ended }

  /// The bytes that must come next, as far as there is no choice, at most `limit`.
  public func forcedBytes(limit: Int = 4096) -> [UInt8] {
    guard state >= 0 else { return [] }
    let start = state
    return grammar.withMachine { machine in
      var at = start
      var bytes: [UInt8] = []
      while bytes.count < limit, !machine.states[Int(at)].isComplete, let byte = machine.allowedBytes(at).only {
        bytes.append(byte)
        at = machine.next(at, byte)
      }
      return bytes
    }
  }

  /// The bytes one of which comes next.
  public func nextBytes() -> [UInt8] {
    guard state >= 0 else { return [] }
    let start = state
    return grammar.withMachine { machine in
      var bytes: [UInt8] = []
      machine.allowedBytes(start).forEach { bytes.append($0) }
      return bytes
    }
  }

  private static let ended: Int32 = -3
}

extension Grammar {
  /// The mask of a state, with the end tokens where the text is complete.
  func mask(_ state: Int32) -> TokenMask {
    let vocabulary = self.vocabulary
    let endTokens = self.endTokens
    return withMachine { machine in
      machine.mask(state, vocabulary, endTokens: endTokens)
    }
  }
}
