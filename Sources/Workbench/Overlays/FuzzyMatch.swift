/// How well a few typed letters fit a text: all of them in order, best together and at the starts of words.
struct FuzzyMatch: Sendable, Equatable {
  /// Higher is better.
  let score: Int
  /// Characters of the text that were met.
  let positions: [Int]

  /// Nil if the letters do not occur in this order. Blanks part words, each of which has to fit; case does not count.
  init?(_ query: String, in text: String) {
    let characters = text.map { $0.lowercased() }
    var score = 0
    var positions: [Int] = []
    for word in query.lowercased().split(separator: " ") {
      guard let found = Self.best(word.map(String.init), in: characters) else { return nil }
      score += found.score
      positions += found.positions
    }
    // Of two that fit alike the shorter text is meant.
    self.score = query.isEmpty ? 0 : score * 4 - characters.count / 8
    self.positions = Array(Set(positions)).sorted()
  }

  /// The best of the fits that begin at each occurrence of the first letter.
  private static func best(_ word: [String], in text: [String]) -> (score: Int, positions: [Int])? {
    var best: (score: Int, positions: [Int])?
    for start in text.indices where text[start] == word[0] {
      guard let fit = fit(word, in: text, from: start) else { break }
      if best.map({ fit.score > $0.score }) ?? true { best = fit }
    }
    return best
  }

  private static func fit(_ word: [String], in text: [String], from start: Int) -> (score: Int, positions: [Int])? {
    var positions: [Int] = []
    var score = 0
    var index = start
    for letter in word {
      guard let next = text[index...].firstIndex(of: letter) else { return nil }
      let isTogether = positions.last.map { $0 + 1 == next } ?? false
      let isWordStart = next == 0 || !(text[next - 1].first?.isLetter ?? false)
      score += isTogether ? 4 : isWordStart ? 3 : 0
      score -= positions.isEmpty ? 0 : min(3, next - index)
      positions.append(next)
      index = next + 1
    }
    return (score, positions)
  }
}
