import Glibc
import Inference
import JSON
import ModelFiles

extension Command {
  static let logits = Command(
    name: "logits", summary: "token ids to log-probabilities and a greedy continuation, one JSON object a line",
    operands: "",
    operandLimit: 0,
    options: [
      .model, .context, .kv, .exact, .threads,
      Option(
        "--full", "FILE.f32", "write all logits there, float32 little-endian [positions, vocabulary], line after line"),
    ],
    details: """
      Lines in: {"ids": [1, 2], "top": 5, "generate": 0}; out: {"positions": [[[id, logprob], …], …], "greedy": [ids]}.
      "positions" has for each position the "top" most likely next tokens, the likeliest first; "greedy" the "generate"
      tokens that follow when always the likeliest is taken. "top" is 5 and "generate" 0 unless given.
        echo '{"ids": [1, 2, 3], "generate": 8}' | lathe logits --model mini
      """
  ) { arguments throws(CommandError) in
    let checkpoint = try ModelArgument.checkpoint(arguments)
    let loading = try LoadingOptions(arguments)
    var file: LogitsFile?
    if let path = arguments.text("--full") { file = try LogitsFile(path: path) }
    let forward: CPUForward
    do throws(InferenceError) {
      // Small chunks: each row has a row of logits.
      forward = try CPUForward(
        checkpoint: checkpoint, contextLength: loading.context, kv: loading.kv, isExact: loading.isExact,
        threads: loading.threads, maxBatchRows: 64)
    } catch {
      throw .model("\(checkpoint.name): \(error.description)")
    }
    try StandardInput.forEachJSONLine { value, line throws(CommandError) in
      let request = LogitsRequest(forward: forward)
      StandardOutput.writeLine(try request.answer(value, line, to: file))
    }
    try file?.close()
    return .done
  }
}

/// One line of `lathe logits`. Every line is computed anew, so that each of its positions has logits.
private final class LogitsRequest {
  let forward: CPUForward
  let pool: PagePool
  private var batch = Batch()

  init(forward: CPUForward) {
    self.forward = forward
    pool = PagePool(geometry: forward.geometry)
  }

  func answer(_ value: JSONValue, _ line: String, to file: LogitsFile?) throws(CommandError) -> JSONValue {
    let width = forward.config.vocabularySize
    let ids = try Command.tokenIDs("ids", in: value, line, vocabularySize: width)
    let top = try count("top", in: value, line, upTo: width) ?? 5
    let generate = try count("generate", in: value, line, upTo: forward.contextLength) ?? 0
    do {
      return try compute(ids, top: top, generate: generate, to: file)
    } catch let error as InferenceError {
      throw .input("\(line): \(error.description)")
    } catch let error as CommandError {
      throw error
    } catch {
      throw .model("\(line): \(error)")
    }
  }

  private func compute(_ ids: [TokenID], top: Int, generate: Int, to file: LogitsFile?) throws -> JSONValue {
    let sequence = try pool.makeSequence(prompt: ids)
    var positions: [JSONValue] = []
    var last: TokenID = 0
    while sequence.pendingTokenCount > 0 {
      try step(sequence, min(forward.maxBatchRows, sequence.pendingTokenCount), .all) { logits throws(CommandError) in
        try file?.write(logits)
        let width = forward.config.vocabularySize
        for start in stride(from: 0, to: logits.count, by: width) {
          let row = UnsafeBufferPointer(rebasing: logits[start..<start + width])
          positions.append(.array(likeliest(row, max(top, 1)).prefix(top).map(\.json)))
          last = likeliest(row, 1)[0].id
        }
      }
    }
    var greedy: [JSONValue] = []
    while greedy.count < generate {
      greedy.append(.number(JSONNumber(Int(last))))
      guard greedy.count < generate else { break }
      pool.append([last], to: sequence)
      try step(sequence, 1, .last) { logits in last = likeliest(logits, 1)[0].id }
    }
    return ["positions": .array(positions), "greedy": .array(greedy)]
  }

  private func step(
    _ sequence: Inference.Sequence, _ count: Int, _ rows: Batch.LogitRows,
    _ body: (UnsafeBufferPointer<Float>) throws(CommandError) -> Void
  ) throws {
    if let copy = try pool.reserve(count, for: sequence) { try forward.copyPage(from: copy.from, to: copy.to) }
    batch.removeAll()
    batch.add(sequence, tokenCount: count, logits: rows)
    try forward.submit(batch)
    pool.commit(count, of: sequence)
    let result: Result<Void, CommandError> = try forward.withLogits { span in
      span.withUnsafeMutableBufferPointer { logits in
        do throws(CommandError) { return .success(try body(UnsafeBufferPointer(logits))) } catch {
          return .failure(error)
        }
      }
    }
    try result.get()
  }

  private struct Candidate {
    var id: TokenID
    var logprob: Double
    var json: JSONValue { [.number(JSONNumber(Int(id))), .number(JSONNumber(Float(logprob)))] }
  }

  /// The tokens with the largest logits, of equal ones the lowest id first.
  private func likeliest(_ logits: UnsafeBufferPointer<Float>, _ count: Int) -> [Candidate] {
    var best: [Int] = []
    for index in logits.indices {
      if best.count == count, logits[index] <= logits[best[count - 1]] { continue }
      var place = best.count
      while place > 0, logits[best[place - 1]] < logits[index] { place -= 1 }
      best.insert(index, at: place)
      if best.count > count { best.removeLast() }
    }
    let largest = Double(logits[best[0]])
    let total = logits.reduce(0.0) { $0 + exp(Double($1) - largest) }
    let normalizer = largest + log(total)
    return best.map { Candidate(id: TokenID($0), logprob: Double(logits[$0]) - normalizer) }
  }

  private func count(_ name: String, in value: JSONValue, _ line: String, upTo limit: Int) throws(CommandError) -> Int?
  {
    guard let member = value[name] else { return nil }
    guard let count = member.int, (0...limit).contains(count) else {
      throw .input("\(line): \"\(name)\" is \(member.text()); a whole number from 0 to \(limit) is expected")
    }
    return count
  }
}

/// The file that `--full` names.
private final class LogitsFile {
  private let path: String
  private var descriptor: Int32

  init(path: String) throws(CommandError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .input("\(path): cannot be written: \(String(cString: strerror(errno)))") }
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  func write(_ logits: UnsafeBufferPointer<Float>) throws(CommandError) {
    let bytes = UnsafeRawBufferPointer(logits)
    var done = 0
    while done < bytes.count {
      // Not empty, so it has an address.
      let count = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .input("\(path): cannot be written: \(String(cString: strerror(errno)))") }
      done += count
    }
  }

  func close() throws(CommandError) {
    let status = Glibc.close(descriptor)
    descriptor = -1
    guard status == 0 else { throw .input("\(path): cannot be written: \(String(cString: strerror(errno)))") }
  }
}
