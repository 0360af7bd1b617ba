/// Where one sequence is in a grammar. A value: a copy is a fork.
///
///     var matcher = grammar.makeMatcher()
///     let mask = matcher.mask()        // which tokens may come next
///     matcher.accept(token)            // false, and nothing changed, if it may not
public struct GrammarMatcher: Sendable {
  public let grammar: Grammar
  /// In whose states the sequence stands.
  private let runtime: GrammarRuntime
  private var place: Place
  /// The places before each accepted step.
  private var history: [Place] = []

  fileprivate struct Place: Sendable {
    /// Of the grammar's machine, or `ended`.
    var state: Int32
    /// Followed where members may have names that the schema does not list.
    var names: MemberNames?
  }

  init(_ grammar: Grammar) {
    self.grammar = grammar
    runtime = grammar.currentRuntime()
    place = Place(
      state: runtime.withMachine { $0.initialState }, names: grammar.admitsUndeclaredNames ? MemberNames() : nil)
  }

  private var state: Int32 { place.state }

  /// The tokens that may come next; with the end tokens where the text is complete. Shared: the same place mostly gives the
  /// same object. No token after an end token.
  public func mask() -> TokenMask {
    guard state >= 0 else { return TokenMask(allowing: [], tokenCount: grammar.vocabulary.tokenCount) }
    let vocabulary = grammar.vocabulary
    let endTokens = grammar.endTokens
    let state = self.state
    let mask = runtime.withMachine { $0.mask(state, vocabulary, endTokens: endTokens) }
    return place.names?.refine(mask, grammar.vocabulary) ?? mask
  }

  /// Whether the token may come next; if so the matcher goes on.
  @discardableResult
  public mutating func accept(_ token: Int) -> Bool {
    if grammar.endTokens.contains(token) {
      guard isComplete else { return false }
      history.append(place)
      place.state = Self.ended
      return true
    }
    let bytes = grammar.vocabulary.bytes(of: token)
    return !bytes.isEmpty && acceptBytes(bytes)
  }

  /// Whether the bytes may come next, all of them; if so the matcher goes on. Counts as one step for `rollback`.
  @discardableResult
  public mutating func acceptBytes(_ bytes: some Sequence<UInt8>) -> Bool {
    let bytes = ContiguousArray(bytes)
    let (next, count) = advance(bytes)
    guard count == bytes.count, next.state >= 0 else { return false }
    history.append(place)
    place = next
    return true
  }

  /// How many of the bytes may come next. The matcher stays where it is.
  public func admittedCount(_ bytes: some Sequence<UInt8>) -> Int { advance(ContiguousArray(bytes)).count }

  /// Where bytes lead, as far as they may come.
  private func advance(_ bytes: ContiguousArray<UInt8>) -> (place: Place, count: Int) {
    var next = place
    guard next.state >= 0 else { return (next, 0) }
    let start = state
    let followsNames = next.names != nil
    var (end, count, longest) = runtime.withMachine { machine in
      var at = start
      // Where a name ends that nothing else could come of.
      var longest: [Int] = []
      for (count, byte) in bytes.enumerated() {
        let following = machine.next(at, byte)
        if following < 0 { return (at, count, longest) }
        if followsNames, byte == 0x22, machine.nameMustEnd(at) { longest.append(count) }
        at = following
      }
      return (at, bytes.count, longest)
    }
    if next.names != nil {
      for (index, byte) in bytes[..<count].enumerated() {
        if next.names?.accept(byte, endsLongest: longest.contains(index), grammar.vocabulary) == false {
          (end, count) = (GrammarMachine.deadState, index)
          break
        }
      }
    }
    next.state = end
    return (next, count)
  }

  /// Takes the last accepted steps back.
  /// - Precondition: so many have been accepted.
  public mutating func rollback(_ count: Int) {
    precondition(count >= 0 && count <= history.count, "rollback of \(count) of \(history.count) steps")
    guard count > 0 else { return }
    place = history[history.count - count]
    history.removeLast(count)
  }

  public func fork() -> GrammarMatcher { self }

  /// The accepted steps.
  public var stepCount: Int { history.count }

  /// The text may end here.
  public var isComplete: Bool {
    let state = self.state
    return state >= 0 && runtime.withMachine { $0.states[Int(state)].isComplete }
  }

  /// An end token was accepted.
  public var isEnded: Bool { state == Self.ended }

  /// The bytes that must come next, as far as there is no choice, at most `limit`. The matcher stays where it is.
  public func forcedBytes(limit: Int = 4096) -> [UInt8] {
    guard state >= 0 else { return [] }
    let start = place
    let vocabulary = grammar.vocabulary
    return runtime.withMachine { machine in
      var at = start
      var bytes: [UInt8] = []
      while bytes.count < limit, !machine.states[Int(at.state)].isComplete, let byte = at.allowedBytes(machine).only {
        bytes.append(byte)
        let endsLongest = at.names != nil && byte == 0x22 && machine.nameMustEnd(at.state)
        at.state = machine.next(at.state, byte)
        _ = at.names?.accept(byte, endsLongest: endsLongest, vocabulary)
      }
      return bytes
    }
  }

  /// The bytes one of which comes next.
  public func nextBytes() -> [UInt8] {
    guard state >= 0 else { return [] }
    let start = place
    return runtime.withMachine { machine in
      var bytes: [UInt8] = []
      start.allowedBytes(machine).forEach { bytes.append($0) }
      return bytes
    }
  }

  /// Within a member's name, the declared ones it may become: what is missing of each, the quote with it.
  func declaredNames() -> [(rest: [UInt8], isRequired: Bool)] {
    guard state >= 0 else { return [] }
    let start = state
    return runtime.withMachine { $0.declaredNames(start) }
  }

  private static let ended: Int32 = -3
}

extension GrammarMatcher.Place {
  fileprivate func allowedBytes(_ machine: GrammarMachine) -> ByteSet {
    var set = machine.allowedBytes(state)
    if let names { set.forEach { if names.forbids($0) { set.remove($0) } } }
    return set
  }
}
