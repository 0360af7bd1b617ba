import Inference
import ModelFiles
import Testing

@Suite struct PagePoolTests {
  /// Pages of 4 tokens, so that rows are short.
  static func pool(pages: Int) -> PagePool {
    PagePool(geometry: KVGeometry(tokensPerPage: 4, pageCount: pages, bytesPerPage: 64))
  }

  /// Computes everything pending and returns the copies that were asked for.
  @discardableResult
  static func compute(_ sequence: Inference.Sequence, in pool: PagePool) throws -> [PageCopy] {
    let count = sequence.pendingTokenCount
    let copy = try pool.reserve(count, for: sequence)
    pool.commit(count, of: sequence)
    return copy.map { [$0] } ?? []
  }

  static func computed(_ tokens: [TokenID], in pool: PagePool) throws -> Inference.Sequence {
    let sequence = try pool.makeSequence(prompt: tokens)
    try compute(sequence, in: pool)
    return sequence
  }

  @Test func `a second sequence with the same prompt shares all but the last token`() throws {
    let pool = Self.pool(pages: 8)
    let first = try Self.computed([1, 2, 3, 4, 5, 6, 7, 8, 9], in: pool)
    let second = try pool.makeSequence(prompt: [1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(second.reusedTokenCount == 8)
    #expect(second.pageTable == Array(first.pageTable.prefix(2)))
    #expect(pool.snapshot().pages[0].state == .shared(by: 2))
    #expect(pool.snapshot().pages[0].owners == [first.id, second.id])
  }

  @Test(
    arguments: [
      // prompt after [1…9] was computed, reused positions
      ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 9),
      ([1, 2, 3, 4, 5, 6, 7, 8], 7),
      ([1, 2, 3, 4, 5, 6, 0, 8, 9], 6),
      ([1, 2, 3, 4], 3),
      ([1], 0),
      ([2, 2, 3, 4, 5], 0),
    ] as [([TokenID], Int)])
  func `the longest computed prefix is reused, into the page where it ends`(_ prompt: [TokenID], _ reused: Int) throws {
    let pool = Self.pool(pages: 8)
    let first = try Self.computed([1, 2, 3, 4, 5, 6, 7, 8, 9], in: pool)
    pool.release(first)
    #expect(pool.prefixMatch(for: prompt).reusedTokenCount == reused)
    #expect(try pool.makeSequence(prompt: prompt).reusedTokenCount == reused)
  }

  @Test func `a shared partial page is copied before it is written`() throws {
    let pool = Self.pool(pages: 8)
    let first = try Self.computed([1, 2, 3, 4, 5, 6], in: pool)
    let second = pool.fork(first)
    pool.append([7], to: second)
    let shared = first.pageTable[1]
    let copies = try Self.compute(second, in: pool)
    #expect(copies == [PageCopy(from: shared, to: second.pageTable[1])])
    #expect(first.pageTable[1] == shared)
    // The first one is alone with its page again.
    pool.append([8], to: first)
    #expect(try Self.compute(first, in: pool).isEmpty)
    #expect(first.pageTable[1] == shared)
  }

  @Test func `a full page that can be found again is copied rather than changed`() throws {
    let pool = Self.pool(pages: 8)
    let sequence = try Self.computed([1, 2, 3, 4, 5, 6, 7, 8], in: pool)
    pool.truncate(sequence, to: 6)
    pool.append([0], to: sequence)
    #expect(try Self.compute(sequence, in: pool).count == 1)
    #expect(pool.prefixMatch(for: [1, 2, 3, 4, 5, 6, 7, 8, 9]).reusedTokenCount == 8)
  }

  @Test func `a page shared by two sequences is cached with the second release`() throws {
    let pool = Self.pool(pages: 4)
    let first = try Self.computed([1, 2, 3, 4], in: pool)
    let second = pool.fork(first)
    pool.release(first)
    #expect(pool.snapshot().pages[0].state == .active)
    pool.release(second)
    #expect(pool.snapshot().pages[0].state == .cached)
    #expect(pool.snapshot().cachedCount == 1)
  }

  @Test func `equal pages computed by two sequences at once become one`() throws {
    let pool = Self.pool(pages: 8)
    let first = try pool.makeSequence(prompt: [1, 2, 3, 4, 5])
    let second = try pool.makeSequence(prompt: [1, 2, 3, 4, 6])
    try Self.compute(first, in: pool)
    try Self.compute(second, in: pool)
    #expect(first.pageTable[0] == second.pageTable[0])
    #expect(pool.snapshot().heldCount == 3)
  }

  @Test func `the least recently used cached page goes first, and a prefix outlives what continues it`() throws {
    let pool = Self.pool(pages: 4)
    let old = try Self.computed([1, 2, 3, 4, 5, 6, 7, 8], in: pool)
    let recent = try Self.computed([9, 9, 9, 9], in: pool)
    pool.release(old)
    pool.release(recent)
    // Two pages are needed and one is free: the tail of the older sequence goes, its beginning and the newer one stay.
    let next = try Self.computed([5, 5, 5, 5, 5], in: pool)
    #expect(next.pageTable.count == 2)
    #expect(pool.evictionCount == 1)
    #expect(pool.prefixMatch(for: [1, 2, 3, 4, 0]).reusedTokenCount == 4)
    #expect(pool.prefixMatch(for: [9, 9, 9, 9, 0]).reusedTokenCount == 4)
    #expect(
      pool.prefixMatch(for: [1, 2, 3, 4, 5, 6, 7, 8, 9]) == PrefixMatch(reusedTokenCount: 4, cause: .evicted))
  }

  @Test(
    arguments: [
      ([1, 2, 3, 4, 5, 6], PrefixMatch(reusedTokenCount: 5, cause: .complete)),
      ([1, 2, 3, 4, 5, 6, 7, 8], PrefixMatch(reusedTokenCount: 6, cause: .neverComputed)),
      ([1, 2, 3, 0, 5], PrefixMatch(reusedTokenCount: 3, cause: .diverged(at: 3, expected: 4, found: 0))),
      ([1, 2, 3, 4, 9, 9], PrefixMatch(reusedTokenCount: 4, cause: .diverged(at: 4, expected: 5, found: 9))),
      ([8, 8], PrefixMatch(reusedTokenCount: 0, cause: .diverged(at: 0, expected: 1, found: 8))),
    ] as [([TokenID], PrefixMatch)])
  func `a short match says why it ends`(_ prompt: [TokenID], _ expected: PrefixMatch) throws {
    let pool = Self.pool(pages: 8)
    _ = try Self.computed([1, 2, 3, 4, 5, 6], in: pool)
    #expect(pool.prefixMatch(for: prompt) == expected)
  }

  @Test func `an empty pool has computed nothing`() {
    #expect(Self.pool(pages: 2).prefixMatch(for: [1, 2]) == PrefixMatch(reusedTokenCount: 0, cause: .neverComputed))
  }

  @Test func `what does not fit is refused and changes nothing`() throws {
    let pool = Self.pool(pages: 2)
    #expect(throws: InferenceError.emptyPrompt) { try pool.makeSequence(prompt: []) }
    #expect(throws: InferenceError.promptExceedsPages(tokenCount: 9, capacity: 8)) {
      try pool.makeSequence(prompt: Array(0..<9))
    }
    let first = try Self.computed([1, 2, 3, 4, 5], in: pool)
    let second = try pool.makeSequence(prompt: [6])
    #expect(throws: InferenceError.pagesExhausted(needed: 1, available: 0, pageCount: 2, tokensPerPage: 4)) {
      try pool.reserve(1, for: second)
    }
    pool.release(first)
    #expect(try pool.reserve(1, for: second) == nil)
  }

  @Test func `a sequence that holds every page can still go back and on`() throws {
    let pool = Self.pool(pages: 2)
    let sequence = try Self.computed([1, 2, 3, 4, 5, 6, 7, 8], in: pool)
    pool.truncate(sequence, to: 3)
    pool.append([0, 5, 6, 7, 8], to: sequence)
    try Self.compute(sequence, in: pool)
    #expect(sequence.tokens == [1, 2, 3, 0, 5, 6, 7, 8])
    #expect(pool.prefixMatch(for: [1, 2, 3, 0, 5, 6, 7, 8, 9]).reusedTokenCount == 8)
  }

  @Test func `a snapshot shows each page's span, fill, tokens and age`() throws {
    let pool = Self.pool(pages: 3)
    let sequence = try Self.computed([1, 2, 3, 4, 5, 6], in: pool)
    let snapshot = pool.snapshot()
    #expect(snapshot.pages.map(\.state) == [.active, .active, .free])
    #expect(snapshot.pages.map(\.startPosition) == [0, 4, 0])
    #expect(snapshot.pages.map(\.fill) == [4, 2, 0])
    #expect(snapshot.pages.map(\.owners) == [[sequence.id], [sequence.id], []])
    #expect(Array(snapshot.tokens(of: 1)) == [5, 6])
    #expect(snapshot.tailWaste == 2)
    #expect([snapshot.heldCount, snapshot.cachedCount, snapshot.freeCount] == [2, 0, 1])
  }
}
