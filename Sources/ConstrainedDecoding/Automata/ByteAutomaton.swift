/// A deterministic automaton over bytes whose rows are computed when they are first asked for.
///
/// Not for concurrent use: rows are filled while reading. The machine that owns it is behind a lock, so that the run-time
/// check of exclusive access, a third of a walk's time, is left out for the tables.
class ByteAutomaton {
  static let dead: Int32 = -1
  /// Of a list of texts: its states are the trie's nodes, and need no rows.
  let trie: ByteTrie?
  /// Of each state: [256] next states, nil until they are asked for.
  @exclusivity(unchecked) private var rows: [UnsafeMutablePointer<Int32>?] = []
  private var allowedSets: [ByteSet] = []
  private var rowCount = 0
  @exclusivity(unchecked) private var acceptance: [Bool] = []

  init(trie: ByteTrie? = nil) { self.trie = trie }

  deinit { for row in rows { row?.deallocate() } }

  /// `dead` where there is none.
  @inline(__always)
  final func next(_ state: Int32, _ byte: UInt8) -> Int32 {
    guard let trie else { return row(state)[Int(byte)] }
    let child = trie.child(Int(state), byte)
    return child > 0 ? Int32(child) : Self.dead
  }

  final func allowed(_ state: Int32) -> ByteSet {
    guard let trie else {
      _ = row(state)
      return allowedSets[Int(state)]
    }
    var set = ByteSet()
    for child in trie.firstChild[Int(state)]..<trie.firstChild[Int(state) + 1] { set.insert(trie.byte[Int(child)]) }
    return set
  }

  /// [256] next states, `dead` where there is none; it stays where it is.
  @inline(__always)
  final func row(_ state: Int32) -> UnsafeMutablePointer<Int32> {
    if Int(state) < rows.count, let row = rows[Int(state)] { return row }
    return fill(state)
  }

  /// `isAccepting`, remembered.
  @inline(__always)
  final func accepts(_ state: Int32) -> Bool {
    if let trie { return trie.endingCount[Int(state)] > 0 }
    _ = row(state)
    return acceptance[Int(state)]
  }

  @inline(never)
  private final func fill(_ state: Int32) -> UnsafeMutablePointer<Int32> {
    var row = [Int32](repeating: Self.dead, count: 256)
    computeRow(state, &row)
    while rows.count <= Int(state) {
      rows.append(nil)
      allowedSets.append(ByteSet())
      acceptance.append(false)
    }
    let pointer = UnsafeMutablePointer<Int32>.allocate(capacity: 256)
    pointer.initialize(from: row, count: 256)
    for byte in 0..<256 where row[byte] >= 0 { allowedSets[Int(state)].insert(UInt8(byte)) }
    acceptance[Int(state)] = isAccepting(state)
    rows[Int(state)] = pointer
    rowCount += 1
    return pointer
  }

  /// Of memory that grows with its use, roughly.
  var byteCount: Int { rowCount * (1024 + 64) }

  /// The same automaton with no rows yet, for another grammar.
  func copy(_ copies: PatternCopies) -> ByteAutomaton { preconditionFailure("a ByteAutomaton is subclassed") }
  func computeRow(_ state: Int32, _ row: inout [Int32]) { preconditionFailure("a ByteAutomaton is subclassed") }
  func isAccepting(_ state: Int32) -> Bool { preconditionFailure("a ByteAutomaton is subclassed") }
  /// Which of the automaton's words ended; meaningful in accepting states of a `LiteralAutomaton`.
  func label(_ state: Int32) -> Int32 { 0 }
}

/// A finite list of texts.
final class LiteralAutomaton: ByteAutomaton {
  private let texts: ByteTrie
  let list: [[UInt8]]
  var count: Int { list.count }

  /// - Precondition: no text is empty.
  init(_ texts: [[UInt8]]) {
    self.texts = ByteTrie(strings: texts)
    list = texts
    super.init(trie: self.texts)
  }

  /// Itself, for nothing in it changes.
  override func copy(_ copies: PatternCopies) -> ByteAutomaton { self }
  override func isAccepting(_ state: Int32) -> Bool { texts.endingCount[Int(state)] > 0 }
  override func label(_ state: Int32) -> Int32 { texts.order[Int(texts.firstInOrder[Int(state)])] }

  /// The numbers of the texts that can still be completed from a state.
  func reachable(_ state: Int32) -> UnsafeBufferPointer<Int32> {
    let low = Int(texts.firstInOrder[Int(state)])
    return UnsafeBufferPointer(start: texts.order + low, count: Int(texts.endInOrder[Int(state)]) - low)
  }
}
