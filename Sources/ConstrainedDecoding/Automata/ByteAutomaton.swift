/// A deterministic automaton over bytes whose rows are computed when they are first asked for.
///
/// Not for concurrent use: rows are filled while reading. The machine that owns it is behind a lock, so that the run-time
/// check of exclusive access, a third of a walk's time, is left out for the tables.
class ByteAutomaton {
  static let dead: Int32 = -1
  /// Of each state: [256] next states, nil until they are asked for.
  @exclusivity(unchecked) private var rows: [UnsafeMutablePointer<Int32>?] = []
  private var allowedSets: [ByteSet] = []
  @exclusivity(unchecked) private var acceptance: [Bool] = []

  deinit { for row in rows { row?.deallocate() } }

  /// `dead` where there is none.
  @inline(__always)
  final func next(_ state: Int32, _ byte: UInt8) -> Int32 { row(state)[Int(byte)] }

  final func allowed(_ state: Int32) -> ByteSet {
    _ = row(state)
    return allowedSets[Int(state)]
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
    return pointer
  }

  func computeRow(_ state: Int32, _ row: inout [Int32]) { preconditionFailure("a ByteAutomaton is subclassed") }
  func isAccepting(_ state: Int32) -> Bool { preconditionFailure("a ByteAutomaton is subclassed") }
  /// Which of the automaton's words ended; meaningful in accepting states of a `LiteralAutomaton`.
  func label(_ state: Int32) -> Int32 { 0 }
}

/// A finite list of texts.
final class LiteralAutomaton: ByteAutomaton {
  let trie: ByteTrie
  let count: Int

  /// - Precondition: no text is empty.
  init(_ texts: [[UInt8]]) {
    trie = ByteTrie(strings: texts)
    count = texts.count
  }

  override func computeRow(_ state: Int32, _ row: inout [Int32]) {
    for child in trie.firstChild[Int(state)]..<trie.firstChild[Int(state) + 1] {
      row[Int(trie.byte[Int(child)])] = Int32(child)
    }
  }

  override func isAccepting(_ state: Int32) -> Bool { trie.endingCount[Int(state)] > 0 }
  override func label(_ state: Int32) -> Int32 { trie.order[Int(trie.firstInOrder[Int(state)])] }

  /// The numbers of the texts that can still be completed from a state.
  func reachable(_ state: Int32) -> UnsafeBufferPointer<Int32> {
    let low = Int(trie.firstInOrder[Int(state)])
    return UnsafeBufferPointer(start: trie.order + low, count: Int(trie.endInOrder[Int(state)]) - low)
  }
}
