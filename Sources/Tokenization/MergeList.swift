internal import Glibc
internal import ModelFiles

/// The merges of a checkpoint as ids, while an encoder is made from them.
struct MergeList: ~Copyable {
  /// In order of rank.
  let merges: FlatTable<(left: UInt32, right: UInt32, result: UInt32)>

  init(_ data: TokenizerData, _ vocabulary: borrowing Vocabulary) throws(TokenizationError) {
    merges = FlatTable(repeating: (0, 0, 0), count: data.merges.count)
    let alphabet = ByteAlphabet()
    let buffer = FlatTable<UInt8>(repeating: 0, count: data.merges.bytes.count + 8)
    var guess: UInt32 = 0
    for rank in 0..<data.merges.count {
      let spelt = Int(data.merges.offsets[rank])..<Int(data.merges.offsets[rank + 1])
      // Both halves are decoded to stand side by side, so that together they are the result's bytes.
      let counts = data.merges.bytes.withUnsafeBufferPointer {
        alphabet.decodePair(UnsafeBufferPointer(rebasing: $0[spelt]), into: buffer.base)
      }
      guard let (leftCount, rightCount) = counts else {
        throw .malformedMerge(rank: rank, text: data.merges.string(rank))
      }
      let count = leftCount + rightCount
      func find(_ range: Range<Int>) throws(TokenizationError) -> UInt32 {
        let bytes = UnsafeBufferPointer(start: buffer.base + range.lowerBound, count: range.count)
        if let found = vocabulary.find(bytes, readable: bytes.count + 8) { return found }
        throw .mergeOfUnknownToken(
          rank: rank, text: data.merges.string(rank), token: String(decoding: bytes, as: UTF8.self))
      }
      // Vocabularies are usually written in the order of the merges: the next token is tried before a search.
      guess += 1
      if !isToken(guess, vocabulary, buffer.base, count) { guess = try find(0..<count) }
      merges.base[rank] = (try find(0..<leftCount), try find(leftCount..<count), guess)
    }
  }

  private func isToken(
    _ id: UInt32, _ vocabulary: borrowing Vocabulary, _ bytes: UnsafePointer<UInt8>, _ count: Int
  ) -> Bool {
    guard Int(id) < vocabulary.count else { return false }
    let offset = Int(vocabulary.offsets[Int(id)])
    guard Int(vocabulary.offsets[Int(id) + 1]) - offset == count else { return false }
    return vocabulary.bytes.withUnsafeBufferPointer { memcmp($0.baseAddress! + offset, bytes, count) == 0 }
  }

  /// Sets the mark of the tokens whose bytes, merged by themselves, give the token: most, but not by necessity all.
  ///
  /// A token made from `left` and `right` is one of them if both are, and if no merge crosses the seam between them
  /// before they are whole. Until then, the seam lies between a token on the right edge of `left`'s tree and one on
  /// the left edge of `right`'s tree. We go back in time from (left, right), each step undoing the later of the two:
  ///
  ///     (left, right) ← (left, right.left) ← (left.right, right.left) ← … ← (byte, byte)
  ///
  /// A pair that stood at the seam until the merge of rank r must not itself merge before r; at r, the leftmost of
  /// equal merges comes first, so that the seam loses against a merge in `left` and wins against one in `right`.
  func markOwnEncodings(
    _ marks: borrowing FlatTable<Bool>, _ table: borrowing MergeTable, _ byteIDs: borrowing FlatTable<UInt32>
  ) {
    let none = Int32.max
    // The rank + 1 of the merge that makes a token; 0 for a byte; `none` for what no merge is known to make.
    let made = FlatTable<Int32>(repeating: none, count: marks.count)
    for byte in 0..<256 {
      made.base[Int(byteIDs.base[byte])] = 0
      marks.base[Int(byteIDs.base[byte])] = true
    }
    for rank in 0..<merges.count {
      let (left, right, result) = merges.base[rank]
      // Parts made later than the whole, or not at all, leave the token unmarked.
      guard made.base[Int(left)] != none, made.base[Int(right)] != none, made.base[Int(result)] == none else {
        continue
      }
      if !isCrossed(left, right, made, table) {
        made.base[Int(result)] = Int32(rank + 1)
        marks.base[Int(result)] = true
      }
    }
  }

  private func isCrossed(
    _ left: UInt32, _ right: UInt32, _ made: borrowing FlatTable<Int32>, _ table: borrowing MergeTable
  ) -> Bool {
    var (left, right) = (left, right)
    while true {
      let (leftMade, rightMade) = (made.base[Int(left)], made.base[Int(right)])
      let until: UInt64
      if leftMade > rightMade {
        left = merges.base[Int(leftMade) - 1].right
        until = UInt64(leftMade - 1) << 32
      } else if rightMade > 0 {
        right = merges.base[Int(rightMade) - 1].left
        until = UInt64(rightMade) << 32
      } else {
        return false
      }
      if table.find(left, right) < until { return true }
    }
  }
}
