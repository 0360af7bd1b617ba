internal import ModelFiles

/// Finds added tokens in text: of those that start first, the longest; then on behind it.
struct SpecialTokens: Sendable {
  struct Match {
    var id: TokenID
    /// UTF-8 offsets, with the whitespace that the token takes along.
    var range: Range<Int>
  }

  private struct Node {
    var byte: UInt8
    /// In `nodes`; negative: none.
    var firstChild: Int32 = -1
    var nextSibling: Int32 = -1
    /// In `tokens`; negative: none ends here.
    var token: Int32 = -1
  }

  private var tokens: [AddedToken] = []
  /// A trie over bytes; node 0 is the root.
  private var nodes: [Node] = [Node(byte: 0)]
  /// Where a match may start: the root's child by its byte, -1 for none. [256]
  private var firstNodes = [Int32](repeating: -1, count: 256)

  /// The text of a token is given apart, as it may have been normalised.
  init(_ tokens: some Sequence<(AddedToken, text: String)>) {
    for (token, text) in tokens where !text.isEmpty {
      var node = 0
      for byte in text.utf8 { node = child(of: node, byte) }
      if nodes[node].token < 0 {
        nodes[node].token = Int32(self.tokens.count)
        self.tokens.append(token)
      }
      firstNodes[Int(text.utf8.first!)] = Int32(child(of: 0, text.utf8.first!))  // not empty
    }
  }

  var isEmpty: Bool { tokens.isEmpty }

  private mutating func child(of node: Int, _ byte: UInt8) -> Int {
    var child = Int(nodes[node].firstChild)
    while child >= 0 {
      if nodes[child].byte == byte { return child }
      child = Int(nodes[child].nextSibling)
    }
    nodes.append(Node(byte: byte, nextSibling: nodes[node].firstChild))
    nodes[node].firstChild = Int32(nodes.count - 1)
    return nodes.count - 1
  }

  /// All matches in order. They do not overlap, except that whitespace may be taken along twice.
  func matches(in text: UnsafeBufferPointer<UInt8>) -> [Match] {
    var matches: [Match] = []
    guard !isEmpty else { return matches }
    firstNodes.withUnsafeBufferPointer { firstNodes in
      var offset = 0
      var covered = 0
      while offset < text.count {
        if firstNodes[Int(text[offset])] < 0 {
          offset &+= 1
          continue
        }
        guard let (token, end) = longest(in: text, from: offset, node: Int(firstNodes[Int(text[offset])])) else {
          offset += 1
          continue
        }
        let start = offset
        offset = end
        if token.isSingleWord, isWord(before: start, in: text) || isWord(from: end, in: text) { continue }
        // Whitespace that the token before has taken along stays with it.
        let from = token.stripsLeft ? max(spaceStart(before: start, in: text), min(covered, start)) : start
        covered = token.stripsRight ? spaceEnd(from: end, in: text) : end
        matches.append(Match(id: token.id, range: from..<covered))
      }
    }
    return matches
  }

  private func longest(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, node: Int
  ) -> (token: AddedToken, end: Int)? {
    var node = node
    var offset = start + 1
    var found: (token: Int, end: Int)?
    while true {
      if nodes[node].token >= 0 { found = (Int(nodes[node].token), offset) }
      guard offset < text.count else { break }
      var child = Int(nodes[node].firstChild)
      while child >= 0, nodes[child].byte != text[offset] { child = Int(nodes[child].nextSibling) }
      guard child >= 0 else { break }
      node = child
      offset += 1
    }
    return found.map { (tokens[$0.token], $0.end) }
  }

  private func isWord(before end: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    end > 0 && isWord(from: characterStart(before: end, in: text), in: text)
  }

  private func isWord(from start: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    start < text.count && CharacterClasses.shared.of(text.baseAddress! + start).kind & CharacterClass.word != 0
  }

  private func spaceStart(before end: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
    var start = end
    while start > 0 {
      let previous = characterStart(before: start, in: text)
      if CharacterClasses.shared.of(text.baseAddress! + previous).kind & CharacterClass.space == 0 { break }
      start = previous
    }
    return start
  }

  private func spaceEnd(from start: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
    var end = start
    while end < text.count {
      let (kind, width) = CharacterClasses.shared.of(text.baseAddress! + end)
      if kind & CharacterClass.space == 0 { break }
      end += width
    }
    return end
  }

  private func characterStart(before end: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
    var start = end - 1
    while text[start] & 0xC0 == 0x80 { start -= 1 }
    return start
  }
}
