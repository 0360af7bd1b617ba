import Inference
import ModelFiles
import Testing

/// Random operations against a device of plain arrays: each slot of a page remembers the whole prefix it was computed for,
/// so a page that is shared, copied, evicted or overwritten wrongly shows as a slot with another prefix.
@Suite struct PagePoolModelTests {
  struct Device {
    static let tokensPerPage = 4
    var slots: [[[TokenID]]]
    init(pages: Int) { slots = Array(repeating: Array(repeating: [], count: Self.tokensPerPage), count: pages) }
  }

  struct Generator {
    var state: UInt64
    mutating func below(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
  }

  final class Model {
    let pool: PagePool
    var device: Device
    var live: [Inference.Sequence] = []
    var expected: [SequenceID: [TokenID]] = [:]
    var random: Generator

    init(pages: Int, seed: UInt64) {
      pool = PagePool(geometry: KVGeometry(tokensPerPage: Device.tokensPerPage, pageCount: pages, bytesPerPage: 1))
      device = Device(pages: pages)
      random = Generator(state: seed)
    }

    /// Few tokens, so that prefixes meet often.
    func tokens(_ count: Int) -> [TokenID] { (0..<count).map { _ in TokenID(random.below(2)) } }

    /// Reserve, copy, compute, commit, as a forward pass would.
    func compute(_ sequence: Inference.Sequence, _ count: Int) throws {
      guard count > 0 else { return }
      if let copy = try pool.reserve(count, for: sequence) { device.slots[Int(copy.to)] = device.slots[Int(copy.from)] }
      for position in sequence.computedTokenCount..<sequence.computedTokenCount + count {
        let page = Int(sequence.pageTable[position / Device.tokensPerPage])
        device.slots[page][position % Device.tokensPerPage] = Array(sequence.tokens[...position])
      }
      pool.commit(count, of: sequence)
    }

    /// The longest prefix that lies in pages, found by looking at all of them.
    func longestPrefix(of tokens: [TokenID]) -> Int {
      let snapshot = pool.snapshot()
      let limit = tokens.count - 1
      var reused = 0
      while true {
        let lengths = snapshot.pages.map { page in
          var length = 0
          while length < page.fill, reused + length < limit,
            device.slots[Int(page.id)][length] == Array(tokens[...(reused + length)])
          { length += 1 }
          return length
        }
        let best = lengths.max() ?? 0
        reused += best
        if best < Device.tokensPerPage { return reused }
      }
    }

    func step() throws {
      switch random.below(8) {
      case 0, 1:
        let prompt = tokens(1 + random.below(14))
        let possible = longestPrefix(of: prompt)
        #expect(pool.prefixMatch(for: prompt).reusedTokenCount == possible)
        let sequence = try pool.makeSequence(prompt: prompt)
        #expect(sequence.reusedTokenCount == possible)
        live.append(sequence)
        expected[sequence.id] = prompt
      case 2 where !live.isEmpty:
        let fork = pool.fork(live[random.below(live.count)])
        live.append(fork)
        expected[fork.id] = fork.tokens
      case 3 where !live.isEmpty:
        let sequence = live[random.below(live.count)]
        let kept = random.below(sequence.tokenCount + 1)
        pool.truncate(sequence, to: kept)
        expected[sequence.id]?.removeSubrange(kept...)
      case 4 where !live.isEmpty:
        pool.release(live.remove(at: random.below(live.count)))
      default:
        guard !live.isEmpty else { return }
        let sequence = live[random.below(live.count)]
        let more = tokens(random.below(4))
        pool.append(more, to: sequence)
        expected[sequence.id]? += more
        do {
          try compute(sequence, random.below(sequence.pendingTokenCount + 1))
        } catch InferenceError.pagesExhausted {
          pool.release(sequence)
          live.removeAll { $0 === sequence }
        }
      }
    }

    func check() {
      let snapshot = pool.snapshot()
      var owners: [PageID: [SequenceID]] = [:]
      for sequence in live.sorted(by: { $0.id < $1.id }) {
        #expect(sequence.tokens == expected[sequence.id])
        #expect(Set(sequence.pageTable).count == sequence.pageTable.count)
        for position in 0..<sequence.computedTokenCount {
          let slot = device.slots[Int(sequence.pageTable[position / Device.tokensPerPage])][
            position % Device.tokensPerPage]
          #expect(slot == Array(sequence.tokens[...position]), "position \(position)")
        }
        for page in sequence.pageTable { owners[page, default: []].append(sequence.id) }
      }
      for page in snapshot.pages {
        let holders = owners[page.id] ?? []
        #expect(page.owners == holders)
        switch page.state {
        case .free, .cached: #expect(holders.isEmpty)
        case .active: #expect(holders.count == 1)
        case .shared(let count): #expect(holders.count == count && count > 1)
        }
      }
      #expect(snapshot.freeCount == snapshot.pages.count { $0.state == .free })
      #expect(snapshot.cachedCount == snapshot.pages.count { $0.state == .cached })
      #expect(snapshot.heldCount == owners.count)
    }
  }

  @Test(arguments: [(6, 1), (6, 2), (9, 3), (9, 4), (16, 5), (16, 6), (40, 7), (40, 8)] as [(Int, UInt64)])
  func `after every operation each sequence's pages hold its own prefix`(_ pages: Int, _ seed: UInt64) throws {
    let model = Model(pages: pages, seed: seed)
    for _ in 0..<400 {
      try model.step()
      model.check()
    }
    // With all released, everything is free or cached.
    for sequence in model.live { model.pool.release(sequence) }
    #expect(model.pool.snapshot().heldCount == 0)
  }
}
