/// The inside of a string that must match some patterns, must not match others, and has a length, or of one that does so in
/// one of several ways: states are tuples of the patterns' states, found when they are needed. The closing quote belongs to
/// the caller.
///
/// Strings have one spelling here, the canonical one.
final class StringAutomaton: ByteAutomaton {
  struct Part {
    let automaton: PatternAutomaton
    /// The string must not match.
    let isNegated: Bool
    /// The string may match or not; `matches` tells.
    let isTag: Bool

    init(_ automaton: PatternAutomaton, isNegated: Bool = false, isTag: Bool = false) {
      self.automaton = automaton
      self.isNegated = isNegated
      self.isTag = isTag
    }
  }

  /// One way to be such a string.
  struct Alternative {
    var parts: [Part]
    var minimum = 0
    var maximum: Int?
  }

  /// What an alternative demands of a pattern, by its place in `patterns`.
  private struct Demand {
    let place: Int
    let isNegated: Bool
  }

  let alternatives: [Alternative]
  /// Those of all alternatives, each once.
  private let patterns: [PatternAutomaton]
  /// By alternative.
  private let demands: [[Demand]]
  /// Of the parts that are tags.
  private let tags: [Int]
  private let minimum: Int
  /// All alternatives have the same.
  private let maximum: Int?
  /// Counting stops here: more makes no difference.
  private let countLimit: Int
  private let checksLiveness: Bool
  private let lexer = StringLexer.canonical

  /// [lexer state, count, state of each pattern]
  private var tuples: [[Int32]] = []
  private var tupleNumbers: [[Int32]: Int32] = [:]
  private enum Liveness: UInt8 { case unknown, live, dead }
  private var liveness: [Liveness] = []
  private var successorLists: [[(bytes: ClosedRange<UInt8>, target: Int32)]?] = []
  @exclusivity(unchecked) private var courses: [Course?] = []
  private static let searchLimit = 4_000
  /// The same without an upper length, whose states are the same from character to character.
  var unbounded: StringAutomaton {
    if let made = madeUnbounded { return made }
    let made = StringAutomaton(alternatives.map { Alternative(parts: $0.parts, minimum: $0.minimum) })
    madeUnbounded = made
    return made
  }
  private var madeUnbounded: StringAutomaton?

  static let initial: Int32 = 0

  /// - Precondition: all alternatives have the same maximum, and with tags there is one alternative.
  init(_ alternatives: [Alternative]) {
    self.alternatives = alternatives
    var patterns: [PatternAutomaton] = []
    func place(_ automaton: PatternAutomaton) -> Int {
      if let place = patterns.firstIndex(where: { $0 === automaton }) { return place }
      patterns.append(automaton)
      return patterns.count - 1
    }
    demands = alternatives.map { alternative in
      alternative.parts.filter { !$0.isTag }.map { Demand(place: place($0.automaton), isNegated: $0.isNegated) }
    }
    tags = alternatives.flatMap { $0.parts.filter(\.isTag) }.map { place($0.automaton) }
    self.patterns = patterns
    minimum = alternatives.lazy.map(\.minimum).max() ?? 0
    maximum = alternatives.first?.maximum
    countLimit = maximum.map { $0 + 1 } ?? minimum
    checksLiveness = zip(alternatives, demands).contains { alternative, demands in
      demands.count > 1 || demands.contains(where: \.isNegated)
        || (!demands.isEmpty && (alternative.minimum > 0 || alternative.maximum != nil))
    }
    super.init()
    _ = intern([Int32(StringLexer.boundary), 0] + patterns.map { _ in PatternAutomaton.initial })
  }

  convenience init(_ parts: [Part], minimum: Int = 0, maximum: Int? = nil) {
    self.init([Alternative(parts: parts, minimum: minimum, maximum: maximum)])
  }

  override func copy(_ copies: PatternCopies) -> ByteAutomaton {
    StringAutomaton(
      alternatives.map { alternative in
        var copy = alternative
        copy.parts = alternative.parts.map {
          Part(copies.copy($0.automaton), isNegated: $0.isNegated, isTag: $0.isTag)
        }
        return copy
      })
  }

  /// Its patterns count here too, once for each automaton that shares one.
  override var byteCount: Int {
    let own = super.byteCount + tuples.count * (8 * patterns.count + 160)
    let shared = patterns.reduce(0) { $0 + $1.byteCount }
    return own + shared + (madeUnbounded?.byteCount ?? 0)
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

  /// With an upper length: the state of `unbounded` that differs in nothing else, how many characters may still come, and
  /// how many of these must be kept to find a way to an end from anywhere.
  func withoutLimit(_ state: Int32) -> (state: Int32, left: Int, reserve: Int)? {
    guard let maximum else { return nil }
    let tuple = tuples[Int(state)]
    guard tuple[0] == Int32(StringLexer.boundary) else { return nil }
    let reserves = demands.map { demands in
      demands.reduce(0) { $0 + ($1.isNegated ? 8 : Int(patterns[$1.place].nfa.longestDistance)) }
    }
    let reserve = reserves.max() ?? 0
    var own = tuple
    own[1] = min(own[1], Int32(minimum))
    return (unbounded.intern(own), maximum - Int(tuple[1]), max(reserve, minimum - Int(tuple[1])))
  }

  /// Whether any text that stays inside the string leaves a way to its end, so that no token need be followed to know.
  func isFree(_ state: Int32) -> Bool {
    let tuple = tuples[Int(state)]
    guard tuple[0] == Int32(StringLexer.boundary), maximum == nil else { return false }
    return demands.contains { demands in
      var openCount = 0
      for demand in demands {
        let own = tuple[2 + demand.place]
        if demand.isNegated {
          guard own == PatternAutomaton.empty else { return false }
        } else {
          guard patterns[demand.place].isImmortal(own) else { return false }
          if !patterns[demand.place].hasMatched(own) { openCount += 1 }
        }
      }
      // Two that have not matched yet may exclude each other's ends.
      return openCount <= 1
    }
  }

  override func isAccepting(_ state: Int32) -> Bool {
    let tuple = tuples[Int(state)]
    guard tuple[0] == Int32(StringLexer.boundary), maximum.map({ tuple[1] <= Int32($0) }) ?? true else { return false }
    return zip(alternatives, demands).contains { alternative, demands in
      tuple[1] >= Int32(alternative.minimum)
        && demands.allSatisfy { patterns[$0.place].isAccepting(tuple[2 + $0.place]) != $0.isNegated }
    }
  }

  /// Bit `i`: the `i`th tagged part matches a string that ends here.
  func matches(_ state: Int32) -> UInt64 {
    var bits: UInt64 = 0
    for (bit, place) in tags.enumerated() where patterns[place].isAccepting(tuples[Int(state)][2 + place]) {
      bits |= 1 << UInt64(bit)
    }
    return bits
  }

  /// All strings as they stand between their quotes, and what each matches; nil if there are more than so many or some are
  /// long.
  func texts(limit: Int) -> [(text: [UInt8], matches: UInt64)]? {
    var found: [(text: [UInt8], matches: UInt64)] = []
    var pending: [(state: Int32, text: [UInt8])] = [(Self.initial, [])]
    var visitedCount = 0
    while let (state, text) = pending.popLast() {
      visitedCount += 1
      if visitedCount > 64 * limit || text.count > 64 { return nil }
      if isAccepting(state) { found.append((text, matches(state))) }
      if found.count > limit { return nil }
      var isTooWide = false
      for (bytes, target) in successors(state) {
        if bytes.count > limit { isTooWide = true }
        guard !isTooWide, isLive(target) else { continue }
        for byte in bytes.reversed() { pending.append((target, text + [byte])) }
      }
      if isTooWide { return nil }
    }
    return found
  }

  override func computeRow(_ state: Int32, _ row: inout [Int32]) {
    for (bytes, target) in successors(state) where isLive(target) {
      for byte in bytes { row[Int(byte)] = target }
    }
  }

  /// Every successor with the bytes that lead to it, dead ones too.
  private func successors(_ state: Int32) -> [(bytes: ClosedRange<UInt8>, target: Int32)] {
    if Int(state) < successorLists.count, let known = successorLists[Int(state)] { return known }
    let found = findSuccessors(tuples[Int(state)])
    while successorLists.count <= Int(state) { successorLists.append(nil) }
    successorLists[Int(state)] = found
    return found
  }

  private func findSuccessors(_ tuple: [Int32]) -> [(bytes: ClosedRange<UInt8>, target: Int32)] {
    var count = tuple[1]
    if tuple[0] == Int32(StringLexer.boundary), count < Int32(countLimit) { count += 1 }
    if let maximum, count > Int32(maximum) { return [] }
    var starts = Self.lexerBoundaries[Int(tuple[0])]
    var rows: [UnsafeMutablePointer<Int32>] = []
    for (place, pattern) in patterns.enumerated() {
      rows.append(pattern.row(tuple[2 + place]))
      starts.formUnion(pattern.boundaries(tuple[2 + place]))
    }
    var found: [(bytes: ClosedRange<UInt8>, target: Int32)] = []
    var target = tuple
    target[1] = count
    func add(_ first: Int, _ end: Int) {
      let next = lexer.next[Int(tuple[0]) << 8 | first]
      guard next != StringLexer.dead else { return }
      target[0] = Int32(next)
      for place in patterns.indices { target[2 + place] = rows[place][first] }
      if demands.allSatisfy({ isLost($0, target) }) { return }
      found.append((UInt8(first)...UInt8(end - 1), intern(target)))
    }
    var first = 0
    starts.forEach { start in
      add(first, Int(start))
      first = Int(start)
    }
    add(first, 256)
    return found
  }

  /// Whether a pattern cannot match any more that must, or has matched that must not.
  private func isLost(_ demands: [Demand], _ tuple: [Int32]) -> Bool {
    demands.contains { demand in
      let own = tuple[2 + demand.place]
      return demand.isNegated ? patterns[demand.place].hasMatched(own) : own == PatternAutomaton.empty
    }
  }

  /// By the lexer's state, the bytes whose next state is another than that of the byte before.
  private static let lexerBoundaries: [ByteSet] = {
    let lexer = StringLexer.canonical
    return (0..<lexer.stateCount).map { state in
      var set = ByteSet()
      for byte in 1..<256 where lexer.next[state << 8 | byte] != lexer.next[state << 8 | byte - 1] {
        set.insert(UInt8(byte))
      }
      return set
    }
  }()

  // MARK: - Runs of characters

  /// What a state does with most characters, and what becomes of several in a row.
  private final class Course {
    /// Where most characters lead, and which these are.
    let target: Int32
    let kinds: CharacterKinds
    /// By how many characters come, less one: those that lead on however often and in whatever order they come.
    var runs: [CharacterKinds]
    /// The state behind the runs known so far; with `isClosed` longer ones are as the last.
    var last: Int32
    var isClosed: Bool

    init(_ state: Int32, target: Int32, kinds: CharacterKinds) {
      (self.target, self.kinds) = (target, kinds)
      runs = [kinds]
      last = target
      isClosed = target == state || kinds == .nothing
    }
  }

  /// Whether a state lives on with up to so many characters, whichever of the set they are. False also where that is not
  /// quickly known.
  func livesOn(_ state: Int32, with set: CharacterKinds, count: Int) -> Bool {
    let course = self.course(state)
    guard set.isSubset(of: course.kinds) else { return false }
    while course.runs.count < count, !course.isClosed {
      let next = self.course(course.last)
      var run = course.runs[course.runs.count - 1]
      run.formIntersection(next.kinds)
      course.isClosed = next.target == course.last || run == .nothing
      course.runs.append(run)
      course.last = next.target
    }
    return set.isSubset(of: course.runs[min(max(count, 1), course.runs.count) - 1])
  }

  private func course(_ state: Int32) -> Course {
    if Int(state) < courses.count, let known = courses[Int(state)] { return known }
    let row = self.row(state)
    var counts: [(target: Int32, count: Int)] = []
    for byte in 0x20..<0x80 where row[byte] >= 0 {
      if let place = counts.firstIndex(where: { $0.target == row[byte] }) {
        counts[place].count += 1
      } else {
        counts.append((row[byte], 1))
      }
    }
    var ends = [Int32](repeating: Self.dead, count: CharacterKinds.blocks.count)
    if (0xC2...0xF4).contains(where: { row[$0] >= 0 }) {
      for (index, block) in CharacterKinds.blocks.enumerated() { ends[index] = end(of: block.sequences, from: state) }
    }
    let target = counts.max { $0.count < $1.count }?.target ?? ends.first { $0 >= 0 } ?? state
    var kinds = CharacterKinds()
    for byte in 0x20..<0x80 where row[byte] == target { kinds.insert(ascii: UInt8(byte)) }
    for (index, end) in ends.enumerated() where end == target { kinds.insert(block: index) }
    let course = Course(state, target: target, kinds: kinds)
    while courses.count <= Int(state) { courses.append(nil) }
    courses[Int(state)] = course
    return course
  }

  private static let mixed: Int32 = -2

  /// The state to which all sequences of byte ranges lead; `dead` or `mixed` if there is none.
  private func end(of sequences: [[ClosedRange<UInt8>]], from state: Int32) -> Int32 {
    var common: Int32?
    for sequence in sequences {
      let own = end(of: sequence[...], from: state)
      if own < 0 || common ?? own != own { return Self.mixed }
      common = own
    }
    return common ?? Self.dead
  }

  private func end(of sequence: ArraySlice<ClosedRange<UInt8>>, from state: Int32) -> Int32 {
    guard let range = sequence.first else { return state }
    let row = self.row(state)
    var common: Int32?
    var last = Self.mixed
    for byte in range where row[Int(byte)] != last {
      last = row[Int(byte)]
      let own = last < 0 ? Self.dead : end(of: sequence.dropFirst(), from: last)
      if own < 0 || common ?? own != own { return Self.mixed }
      common = own
    }
    return common ?? Self.dead
  }

  // MARK: - Dead ends

  /// Characters that are missing at least, to order the search.
  private func distance(_ state: Int32) -> Int {
    let tuple = tuples[Int(state)]
    var least = Int.max
    for (alternative, demands) in zip(alternatives, demands) where !isLost(demands, tuple) {
      var distance = max(0, alternative.minimum - Int(tuple[1]))
      for demand in demands where !demand.isNegated {
        distance = max(distance, Int(patterns[demand.place].distance(tuple[2 + demand.place])))
      }
      least = min(least, distance)
    }
    return least
  }

  /// Whether some string can be completed from a state: a search towards the nearest end, remembered on the way.
  private func isLive(_ state: Int32, exactly: Bool = false) -> Bool {
    switch liveness[Int(state)] {
    case .live: if !exactly { return true }
    case .dead: return false
    case .unknown: break
    }
    var parents: [Int32: Int32] = [state: -1]
    // Buckets by distance; within one the newest first.
    var buckets: [[Int32]] = []
    var pendingCount = 0
    func push(_ state: Int32) {
      let distance = min(self.distance(state), 2_000)
      if let maximum, distance > maximum - Int(tuples[Int(state)][1]) { return }
      while buckets.count <= distance { buckets.append([]) }
      buckets[distance].append(state)
      pendingCount += 1
    }
    push(state)
    while pendingCount > 0 {
      guard let nearest = buckets.firstIndex(where: { !$0.isEmpty }), let current = buckets[nearest].popLast() else {
        break
      }
      pendingCount -= 1
      func markLive() {
        var place = current
        while place >= 0 {
          liveness[Int(place)] = .live
          place = parents[place] ?? -1
        }
      }
      if isAccepting(current) || (!exactly && liveness[Int(current)] == .live) {
        markLive()
        return true
      }
      // Past the limit the state counts as live: what it leads to is checked again there.
      if parents.count > Self.searchLimit {
        liveness[Int(state)] = .live
        return true
      }
      for (_, target) in successors(current) where liveness[Int(target)] != .dead {
        if !exactly, liveness[Int(target)] == .live {
          markLive()
          return true
        }
        if parents[target] == nil {
          parents[target] = current
          push(target)
        }
      }
    }
    for state in parents.keys { liveness[Int(state)] = .dead }
    return false
  }
}
