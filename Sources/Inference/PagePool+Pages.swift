import ModelFiles

/// What the pool knows of one page.
struct Page {
  /// Sequences whose page table names it. Free and cached pages have none.
  var referenceCount = 0
  /// Computed positions, from the page's start.
  var fill = 0
  /// Place in the tree of computed pages; a page outside the tree cannot be found by others.
  var isAttached = false
  /// In `fullPages` under `prefixHash`.
  var isSealed = false
  var parent: PageID?
  var children: [PageID] = []
  /// Number of pages before it in its sequence.
  var depth = 0
  /// Hash of all tokens up to the page's end; meaningful while sealed.
  var prefixHash: UInt64 = 0
  var lastUse: UInt64 = 0
  // Neighbours in the queue of cached pages.
  var older: PageID?
  var newer: PageID?
  var isCached = false
}

/// The ends of the queue of cached pages, linked through `Page.older` and `Page.newer`.
struct PageQueue {
  var oldest: PageID?
  var newest: PageID?
  var count = 0
}

extension Array where Element == Page {
  subscript(page: PageID) -> Page {
    get { self[Int(page)] }
    _modify { yield &self[Int(page)] }
  }
}

extension PagePool {
  func slot(_ page: PageID, _ offset: Int) -> Int { Int(page) * geometry.tokensPerPage + offset }

  /// Whether its only holder may write behind the tokens it keeps: nobody else reads the page, and it is not full, so no
  /// page continues it.
  func isWritable(_ page: PageID) -> Bool { pages[page].referenceCount == 1 && !pages[page].isSealed }

  func retain(_ page: PageID) {
    if pages[page].isCached { removeFromCache(page) }
    pages[page].referenceCount += 1
    pages[page].lastUse = tick
  }

  /// The last holder's page becomes cached if it can be found again, else free.
  func dropReference(_ page: PageID) {
    precondition(pages[page].referenceCount > 0, "page \(page) was released twice")
    pages[page].referenceCount -= 1
    pages[page].lastUse = tick
    guard pages[page].referenceCount == 0 else { return }
    if pages[page].isAttached { addToCache(page) } else { free(page) }
  }

  /// An empty page with one reference: a free one, else the least recently used cached one.
  func takePage() -> PageID {
    if freePages.isEmpty {
      guard let victim = cachedPages.oldest else { preconditionFailure("pages are counted before they are taken") }
      precondition(pages[victim].children.isEmpty, "a cached page outlives those that continue it")
      evictedPrefixes.insert(hash(of: victim))
      removeFromCache(victim)
      detach(victim)
      free(victim)
      evictionCount += 1
    }
    let page = freePages.removeLast()
    pages[page].referenceCount = 1
    pages[page].lastUse = tick
    return page
  }

  private func free(_ page: PageID) {
    let lastUse = pages[page].lastUse
    pages[page] = Page()
    pages[page].lastUse = lastUse
    freePages.append(page)
  }

  // MARK: - The tree of computed pages

  /// Puts a computed page behind its parent. When it is full and an equal page is already there, returns that one in its
  /// place, with the reference moved over.
  func attach(_ page: PageID, after parent: PageID?) -> PageID {
    if !pages[page].isAttached {
      pages[page].isAttached = true
      pages[page].parent = parent
      pages[page].depth = parent.map { pages[$0].depth + 1 } ?? 0
      if let parent { pages[parent].children.append(page) } else { rootPages.append(page) }
    }
    guard pages[page].fill == geometry.tokensPerPage, !pages[page].isSealed else { return page }
    let prefixHash = hash(of: page)
    if let equal = fullPages[prefixHash], holdsSameTokens(equal, page), pages[equal].parent == parent {
      detach(page)
      retain(equal)
      dropReference(page)
      return equal
    }
    pages[page].isSealed = true
    pages[page].prefixHash = prefixHash
    // Of two prefixes with one hash the later stays unfound: it costs a recomputation, never a wrong page.
    if fullPages[prefixHash] == nil { fullPages[prefixHash] = page }
    return page
  }

  /// Takes a page without children out of the tree.
  func detach(_ page: PageID) {
    guard pages[page].isAttached else { return }
    precondition(pages[page].children.isEmpty, "a page that others continue stays in the tree")
    if let parent = pages[page].parent {
      pages[parent].children.removeAll { $0 == page }
    } else {
      rootPages.removeAll { $0 == page }
    }
    if pages[page].isSealed, fullPages[pages[page].prefixHash] == page { fullPages[pages[page].prefixHash] = nil }
    pages[page].isAttached = false
    pages[page].isSealed = false
    pages[page].parent = nil
  }

  private func holdsSameTokens(_ first: PageID, _ second: PageID) -> Bool {
    (0..<geometry.tokensPerPage).allSatisfy { pageTokens[slot(first, $0)] == pageTokens[slot(second, $0)] }
  }

  private func hash(of page: PageID) -> UInt64 {
    var hash = pages[page].parent.map { pages[$0].prefixHash } ?? PrefixHash.seed
    for offset in 0..<pages[page].fill { hash = PrefixHash.extend(hash, with: pageTokens[slot(page, offset)]) }
    return hash
  }

  // MARK: - The queue of cached pages, the least recently used first

  private func addToCache(_ page: PageID) {
    pages[page].isCached = true
    pages[page].older = cachedPages.newest
    pages[page].newer = nil
    if let newest = cachedPages.newest { pages[newest].newer = page } else { cachedPages.oldest = page }
    cachedPages.newest = page
    cachedPages.count += 1
  }

  private func removeFromCache(_ page: PageID) {
    let (older, newer) = (pages[page].older, pages[page].newer)
    if let older { pages[older].newer = newer } else { cachedPages.oldest = newer }
    if let newer { pages[newer].older = older } else { cachedPages.newest = older }
    pages[page].isCached = false
    pages[page].older = nil
    pages[page].newer = nil
    cachedPages.count -= 1
  }
}
