/// One pattern's automaton, determinised as far as it was needed. States are sets of the NFA's; 0 is the one before
/// anything was read, where `^` still holds.
final class PatternAutomaton {
  static let initial: Int32 = 0
  /// Nothing can match any more.
  static let empty: Int32 = 1

  let nfa: ByteNFA
  private var sets: [[Int32]]
  private var numbers: [[Int32]: Int32] = [[]: 1]
  /// [256] next states, and the bytes whose next state is another than the byte's before.
  private var rows: [UnsafeMutablePointer<Int32>?] = [nil, nil]
  private var boundaries: [ByteSet] = [ByteSet(), ByteSet()]
  /// Of the NFA's states, those seen in a closure: by its number.
  private var seen: [UInt32]
  private var closureCount: UInt32 = 0
  private var accepting: [Bool]
  private var matched: [Bool]
  private var immortal: [Bool]
  /// Characters to the nearest end.
  private var distances: [Int32]

  init(_ nfa: ByteNFA) {
    self.nfa = nfa
    seen = [UInt32](repeating: 0, count: nfa.edges.count)
    sets = [nfa.initial, []]
    accepting = [nfa.acceptsEmpty, false]
    matched = [nfa.hasMatched(nfa.initial), false]
    immortal = [nfa.isImmortal(nfa.initial), false]
    distances = [nfa.acceptsEmpty ? 0 : nfa.distance(nfa.initial), .max]
  }

  deinit { for row in rows { row?.deallocate() } }

  /// Of memory that grows with its use, roughly.
  var byteCount: Int { sets.count * (1024 + 64) }

  func isAccepting(_ state: Int32) -> Bool { accepting[Int(state)] }
  /// The pattern has matched already, whatever follows.
  func hasMatched(_ state: Int32) -> Bool { matched[Int(state)] }
  /// The pattern can still match, whatever follows.
  func isImmortal(_ state: Int32) -> Bool { immortal[Int(state)] }
  func distance(_ state: Int32) -> Int32 { distances[Int(state)] }

  /// [256] next states, `empty` where nothing matches any more.
  func row(_ state: Int32) -> UnsafeMutablePointer<Int32> {
    if let row = rows[Int(state)] { return row }
    let row = UnsafeMutablePointer<Int32>.allocate(capacity: 256)
    row.initialize(repeating: Self.empty, count: 256)
    let states = sets[Int(state)]
    var isBoundary = [Bool](repeating: false, count: 257)
    for state in states {
      for edge in nfa.edges[Int(state)] {
        isBoundary[Int(edge.low)] = true
        isBoundary[Int(edge.high) + 1] = true
      }
    }
    var low = 0
    while low < 256 {
      var high = low
      while high < 255, !isBoundary[high + 1] { high += 1 }
      var targets: [Int32] = []
      for state in states {
        for edge in nfa.edges[Int(state)] where Int(edge.low) <= low && Int(edge.high) >= high {
          targets.append(edge.target)
        }
      }
      if !targets.isEmpty {
        closureCount += 1
        let closed = nfa.closed(targets, &seen, closureCount)
        if !closed.isEmpty {
          let number = intern(closed)
          for byte in low...high { row[byte] = number }
        }
      }
      low = high + 1
    }
    for byte in 1..<256 where row[byte] != row[byte - 1] { boundaries[Int(state)].insert(UInt8(byte)) }
    rows[Int(state)] = row
    return row
  }

  /// The bytes whose next state is another than that of the byte before; of a state whose row is known.
  func boundaries(_ state: Int32) -> ByteSet { boundaries[Int(state)] }

  private func intern(_ set: [Int32]) -> Int32 {
    if let known = numbers[set] { return known }
    let number = Int32(sets.count)
    numbers[set] = number
    sets.append(set)
    rows.append(nil)
    boundaries.append(ByteSet())
    accepting.append(nfa.canEnd(set))
    matched.append(nfa.hasMatched(set))
    immortal.append(nfa.isImmortal(set))
    distances.append(nfa.distance(set))
    return number
  }
}

/// Patterns as automata by how they are written: one that a schema names often is built once, and its states are found once.
final class PatternAutomata {
  private var known: [String: Result<PatternAutomaton, ByteNFA.Unsupported>] = [:]

  /// - Parameter key: tells patterns with different roots apart.
  func automaton(
    _ key: String, _ root: @autoclosure () -> RegularExpression.Node
  ) -> Result<PatternAutomaton, ByteNFA.Unsupported> {
    if let result = known[key] { return result }
    let result = Result { () throws(ByteNFA.Unsupported) in PatternAutomaton(try ByteNFA(root())) }
    known[key] = result
    return result
  }

  func automaton(_ pattern: SchemaPattern) -> Result<PatternAutomaton, ByteNFA.Unsupported> {
    switch pattern.expression {
    case .success(let expression): automaton("pattern " + pattern.source, expression.root)
    case .failure(let error): .failure(ByteNFA.Unsupported(construct: error.sentence))
    }
  }

  /// Of a pattern that has not been parsed, or whose automaton is known already.
  func automaton(source: String) -> Result<PatternAutomaton, ByteNFA.Unsupported> {
    if let result = known["pattern " + source] { return result }
    do throws(RegularExpressionError) {
      let root = try RegularExpression(source).root
      return automaton("pattern " + source, root)
    } catch {
      return .failure(ByteNFA.Unsupported(construct: error.sentence))
    }
  }
}

/// Patterns copied for another grammar, each once, so that the copies are shared as the originals were.
final class PatternCopies {
  private var copies: [ObjectIdentifier: PatternAutomaton] = [:]

  /// The pattern with no states found yet.
  func copy(_ automaton: PatternAutomaton) -> PatternAutomaton {
    if let known = copies[ObjectIdentifier(automaton)] { return known }
    let copy = PatternAutomaton(automaton.nfa)
    copies[ObjectIdentifier(automaton)] = copy
    return copy
  }
}
