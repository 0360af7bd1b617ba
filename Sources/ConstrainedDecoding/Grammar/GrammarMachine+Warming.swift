extension Grammar {
  /// Finds the masks of the places nearest to the beginning before a sequence asks for them: those that bytes, names of
  /// members or what is forced lead to, breadth first. It stops before it would drop what it found.
  ///
  /// Any thread may do it, beside sequences that are under way: these wait for one mask at most.
  /// - Parameters:
  ///   - budget: of the thread's processor time; a mask that was begun is finished.
  ///   - placeLimit: of places visited, the masks of which may be known.
  ///   - isWanted: asked before each place; false ends it.
  /// - Returns: how many places were visited.
  @discardableResult
  public func warm(
    budget: Duration = .milliseconds(100), placeLimit: Int = 1000, while isWanted: () -> Bool = { true }
  ) -> Int {
    let runtime = currentRuntime()
    let end = ThreadClock.now + Int(budget / .nanoseconds(1))
    let (vocabulary, endTokens) = (vocabulary, endTokens)
    let (initial, turnCount) = runtime.withMachine { ($0.settled($0.initialState), $0.masks.turnCount) }
    var seen: Set<Int32> = [initial]
    var level = [initial]
    var count = 0
    while !level.isEmpty {
      var following: [Int32] = []
      for state in level {
        guard count < placeLimit, ThreadClock.now < end, isWanted() else { return count }
        let (turns, next) = runtime.withMachine { machine in
          _ = machine.mask(state, vocabulary, endTokens: endTokens)
          return (machine.masks.turnCount, machine.followers(state))
        }
        count += 1
        guard turns == turnCount else { return count }
        for state in next where seen.insert(state).inserted { following.append(state) }
      }
      level = following
    }
    return count
  }
}

extension ToolCallGrammar {
  /// Of what has been found out about its texts so far, roughly.
  public var byteCount: Int { [call, answer].compactMap(\.self).reduce(0) { $0 + $1.byteCount } }

  /// Finds masks of calls, and of an answer that has a schema, before they are asked for; see `Grammar.warm`.
  @discardableResult
  public func warm(
    budget: Duration = .milliseconds(100), placeLimit: Int = 1000, while isWanted: () -> Bool = { true }
  ) -> Int {
    let grammars = [call, answer].compactMap(\.self)
    return grammars.reduce(0) { count, grammar in
      count
        + grammar.warm(
          budget: budget / grammars.count, placeLimit: placeLimit / grammars.count, while: isWanted)
    }
  }
}

extension GrammarMachine {
  /// Where a state leads once there is a choice.
  func settled(_ state: Int32) -> Int32 {
    var at = state
    // A text without any choice may be endless.
    for _ in 0..<4096 {
      guard !states[Int(at)].isComplete, narrowBytes(at).count > 0, let byte = allowedBytes(at).only else { return at }
      at = next(at, byte)
    }
    return at
  }

  /// The places a byte or a member's name away, as far as they differ.
  func followers(_ state: Int32) -> [Int32] {
    var found: [Int32] = []
    func add(_ target: Int32) {
      guard target >= 0, case let place = settled(target), !found.contains(place) else { return }
      found.append(place)
    }
    var bytes = ByteSet()
    for configuration in states[Int(state)].configurations { addTypicalBytes(configuration, &bytes) }
    bytes.forEach { add(next(state, $0)) }
    for (rest, _) in declaredNames(state) {
      var at = state
      for byte in rest where at >= 0 { at = next(at, byte) }
      add(at)
    }
    return found
  }

  /// Of the ASCII characters that lead to one state, one; escapes and the inside of other characters are left out.
  private func addTypicalBytes(_ configuration: Int32, _ bytes: inout ByteSet) {
    let frame = frames[Int(configuration)]
    switch frame.kind {
    case .string where frame.a == 0:
      bytes.insert(0x22)
      // Masks of a string that is counted differ little and are quickly made.
      if frame.b == 0 { bytes.insert(0x61) }
    case .string: break
    case .pattern: addTypicalBytes(table.automata[Int(frame.rule)], frame.a, &bytes)
    case .key:
      bytes.insert(0x22)
      let object = table.objects[Int(frame.rule)]
      if frame.b >= 0 {
        if let number = object.nameAutomaton {
          addTypicalBytes(table.automata[Int(number)], frame.b, &bytes)
        } else if frame.b == 0 {
          bytes.insert(0x5F)
        }
      }
    case .automaton where !(table.automata[Int(frame.rule)] is LiteralAutomaton):
      addTypicalBytes(table.automata[Int(frame.rule)], frame.a, &bytes)
      if table.automata[Int(frame.rule)].accepts(frame.a) { addTypicalBytes(frame.parent, &bytes) }
    default: candidates(configuration).forEach { if $0 < 0x80 { bytes.insert($0) } }
    }
  }

  private func addTypicalBytes(_ automaton: ByteAutomaton, _ state: Int32, _ bytes: inout ByteSet) {
    if automaton.accepts(state) { bytes.insert(0x22) }
    let row = automaton.row(state)
    var targets: Set<Int32> = []
    for byte in UInt8(0x20)..<0x80 where byte != 0x5C && row[Int(byte)] >= 0 {
      if targets.insert(row[Int(byte)]).inserted { bytes.insert(byte) }
    }
  }
}
