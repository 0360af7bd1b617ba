public import ModelFiles

/// The rows of one step: tokens of one sequence or of several, in runs.
///
/// A row is one token at one position. Rows of a run attend to their own sequence's pages only. Fill one batch, submit it,
/// and empty it with `removeAll` to use its storage again.
public struct Batch {
  /// Which rows of a run get logits: the head costs as much as several layers.
  public enum LogitRows: Sendable, Equatable {
    case none
    case last
    case all
  }

  /// Consecutive tokens of one sequence.
  public struct Run {
    public var sequenceID: SequenceID
    /// Into `tokens` and `positions`.
    public var rows: Range<Int>
    /// Position of the run's first token.
    public var startPosition: Int
    /// The sequence's pages, covering `startPosition + rows.count` positions.
    public var pageTable: [PageID]
    public var logits: LogitRows
    /// Rows of the logits that belong to this run, in order of position.
    public var logitRows: Range<Int>
  }

  public private(set) var runs: [Run] = []
  public private(set) var tokens: [TokenID] = []
  public private(set) var logitRowCount = 0

  public init() {}

  public var rowCount: Int { tokens.count }

  /// Adds the sequence's next `tokenCount` tokens after the computed ones. Their pages are reserved beforehand.
  public mutating func add(_ sequence: Sequence, tokenCount: Int, logits: LogitRows) {
    let start = sequence.computedTokenCount
    precondition(sequence.isLive, "the sequence was released")
    precondition(tokenCount > 0 && start + tokenCount <= sequence.tokens.count, "a run has tokens of its sequence")
    let firstRow = tokens.count
    tokens.append(contentsOf: sequence.tokens[start..<start + tokenCount])
    let logitCount =
      switch logits {
      case .none: 0
      case .last: 1
      case .all: tokenCount
      }
    runs.append(
      Run(
        sequenceID: sequence.id, rows: firstRow..<firstRow + tokenCount, startPosition: start,
        pageTable: sequence.pageTable, logits: logits, logitRows: logitRowCount..<logitRowCount + logitCount))
    logitRowCount += logitCount
  }

  /// Makes the batch empty for the next step; its memory is kept.
  public mutating func removeAll() {
    runs.removeAll(keepingCapacity: true)
    tokens.removeAll(keepingCapacity: true)
    logitRowCount = 0
  }
}
