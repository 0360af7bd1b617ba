/// A deterministic automaton over bytes whose rows are computed when they are first asked for.
///
/// Not for concurrent use: rows are filled while reading. The machine that owns it is behind a lock.
class ByteAutomaton {
  static let dead: Int32 = -1
  /// The start of a state's row in `cells`; -1 until it is computed.
  private var rowStart: [Int32] = []
  private var cells: [Int32] = []
  private var allowedSets: [ByteSet] = []

  /// [256] next states, `dead` where there is none. Valid until another row is asked for.
  @inline(__always)
  final func next(_ state: Int32, _ byte: UInt8) -> Int32 {
    cells[Int(row(state)) &+ Int(byte)]
  }

  final func allowed(_ state: Int32) -> ByteSet { allowedSets[Int(row(state)) >> 8] }

  @inline(__always)
  private final func row(_ state: Int32) -> Int32 {
    if Int(state) < rowStart.count, rowStart[Int(state)] >= 0 { return rowStart[Int(state)] }
    return fill(state)
  }

  @inline(never)
  private final func fill(_ state: Int32) -> Int32 {
    var row = [Int32](repeating: Self.dead, count: 256)
    computeRow(state, &row)
    while rowStart.count <= Int(state) { rowStart.append(-1) }
    // `computeRow` may itself have looked at rows, this one too.
    if rowStart[Int(state)] >= 0 { return rowStart[Int(state)] }
    let start = Int32(cells.count)
    rowStart[Int(state)] = start
    cells += row
    var set = ByteSet()
    for byte in 0..<256 where row[byte] >= 0 { set.insert(UInt8(byte)) }
    allowedSets.append(set)
    return start
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
