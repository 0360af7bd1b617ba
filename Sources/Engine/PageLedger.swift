internal import Inference

/// Which request used each page last, and whose text it held then.
struct PageLedger {
  private var owners: [SegmentOwner]  // [pageCount]
  private var lastRequests: [Int]  // [pageCount]

  init(pageCount: Int) {
    owners = Array(repeating: .template, count: pageCount)
    lastRequests = Array(repeating: 0, count: pageCount)
  }

  /// Notes the pages that a request's sequence holds.
  mutating func note(_ sequence: Inference.Sequence, _ trace: PromptTrace, request: Int, tokensPerPage: Int) {
    for (index, page) in sequence.pageTable.enumerated() {
      let start = index * tokensPerPage
      let end = min(start + tokensPerPage, sequence.tokenCount)
      if end > start { owners[Int(page)] = trace.majorityOwner(of: start..<end) }
      lastRequests[Int(page)] = request
    }
  }

  /// The pool as the screen shows it, while `request` is the latest.
  func map(_ snapshot: PoolSnapshot, request: Int) -> CacheMap {
    CacheMap(
      tokensPerPage: snapshot.geometry.tokensPerPage, bytesPerPage: snapshot.geometry.bytesPerPage,
      pages: snapshot.pages.map { page in
        let state: CachePage.State =
          switch page.state {
          case .free: .free
          case .cached: .cached
          case .active: .active
          case .shared(let count): .shared(count)
          }
        return CachePage(
          state: state, startPosition: page.startPosition, tokens: Array(snapshot.tokens(of: page.id)),
          owner: owners[Int(page.id)], age: state == .free ? 0 : request - lastRequests[Int(page.id)],
          sequences: page.owners)
      },
      evictions: snapshot.evictionCount)
  }
}
