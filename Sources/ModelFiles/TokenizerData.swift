/// A token's number in the vocabulary: its row in the embedding and its column in the logits.
public typealias TokenID = Int32

/// Many short byte strings in one allocation: 151,669 tokens cost two arrays, not as many strings.
public struct ByteStringTable: Sendable, Equatable {
  /// All strings, one after the other.
  public private(set) var bytes: [UInt8] = []
  /// `offsets[i]..<offsets[i + 1]` is string `i`; one more than there are strings.
  public private(set) var offsets: [UInt32] = [0]

  public init() {}

  public var count: Int { offsets.count - 1 }

  /// Makes room for this many strings of this many bytes together.
  public mutating func reserve(count: Int, byteCount: Int) {
    offsets.reserveCapacity(count + 1)
    bytes.reserveCapacity(byteCount)
  }

  /// Adds string `count`.
  public mutating func append(_ string: some Sequence<UInt8>) {
    bytes.append(contentsOf: string)
    offsets.append(UInt32(bytes.count))
  }

  /// Keeps the first `count` strings.
  public mutating func truncate(to count: Int) {
    bytes.removeLast(bytes.count - Int(offsets[count]))
    offsets.removeLast(self.count - count)
  }

  public subscript(index: Int) -> ArraySlice<UInt8> { bytes[Int(offsets[index])..<Int(offsets[index + 1])] }

  /// The string at this place as text; bytes that are not UTF-8 become U+FFFD.
  public func string(_ index: Int) -> String { String(decoding: self[index], as: UTF8.self) }
}

/// A token that is found in the text before the byte-pair merges run (`<|im_start|>`).
public struct AddedToken: Sendable, Equatable {
  public var id: TokenID
  public var content: String
  /// Left out of text that is decoded with special tokens skipped.
  public var isSpecial: Bool
  /// Takes the whitespace before (after) it along.
  public var stripsLeft: Bool
  public var stripsRight: Bool
  /// Found in the normalised text rather than in the raw one.
  public var isNormalized: Bool
  /// Found only where no letter, digit or underscore touches it.
  public var isSingleWord: Bool

  public init(
    id: TokenID, content: String, isSpecial: Bool, stripsLeft: Bool = false, stripsRight: Bool = false,
    isNormalized: Bool = false, isSingleWord: Bool = false
  ) {
    self.id = id
    self.content = content
    self.isSpecial = isSpecial
    self.stripsLeft = stripsLeft
    self.stripsRight = stripsRight
    self.isNormalized = isNormalized
    self.isSingleWord = isSingleWord
  }
}

/// What a checkpoint says of its tokenizer, the same from a GGUF file and from a Hugging Face folder.
public struct TokenizerData: Sendable, Equatable {
  /// The pre-tokenizer's name as GGUF has it ("qwen2"); from tokenizer.json it is recognised by its regular expression.
  public var preTokenizer: String
  /// Every token in order of its id, spelt in the byte-level alphabet of GPT-2 (`Ġthe`), added tokens verbatim.
  public var tokens: ByteStringTable
  /// In order of rank, "left right" in the byte-level alphabet, which has no space of its own.
  public var merges: ByteStringTable
  public var addedTokens: [AddedToken]
  public var bosTokenID: TokenID?
  public var eosTokenID: TokenID?
  public var padTokenID: TokenID?
  /// Whether the text is normalised to NFC first. True for Qwen; a GGUF does not say.
  public var normalizesToNFC: Bool

  public init(
    preTokenizer: String, tokens: ByteStringTable, merges: ByteStringTable, addedTokens: [AddedToken],
    bosTokenID: TokenID? = nil, eosTokenID: TokenID? = nil, padTokenID: TokenID? = nil, normalizesToNFC: Bool = true
  ) {
    self.preTokenizer = preTokenizer
    self.tokens = tokens
    self.merges = merges
    self.addedTokens = addedTokens
    self.bosTokenID = bosTokenID
    self.eosTokenID = eosTokenID
    self.padTokenID = padTokenID
    self.normalizesToNFC = normalizesToNFC
  }
}
