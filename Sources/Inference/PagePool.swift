public import ModelFiles

/// Who owns which page of the KV cache: page ids and token ids, never page bytes.
///
/// Full pages are found again by a hash chained over their prefix, so sequences share what they have in common. A page is
/// copied only when somebody writes into a part that is shared or can be found again. Pages that no sequence holds stay
/// cached until room is needed; then the least recently used goes first. One pool per loaded model, on the engine's thread.
///
///     let sequence = try pool.makeSequence(prompt: ids)         // shares the longest computed prefix
///     while sequence.pendingTokenCount > 0 {                    // prefill in chunks
///       let count = min(chunk, sequence.pendingTokenCount)
///       if let copy = try pool.reserve(count, for: sequence) { try forward.copyPage(from: copy.from, to: copy.to) }
///       var batch = Batch(); batch.add(sequence, tokenCount: count, logits: .last)
///       try forward.submit(batch)
///       pool.commit(count, of: sequence)
///     }
///     pool.append([next], to: sequence)                         // decode: append, reserve, submit, commit
///     pool.release(sequence)
///
/// Computed pages form a tree: a page's parent is the page before it in its sequence, and of equal pages only one is kept.
/// A page that is held has held parents, so a cached page is never left without its prefix. Ideas from nano-vllm's
/// `block_manager.py` (chained hashes, reference counts) and SGLang's radix tree.
public final class PagePool {
  public let geometry: KVGeometry
  /// Cached pages given up to make room, since the pool was made.
  public internal(set) var evictionCount = 0

  var pages: [Page]
  /// Token ids of each page's computed positions, [pageCount, tokensPerPage].
  var pageTokens: [TokenID]
  /// Full pages by the hash of all tokens up to their end.
  var fullPages: [UInt64: PageID] = [:]
  /// Computed pages that start a sequence.
  var rootPages: [PageID] = []
  var freePages: [PageID]
  var cachedPages = PageQueue()
  var liveSequences: [SequenceID: Sequence] = [:]
  var evictedPrefixes = EvictedPrefixes(capacity: 4096)
  /// Counts the pool's operations: the age of a page is `tick - lastUse`.
  var tick: UInt64 = 0
  private var nextSequenceID: SequenceID = 1

  public init(geometry: KVGeometry) {
    self.geometry = geometry
    pages = Array(repeating: Page(), count: geometry.pageCount)
    pageTokens = Array(repeating: 0, count: geometry.tokenCapacity)
    freePages = (0..<PageID(geometry.pageCount)).reversed()
  }

  /// Pages that no sequence holds, cached or free.
  public var availablePageCount: Int { freePages.count + cachedPages.count }

  /// A sequence over the longest computed prefix of `tokens`, holding its pages. At least the last token is left to
  /// compute, so that there are logits to sample from. Throws when `tokens` is empty or larger than all pages together.
  public func makeSequence(prompt tokens: [TokenID]) throws(InferenceError) -> Sequence {
    guard !tokens.isEmpty else { throw .emptyPrompt }
    guard tokens.count <= geometry.tokenCapacity else {
      throw .promptExceedsPages(tokenCount: tokens.count, capacity: geometry.tokenCapacity)
    }
    tick += 1
    let match = longestPrefix(of: tokens, limit: tokens.count - 1)
    for page in match.pages { retain(page) }
    return register(tokens: tokens, computed: match.tokenCount, reused: match.tokenCount, pages: match.pages)
  }

  /// Adds tokens that are still to be computed.
  public func append(_ tokens: some Swift.Sequence<TokenID>, to sequence: Sequence) {
    precondition(sequence.isLive, "the sequence was released")
    sequence.tokens.append(contentsOf: tokens)
  }

  /// Makes room for the next `count` tokens after the computed ones; on return the page table covers them.
  ///
  /// The page to copy, if any, must be copied before the next step and before the next call. Throws when the pages that
  /// other sequences hold leave too few; the sequence is then as before.
  public func reserve(_ count: Int, for sequence: Sequence) throws(InferenceError) -> PageCopy? {
    precondition(sequence.isLive, "the sequence was released")
    let start = sequence.computedTokenCount
    let needed = geometry.pages(for: start + count)
    let tail = start / geometry.tokensPerPage
    let fill = start % geometry.tokensPerPage
    let tailIsShared = count > 0 && fill > 0 && !isWritable(sequence.pageTable[tail])
    let newPages = max(0, needed - sequence.pageTable.count)
    let available = availablePageCount
    // With nothing left for a copy, a page that only this sequence holds is taken out of the tree and written in place.
    let mayWriteInPlace = tailIsShared && pages[sequence.pageTable[tail]].referenceCount == 1
    let copies = tailIsShared && !(mayWriteInPlace && available == newPages)
    guard newPages + (copies ? 1 : 0) <= available else {
      throw .pagesExhausted(
        needed: newPages + (copies ? 1 : 0), available: available, pageCount: geometry.pageCount,
        tokensPerPage: geometry.tokensPerPage)
    }
    tick += 1
    for _ in 0..<newPages { sequence.pageTable.append(takePage()) }
    guard count > 0, fill > 0 else { return nil }
    let page = sequence.pageTable[tail]
    guard copies else {
      if tailIsShared { detach(page) }
      if pages[page].fill > fill { pages[page].fill = fill }
      return nil
    }
    let copy = takePage()
    pages[copy].fill = fill
    for offset in 0..<fill { pageTokens[slot(copy, offset)] = pageTokens[slot(page, offset)] }
    sequence.pageTable[tail] = copy
    dropReference(page)
    return PageCopy(from: page, to: copy)
  }

  /// Records that the next `count` tokens have gone through the model. Pages that are now full can be found by others.
  public func commit(_ count: Int, of sequence: Sequence) {
    precondition(sequence.isLive, "the sequence was released")
    let end = sequence.computedTokenCount + count
    precondition(end <= sequence.tokens.count, "more tokens committed than the sequence has")
    precondition(geometry.pages(for: end) <= sequence.pageTable.count, "tokens committed without reserving their pages")
    tick += 1
    while sequence.computedTokenCount < end {
      let pageIndex = sequence.computedTokenCount / geometry.tokensPerPage
      let page = sequence.pageTable[pageIndex]
      let pageEnd = min(end, (pageIndex + 1) * geometry.tokensPerPage)
      for position in sequence.computedTokenCount..<pageEnd {
        pageTokens[slot(page, position % geometry.tokensPerPage)] = sequence.tokens[position]
      }
      pages[page].fill = pageEnd - pageIndex * geometry.tokensPerPage
      pages[page].lastUse = tick
      sequence.computedTokenCount = pageEnd
      sequence.pageTable[pageIndex] = attach(page, after: pageIndex == 0 ? nil : sequence.pageTable[pageIndex - 1])
    }
  }

  /// A second sequence with the same tokens that shares all computed pages.
  public func fork(_ sequence: Sequence) -> Sequence {
    precondition(sequence.isLive, "the sequence was released")
    tick += 1
    let shared = Array(sequence.pageTable.prefix(geometry.pages(for: sequence.computedTokenCount)))
    for page in shared { retain(page) }
    return register(
      tokens: sequence.tokens, computed: sequence.computedTokenCount, reused: sequence.computedTokenCount, pages: shared
    )
  }

  /// Keeps the first `tokenCount` tokens; the pages of the others stay cached.
  public func truncate(_ sequence: Sequence, to tokenCount: Int) {
    precondition(sequence.isLive, "the sequence was released")
    precondition(0...sequence.tokens.count ~= tokenCount, "a sequence is truncated to a length it has")
    tick += 1
    sequence.tokens.removeSubrange(tokenCount...)
    sequence.computedTokenCount = min(sequence.computedTokenCount, tokenCount)
    let kept = geometry.pages(for: sequence.computedTokenCount)
    while sequence.pageTable.count > kept { dropReference(sequence.pageTable.removeLast()) }
  }

  /// Gives the pages back. They stay cached, to be found again, until room is needed.
  public func release(_ sequence: Sequence) {
    precondition(sequence.isLive, "the sequence was released")
    tick += 1
    // Deepest first, so that a prefix outlives what continues it.
    while let page = sequence.pageTable.popLast() { dropReference(page) }
    sequence.computedTokenCount = 0
    sequence.isLive = false
    liveSequences[sequence.id] = nil
  }

  private func register(tokens: [TokenID], computed: Int, reused: Int, pages: [PageID]) -> Sequence {
    let sequence = Sequence(id: nextSequenceID, tokens: tokens, reusedTokenCount: reused, pageTable: pages)
    nextSequenceID += 1
    liveSequences[sequence.id] = sequence
    return sequence
  }
}
