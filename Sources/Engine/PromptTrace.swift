public import ModelFiles

/// The rendered prompt, with the place of everything in it.
public struct PromptTrace: Sendable, Equatable {
  /// What the template produced.
  public let text: String
  public let tokens: [TokenID]
  /// UTF-8 offset in `text` after each token's last byte.
  public let tokenEnds: [Int]
  /// In order, without gaps or overlaps; together they are the whole text.
  public let segments: [PromptSegment]
  /// UTF-8 ranges of the special tokens in `text`.
  public let specialTokens: [Range<Int>]
  /// Nil until a backend has looked for computed pages.
  public var reuse: PrefixReuse?

  public init(
    text: String, tokens: [TokenID], tokenEnds: [Int], segments: [PromptSegment], specialTokens: [Range<Int>],
    reuse: PrefixReuse? = nil
  ) {
    self.text = text
    self.tokens = tokens
    self.tokenEnds = tokenEnds
    self.segments = segments
    self.specialTokens = specialTokens
    self.reuse = reuse
  }
}

/// A stretch of the prompt and what it is there for.
public struct PromptSegment: Sendable, Equatable {
  public let owner: SegmentOwner
  /// UTF-8, in `PromptTrace.text`.
  public let bytes: Range<Int>
  /// Tokens whose last byte lies in the segment.
  public let tokens: Range<Int>

  public init(owner: SegmentOwner, bytes: Range<Int>, tokens: Range<Int>) {
    self.owner = owner
    self.bytes = bytes
    self.tokens = tokens
  }
}

/// Whose text a stretch of the prompt, or a page of the cache, holds.
public enum SegmentOwner: Sendable, Hashable {
  /// Index into the request's messages.
  case message(Int)
  /// Index into the request's functions.
  case function(Int)
  /// Words of the template itself: the tool instructions, the opening of the answer.
  case template
  /// Tokens generated after the prompt.
  case generated
}

/// How much of a prompt was already computed, and why no more.
public struct PrefixReuse: Sendable, Equatable {
  /// Why the reuse ends where it does.
  public enum Ending: Sendable, Equatable {
    /// Everything but the last token, which is always computed anew.
    case whole
    /// Nothing has gone on from here: the prompt is new from its start, or grew at its end.
    case neverComputed
    /// The nearest computed sequence goes on with another token; `owner` is whose text the prompt's token is.
    case diverged(computed: TokenID, prompt: TokenID, owner: SegmentOwner)
    /// It had been computed; its pages were given to others.
    case evicted
  }

  public let reusedTokens: Int
  public let promptTokens: Int
  public let ending: Ending

  public init(reusedTokens: Int, promptTokens: Int, ending: Ending) {
    self.reusedTokens = reusedTokens
    self.promptTokens = promptTokens
    self.ending = ending
  }
}
