/// What was found out and used last, up to so many bytes.
///
/// Two generations: when the younger one has grown to half of the limit it becomes the older one, and what was in that and was not
/// asked for meanwhile is dropped. So what is dropped was not used for as long as half the limit took to fill.
struct RecentCache<Key: Hashable, Value> {
  private var young: [Key: (value: Value, byteCount: Int)] = [:]
  private var old: [Key: (value: Value, byteCount: Int)] = [:]
  private var youngByteCount = 0
  private var oldByteCount = 0
  private let byteLimit: Int
  /// How often something may have been dropped.
  private(set) var turnCount = 0

  init(byteLimit: Int) { self.byteLimit = byteLimit }

  var byteCount: Int { youngByteCount + oldByteCount }
  var count: Int { young.count + old.count }

  @inline(__always)
  mutating func value(_ key: Key) -> Value? {
    if let known = young[key] { return known.value }
    return old.isEmpty ? nil : renewed(key)
  }

  @inline(never)
  private mutating func renewed(_ key: Key) -> Value? {
    guard let known = old.removeValue(forKey: key) else { return nil }
    oldByteCount -= known.byteCount
    insert(known.value, key, byteCount: known.byteCount)
    return known.value
  }

  mutating func insert(_ value: Value, _ key: Key, byteCount: Int) {
    if youngByteCount + byteCount > byteLimit / 2, !young.isEmpty {
      if !old.isEmpty { turnCount += 1 }
      (old, oldByteCount) = (young, youngByteCount)
      (young, youngByteCount) = ([:], 0)
    }
    if let known = young.updateValue((value, byteCount), forKey: key) { youngByteCount -= known.byteCount }
    youngByteCount += byteCount
  }
}
