public import ModelFiles

/// The KV cache at one moment, page by page, for the screen.
public struct CacheMap: Sendable, Equatable {
  public var tokensPerPage: Int
  public var bytesPerPage: Int
  /// In order of the page's id.
  public var pages: [CachePage]
  /// Since the model was loaded.
  public var evictions: Int

  public init(tokensPerPage: Int, bytesPerPage: Int, pages: [CachePage], evictions: Int) {
    self.tokensPerPage = tokensPerPage
    self.bytesPerPage = bytesPerPage
    self.pages = pages
    self.evictions = evictions
  }
}

/// One page of the cache.
public struct CachePage: Sendable, Equatable {
  /// Who uses a page.
  public enum State: Sendable, Equatable {
    case active
    /// In use by this many sequences.
    case shared(Int)
    /// In use by none, kept for a prefix that may come again.
    case cached
    case free
  }

  public var state: State
  /// Position of the first token in its sequence.
  public var startPosition: Int
  public var tokens: [TokenID]
  /// Whose text most of the page holds.
  public var owner: SegmentOwner
  /// Requests since it was last used; 0 is the present one.
  public var age: Int
  /// Sequences that use it.
  public var sequences: [Int]

  public init(
    state: State, startPosition: Int, tokens: [TokenID], owner: SegmentOwner, age: Int, sequences: [Int]
  ) {
    self.state = state
    self.startPosition = startPosition
    self.tokens = tokens
    self.owner = owner
    self.age = age
    self.sequences = sequences
  }
}
