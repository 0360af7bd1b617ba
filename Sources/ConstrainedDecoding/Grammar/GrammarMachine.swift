/// Runs a rule table over bytes: a lazily determinised pushdown automaton.
///
/// A *configuration* is a stack of frames; equal stacks are one number, so that whatever is found out about a place
/// (its next bytes, its mask) is found out once. A *state* is a small set of configurations, more than one only where
/// alternatives cannot be told apart yet. Frames below the top stand where they will go on when the value above is done.
///
/// Not for concurrent use: `Grammar` keeps it behind a lock.
final class GrammarMachine {
  enum Kind: UInt8 {
    /// The text is complete.
    case end
    /// A value of `rule` comes next.
    case start
    /// In a complete text: `rule` is an automaton, `a` its state.
    case automaton
    /// In a string that an automaton follows.
    case pattern
    /// In a string: `a` is the lexer's state, `b` the code points counted, up to a limit.
    case string
    /// In a fixed text of a dispatch: `a` is the offset.
    case literal
    /// In the openings of a dispatch: `a` is the trie's node.
    case dispatch
    /// After `{`, after a member, after a comma; `rule` is an object, `a` the place in the order, `b` the set of unordered
    /// members seen, `c` the count up to a limit.
    case objectOpen, objectNext, objectComma
    /// In a name: `a` is the place in the names' trie, -1 outside, `b` the lexer's or the automaton's state, -1 if it is none.
    case key
    /// Between a name and its value.
    case colon
    /// After `[`, after an element, after a comma; `a` is the count up to a limit, `b` the set of texts used, or whether `contains` holds.
    case arrayOpen, arrayNext, arrayComma
  }

  struct Frame: Equatable {
    var kind: Kind
    /// White space that may still come.
    var space: UInt8 = 0
    var rule: Int32 = 0
    var a: Int32 = 0
    var b: Int32 = 0
    var c: Int32 = 0
    var parent: Int32 = 0

    /// The fields mixed into one number, for the table of frames.
    var mixed: UInt64 {
      var hash = UInt64(kind.rawValue) << 8 | UInt64(space)
      func mix(_ field: Int32) {
        hash = (hash ^ UInt64(UInt32(bitPattern: field))) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 29
      }
      mix(rule)
      mix(a)
      mix(b)
      mix(c)
      mix(parent)
      return hash
    }
  }

  struct State {
    let configurations: [Int32]
    /// [256] next states, `deadState`, or `unknownState`; nil where few bytes are possible.
    var row: UnsafeMutablePointer<Int32>?
    /// The possible bytes, if they are at most eight, and where they lead.
    var narrow = SIMD8<UInt8>(repeating: 0)
    var narrowNext = SIMD8<Int32>(repeating: GrammarMachine.unknownState)
    /// `unexplored` until a byte is asked for, `wide` if there are more than eight.
    var narrowCount = GrammarMachine.unexplored
    let isComplete: Bool
  }

  static let unexplored: UInt8 = 255
  static let wide: UInt8 = 254
  static let deadState: Int32 = -1
  static let unknownState: Int32 = -2
  /// Deeper than a reader's usual limit is nowhere near.
  static let depthLimit: Int32 = 200

  let table: RuleTable
  let style: WhitespaceStyle
  let spaceLimit: UInt8

  @exclusivity(unchecked) private(set) var frames: [Frame] = []
  @exclusivity(unchecked) private var depths: [Int32] = []
  /// The frames' numbers by their mixed fields, -1 where free; a power of two.
  @exclusivity(unchecked) private var frameSlots = [Int32](repeating: -1, count: 256)
  @exclusivity(unchecked) private var stateOfConfiguration: [Int32] = []
  @exclusivity(unchecked) private(set) var states: [State] = []
  private var stateNumbers: [[Int32]: Int32] = [:]
  private(set) var initialState: Int32 = 0
  /// Sets of members, as words; number 0 is empty.
  private var seenSets: [[UInt64]] = [[]]
  private var seenNumbers: [[UInt64]: Int32] = [[]: 0]
  let lexer = StringLexer.anySpelling
  let keyLexer = StringLexer.canonical
  private let lexerSets: [ByteSet]
  private let keyLexerSets: [ByteSet]
  /// Results about configurations and states that the masks keep here, those used last.
  @exclusivity(unchecked) var masks = RecentCache<Int32, TokenMask>(byteLimit: 12 << 20)
  var partMasks = RecentCache<Int32, TokenMask>(byteLimit: 4 << 20)
  var patternMasks = RecentCache<PatternKey, TokenMask>(byteLimit: 4 << 20)
  var insideTokens = RecentCache<InsideKey, PatternTokens>(byteLimit: 12 << 20)
  /// Of rows of states: 1 KiB each.
  private var rowCount = 0

  init(table: RuleTable, style: WhitespaceStyle) {
    self.table = table
    self.style = style
    if case .flexible(let limit) = style { spaceLimit = UInt8(clamping: limit) } else { spaceLimit = 0 }
    // Each doubles by itself: together, with the table of frames, that would take longer than any mask.
    states.reserveCapacity(48)
    frames.reserveCapacity(40)
    stateOfConfiguration.reserveCapacity(36)
    depths.reserveCapacity(32)
    lexerSets = (0..<lexer.stateCount).map { [lexer] in lexer.allowed($0) }
    keyLexerSets = (0..<keyLexer.stateCount).map { [keyLexer] in keyLexer.allowed($0) }
    let end = intern(Frame(kind: .end, parent: -1))
    let first: Frame
    if let dispatch = table.rootDispatch {
      let closing = intern(Frame(kind: .literal, rule: dispatch, parent: end))
      first = Frame(kind: .dispatch, rule: dispatch, parent: closing)
    } else {
      first = Frame(kind: .start, space: spaceLimit, rule: table.root, parent: end)
    }
    initialState = state(of: intern(first))
  }

  deinit { for state in states { state.row?.deallocate() } }

  // MARK: - States

  func intern(_ frame: Frame) -> Int32 {
    var slot = Int(truncatingIfNeeded: frame.mixed) & (frameSlots.count - 1)
    while true {
      let number = frameSlots[slot]
      if number < 0 { break }
      if frames[Int(number)] == frame { return number }
      slot = (slot + 1) & (frameSlots.count - 1)
    }
    let number = Int32(frames.count)
    frameSlots[slot] = number
    frames.append(frame)
    stateOfConfiguration.append(Self.unknownState)
    depths.append(frame.parent < 0 ? 0 : depths[Int(frame.parent)] + 1)
    if frames.count * 2 > frameSlots.count { growFrameSlots() }
    return number
  }

  private func growFrameSlots() {
    frameSlots = [Int32](repeating: -1, count: frameSlots.count * 2)
    for (number, frame) in frames.enumerated() {
      var slot = Int(truncatingIfNeeded: frame.mixed) & (frameSlots.count - 1)
      while frameSlots[slot] >= 0 { slot = (slot + 1) & (frameSlots.count - 1) }
      frameSlots[slot] = Int32(number)
    }
  }

  func state(_ configurations: [Int32]) -> Int32 {
    if configurations.isEmpty { return Self.deadState }
    if configurations.count == 1 { return state(of: configurations[0]) }
    var set = configurations
    set.sort()
    var unique: [Int32] = []
    for configuration in set where unique.last != configuration { unique.append(configuration) }
    if unique.count == 1 { return state(of: unique[0]) }
    if let number = stateNumbers[unique] { return number }
    let number = Int32(states.count)
    stateNumbers[unique] = number
    states.append(State(configurations: unique, isComplete: unique.contains(where: isComplete)))
    return number
  }

  /// The state of a single configuration.
  func state(of configuration: Int32) -> Int32 {
    let known = stateOfConfiguration[Int(configuration)]
    if known >= 0 { return known }
    let number = Int32(states.count)
    stateOfConfiguration[Int(configuration)] = number
    states.append(State(configurations: [configuration], isComplete: isComplete(configuration)))
    return number
  }

  @inline(__always)
  func next(_ state: Int32, _ byte: UInt8) -> Int32 {
    if let row = states[Int(state)].row {
      let known = row[Int(byte)]
      if known != Self.unknownState { return known }
    }
    return computeNext(state, byte)
  }

  @inline(never)
  private func computeNext(_ state: Int32, _ byte: UInt8) -> Int32 {
    if states[Int(state)].narrowCount == Self.unexplored { explore(state) }
    var place = 0
    if let row = states[Int(state)].row {
      if row[Int(byte)] == Self.deadState { return Self.deadState }
    } else {
      let count = Int(states[Int(state)].narrowCount)
      while place < count, states[Int(state)].narrow[place] != byte { place += 1 }
      if place == count { return Self.deadState }
      let known = states[Int(state)].narrowNext[place]
      if known != Self.unknownState { return known }
    }
    var following: [Int32] = []
    for configuration in states[Int(state)].configurations { step(configuration, byte, &following) }
    let target = self.state(following)
    if let row = states[Int(state)].row {
      row[Int(byte)] = target
    } else {
      states[Int(state)].narrowNext[place] = target
    }
    return target
  }

  private func explore(_ state: Int32) {
    var possible = ByteSet()
    for configuration in states[Int(state)].configurations { possible.formUnion(candidates(configuration)) }
    let count = possible.count
    if count <= 8 {
      var narrow = SIMD8<UInt8>(repeating: 0)
      var place = 0
      possible.forEach {
        narrow[place] = $0
        place += 1
      }
      states[Int(state)].narrow = narrow
      states[Int(state)].narrowCount = UInt8(count)
      return
    }
    let row = UnsafeMutablePointer<Int32>.allocate(capacity: 256)
    row.initialize(repeating: Self.deadState, count: 256)
    possible.forEach { row[Int($0)] = Self.unknownState }
    states[Int(state)].row = row
    states[Int(state)].narrowCount = Self.wide
    rowCount += 1
  }

  /// The bytes a state may admit, if they are at most eight; else none.
  @inline(__always)
  func narrowBytes(_ state: Int32) -> (bytes: SIMD8<UInt8>, count: Int) {
    if states[Int(state)].narrowCount == Self.unexplored { explore(state) }
    let count = states[Int(state)].narrowCount
    return (states[Int(state)].narrow, count == Self.wide ? 0 : Int(count))
  }

  /// The bytes that may follow.
  func allowedBytes(_ state: Int32) -> ByteSet {
    var possible = ByteSet()
    for configuration in states[Int(state)].configurations { possible.formUnion(candidates(configuration)) }
    var allowed = ByteSet()
    possible.forEach { if next(state, $0) != Self.deadState { allowed.insert($0) } }
    return allowed
  }

  /// Of what was found out so far: states, frames, rows, automata and masks, roughly. Masks that two caches share count twice.
  var byteCount: Int {
    let automata = table.automata.reduce(0) { $0 + $1.byteCount }
    return states.count * (MemoryLayout<State>.stride + 64) + frames.count * (MemoryLayout<Frame>.stride + 24)
      + rowCount * 1024 + seenSets.count * 64 + automata + masks.byteCount + partMasks.byteCount
      + patternMasks.byteCount + insideTokens.byteCount
  }

  // MARK: - Sets of members

  func contains(_ set: Int32, _ member: Int) -> Bool {
    let words = seenSets[Int(set)]
    return member >> 6 < words.count && words[member >> 6] >> UInt64(member & 63) & 1 == 1
  }

  func inserting(_ member: Int, into set: Int32) -> Int32 {
    var words = seenSets[Int(set)]
    while words.count <= member >> 6 { words.append(0) }
    words[member >> 6] |= 1 << UInt64(member & 63)
    if let number = seenNumbers[words] { return number }
    let number = Int32(seenSets.count)
    seenSets.append(words)
    seenNumbers[words] = number
    return number
  }

  // MARK: - Helpers of the steps

  func depth(_ configuration: Int32) -> Int32 { depths[Int(configuration)] }
  func lexerSet(_ state: Int32) -> ByteSet { lexerSets[Int(state)] }
  func keyLexerSet(_ state: Int32) -> ByteSet { keyLexerSets[Int(state)] }
}
