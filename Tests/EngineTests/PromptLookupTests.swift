import ModelFiles
import TestSupport
import Testing

@testable import Engine

@Suite struct PromptLookupTests {
  /// The same by comparing every place, for all lengths from the longest.
  private static func slowMatch(
    _ text: [TokenID], _ draft: [TokenID], _ isWanted: (TokenID) -> Bool
  ) -> PromptLookup.Match? {
    let whole = text + draft
    for length in stride(from: PromptLookup.longest, to: 0, by: -1) where length <= whole.count {
      for end in stride(from: whole.count - 1, to: length - 1, by: -1)
      where whole[(end - length)..<end].elementsEqual(whole.suffix(length)) && isWanted(whole[end]) {
        return PromptLookup.Match(next: end, length: length)
      }
    }
    return nil
  }

  @Test(arguments: [2, 3, 6, 40])
  func `the longest match wins, and of equals the latest, as a search of every place finds it`(alphabet: Int) {
    var random = SeededRandom(seed: UInt64(alphabet))
    for _ in 0..<60 {
      var lookup = PromptLookup()
      var text: [TokenID] = []
      func tokens(_ counts: ClosedRange<Int>) -> [TokenID] {
        (0..<Int.random(in: counts, using: &random)).map { _ in TokenID.random(in: 0..<TokenID(alphabet), using: &random) }
      }
      for _ in 0..<6 {
        // Added piece by piece, asked in between.
        let piece = tokens(0...12)
        lookup.append(contentsOf: piece)
        text += piece
        for draft in [[], tokens(0...3)] {
          #expect(lookup.match(behind: draft) { _ in true } == Self.slowMatch(text, draft) { _ in true })
          #expect(lookup.match(behind: draft) { $0 % 2 == 0 } == Self.slowMatch(text, draft) { $0 % 2 == 0 })
        }
      }
      #expect(lookup.tokens == text)
    }
  }

  @Test func `tokens that share a bucket are told apart`() {
    var lookup = PromptLookup()
    // More tokens than buckets, each with its own follower.
    for token in 0..<20_000 as Range<TokenID> { lookup.append(contentsOf: [token, 20_000 + token]) }
    for token in stride(from: 0, to: 20_000, by: 97) as StrideTo<TokenID> {
      let match = lookup.match(behind: [token]) { _ in true }
      // The end of the text is another token than stood before it, so one token matches.
      #expect(match == PromptLookup.Match(next: Int(token) * 2 + 1, length: 1))
    }
  }

  @Test func `a place that was found is followed into the draft itself`() {
    var lookup = PromptLookup()
    lookup.append(contentsOf: [7, 8, 9, 7, 8])
    let match = lookup.match(behind: []) { _ in true }
    #expect(match == PromptLookup.Match(next: 2, length: 2))
    // 7 8 9 | 7 8 9 7 8 9 …: what is copied may have been drafted just before.
    let draft: [TokenID] = [9, 7, 8]
    #expect((2..<8).map { lookup.token(at: $0, draft) } == [9, 7, 8, 9, 7, 8])
    #expect(lookup.token(at: 8, draft) == nil && lookup.token(at: -1, draft) == nil)
  }

  @Test func `an empty text and one that never repeats have no match`() {
    var lookup = PromptLookup()
    #expect(lookup.match(behind: []) { _ in true } == nil)
    lookup.append(contentsOf: 0..<100)
    #expect(lookup.match(behind: []) { _ in true } == nil)
    #expect(lookup.match(behind: [3]) { _ in false } == nil)
  }
}
