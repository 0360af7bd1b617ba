/// A regular expression as a nondeterministic automaton over the bytes of a JSON string in its canonical spelling,
/// matching anywhere in the string unless anchored.
///
/// Anchors are resolved when it is built: after `^` nothing but the start, after `$` nothing but the end.
struct ByteNFA {
  struct Edge {
    var low: UInt8
    var high: UInt8
    var target: Int32
  }

  /// Why a pattern cannot be followed byte by byte.
  struct Unsupported: Error { let construct: String }

  private(set) var edges: [[Edge]] = []
  private var empties: [[Int32]] = []
  /// States between a backslash and the end of its escape.
  private var insideEscape: Set<Int32> = []
  /// Passed only before the first and after the last character; few states have any.
  private var startEdges: [Int32: [Int32]] = [:]
  private var endEdges: [Int32: [Int32]] = [:]
  private var accept: Int32 = 0
  /// The states before anything was read.
  private(set) var initial: [Int32] = []
  /// States in which the string may end, and states from which it still may.
  private var endsHere: [Bool] = []
  private var isLive: [Bool] = []
  private(set) var acceptsEmpty = false
  /// States that every character leads back to.
  private var isImmortal: [Bool] = []
  /// Characters from each state to the nearest end, counted in lead bytes.
  private var distances: [Int32] = []
  /// The longest of them.
  private(set) var longestDistance: Int32 = 0
  private static let stateLimit = 60_000

  init(_ root: RegularExpression.Node) throws(Unsupported) {
    let start = add()
    let loop = add()
    accept = add()
    let body = add()
    empties[Int(start)].append(body)
    empties[Int(loop)].append(body)
    let bodyEnd = try build(root, from: body)
    empties[Int(bodyEnd)].append(accept)
    if !root.isAnchoredAtStart {
      try connect(.all, from: start, to: loop)
      try connect(.all, from: loop, to: loop)
    }
    try connect(.all, from: accept, to: accept)
    isImmortal = [Bool](repeating: false, count: edges.count)
    isImmortal[Int(accept)] = true
    // The start leads to the loop.
    if !root.isAnchoredAtStart { for state in [start, loop] { isImmortal[Int(state)] = true } }
    trim()
    let first = closure([start], atStart: true)
    acceptsEmpty = closure([start], atStart: true, atEnd: true).contains(accept)
    initial = first.filter { isLive[Int($0)] }
  }

  /// Whether a string can end in one of these states.
  func canEnd(_ states: [Int32]) -> Bool { states.contains { endsHere[Int($0)] } }

  /// Whether the pattern has matched already, whatever follows.
  func hasMatched(_ states: [Int32]) -> Bool { states.contains(accept) }

  /// Whether the pattern can still match, whatever follows: it may begin anywhere, or has matched already.
  func isImmortal(_ states: [Int32]) -> Bool { states.contains { isImmortal[Int($0)] } }

  /// Characters to the nearest end, at least; `.max` if there is none.
  func distance(_ states: [Int32]) -> Int32 { states.lazy.map { distances[Int($0)] }.min() ?? .max }

  /// The states after a byte: sorted, without those from which the pattern cannot be completed and those that only lead to
  /// others of them.
  /// - Parameter seen: by state, the last number with which it was seen; smaller than `number`.
  func closed(_ targets: [Int32], _ seen: inout [UInt32], _ number: UInt32) -> [Int32] {
    var found: [Int32] = []
    var pending = targets
    while let state = pending.popLast() {
      if seen[Int(state)] == number { continue }
      seen[Int(state)] = number
      if !empties[Int(state)].isEmpty { pending += empties[Int(state)] }
      guard isLive[Int(state)] else { continue }
      if !edges[Int(state)].isEmpty || state == accept || endEdges[state] != nil { found.append(state) }
    }
    if found.count > 1 { found.sort() }
    return found
  }

  private mutating func add() -> Int32 {
    edges.append([])
    empties.append([])
    return Int32(edges.count - 1)
  }

  // MARK: - From the syntax tree

  private mutating func build(_ node: RegularExpression.Node, from start: Int32) throws(Unsupported) -> Int32 {
    if edges.count > Self.stateLimit {
      throw Unsupported(construct: "repetitions that write out to more than \(Self.stateLimit) states")
    }
    switch node {
    case .empty: return start
    case .scalars(let set):
      let end = add()
      try connect(set, from: start, to: end)
      return end
    case .sequence(let nodes):
      var at = start
      for node in nodes { at = try build(node, from: at) }
      return at
    case .alternatives(let nodes):
      let end = add()
      for node in nodes {
        let first = add()
        empties[Int(start)].append(first)
        let last = try build(node, from: first)
        empties[Int(last)].append(end)
      }
      return end
    case .repetition(let body, let minimum, let maximum):
      var at = start
      for _ in 0..<minimum { at = try build(body, from: at) }
      let end = add()
      if let maximum {
        for _ in minimum..<max(minimum, maximum) {
          empties[Int(at)].append(end)
          let first = add()
          empties[Int(at)].append(first)
          at = try build(body, from: first)
        }
        empties[Int(at)].append(end)
      } else {
        let loop = add()
        empties[Int(at)].append(loop)
        let last = try build(body, from: loop)
        empties[Int(last)].append(loop)
        empties[Int(loop)].append(end)
      }
      return end
    case .group(let body, _): return try build(body, from: start)
    case .start:
      let end = add()
      startEdges[start, default: []].append(end)
      return end
    case .end:
      let end = add()
      endEdges[start, default: []].append(end)
      return end
    case .wordBoundary: throw Unsupported(construct: "\\b")
    case .look(_, let isAhead, let isNegated):
      throw Unsupported(construct: isAhead ? (isNegated ? "(?!…)" : "(?=…)") : (isNegated ? "(?<!…)" : "(?<=…)"))
    case .backreference(let number): throw Unsupported(construct: "\\\(number)")
    }
  }

  /// Every scalar of the set, in its one spelling, leads from one state to another.
  private mutating func connect(_ set: ScalarSet, from start: Int32, to end: Int32) throws(Unsupported) {
    var middles: [UInt64: Int32] = [:]
    for range in set.ranges {
      var low = range.lowerBound
      let high = range.upperBound
      // Control characters, the quote and the backslash are escaped, the rest of ASCII is itself.
      while low <= min(high, 0x7F) {
        if low >= 0x20, low != 0x22, low != 0x5C {
          var last = low
          while last < min(high, 0x7F), last + 1 != 0x22, last + 1 != 0x5C { last += 1 }
          edges[Int(start)].append(Edge(low: UInt8(low), high: UInt8(last), target: end))
          low = last + 1
          continue
        }
        let spelling: [UInt8] =
          switch low {
          case 0x22: Array("\\\"".utf8)
          case 0x5C: Array("\\\\".utf8)
          case 0x08: Array("\\b".utf8)
          case 0x0C: Array("\\f".utf8)
          case 0x0A: Array("\\n".utf8)
          case 0x0D: Array("\\r".utf8)
          case 0x09: Array("\\t".utf8)
          default: Array("\\u00".utf8) + [low < 0x10 ? 0x30 : 0x31, Array("0123456789abcdef".utf8)[Int(low & 15)]]
          }
        var at = start
        for (index, byte) in spelling.enumerated() {
          let next = index == spelling.count - 1 ? end : add()
          if index > 0 { insideEscape.insert(at) }
          edges[Int(at)].append(Edge(low: byte, high: byte, target: next))
          at = next
        }
        low += 1
      }
      if low <= high { connectMultibyte(low, high, start, end, &middles) }
      if edges.count > Self.stateLimit {
        throw Unsupported(construct: "classes that write out to more than \(Self.stateLimit) states")
      }
    }
  }

  /// Splits a range at the lengths of UTF-8 and at whole runs of trailing bytes.
  private mutating func connectMultibyte(
    _ low: UInt32, _ high: UInt32, _ start: Int32, _ end: Int32, _ middles: inout [UInt64: Int32]
  ) {
    for limit: UInt32 in [0x7FF, 0xFFFF] where low <= limit && high > limit {
      connectMultibyte(low, limit, start, end, &middles)
      connectMultibyte(limit + 1, high, start, end, &middles)
      return
    }
    let count = low <= 0x7FF ? 1 : low <= 0xFFFF ? 2 : 3
    for level in stride(from: count, through: 1, by: -1) {
      let mask: UInt32 = 1 << UInt32(6 * level) - 1
      if low & ~mask != high & ~mask {
        if low & mask != 0 {
          connectMultibyte(low, low | mask, start, end, &middles)
          connectMultibyte((low | mask) + 1, high, start, end, &middles)
          return
        }
        if high & mask != mask {
          connectMultibyte(low, high & ~mask - 1, start, end, &middles)
          connectMultibyte(high & ~mask, high, start, end, &middles)
          return
        }
      }
    }
    let (first, last) = (Self.utf8(low), Self.utf8(high))
    // Equal tails share their states.
    var at = end
    var key: UInt64 = 0
    for place in stride(from: first.count - 1, through: 1, by: -1) {
      key = key << 16 | UInt64(first[place]) << 8 | UInt64(last[place])
      if let known = middles[key] {
        at = known
      } else {
        let middle = add()
        edges[Int(middle)].append(Edge(low: first[place], high: last[place], target: at))
        middles[key] = middle
        at = middle
      }
    }
    edges[Int(start)].append(Edge(low: first[0], high: last[0], target: at))
  }

  /// The set's scalars past ASCII and in it as byte ranges, one per byte; escapes left out.
  static func sequences(of set: ScalarSet) -> [[ClosedRange<UInt8>]] {
    var nfa = ByteNFA()
    let start = nfa.add()
    let end = nfa.add()
    // A set without quotes, backslashes and control characters has no escapes, so that only the limit could be thrown.
    guard (try? nfa.connect(set, from: start, to: end)) != nil else { return [] }
    var found: [[ClosedRange<UInt8>]] = []
    func collect(_ state: Int32, _ path: [ClosedRange<UInt8>]) {
      if state == end {
        found.append(path)
        return
      }
      for edge in nfa.edges[Int(state)] { collect(edge.target, path + [edge.low...edge.high]) }
    }
    collect(start, [])
    return found
  }

  private init() {}

  private static func utf8(_ value: UInt32) -> [UInt8] {
    if value <= 0x7FF { return [UInt8(0xC0 | value >> 6), UInt8(0x80 | value & 63)] }
    if value <= 0xFFFF { return [UInt8(0xE0 | value >> 12), UInt8(0x80 | value >> 6 & 63), UInt8(0x80 | value & 63)] }
    return [
      UInt8(0xF0 | value >> 18), UInt8(0x80 | value >> 12 & 63), UInt8(0x80 | value >> 6 & 63),
      UInt8(0x80 | value & 63),
    ]
  }

  // MARK: - Closures

  private func closure(_ seeds: [Int32], atStart: Bool = false, atEnd: Bool = false) -> [Int32] {
    if seeds.count == 1, !atStart, !atEnd, empties[Int(seeds[0])].isEmpty { return seeds }
    var seen = Set<Int32>()
    var pending = seeds
    while let state = pending.popLast() {
      guard seen.insert(state).inserted else { continue }
      pending += empties[Int(state)]
      if atStart { pending += startEdges[state] ?? [] }
      if atEnd { pending += endEdges[state] ?? [] }
    }
    return seen.sorted()
  }

  /// What leads to each state, as lists in one array.
  private struct Incoming {
    enum Kind: UInt8 { case empty, atEnd, character, insideCharacter }

    struct Link {
      let source: Int32
      let kind: Kind
      /// The next one of the same target; -1 if there is none.
      let next: Int32
    }

    private var first: [Int32]
    private var links: [Link] = []

    init(stateCount: Int) { first = [Int32](repeating: -1, count: stateCount) }

    mutating func add(_ source: Int, _ target: Int32, _ kind: Kind) {
      links.append(Link(source: Int32(source), kind: kind, next: first[Int(target)]))
      first[Int(target)] = Int32(links.count - 1)
    }

    @inline(__always)
    func forEach(_ target: Int32, _ body: (Link) -> Void) {
      var place = first[Int(target)]
      while place >= 0 {
        body(links[Int(place)])
        place = links[Int(place)].next
      }
    }
  }

  private mutating func trim() {
    var incoming = Incoming(stateCount: edges.count)
    for state in edges.indices {
      // A character is counted at its first byte: trailing bytes of UTF-8 and what follows a backslash cost nothing.
      let isEscaped = !insideEscape.isEmpty && insideEscape.contains(Int32(state))
      for edge in edges[state] {
        let isTrailing = isEscaped || (edge.low >= 0x80 && edge.high < 0xC0)
        incoming.add(state, edge.target, isTrailing ? .insideCharacter : .character)
      }
      for target in empties[state] { incoming.add(state, target, .empty) }
    }
    for (state, targets) in endEdges { for target in targets { incoming.add(Int(state), target, .atEnd) } }
    func reaching(_ seeds: [Int32], by isPassed: (Incoming.Kind) -> Bool) -> [Bool] {
      var marks = [Bool](repeating: false, count: edges.count)
      var pending = seeds
      while let state = pending.popLast() {
        if marks[Int(state)] { continue }
        marks[Int(state)] = true
        incoming.forEach(state) { if isPassed($0.kind) { pending.append($0.source) } }
      }
      return marks
    }
    endsHere = reaching([accept]) { $0 == .empty || $0 == .atEnd }
    let ends = edges.indices.filter { endsHere[$0] }.map(Int32.init)
    isLive = reaching(ends) { $0 != .atEnd }
    measure(from: ends, incoming)
  }

  /// Breadth first from the ends.
  private mutating func measure(from ends: [Int32], _ incoming: Incoming) {
    var distances = [Int32](repeating: .max, count: edges.count)
    var level = ends
    for state in level { distances[Int(state)] = 0 }
    var distance: Int32 = 0
    while !level.isEmpty {
      var following: [Int32] = []
      while let state = level.popLast() {
        guard distances[Int(state)] == distance else { continue }
        incoming.forEach(state) { link in
          let cost: Int32 = link.kind == .character ? 1 : 0
          guard link.kind != .atEnd, distances[Int(link.source)] > distance + cost else { return }
          distances[Int(link.source)] = distance + cost
          if cost == 0 { level.append(link.source) } else { following.append(link.source) }
        }
      }
      level = following
      distance += 1
    }
    self.distances = distances
    longestDistance = distances.lazy.filter { $0 != .max }.max() ?? 0
  }
}
