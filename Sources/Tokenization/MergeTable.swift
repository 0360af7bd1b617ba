/// What two neighbouring tokens become, and how soon: an open-addressing table keyed by both ids in one word.
struct MergeTable: ~Copyable, Sendable {
  /// A merge as one word, rank << 32 | resulting id, so that the smallest is the one to do first. All bits: no merge.
  typealias Merge = UInt64
  static let none: Merge = .max

  struct Slot: BitwiseCopyable {
    /// left << 32 | right; all bits: free.
    var key: UInt64
    var merge: Merge
  }

  private let slots: FlatTable<Slot>
  private let bits: Int
  /// One bit per pair, eight times as many as slots, asked first: most pairs have no merge, and this fits the cache
  /// when the slots do not (256 KB beside 4 MB for Qwen3).
  private let filter: FlatTable<UInt64>

  init(count: Int) {
    bits = hashTableBits(for: count)
    slots = FlatTable(repeating: Slot(key: .max, merge: Self.none), count: 1 << bits)
    filter = FlatTable(repeating: 0, count: 1 << (bits - 3))
  }

  /// Sets the merge of a pair; a later one replaces an earlier one, as in the reference.
  func insert(_ left: UInt32, _ right: UInt32, _ merge: Merge) {
    let key = UInt64(left) << 32 | UInt64(right)
    let bit = hashSlot(key, bits: bits + 3)
    filter.base[bit >> 6] |= 1 << UInt64(bit & 63)
    var slot = bit >> 3
    while slots.base[slot].key != key, slots.base[slot].key != .max { slot = (slot + 1) & ((1 << bits) - 1) }
    slots.base[slot] = Slot(key: key, merge: merge)
  }

  @inline(__always)
  func find(_ left: UInt32, _ right: UInt32) -> Merge {
    let key = UInt64(left) &<< 32 | UInt64(right)
    let mask = (1 &<< bits) &- 1
    let bit = hashSlot(key, bits: bits &+ 3)
    if filter.base[bit &>> 6] &>> UInt64(bit & 63) & 1 == 0 { return Self.none }
    var slot = bit &>> 3
    while true {
      let found = slots.base[slot]
      if found.key == key || found.key == .max { return found.merge }
      slot = (slot &+ 1) & mask
    }
  }
}
