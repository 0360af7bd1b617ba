internal import CKernels
internal import Glibc
internal import Inference
internal import JSON
internal import ModelFiles
internal import Tokenization

/// Scores the openings of calls behind one prompt: the prompt and what all openings begin with are computed once, the
/// rest in forks of it, as many in a batch as fit. Lives on the engine thread.
struct FunctionScoring {
  private let model: Generation.Model
  private let prompt: [TokenID]
  /// By function: the tokens of its call's opening.
  private let openings: [[TokenID]]
  /// Tokens that all openings begin with.
  private let sharedCount: Int
  private var logprobs: [[Double]]
  private var weights: [Float]  // [vocabularySize]
  private(set) var cachedTokenCount = 0

  init(model: Generation.Model, prompt: [TokenID], names: [String]) {
    self.model = model
    self.prompt = prompt
    openings = names.map { Self.opening(of: $0, model.tokenizer) }
    let first = openings.first ?? []
    sharedCount = openings.reduce(first.count) { count, opening in
      min(count, zip(first, opening).prefix { $0 == $1 }.count)
    }
    logprobs = openings.map { Array(repeating: 0, count: $0.count) }
    weights = Array(repeating: 0, count: model.forward.config.vocabularySize)
  }

  /// Up to the token that holds the quote behind the name.
  private static func opening(of name: String, _ tokenizer: Tokenizer) -> [TokenID] {
    let quoted = JSONValue.string(name).text()
    let head = "<tool_call>\n{\"name\": \(quoted)"
    let (ids, ends) = tokenizer.encodeWithOffsets(head + ", \"arguments\": {")
    let last = ends.firstIndex { $0 >= head.utf8.count } ?? ids.count - 1
    return Array(ids[...last])
  }

  /// By function, [tokens of its opening].
  mutating func run() throws(InferenceError) -> [(tokens: [TokenID], logprobs: [Double])] {
    guard let first = openings.first else { return [] }
    let sequence = try model.pool.makeSequence(prompt: prompt)
    defer { model.pool.release(sequence) }
    cachedTokenCount = sequence.reusedTokenCount
    while sequence.pendingTokenCount > 1 {
      try compute([(sequence, min(sequence.pendingTokenCount - 1, model.forward.maxBatchRows))], .none)
    }
    // The row of the prompt's last token foretells t₀, and each shared token the one behind it.
    model.pool.append(first[..<sharedCount], to: sequence)
    var place = 0
    while sequence.pendingTokenCount > 0 {
      let count = min(sequence.pendingTokenCount, model.forward.maxBatchRows)
      try compute([(sequence, count)], .all)
      let functions = openings.indices
      try read(rows: count) { row in functions.map { ($0, place + row) } }
      place += count
    }
    try runForks(of: sequence)
    return zip(openings, logprobs).map { ($0, $1) }
  }

  private mutating func runForks(of sequence: Inference.Sequence) throws(InferenceError) {
    // The last token of an opening need not be computed, and the shared ones are.
    var rest = openings.indices.filter { openings[$0].count - 1 > sharedCount }[...]
    while !rest.isEmpty {
      var batch: [(sequence: Inference.Sequence, rows: Int)] = []
      var targets: [(function: Int, place: Int)] = []
      defer { for fork in batch { model.pool.release(fork.sequence) } }
      while let function = rest.first {
        let opening = openings[function]
        let rows = opening.count - 1 - sharedCount
        guard batch.isEmpty || targets.count + rows <= model.forward.maxBatchRows else { break }
        let fork = model.pool.fork(sequence)
        model.pool.append(opening[sharedCount..<opening.count - 1], to: fork)
        batch.append((fork, rows))
        for row in 0..<rows { targets.append((function, sharedCount + 1 + row)) }
        rest.removeFirst()
      }
      try compute(batch, .all)
      let found = targets
      try read(rows: found.count) { [found[$0]] }
    }
  }

  /// The next tokens of some sequences in one step.
  private func compute(
    _ runs: [(sequence: Inference.Sequence, rows: Int)], _ logits: Batch.LogitRows
  ) throws(InferenceError) {
    var batch = Batch()
    for (sequence, rows) in runs {
      if let copy = try model.pool.reserve(rows, for: sequence) {
        try model.forward.copyPage(from: copy.from, to: copy.to)
      }
      batch.add(sequence, tokenCount: rows, logits: logits)
    }
    try model.forward.submit(batch)
    for (sequence, rows) in runs { model.pool.commit(rows, of: sequence) }
  }

  /// Takes from each row of logits what it says of the tokens at some places of some openings.
  private mutating func read(rows: Int, _ targets: (Int) -> [(function: Int, place: Int)]) throws(InferenceError) {
    let width = weights.count
    var weights = weights
    var logprobs = logprobs
    let openings = openings
    try model.forward.withLogits { logits in
      logits.span.withUnsafeBufferPointer { all in
        for row in 0..<rows {
          let start = all.baseAddress! + row * width  // a batch with rows has logits
          let shift = k_max_f32(start, Int64(width))
          var sum = 0.0
          var moment = 0.0
          k_exp_weights_f32(start, Int64(width), shift, 1, &weights, &sum, &moment)
          let partition = Double(shift) + log(sum)
          for (function, place) in targets(row) where place < openings[function].count {
            logprobs[function][place] = Double(start[Int(openings[function][place])]) - partition
          }
        }
      }
    }
    self.logprobs = logprobs
  }
}
