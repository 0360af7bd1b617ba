/// A fixed number of plain values in one allocation, freed with its owner. Hot loops read through `base`.
///
/// Written only while it is being built; afterwards any thread may read, hence `@unchecked Sendable`.
struct FlatTable<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  let base: UnsafeMutablePointer<Element>
  let count: Int

  init(repeating value: Element, count: Int) {
    base = .allocate(capacity: count)
    base.initialize(repeating: value, count: count)
    self.count = count
  }

  deinit { base.deallocate() }
}

/// The number of bits of the smallest power of two that leaves a hash table of `count` entries at most 5/8 full.
func hashTableBits(for count: Int) -> Int {
  var bits = 4
  while count * 8 > 5 << bits { bits += 1 }
  return bits
}

/// Multiplicative hashing (Knuth, TAOCP 3, 6.4): the upper bits of the product choose the slot.
@inline(__always)
func hashSlot(_ key: UInt64, bits: Int) -> Int {
  Int(truncatingIfNeeded: ((key ^ key &>> 32) &* 0x9E37_79B9_7F4A_7C15) &>> UInt64(64 - bits))
}
