public import ModelFiles

/// Text to token ids and back, for a byte-level vocabulary with Qwen2's pre-tokenizer.
///
///     text ─ added tokens cut out ─ NFC ─ pieces of the regular expression ─ merges within each piece ─▶ ids
///
/// Immutable, and so free to use from any thread. Encoding takes time close to linear in the text, whatever the text.
public final class Tokenizer: Sendable {
  private let vocabulary: Vocabulary
  private let encoder: BytePairEncoder
  private let normalizer: NFCNormalizer?
  private let preTokenizer = PreTokenizer()
  /// Added tokens that are found in the text as given, and those found in the normalised text.
  private let rawTokens: SpecialTokens
  private let normalizedTokens: SpecialTokens
  /// Whether a token is left out of text decoded with special tokens skipped, by id.
  private let specialFlags: [Bool]
  private let addedTokens: [AddedToken]

  /// How added tokens that stand in a text are taken.
  public enum SpecialTokenHandling: Sendable {
    /// `<|im_start|>` becomes its token.
    case recognized
    /// `<|im_start|>` becomes the tokens of its characters, so that a user's text never becomes a control token.
    case asText
  }

  /// About 30 ms for 151,669 tokens.
  public init(_ data: TokenizerData) throws(TokenizationError) {
    guard data.preTokenizer == "qwen2" else { throw .unsupportedPreTokenizer(data.preTokenizer) }
    let count = data.tokens.count
    for token in data.addedTokens where token.id < 0 || Int(token.id) >= count {
      throw .addedTokenOutOfRange(content: token.content, id: token.id, vocabularySize: count)
    }
    vocabulary = Vocabulary(data)
    encoder = try BytePairEncoder(data, vocabulary)
    let normalizer = data.normalizesToNFC ? NFCNormalizer() : nil
    self.normalizer = normalizer
    rawTokens = SpecialTokens(data.addedTokens.lazy.filter { !$0.isNormalized }.map { ($0, text: $0.content) })
    normalizedTokens = SpecialTokens(
      data.addedTokens.lazy.filter(\.isNormalized).map { ($0, text: normalizer?.normalize($0.content) ?? $0.content) })
    var specialFlags = [Bool](repeating: false, count: count)
    for token in data.addedTokens where token.isSpecial { specialFlags[Int(token.id)] = true }
    self.specialFlags = specialFlags
    addedTokens = data.addedTokens
  }

  /// The number of tokens the checkpoint names. The model's logits may have more columns.
  public var vocabularySize: Int { vocabulary.count }

  // MARK: - Text to ids

  /// The ids of a text, equal to those of Hugging Face's `tokenizers` without its post-processor.
  public func encode(_ text: String, specialTokens: SpecialTokenHandling = .recognized) -> [TokenID] {
    var text = text
    return text.withUTF8 { bytes in
      var encoding = Encoding(textByteCount: bytes.count, recordsEnds: false)
      encode(bytes, specialTokens, into: &encoding)
      return encoding.ids
    }
  }

  /// The ids and, for each, the UTF-8 offset in `text` behind the last byte it stands for.
  ///
  /// Where NFC changed the text, it is the end of the smallest stretch of `text` that was replaced. Offsets never
  /// decrease; they stay the same within a character that several tokens share after a change.
  public func encodeWithOffsets(
    _ text: String, specialTokens: SpecialTokenHandling = .recognized
  ) -> (ids: [TokenID], ends: [Int]) {
    var text = text
    return text.withUTF8 { bytes in
      var encoding = Encoding(textByteCount: bytes.count, recordsEnds: true)
      encode(bytes, specialTokens, into: &encoding)
      return (encoding.ids, encoding.ends)
    }
  }

  /// What has been encoded so far, and the memory of the merges.
  private struct Encoding: ~Copyable {
    var ids: [TokenID] = []
    /// Empty unless `recordsEnds`.
    var ends: [Int] = []
    let recordsEnds: Bool
    let scratch = BytePairEncoder.MergeScratch()

    init(textByteCount: Int, recordsEnds: Bool) {
      self.recordsEnds = recordsEnds
      ids.reserveCapacity(textByteCount / 3 + 8)
      if recordsEnds { ends.reserveCapacity(textByteCount / 3 + 8) }
    }

    mutating func append(_ match: SpecialTokens.Match, end: Int) {
      ids.append(match.id)
      if recordsEnds { ends.append(end) }
    }
  }

  private func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ handling: SpecialTokenHandling, into encoding: inout Encoding
  ) {
    var start = 0
    if handling == .recognized {
      for match in rawTokens.matches(in: bytes) {
        let gap = start..<max(start, match.range.lowerBound)
        if !gap.isEmpty { encodeStretch(bytes, gap, handling, into: &encoding) }
        encoding.append(match, end: match.range.upperBound)
        start = match.range.upperBound
      }
    }
    if start < bytes.count { encodeStretch(bytes, start..<bytes.count, handling, into: &encoding) }
  }

  /// Encodes a stretch between added tokens, which is normalised by itself.
  private func encodeStretch(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ handling: SpecialTokenHandling,
    into encoding: inout Encoding
  ) {
    let stretch = UnsafeBufferPointer(rebasing: bytes[range])
    if let normalizer, let unstable = normalizer.firstUnstable(stretch, from: 0) {
      let normalized = normalizer.normalize(stretch, firstUnstable: unstable)
      normalized.bytes.withUnsafeBufferPointer {
        let map = SourceMap(offset: range.lowerBound, changes: normalized.changes)
        encodeNormalized($0, handling, map, into: &encoding)
      }
    } else {
      encodeNormalized(stretch, handling, SourceMap(offset: range.lowerBound, changes: []), into: &encoding)
    }
  }

  private func encodeNormalized(
    _ bytes: UnsafeBufferPointer<UInt8>, _ handling: SpecialTokenHandling, _ map: consuming SourceMap,
    into encoding: inout Encoding
  ) {
    var start = 0
    if handling == .recognized, !normalizedTokens.isEmpty {
      for match in normalizedTokens.matches(in: bytes) {
        encodePieces(bytes, start..<max(start, match.range.lowerBound), &map, into: &encoding)
        encoding.append(match, end: encoding.recordsEnds ? map.source(ofEnd: match.range.upperBound) : 0)
        start = match.range.upperBound
      }
    }
    encodePieces(bytes, start..<bytes.count, &map, into: &encoding)
  }

  private func encodePieces(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ map: inout SourceMap, into encoding: inout Encoding
  ) {
    let firstID = encoding.ids.count
    let text = UnsafeBufferPointer(rebasing: bytes[range])
    guard let base = text.baseAddress else { return }
    vocabulary.bytes.withUnsafeBufferPointer { all in
      var start = 0
      while start < text.count {
        let end = preTokenizer.pieceEnd(text, from: start)
        let count = end &- start
        if count <= vocabulary.longestByteCount,
          let id = vocabulary.find(base + start, count, readable: text.count &- start, all.baseAddress!),
          encoder.isItsOwnEncoding.base[Int(id)]
        {
          encoding.ids.append(TokenID(truncatingIfNeeded: id))
        } else {
          encoder.encode(base + start, count, into: &encoding.ids, encoding.scratch)
        }
        start = end
      }
    }
    guard encoding.recordsEnds else { return }
    var end = range.lowerBound
    for id in encoding.ids[firstID...] {
      end += vocabulary.bytes(of: id).count
      encoding.ends.append(map.source(ofEnd: end))
    }
  }

  // MARK: - Ids to text

  /// The text of some ids; bytes that are not UTF-8 become U+FFFD, one for each maximal part of a character (The
  /// Unicode Standard, section 3.9), and ids outside the vocabulary nothing.
  public func decode(_ ids: some Sequence<TokenID>, skippingSpecialTokens: Bool = false) -> String {
    let ids = Array(ids)  // nothing is copied of an array, and the loop below is over a known type
    var bytes: [UInt8] = []
    bytes.reserveCapacity(ids.count * 4)
    for id in ids where !(skippingSpecialTokens && isSpecial(id)) { bytes.append(contentsOf: vocabulary.bytes(of: id)) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The bytes a token stands for, perhaps part of a character; none for an id outside the vocabulary.
  public func bytes(of id: TokenID) -> ArraySlice<UInt8> { vocabulary.bytes(of: id) }

  /// Whether the token is left out when special tokens are skipped.
  public func isSpecial(_ id: TokenID) -> Bool { id >= 0 && Int(id) < specialFlags.count && specialFlags[Int(id)] }

  /// The token with this text as it stands in text (`<|im_end|>`, ` the`), an added token before any other.
  public func id(of token: String) -> TokenID? {
    if let added = addedTokens.first(where: { $0.content.utf8.elementsEqual(token.utf8) }) { return added.id }
    var token = token
    return token.withUTF8 { vocabulary.find($0) }.map { TokenID($0) }
  }

  /// A decoder for ids that come one by one.
  public func makeStreamDecoder(skippingSpecialTokens: Bool) -> StreamDecoder {
    StreamDecoder(self, skippingSpecialTokens: skippingSpecialTokens)
  }
}

/// The way from an offset in a normalised stretch to the text it came from; asked in ascending order.
private struct SourceMap {
  /// What to add behind the changes already passed.
  private var offset: Int
  private var changes: ArraySlice<NFCNormalizer.Change>
  private let start: Int

  init(offset: Int, changes: [NFCNormalizer.Change]) {
    self.offset = offset
    self.changes = changes[...]
    start = offset
  }

  mutating func source(ofEnd end: Int) -> Int {
    while let change = changes.first, end > change.result.lowerBound {
      if end <= change.result.upperBound { return start + change.source.upperBound }
      offset = start + change.source.upperBound - change.result.upperBound
      changes.removeFirst()
    }
    return offset + end
  }
}
