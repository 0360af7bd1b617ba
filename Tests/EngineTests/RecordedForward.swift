import Inference
import ModelFiles
import Synchronization
import Testing
import Tokenization

@testable import Engine

/// What the steps of a model had in them, in their order. Any thread may read it.
final class StepLog: Sendable {
  struct Run: Equatable {
    var sequence: SequenceID
    var rows: Int
    var startPosition: Int
    /// It gives tokens.
    var hasLogits: Bool
  }

  private let recorded = Mutex<[[Run]]>([])

  var steps: [[Run]] { recorded.withLock { $0 } }
  func add(_ runs: [Run]) { recorded.withLock { $0.append(runs) } }
  func clear() { recorded.withLock { $0 = [] } }
}

/// The CPU's forward pass with a record of its steps, which refuses those that have a certain token in them.
final class RecordedForward: ForwardPass {
  private let forward: CPUForward
  private let log: StepLog
  private let refused: TokenID?

  init(_ forward: CPUForward, log: StepLog, refused: TokenID? = nil) {
    (self.forward, self.log, self.refused) = (forward, log, refused)
  }

  var config: Qwen3Config { forward.config }
  var geometry: KVGeometry { forward.geometry }
  var contextLength: Int { forward.contextLength }
  var maxBatchRows: Int { forward.maxBatchRows }
  var bytesMoved: BytesMoved { forward.bytesMoved }

  func submit(_ batch: borrowing Batch) throws(InferenceError) {
    for token in batch.tokens where token == refused {
      throw .tokenOutOfRange(token, vocabularySize: Int(token))
    }
    log.add(
      batch.runs.map {
        .init(sequence: $0.sequenceID, rows: $0.rows.count, startPosition: $0.startPosition, hasLogits: $0.logits != .none)
      })
    try forward.submit(batch)
  }

  func withLogits<R>(_ body: (inout MutableSpan<Float>) -> R) throws(InferenceError) -> R {
    try forward.withLogits(body)
  }

  func copyPage(from: PageID, to: PageID) throws(InferenceError) { try forward.copyPage(from: from, to: to) }
}

extension Mini {
  /// The embedded model, with a record of its steps.
  static func recorded(
    contextLength: Int? = nil, pageCount: Int? = nil, maxBatchRows: Int = CPUForward.defaultMaxBatchRows,
    refused: TokenID? = nil
  ) throws -> (backend: LocalBackend, log: StepLog) {
    let checkpoint = try EmbeddedModel.open()
    let log = StepLog()
    let forward = try CPUForward(
      checkpoint: checkpoint, contextLength: contextLength, isExact: true, pageCount: pageCount, threads: 1,
      maxBatchRows: maxBatchRows)
    let data = try checkpoint.requireTokenizer()
    let info = BackendInfo(
      name: "mini", device: "", parameterCount: 0, contextLength: forward.contextLength,
      vocabularySize: forward.config.vocabularySize, weightByteCount: 0, samplingThinking: .greedy,
      samplingNonThinking: .greedy)
    let backend = LocalBackend(
      info: info, template: try ChatTemplate(source: try #require(checkpoint.chatTemplate), tokenizer: data),
      tokenizer: try Tokenizer(data), endTokens: DecodingVocabulary.endTokens(checkpoint.generationDefaults, data),
      forward: RecordedForward(forward, log: log, refused: refused))
    return (backend, log)
  }
}
