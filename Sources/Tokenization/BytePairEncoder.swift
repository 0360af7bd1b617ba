internal import Glibc
internal import ModelFiles

/// Byte-pair merges (Sennrich et al., arXiv 1508.07909): of all neighbouring pairs the one with the lowest rank is
/// merged first, of equal ones the leftmost, until none is left.
struct BytePairEncoder: ~Copyable, Sendable {
  private let merges: MergeTable
  /// The token of each byte. [256]
  private let byteIDs: FlatTable<UInt32>
  /// The merge of each pair of bytes, first << 8 | second: the first round needs no search. [65536]
  private let byteMerges: FlatTable<MergeTable.Merge>

  /// Whether merging a token's bytes gives the token itself, so that a piece equal to it needs no merging; by id.
  let isItsOwnEncoding: FlatTable<Bool>

  /// Beyond this many bytes a heap finds the next merge; below it, looking through all pairs is faster.
  private static let scanLimit = 64

  /// Reads the merges and finds the tokens that are their own encoding.
  init(_ data: TokenizerData, _ vocabulary: borrowing Vocabulary) throws(TokenizationError) {
    let byteIDs = FlatTable<UInt32>(repeating: 0, count: 256)
    for byte in UInt8.min...UInt8.max {
      let found = withUnsafePointer(to: byte) { vocabulary.find(UnsafeBufferPointer(start: $0, count: 1)) }
      guard let found else { throw .missingByte(byte) }
      byteIDs.base[Int(byte)] = found
    }
    let list = try MergeList(data, vocabulary)
    let merges = MergeTable(count: data.merges.count)
    for rank in 0..<data.merges.count {
      let (left, right, result) = list.merges.base[rank]
      merges.insert(left, right, UInt64(rank) << 32 | UInt64(result))
    }
    byteMerges = FlatTable(repeating: MergeTable.none, count: 1 << 16)
    for pair in 0..<1 << 16 { byteMerges.base[pair] = merges.find(byteIDs.base[pair >> 8], byteIDs.base[pair & 255]) }
    isItsOwnEncoding = FlatTable(repeating: false, count: vocabulary.count)
    list.markOwnEncodings(isItsOwnEncoding, merges, byteIDs)
    self.byteIDs = byteIDs
    self.merges = merges
  }

  /// Appends the tokens of a piece of at least one byte.
  @inline(__always)
  func encode(
    _ piece: UnsafePointer<UInt8>, _ count: Int, into ids: inout [TokenID], _ scratch: borrowing MergeScratch
  ) {
    if count <= Self.scanLimit {
      encodeByScan(piece, count, into: &ids, scratch)
    } else {
      encodeByHeap(piece, count, into: &ids)
    }
  }

  private func encodeByScan(
    _ piece: UnsafePointer<UInt8>, _ byteCount: Int, into result: inout [TokenID], _ scratch: borrowing MergeScratch
  ) {
    let ids = scratch.ids.base
    let pairs = scratch.pairs.base  // pairs[i] is the merge of ids[i] and ids[i + 1]
    var count = byteCount
    for index in 0..<count &- 1 {
      ids[index] = byteIDs.base[Int(piece[index])]
      pairs[index] = byteMerges.base[Int(piece[index]) &<< 8 | Int(piece[index &+ 1])]
    }
    ids[count &- 1] = byteIDs.base[Int(piece[count &- 1])]
    while count > 1 {
      var best = MergeTable.none
      var at = 0
      for index in 0..<count &- 1 where pairs[index] < best { (best, at) = (pairs[index], index) }
      if best == MergeTable.none { break }
      ids[at] = UInt32(truncatingIfNeeded: best)
      count &-= 1
      var index = at &+ 1
      while index < count {
        ids[index] = ids[index &+ 1]
        pairs[index &- 1] = pairs[index]
        index &+= 1
      }
      if at &+ 1 < count { pairs[at] = merges.find(ids[at], ids[at &+ 1]) }
      if at > 0 { pairs[at &- 1] = merges.find(ids[at &- 1], ids[at]) }
    }
    for index in 0..<count { result.append(TokenID(truncatingIfNeeded: ids[index])) }
  }

  /// A linked list of tokens and a heap of rank << 32 | place; an entry whose pair has changed meanwhile is skipped.
  /// n log n for any text.
  private func encodeByHeap(_ piece: UnsafePointer<UInt8>, _ count: Int, into result: inout [TokenID]) {
    let ids = FlatTable<UInt32>(repeating: 0, count: count)
    let pairs = FlatTable<MergeTable.Merge>(repeating: MergeTable.none, count: count)
    let next = FlatTable<Int32>(repeating: 0, count: count)
    let previous = FlatTable<Int32>(repeating: 0, count: count)
    var heap = MergeHeap(capacity: count)
    for index in 0..<count {
      ids.base[index] = byteIDs.base[Int(piece[index])]
      next.base[index] = Int32(index + 1)
      previous.base[index] = Int32(index - 1)
    }
    func update(_ place: Int, _ heap: inout MergeHeap) {
      let following = Int(next.base[place])
      pairs.base[place] = following < count ? merges.find(ids.base[place], ids.base[following]) : MergeTable.none
      if pairs.base[place] != MergeTable.none { heap.push(pairs.base[place] & ~0xFFFF_FFFF | UInt64(place)) }
    }
    for place in 0..<count { update(place, &heap) }
    while let entry = heap.pop() {
      let place = Int(entry & 0xFFFF_FFFF)
      let merge = pairs.base[place]
      guard merge != MergeTable.none, merge >> 32 == entry >> 32 else { continue }
      let absorbed = Int(next.base[place])
      let following = Int(next.base[absorbed])
      ids.base[place] = UInt32(truncatingIfNeeded: merge)
      pairs.base[absorbed] = MergeTable.none
      next.base[place] = Int32(following)
      if following < count { previous.base[following] = Int32(place) }
      update(place, &heap)
      if previous.base[place] >= 0 { update(Int(previous.base[place]), &heap) }
    }
    var place = 0
    while place < count {
      result.append(TokenID(truncatingIfNeeded: ids.base[place]))
      place = Int(next.base[place])
    }
  }

  /// Working memory for pieces up to `scanLimit`, so that encoding allocates once and not for each piece.
  struct MergeScratch: ~Copyable {
    let ids = FlatTable<UInt32>(repeating: 0, count: BytePairEncoder.scanLimit)
    let pairs = FlatTable<MergeTable.Merge>(repeating: MergeTable.none, count: BytePairEncoder.scanLimit)
  }
}

/// A binary heap of words, the smallest on top.
struct MergeHeap {
  private var entries: [UInt64] = []

  init(capacity: Int) { entries.reserveCapacity(capacity) }

  mutating func push(_ entry: UInt64) {
    entries.append(entry)
    entries.withUnsafeMutableBufferPointer { heap in
      var child = heap.count - 1
      while child > 0 {
        let parent = (child - 1) / 2
        if heap[parent] <= entry { break }
        heap[child] = heap[parent]
        child = parent
      }
      heap[child] = entry
    }
  }

  mutating func pop() -> UInt64? {
    guard let top = entries.first else { return nil }
    let last = entries.removeLast()
    if entries.isEmpty { return top }
    entries.withUnsafeMutableBufferPointer { heap in
      var parent = 0
      while true {
        var child = 2 * parent + 1
        if child >= heap.count { break }
        if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
        if last <= heap[child] { break }
        heap[parent] = heap[child]
        parent = child
      }
      heap[parent] = last
    }
    return top
  }
}
