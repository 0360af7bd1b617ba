import Glibc
import Inference
import ModelFiles

/// Times steps of a model: prefill and decode apart, behind a prefix of a given depth.
///
/// The prefix costs seconds and not minutes: its first 64 positions are computed, the pages of the others are copies of
/// theirs. What attention reads has the right size and scale; only the words are the same again and again. The sequences
/// of a batch share the pages of the prefix, and each has its own from there on.
final class Benchmark {
  let forward: CPUForward
  /// f32 operations of one row through all layers, without attention.
  private let operationsPerRow: Double
  private let operationsPerLogitRow: Double
  /// For each position that a row attends to: a product with its key and one with its value.
  private let operationsPerPosition: Double
  private var batch = Batch()

  private static let computedPrefix = 64

  init(_ forward: CPUForward) {
    self.forward = forward
    let config = forward.config
    let attention = 2 * config.queryWidth + 2 * config.kvWidth
    let columns = config.hiddenSize * (attention + 3 * config.feedForwardSize)
    operationsPerRow = 2 * Double(config.layerCount) * Double(columns)
    operationsPerLogitRow = 2 * Double(config.vocabularySize) * Double(config.hiddenSize)
    operationsPerPosition = 4 * Double(config.queryWidth) * Double(config.layerCount)
  }

  enum Phase: String {
    case prefill
    case decode
  }

  /// One row of the result.
  struct Measurement {
    var phase: Phase
    var depth: Int
    var sequenceCount: Int
    /// Of all sequences, in one repetition.
    var tokenCount: Int
    var repeats: Int
    /// The median repetition's.
    var seconds: Double
    /// Of one repetition.
    var bytesMoved: Double
    var operations: Double
    /// FNV-1a of the last step's logits.
    var logitsHash: UInt64

    var tokensPerSecond: Double { Double(tokenCount) / seconds }
    var millisecondsPerToken: Double { 1000 * seconds / Double(tokenCount) }
    var bytesPerSecond: Double { bytesMoved / seconds }
    var operationsPerSecond: Double { operations / seconds }
  }

  /// What bounds the repetitions: the number wanted, unless the time runs out first.
  struct Repetition {
    var count: Int
    var limit: Duration
  }

  /// Pages that all measurements of these sizes need.
  static func pageCount(depth: Int, promptTokens: Int, generate: Int, sequences: Int) -> Int {
    func pages(_ tokens: Int) -> Int { (tokens + 15) / 16 + 1 }
    // Twice, since pages of the repetition before stay cached while the next takes new ones.
    return pages(depth) + 2 * pages(promptTokens) + 2 * sequences * pages(generate) + 8
  }

  /// Touches every weight once, so that no measurement pays for reading the file.
  func warmUp() throws(InferenceError) {
    let pool = PagePool(geometry: forward.geometry)
    let sequence = try pool.makeSequence(prompt: tokens(from: 0, count: 2))
    try advance([sequence], by: 1, pool, logits: .none)
    try advance([sequence], by: 1, pool, logits: .last)
  }

  /// `tokenCount` tokens of one sequence behind `depth` others, in chunks of the largest batch; the last gives logits.
  func prefill(depth: Int, tokenCount: Int, _ repetition: Repetition) throws(InferenceError) -> Measurement {
    let pool = PagePool(geometry: forward.geometry)
    let sequence = try pool.makeSequence(prompt: tokens(from: 0, count: max(depth, 1)))
    try fill(sequence, to: depth, pool)
    return try measure(.prefill, depth: depth, sequenceCount: 1, tokenCount: tokenCount, repetition) {
      () throws(InferenceError) in
      pool.truncate(sequence, to: depth)
      pool.append(tokens(from: depth, count: tokenCount), to: sequence)
    } step: { () throws(InferenceError) in
      var totals = Totals()
      while sequence.pendingTokenCount > 0 {
        let count = min(forward.maxBatchRows, sequence.pendingTokenCount)
        totals.add(try advance([sequence], by: count, pool, logits: count == sequence.pendingTokenCount ? .last : .none))
      }
      return totals
    }
  }

  /// `stepCount` steps of one token for each of several sequences behind `depth` positions. Tokens are given, not
  /// sampled: the model is measured alone.
  func decode(
    depth: Int, stepCount: Int, sequenceCount: Int, _ repetition: Repetition
  ) throws(InferenceError) -> Measurement {
    let pool = PagePool(geometry: forward.geometry)
    let prefix = tokens(from: 0, count: depth)
    var sequences: [Inference.Sequence] = []
    for number in 0..<sequenceCount {
      let sequence = try pool.makeSequence(prompt: prefix + tokens(from: depth + number, count: 1))
      try fill(sequence, to: depth, pool)
      sequences.append(sequence)
    }
    return try measure(
      .decode, depth: depth, sequenceCount: sequenceCount, tokenCount: stepCount * sequenceCount, repetition
    ) { () throws(InferenceError) in
      for sequence in sequences { pool.truncate(sequence, to: depth) }
    } step: { () throws(InferenceError) in
      var totals = Totals()
      for step in 0..<stepCount {
        for (number, sequence) in sequences.enumerated() {
          pool.append(CollectionOfOne(token(depth + number + step * sequenceCount)), to: sequence)
        }
        totals.add(try advance(sequences, by: 1, pool, logits: .last))
      }
      return totals
    }
  }

  // MARK: - Steps

  private struct Totals {
    var bytes = 0.0
    var operations = 0.0

    mutating func add(_ other: Totals) {
      bytes += other.bytes
      operations += other.operations
    }
  }

  private func measure(
    _ phase: Phase, depth: Int, sequenceCount: Int, tokenCount: Int, _ repetition: Repetition,
    prepare: () throws(InferenceError) -> Void, step: () throws(InferenceError) -> Totals
  ) throws(InferenceError) -> Measurement {
    let clock = ContinuousClock()
    let begin = clock.now
    var seconds: [Double] = []
    var totals = Totals()
    while seconds.count < repetition.count, seconds.isEmpty || clock.now - begin < repetition.limit {
      try prepare()
      let start = clock.now
      totals = try step()
      seconds.append((clock.now - start) / .seconds(1))
    }
    return Measurement(
      phase: phase, depth: depth, sequenceCount: sequenceCount, tokenCount: tokenCount, repeats: seconds.count,
      seconds: Self.median(seconds), bytesMoved: totals.bytes, operations: totals.operations,
      logitsHash: try logitsHash())
  }

  /// The next `count` tokens of each sequence in one batch.
  @discardableResult
  private func advance(
    _ sequences: [Inference.Sequence], by count: Int, _ pool: PagePool, logits: Batch.LogitRows
  ) throws(InferenceError) -> Totals {
    batch.removeAll()
    var positions = 0
    for sequence in sequences {
      if let copy = try pool.reserve(count, for: sequence) { try forward.copyPage(from: copy.from, to: copy.to) }
      batch.add(sequence, tokenCount: count, logits: logits)
      // Row i of the run sees start + i + 1 positions.
      positions += count * sequence.computedTokenCount + count * (count + 1) / 2
    }
    try forward.submit(batch)
    for sequence in sequences { pool.commit(count, of: sequence) }
    let operations =
      operationsPerRow * Double(batch.rowCount) + operationsPerLogitRow * Double(batch.logitRowCount)
      + operationsPerPosition * Double(positions)
    return Totals(bytes: Double(forward.bytesMoved.total), operations: operations)
  }

  /// Brings a sequence to `depth` computed positions.
  private func fill(_ sequence: Inference.Sequence, to depth: Int, _ pool: PagePool) throws(InferenceError) {
    let computed = min(depth, Self.computedPrefix, forward.maxBatchRows)
    if sequence.computedTokenCount < computed {
      try advance([sequence], by: computed - sequence.computedTokenCount, pool, logits: .none)
    }
    let rest = depth - sequence.computedTokenCount
    guard rest > 0 else { return }
    let sources = Array(sequence.pageTable)
    if let copy = try pool.reserve(rest, for: sequence) { try forward.copyPage(from: copy.from, to: copy.to) }
    for (index, page) in sequence.pageTable.enumerated().dropFirst(sources.count) {
      try forward.copyPage(from: sources[index % sources.count], to: page)
    }
    pool.commit(rest, of: sequence)
  }

  private func logitsHash() throws(InferenceError) -> UInt64 {
    try forward.withLogits { logits in
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for index in logits.indices { hash = (hash ^ UInt64(logits[index].bitPattern)) &* 0x100_0000_01B3 }
      return hash
    }
  }

  // MARK: - Numbers

  /// Tokens all over the vocabulary, the same in every run.
  private func token(_ position: Int) -> TokenID { TokenID((position * 7919 + 13) % forward.config.vocabularySize) }

  private func tokens(from start: Int, count: Int) -> [TokenID] { (start..<start + count).map(token) }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
