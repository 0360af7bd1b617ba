internal import ModelFiles

/// How often each token stands in the part of the text that the penalties look at.
struct TokenHistory: ~Copyable {
  /// The whole text, prompt first.
  private var tokens: [TokenID]
  private let promptCount: Int
  /// The last this many tokens count; nil means all.
  private let window: Int?
  private var counts: [Int32]  // [vocabularySize], in the window
  private var outputCounts: [Int32]  // [vocabularySize], of them generated
  /// Tokens that have been in the window, each once; some may have left it.
  private(set) var distinct: [TokenID] = []
  private var isListed: [Bool]  // [vocabularySize]

  init(prompt: [TokenID], window: Int?, vocabularySize: Int) {
    tokens = []
    tokens.reserveCapacity(prompt.count + 1024)
    promptCount = prompt.count
    self.window = window
    counts = Array(repeating: 0, count: vocabularySize)
    outputCounts = Array(repeating: 0, count: vocabularySize)
    isListed = Array(repeating: false, count: vocabularySize)
    for token in prompt { append(token) }
  }

  mutating func append(_ token: TokenID) {
    let isOutput = tokens.count >= promptCount
    tokens.append(token)
    add(token, isOutput: isOutput, 1)
    if let window, tokens.count > window {
      let place = tokens.count - 1 - window
      add(tokens[place], isOutput: place >= promptCount, -1)
    }
  }

  private mutating func add(_ token: TokenID, isOutput: Bool, _ change: Int32) {
    let id = Int(token)
    guard counts.indices.contains(id) else { return }
    counts[id] += change
    if isOutput { outputCounts[id] += change }
    if !isListed[id] {
      isListed[id] = true
      distinct.append(token)
    }
  }

  func count(of token: TokenID) -> Int { Int(counts[Int(token)]) }
  func outputCount(of token: TokenID) -> Int { Int(outputCounts[Int(token)]) }
}
