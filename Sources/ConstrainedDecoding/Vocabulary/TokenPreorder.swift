/// A vocabulary's trie in depth-first order: a walk that lives on at most places is one pass along it, and a branch that dies
/// is one step to where it ends.
///
/// A node knows what characters come below it and how many at most, so that a walk that lives on with all of those takes the
/// tokens below without a look at them.
final class TokenPreorder: @unchecked Sendable {  // its buffers are written in `init` only
  struct Node {
    /// Behind the last node below.
    var end: UInt32
    /// The place in `order` of the first token that ends here or below; those here come first, those below behind them.
    var first: UInt32
    /// The place in `branches`; 0 where it is not known what is below, or so little that a walk is as quick.
    var branch: UInt32 = 0
    /// Of the byte in the token.
    var depth: UInt16
    var byte: UInt8
    var endingCount: UInt8 = 0
  }

  /// What is below a node, from the last character on that began at or before it: within a character the walk is judged from
  /// where it began.
  struct Branch {
    var kinds = CharacterKinds.nothing
    var characterCount: Int16 = 0
    /// Of the byte that the characters begin with; -1 before it is known.
    var depth: Int16 = -1
  }

  let nodeCount: Int
  /// Bytes of the longest token.
  let longest: Int
  /// [nodeCount + 1]; the last one is none, but tells where the tokens end.
  let nodes: UnsafeMutablePointer<Node>
  let branches: UnsafeMutablePointer<Branch>
  /// [token count]; the trie's.
  let order: UnsafeMutablePointer<Int32>
  let tokenCount: Int
  /// The tokens that are not empty: bit `id & 63` of word `id >> 6`.
  let all: ContiguousArray<UInt64>
  private let trie: ByteTrie
  /// Nodes with fewer below them are walked.
  private static let branchLimit = 6

  /// - Parameter trie: of the same tokens, in whose order they stand.
  init(_ trie: ByteTrie, bytes: [UInt8], offsets: [UInt32]) {
    self.trie = trie
    order = trie.order
    tokenCount = trie.orderCount
    var all = ContiguousArray<UInt64>(repeating: 0, count: (offsets.count - 1 + 63) / 64)
    for place in 0..<trie.orderCount { all[Int(trie.order[place]) >> 6] |= 1 << UInt64(trie.order[place] & 63) }
    self.all = all
    var nodes: [Node] = []
    nodes.reserveCapacity(trie.nodeCount)
    var below = [Branch](repeating: Branch(), count: trie.nodeCount)
    /// The nodes of the token before, by depth.
    var path: [Int] = []
    var characters: [(start: Int, kinds: CharacterKinds)] = []
    var longest = 0
    bytes.withUnsafeBufferPointer { bytes in
      var last = bytes[0..<0]
      for place in 0..<trie.orderCount {
        let token = Int(trie.order[place])
        let text = bytes[Int(offsets[token])..<Int(offsets[token + 1])]
        longest = max(longest, text.count)
        var depth = 0
        while depth < min(last.count, text.count), last[last.startIndex + depth] == text[text.startIndex + depth] {
          depth += 1
        }
        for node in path[depth...] { nodes[node].end = UInt32(nodes.count) }
        path.removeLast(path.count - depth)
        while depth < text.count {
          path.append(nodes.count)
          nodes.append(Node(end: 0, first: UInt32(place), depth: UInt16(depth), byte: text[text.startIndex + depth]))
          depth += 1
        }
        nodes[path[depth - 1]].endingCount += 1
        characters.removeAll(keepingCapacity: true)
        CharacterKinds.forEach(in: UnsafeBufferPointer(rebasing: text)) { characters.append(($0, $1)) }
        // For every node above the last one: what comes from the character on that begins there or is not complete there.
        var kinds = CharacterKinds.nothing
        var end = text.count
        for (count, character) in characters.reversed().enumerated() {
          if count > 0 { below[path[end - 1]].add(kinds, count, depth: end) }
          kinds.formUnion(character.kinds)
          for inside in (character.start + 1)..<end { below[path[inside - 1]].add(kinds, count + 1, depth: character.start) }
          end = character.start
        }
        last = text
      }
    }
    for node in path { nodes[node].end = UInt32(nodes.count) }
    nodeCount = nodes.count
    self.longest = longest
    var branches = [Branch()]
    for node in nodes.indices where Int(nodes[node].end) - node > Self.branchLimit && !below[node].kinds.hasBroken {
      nodes[node].branch = UInt32(branches.count)
      branches.append(below[node])
    }
    nodes.append(Node(end: UInt32(nodeCount), first: UInt32(trie.orderCount), depth: 0, byte: 0))
    self.nodes = Self.copy(nodes)
    self.branches = Self.copy(branches)
  }

  deinit {
    nodes.deallocate()
    branches.deallocate()
  }

  private static func copy<Element>(_ array: [Element]) -> UnsafeMutablePointer<Element> {
    let pointer = UnsafeMutablePointer<Element>.allocate(capacity: array.count)
    pointer.initialize(from: array, count: array.count)
    return pointer
  }
}

extension TokenPreorder.Branch {
  /// Of one token more.
  fileprivate mutating func add(_ others: CharacterKinds, _ count: Int, depth: Int) {
    if self.depth >= 0, Int(self.depth) != depth { kinds.insertBroken() }
    self.depth = Int16(depth)
    kinds.formUnion(others)
    characterCount = max(characterCount, Int16(count))
  }
}
