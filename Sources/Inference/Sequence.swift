public import ModelFiles

/// A sequence's number, never used twice in one pool.
public typealias SequenceID = Int

/// Tokens in a row and the pages that hold their keys and values.
///
/// Made and changed only by its `PagePool`, on the pool's thread:
///
///     tokens     t0 t1 t2 … t15 | t16 … t31 | t32 t33 t34          tokenCount 35
///     pageTable  page 7         | page 2    | page 9               position p lies in pageTable[p / tokensPerPage]
///     computed   ───────────────────────────────▶ 33               t33 and t34 still have to go through the model
public final class Sequence {
  public let id: SequenceID
  /// The prompt and what was appended, computed or not.
  public internal(set) var tokens: [TokenID]
  /// Positions from the start whose keys and values are in the pages.
  public internal(set) var computedTokenCount: Int
  /// Positions found in the pages when the sequence was made.
  public let reusedTokenCount: Int
  /// Pages in order of position; may reach past `computedTokenCount` after `PagePool.reserve`.
  public internal(set) var pageTable: [PageID]
  /// False after `PagePool.release`.
  public internal(set) var isLive = true

  init(id: SequenceID, tokens: [TokenID], reusedTokenCount: Int, pageTable: [PageID]) {
    self.id = id
    self.tokens = tokens
    self.computedTokenCount = reusedTokenCount
    self.reusedTokenCount = reusedTokenCount
    self.pageTable = pageTable
  }

  public var tokenCount: Int { tokens.count }
  /// Tokens that still have to go through the model.
  public var pendingTokenCount: Int { tokens.count - computedTokenCount }
}
