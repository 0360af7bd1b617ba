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

  struct Frame: Hashable {
    var kind: Kind
    /// White space that may still come.
    var space: UInt8 = 0
    var rule: Int32 = 0
    var a: Int32 = 0
    var b: Int32 = 0
    var c: Int32 = 0
    var parent: Int32 = 0
  }

  struct State {
    let configurations: [Int32]
    /// [256] next states, `deadState`, or `unknownState`; nil until one is asked for.
    var row: UnsafeMutablePointer<Int32>?
    /// The possible bytes, if they are at most eight.
    var narrow = SIMD8<UInt8>(repeating: 0)
    var narrowCount: UInt8 = 0
    let isComplete: Bool
  }

  static let deadState: Int32 = -1
  static let unknownState: Int32 = -2
  /// Deeper than a reader's usual limit is nowhere near.
  static let depthLimit: Int32 = 200

  let table: RuleTable
  let style: WhitespaceStyle
  let spaceLimit: UInt8
  let ordersProperties: Bool

  private(set) var frames: [Frame] = []
  private var depths: [Int32] = []
  private var frameNumbers: [Frame: Int32] = [:]
  private(set) var states: [State] = []
  private var stateNumbers: [[Int32]: Int32] = [:]
  private(set) var initialState: Int32 = 0
  /// Sets of members, as words; number 0 is empty.
  private var seenSets: [[UInt64]] = [[]]
  private var seenNumbers: [[UInt64]: Int32] = [[]: 0]
  let lexer = StringLexer.anySpelling
  let keyLexer = StringLexer.canonical
  private let lexerSets: [ByteSet]
  private let keyLexerSets: [ByteSet]
  /// Results about configurations and states that the masks keep here.
  var masks: [Int32: TokenMask] = [:]
  var partMasks: [Int32: TokenMask] = [:]
  var patternMasks: [PatternKey: TokenMask] = [:]

  init(table: RuleTable, style: WhitespaceStyle) {
    self.table = table
    self.style = style
    if case .flexible(let limit) = style { spaceLimit = UInt8(clamping: limit) } else { spaceLimit = 0 }
    ordersProperties = true
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
    initialState = state([intern(first)])
  }

  deinit { for state in states { state.row?.deallocate() } }

  // MARK: - States

  func intern(_ frame: Frame) -> Int32 {
    if let number = frameNumbers[frame] { return number }
    let number = Int32(frames.count)
    frameNumbers[frame] = number
    frames.append(frame)
    depths.append(frame.parent < 0 ? 0 : depths[Int(frame.parent)] + 1)
    return number
  }

  func state(_ configurations: [Int32]) -> Int32 {
    var set = configurations
    if set.count > 1 {
      set.sort()
      var unique: [Int32] = []
      for configuration in set where unique.last != configuration { unique.append(configuration) }
      set = unique
    }
    if set.isEmpty { return Self.deadState }
    if let number = stateNumbers[set] { return number }
    let number = Int32(states.count)
    stateNumbers[set] = number
    states.append(State(configurations: set, isComplete: set.contains(where: isComplete)))
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
    let row: UnsafeMutablePointer<Int32>
    if let known = states[Int(state)].row {
      row = known
    } else {
      row = makeRow(state)
      if row[Int(byte)] == Self.deadState { return Self.deadState }
    }
    var following: [Int32] = []
    for configuration in states[Int(state)].configurations { step(configuration, byte, &following) }
    let target = self.state(following)
    row[Int(byte)] = target
    return target
  }

  private func makeRow(_ state: Int32) -> UnsafeMutablePointer<Int32> {
    let row = UnsafeMutablePointer<Int32>.allocate(capacity: 256)
    row.initialize(repeating: Self.deadState, count: 256)
    var possible = ByteSet()
    for configuration in states[Int(state)].configurations { possible.formUnion(candidates(configuration)) }
    let count = possible.count
    var narrow = SIMD8<UInt8>(repeating: 0)
    var place = 0
    possible.forEach {
      row[Int($0)] = Self.unknownState
      if count <= 8 {
        narrow[place] = $0
        place += 1
      }
    }
    states[Int(state)].row = row
    states[Int(state)].narrow = narrow
    states[Int(state)].narrowCount = UInt8(place)
    return row
  }

  /// The bytes a state may admit, if they are at most eight; else none.
  @inline(__always)
  func narrowBytes(_ state: Int32) -> (bytes: SIMD8<UInt8>, count: Int) {
    if states[Int(state)].row == nil { _ = makeRow(state) }
    return (states[Int(state)].narrow, Int(states[Int(state)].narrowCount))
  }

  /// The bytes that may follow.
  func allowedBytes(_ state: Int32) -> ByteSet {
    var possible = ByteSet()
    for configuration in states[Int(state)].configurations { possible.formUnion(candidates(configuration)) }
    var allowed = ByteSet()
    possible.forEach { if next(state, $0) != Self.deadState { allowed.insert($0) } }
    return allowed
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
