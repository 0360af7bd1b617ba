/// Byte strings as a trie in level order: the children of a node lie side by side, sorted by byte.
///
/// Read-only after `init`; a node is an index, 0 the root.
final class ByteTrie: @unchecked Sendable {  // its buffers are written in `init` only
  let nodeCount: Int
  /// [nodeCount + 1]; the children of `n` are `firstChild[n] ..< firstChild[n + 1]`.
  let firstChild: UnsafeMutablePointer<UInt32>
  /// [nodeCount]; the byte that leads to the node.
  let byte: UnsafeMutablePointer<UInt8>
  /// [nodeCount]; the place in `order` of the first string that ends here or below, and past the last.
  let firstInOrder: UnsafeMutablePointer<UInt32>
  let endInOrder: UnsafeMutablePointer<UInt32>
  /// [nodeCount]; how many strings end exactly here: they come first in `order`.
  let endingCount: UnsafeMutablePointer<UInt8>
  /// [string count]; the caller's numbers of the strings, sorted by their bytes.
  let order: UnsafeMutablePointer<Int32>
  let orderCount: Int
  /// [256]; the root's child for a byte, 0 if there is none.
  let rootChild: UnsafeMutablePointer<UInt32>

  /// - Parameter strings: flat bytes; string `i` is `bytes[offsets[i] ..< offsets[i + 1]]`. Empty strings are left out.
  ///   At most 255 strings may be equal.
  init(bytes: [UInt8], offsets: [UInt32]) {
    let count = max(0, offsets.count - 1)
    var sorted: [Int32] = []
    sorted.reserveCapacity(count)
    for index in 0..<count where offsets[index + 1] > offsets[index] { sorted.append(Int32(index)) }
    var firstChild: [UInt32] = []
    var byte: [UInt8] = [0]
    var low: [UInt32] = [0]
    var high: [UInt32] = [UInt32(sorted.count)]
    var ending: [UInt8] = [0]
    bytes.withUnsafeBufferPointer { bytes in
      offsets.withUnsafeBufferPointer { offsets in
        // The first eight bytes as a number decide nearly every comparison.
        func prefix(_ index: Int32) -> UInt64 {
          var value: UInt64 = 0
          let start = Int(offsets[Int(index)])
          let length = min(8, Int(offsets[Int(index) + 1]) - start)
          for place in 0..<length { value |= UInt64(bytes[start + place]) << UInt64(56 - 8 * place) }
          return value
        }
        func precedes(_ a: Int32, _ b: Int32) -> Bool {
          let (startA, startB) = (Int(offsets[Int(a)]), Int(offsets[Int(b)]))
          let (lengthA, lengthB) = (Int(offsets[Int(a) + 1]) - startA, Int(offsets[Int(b) + 1]) - startB)
          for place in 0..<min(lengthA, lengthB) where bytes[startA + place] != bytes[startB + place] {
            return bytes[startA + place] < bytes[startB + place]
          }
          return lengthA != lengthB ? lengthA < lengthB : a < b
        }
        var keyed = sorted.map { (key: prefix($0), index: $0) }
        keyed.sort { $0.key != $1.key ? $0.key < $1.key : precedes($0.index, $1.index) }
        for place in keyed.indices { sorted[place] = keyed[place].index }
        // Level order: the queue is the node table itself.
        var node = 0
        var depth = 0
        var levelEnd = 1
        while node < byte.count {
          if node == levelEnd {
            depth += 1
            levelEnd = byte.count
          }
          firstChild.append(UInt32(byte.count))
          var place = Int(low[node])
          let end = Int(high[node])
          func length(_ place: Int) -> Int {
            Int(offsets[Int(sorted[place]) + 1] - offsets[Int(sorted[place])])
          }
          var endings = 0
          while place < end, length(place) == depth {
            endings += 1
            place += 1
          }
          ending[node] = UInt8(endings)
          while place < end {
            let value = bytes[Int(offsets[Int(sorted[place])]) + depth]
            let start = place
            while place < end, bytes[Int(offsets[Int(sorted[place])]) + depth] == value { place += 1 }
            byte.append(value)
            low.append(UInt32(start))
            high.append(UInt32(place))
            ending.append(0)
          }
          node += 1
        }
        firstChild.append(UInt32(byte.count))
      }
    }
    nodeCount = byte.count
    orderCount = sorted.count
    self.firstChild = Self.copy(firstChild)
    self.byte = Self.copy(byte)
    firstInOrder = Self.copy(low)
    endInOrder = Self.copy(high)
    endingCount = Self.copy(ending)
    order = Self.copy(sorted)
    var rootChild = [UInt32](repeating: 0, count: 256)
    for child in Int(firstChild[0])..<Int(firstChild[1]) { rootChild[Int(byte[child])] = UInt32(child) }
    self.rootChild = Self.copy(rootChild)
  }

  convenience init(strings: [[UInt8]]) {
    var offsets: [UInt32] = [0]
    var bytes: [UInt8] = []
    for string in strings {
      bytes += string
      offsets.append(UInt32(bytes.count))
    }
    self.init(bytes: bytes, offsets: offsets)
  }

  deinit {
    firstChild.deallocate()
    byte.deallocate()
    firstInOrder.deallocate()
    endInOrder.deallocate()
    endingCount.deallocate()
    order.deallocate()
    rootChild.deallocate()
  }

  private static func copy<Element>(_ array: [Element]) -> UnsafeMutablePointer<Element> {
    let pointer = UnsafeMutablePointer<Element>.allocate(capacity: max(1, array.count))
    pointer.initialize(from: array, count: array.count)
    return pointer
  }

  /// The child of a node for a byte, 0 if there is none.
  @inline(__always)
  func child(_ node: Int, _ value: UInt8) -> Int {
    if node == 0 { return Int(rootChild[Int(value)]) }
    var low = Int(firstChild[node])
    var high = Int(firstChild[node + 1])
    while low < high {
      let middle = (low &+ high) >> 1
      if byte[middle] < value { low = middle &+ 1 } else { high = middle }
    }
    return low < Int(firstChild[node + 1]) && byte[low] == value ? low : 0
  }
}
