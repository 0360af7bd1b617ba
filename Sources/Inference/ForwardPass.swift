/// One model on one device. Lives on the engine thread and is not Sendable.
public protocol ForwardPass: AnyObject {
  var config: Qwen3Config { get }
  /// Tokens per page, page count, bytes per page: what the `PagePool` is made with.
  var geometry: KVGeometry { get }
  /// Positions that a sequence may have.
  var contextLength: Int { get }
  /// Rows that one batch may have; a longer prompt is submitted in chunks.
  var maxBatchRows: Int { get }
  /// Starts the step. On a GPU it returns before the work is done, so the mask can be computed meanwhile.
  /// Throws when the batch does not fit or names a token or a page that does not exist; nothing is computed then.
  func submit(_ batch: borrowing Batch) throws(InferenceError)
  /// Waits, then lends the logits of the last step, f32 [batch.logitRowCount, vocabularySize], to change in place if wanted.
  func withLogits<R>(_ body: (inout MutableSpan<Float>) -> R) throws(InferenceError) -> R
  /// Copies all layers of a page, before the next step.
  func copyPage(from: PageID, to: PageID) throws(InferenceError)
  /// What the last step read.
  var bytesMoved: BytesMoved { get }
}

/// Bytes that a step reads from memory at least, for the meters: each weight once, and the pages of each run once.
public struct BytesMoved: Sendable, Equatable {
  public var weights: Int
  public var kv: Int

  public init(weights: Int = 0, kv: Int = 0) {
    self.weights = weights
    self.kv = kv
  }

  public var total: Int { weights + kv }
}
