public import ModelFiles

/// The pool's pages at one moment, for the screen. Made without copying the token ids, which are shared until the next commit.
public struct PoolSnapshot: Sendable {
  /// One page, whether used or not.
  public struct Page: Sendable, Equatable {
    /// Who holds a page.
    public enum State: Sendable, Equatable {
      /// Never used, or given back with nothing computed in it.
      case free
      /// Held by no sequence; found again if a prompt begins with its prefix.
      case cached
      /// Held by one sequence.
      case active
      /// Held by several sequences.
      case shared(by: Int)
    }

    public var id: PageID
    public var state: State
    /// Computed positions, of `tokensPerPage`.
    public var fill: Int
    /// Position of the page's first token in its sequences.
    public var startPosition: Int
    /// Sequences that hold it, ascending.
    public var owners: [SequenceID]
    /// Pool operations since it was last touched.
    public var age: UInt64
    /// Pages before it in its prefix.
    public var depth: Int
  }

  public var geometry: KVGeometry
  /// By page id.
  public var pages: [Page]
  public var freeCount: Int
  public var cachedCount: Int
  /// Held by one sequence or several.
  public var heldCount: Int
  public var evictionCount: Int
  /// Positions reserved in held pages but not computed: the waste of partial tails.
  public var tailWaste: Int
  var pageTokens: [TokenID]

  /// The token ids of a page's computed positions.
  public func tokens(of page: PageID) -> ArraySlice<TokenID> {
    let start = Int(page) * geometry.tokensPerPage
    return pageTokens[start..<start + pages[Int(page)].fill]
  }
}

extension PagePool {
  /// Cost: one pass over the pages and the page tables of the live sequences.
  public func snapshot() -> PoolSnapshot {
    var owners: [[SequenceID]] = Array(repeating: [], count: pages.count)
    var depths = pages.map(\.depth)
    for id in liveSequences.keys.sorted() {
      guard let sequence = liveSequences[id] else { continue }
      for (depth, page) in sequence.pageTable.enumerated() {
        owners[Int(page)].append(id)
        depths[Int(page)] = depth
      }
    }
    var tailWaste = 0
    let records = pages.indices.map { index in
      let page = pages[index]
      let state: PoolSnapshot.Page.State
      switch page.referenceCount {
      case 0: state = page.isCached ? .cached : .free
      case 1: state = .active
      default: state = .shared(by: page.referenceCount)
      }
      if page.referenceCount > 0 { tailWaste += geometry.tokensPerPage - page.fill }
      return PoolSnapshot.Page(
        id: PageID(index), state: state, fill: page.fill, startPosition: depths[index] * geometry.tokensPerPage,
        owners: owners[index], age: tick - page.lastUse, depth: depths[index])
    }
    return PoolSnapshot(
      geometry: geometry, pages: records, freeCount: freePages.count, cachedCount: cachedPages.count,
      heldCount: pages.count - freePages.count - cachedPages.count, evictionCount: evictionCount, tailWaste: tailWaste,
      pageTokens: pageTokens)
  }
}
