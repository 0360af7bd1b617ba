/// The inside of a string that must match some patterns, must not match others, and has a length: states are tuples of
/// the parts' states, found when they are needed. The closing quote belongs to the caller.
///
/// Strings have one spelling here, the canonical one.
final class StringAutomaton: ByteAutomaton {
  struct Part {
    var nfa: ByteNFA
    /// The string must not match.
    var isNegated = false
    /// The string may match or not; `matches` tells.
    var isTag = false
  }

  private let parts: [Part]
  private let minimum: Int
  private let maximum: Int?
  /// Counting stops here: more makes no difference.
  private let countLimit: Int
  private let checksLiveness: Bool
  private let lexer = StringLexer.canonical

  /// Of each part: its determinised states as sets, and their numbers.
  private var sets: [[[Int32]]] = []
  private var setNumbers: [[[Int32]: Int32]] = []
  private var setRows: [[[(bytes: ClosedRange<UInt8>, target: Int32)]?]] = []

  /// [lexer state, count, state of each part]
  private var tuples: [[Int32]] = []
  private var tupleNumbers: [[Int32]: Int32] = [:]
  private enum Liveness: UInt8 { case unknown, live, dead }
  private var liveness: [Liveness] = []
  private var loopKinds: [Int32: (looping: UInt64, leaving: UInt64)] = [:]
  private static let searchLimit = 4_000

  static let initial: Int32 = 0

  init(_ parts: [Part], minimum: Int = 0, maximum: Int? = nil) {
    self.parts = parts
    self.minimum = minimum
    self.maximum = maximum
    countLimit = maximum.map { $0 + 1 } ?? minimum
    let required = parts.filter { !$0.isTag }
    checksLiveness = required.count > 1 || required.contains(where: \.isNegated) || (!required.isEmpty && (minimum > 0 || maximum != nil))
    super.init()
    for part in parts {
      // Number 0 is the set before anything was read: `^` still holds there, and an empty string has its own rule.
      sets.append([part.nfa.initial, []])
      setNumbers.append([[]: 1])
      setRows.append([nil, []])
    }
    _ = intern([Int32(StringLexer.boundary), 0] + parts.map { _ in 0 })
  }

  /// Whether there is a string at all.
  var isSatisfiable: Bool { isLive(Self.initial, exactly: true) }

  private func intern(_ tuple: [Int32]) -> Int32 {
    if let number = tupleNumbers[tuple] { return number }
    let number = Int32(tuples.count)
    tupleNumbers[tuple] = number
    tuples.append(tuple)
    liveness.append(checksLiveness ? .unknown : .live)
    return number
  }

  override func isAccepting(_ state: Int32) -> Bool {
    let tuple = tuples[Int(state)]
    guard tuple[0] == Int32(StringLexer.boundary), tuple[1] >= Int32(minimum), maximum.map({ tuple[1] <= Int32($0) }) ?? true
    else { return false }
    for (index, part) in parts.enumerated() where !part.isTag {
      if partAccepts(index, tuple[2 + index]) == part.isNegated { return false }
    }
    return true
  }

  /// Bit `i`: the `i`th tagged part matches a string that ends here.
  func matches(_ state: Int32) -> UInt64 {
    var bits: UInt64 = 0
    var tag: UInt64 = 0
    for (index, part) in parts.enumerated() where part.isTag {
      if partAccepts(index, tuples[Int(state)][2 + index]) { bits |= 1 << tag }
      tag += 1
    }
    return bits
  }

  private func partAccepts(_ part: Int, _ set: Int32) -> Bool {
    set == 0 ? parts[part].nfa.acceptsEmpty : parts[part].nfa.canEnd(sets[part][Int(set)])
  }

  override func computeRow(_ state: Int32, _ row: inout [Int32]) {
    rawRow(state) { bytes, target in
      guard isLive(target) else { return }
      for byte in bytes { row[Int(byte)] = target }
    }
  }

  /// Every successor with the bytes that lead to it, dead ones too.
  private func rawRow(_ state: Int32, _ body: (ClosedRange<UInt8>, Int32) -> Void) {
    let tuple = tuples[Int(state)]
    var next = [[Int32]](repeating: [], count: parts.count)
    for part in parts.indices {
      next[part] = [Int32](repeating: 1, count: 256)
      for (bytes, target) in partRow(part, tuple[2 + part]) { for byte in bytes { next[part][Int(byte)] = target } }
    }
    var count = tuple[1]
    if tuple[0] == Int32(StringLexer.boundary), count < Int32(countLimit) { count += 1 }
    if let maximum, count > Int32(maximum) { return }
    var first: UInt8 = 0
    var current: [Int32]?
    func flush(_ end: UInt8) { if let current { body(first...end, intern(current)) } }
    for byte in 0..<256 {
      let lexed = lexer.next[Int(tuple[0]) << 8 | byte]
      var following: [Int32]?
      if lexed != StringLexer.dead {
        let isPossible = parts.indices.allSatisfy { parts[$0].isTag || parts[$0].isNegated || next[$0][byte] != 1 }
        if isPossible { following = [Int32(lexed), count] + parts.indices.map { next[$0][byte] } }
      }
      if following != current {
        if byte > 0 { flush(UInt8(byte - 1)) }
        first = UInt8(byte)
        current = following
      }
    }
    flush(255)
  }

  /// The kinds of characters (`TokenCharacters.kinds`, by bit) that lead back to a state, and those that lead anywhere else
  /// alive; the bit for everything that is no whole plain character is always among the latter.
  func loops(_ state: Int32) -> (looping: UInt64, leaving: UInt64) {
    if let known = loopKinds[state] { return known }
    var looping: UInt64 = 0
    var leaving = TokenCharacters.otherBit
    for (bit, kind) in TokenCharacters.kinds.enumerated() {
      var leads = Set<Int32>()
      sequences: for sequence in kind.sequences {
        var places: Set<Int32> = [state]
        for range in sequence {
          var following = Set<Int32>()
          for place in places {
            if place < 0 { following.insert(Self.dead) } else { for byte in range { following.insert(next(place, byte)) } }
          }
          places = following
        }
        leads.formUnion(places)
        if leads.count > 1 { break sequences }
      }
      if leads == [state] { looping |= 1 << UInt64(bit) } else if leads != [Self.dead] { leaving |= 1 << UInt64(bit) }
    }
    loopKinds[state] = (looping, leaving)
    return (looping, leaving)
  }

  private func partRow(_ part: Int, _ set: Int32) -> [(bytes: ClosedRange<UInt8>, target: Int32)] {
    if let row = setRows[part][Int(set)] { return row }
    let nfa = parts[part].nfa
    let states = sets[part][Int(set)]
    var isBoundary = [Bool](repeating: false, count: 257)
    for state in states {
      for edge in nfa.edges[Int(state)] {
        isBoundary[Int(edge.low)] = true
        isBoundary[Int(edge.high) + 1] = true
      }
    }
    var row: [(bytes: ClosedRange<UInt8>, target: Int32)] = []
    var low = 0
    while low < 256 {
      var high = low
      while high < 255, !isBoundary[high + 1] { high += 1 }
      var targets: [Int32] = []
      for state in states {
        for edge in nfa.edges[Int(state)] where Int(edge.low) <= low && Int(edge.high) >= high { targets.append(edge.target) }
      }
      if !targets.isEmpty {
        let closed = nfa.closed(targets)
        if !closed.isEmpty {
          let number: Int32
          if let known = setNumbers[part][closed] {
            number = known
          } else {
            number = Int32(sets[part].count)
            sets[part].append(closed)
            setNumbers[part][closed] = number
            setRows[part].append(nil)
          }
          row.append((UInt8(low)...UInt8(high), number))
        }
      }
      low = high + 1
    }
    setRows[part][Int(set)] = row
    return row
  }

  /// Whether some string can be completed from a state: breadth first to the nearest end, remembered on the way.
  private func isLive(_ state: Int32, exactly: Bool = false) -> Bool {
    switch liveness[Int(state)] {
    case .live: if !exactly { return true }
    case .dead: return false
    case .unknown: break
    }
    var parents: [Int32: Int32] = [state: -1]
    var queue = [state]
    var at = 0
    while at < queue.count {
      let current = queue[at]
      at += 1
      if isAccepting(current) || (!exactly && liveness[Int(current)] == .live) {
        var place = current
        while place >= 0 {
          liveness[Int(place)] = .live
          place = parents[place] ?? -1
        }
        return true
      }
      // Past the limit the state counts as live: what it leads to is checked again there.
      if queue.count > Self.searchLimit { return true }
      rawRow(current) { _, target in
        if parents[target] == nil, liveness[Int(target)] != .dead {
          parents[target] = current
          queue.append(target)
        }
      }
    }
    for state in queue { liveness[Int(state)] = .dead }
    return false
  }
}
