import Inference
import ModelFiles

/// A forward pass with its pool, driven as the engine drives them.
final class Stepper {
  let forward: CPUForward
  let pool: PagePool

  init(_ forward: CPUForward) {
    self.forward = forward
    pool = PagePool(geometry: forward.geometry)
  }

  convenience init(
    path: String, contextLength: Int = 1024, kv: KVElement = .standard, isExact: Bool = false, pageCount: Int? = nil, threads: Int = 2, maxBatchRows: Int = 256
  ) throws {
    self.init(
      try CPUForward(
        checkpoint: Checkpoint.open(path), contextLength: contextLength, kv: kv, isExact: isExact, pageCount: pageCount,
        threads: threads, maxBatchRows: maxBatchRows))
  }

  /// The next `counts` tokens of each sequence in one batch; the logits that the step computed.
  @discardableResult
  func step(_ parts: [(Inference.Sequence, Int, Batch.LogitRows)]) throws -> [Float] {
    var batch = Batch()
    for (sequence, count, logits) in parts {
      if let copy = try pool.reserve(count, for: sequence) { try forward.copyPage(from: copy.from, to: copy.to) }
      batch.add(sequence, tokenCount: count, logits: logits)
    }
    try forward.submit(batch)
    for (sequence, count, _) in parts { pool.commit(count, of: sequence) }
    guard batch.logitRowCount > 0 else { return [] }
    return try forward.withLogits { span in (0..<span.count).map { span[$0] } }
  }

  /// Computes what is pending, in chunks; the logits of all its rows, or of the last.
  func computePending(_ sequence: Inference.Sequence, chunk: Int? = nil, logits: Batch.LogitRows = .all) throws
    -> [Float]
  {
    var all: [Float] = []
    while sequence.pendingTokenCount > 0 {
      let count = min(chunk ?? forward.maxBatchRows, sequence.pendingTokenCount)
      let rows = try step([(sequence, count, logits)])
      if logits == .all { all += rows } else { all = rows }
    }
    return all
  }

  /// Greedy continuation.
  func greedy(_ ids: [TokenID], count: Int) throws -> [TokenID] {
    let sequence = try pool.makeSequence(prompt: ids)
    defer { pool.release(sequence) }
    var result: [TokenID] = []
    while result.count < count {
      let logits = try computePending(sequence, logits: .last)
      let next = argmax(logits[...])
      result.append(next)
      pool.append([next], to: sequence)
    }
    return result
  }
}

func argmax(_ logits: ArraySlice<Float>) -> TokenID {
  var best = logits.startIndex
  for index in logits.indices where logits[index] > logits[best] { best = index }
  return TokenID(best - logits.startIndex)
}
