internal import ModelFiles
internal import Tokenization

extension PromptTrace {
  /// Tokenises a rendering as a whole, special tokens recognised, as transformers does, and finds the tokens of each
  /// segment.
  init(_ rendering: ChatTemplate.Rendering, tokens: [TokenID], tokenEnds: [Int], addedTokens: [TokenID: Int]) {
    self.init(
      text: rendering.text, tokens: tokens, tokenEnds: tokenEnds,
      segments: Self.segments(rendering, tokenEnds: tokenEnds),
      specialTokens: zip(tokens, tokenEnds).compactMap { token, end in
        addedTokens[token].map { max(0, end - $0)..<end }
      })
  }

  /// Fills the gaps between the spans with the template's own text. What the template puts between two parts of one
  /// message (the line break after its role) counts as the message's.
  private static func segments(_ rendering: ChatTemplate.Rendering, tokenEnds: [Int]) -> [PromptSegment] {
    var stretches: [(owner: SegmentOwner, bytes: Range<Int>)] = []
    func add(_ owner: SegmentOwner, upTo end: Int) {
      let start = stretches.last?.bytes.upperBound ?? 0
      guard end > start else { return }
      if let last = stretches.last, last.owner == owner {
        stretches[stretches.count - 1].bytes = last.bytes.lowerBound..<end
      } else {
        stretches.append((owner, start..<end))
      }
    }
    for (index, span) in rendering.spans.enumerated() {
      let isInside = index > 0 && rendering.spans[index - 1].owner == span.owner
      add(isInside ? span.owner : .template, upTo: span.bytes.lowerBound)
      add(span.owner, upTo: span.bytes.upperBound)
    }
    add(.template, upTo: rendering.text.utf8.count)

    var token = 0
    return stretches.map { owner, bytes in
      let first = token
      while token < tokenEnds.count, tokenEnds[token] <= bytes.upperBound { token += 1 }
      return PromptSegment(owner: owner, bytes: bytes, tokens: first..<token)
    }
  }

  /// Whose text the token at this index is.
  func owner(ofToken index: Int) -> SegmentOwner {
    if index >= tokens.count { return .generated }
    return segments.first { $0.tokens.contains(index) }?.owner ?? .template
  }

  /// Who has most of these tokens, the first of equals; beyond the prompt they are generated.
  func majorityOwner(of range: Range<Int>) -> SegmentOwner {
    var best = SegmentOwner.generated
    var bestCount = 0
    var counts: [SegmentOwner: Int] = [:]
    func add(_ owner: SegmentOwner, _ count: Int) {
      guard count > 0 else { return }
      counts[owner, default: 0] += count
      if counts[owner]! > bestCount { (best, bestCount) = (owner, counts[owner]!) }
    }
    for segment in segments where segment.tokens.overlaps(range) {
      add(segment.owner, segment.tokens.clamped(to: range).count)
    }
    add(.generated, range.upperBound - max(range.lowerBound, min(tokens.count, range.upperBound)))
    return best
  }
}
