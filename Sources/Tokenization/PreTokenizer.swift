/// Cuts text into the pieces within which merges happen, as Qwen2's and Qwen3's regular expression does:
///
///     (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
///
/// Every character belongs to a piece. Each piece is found by looking at its characters once, or twice for whitespace.
public struct PreTokenizer: Sendable {
  private let classes = CharacterClasses.shared

  /// Cheap: the tables are shared.
  public init() {}

  /// The pieces of a text, for display and for tests. The text is not normalised.
  public func pieces(of text: String) -> [String] {
    var text = text
    return text.withUTF8 { bytes in
      var pieces: [String] = []
      var start = 0
      while start < bytes.count {
        let end = pieceEnd(bytes, from: start)
        pieces.append(String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self))
        start = end
      }
      return pieces
    }
  }

  /// The end of the piece that starts at `start < bytes.count`; the bytes are valid UTF-8.
  @inline(__always)
  func pieceEnd(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    let text = bytes.baseAddress!  // not empty: there is a byte at `start`
    let count = bytes.count
    let (kind, width) = classes.of(text + start)
    let next = start &+ width
    if kind & CharacterClass.letter != 0 { return lettersEnd(text, count, from: next) }
    if kind & CharacterClass.number != 0 { return next }
    if text[start] == UInt8(ascii: "'"), let end = contractionEnd(text, count, from: next) { return end }
    if next < count {
      let (nextKind, nextWidth) = classes.of(text + next)
      if nextKind & CharacterClass.letter != 0, kind & CharacterClass.newline == 0 {
        return lettersEnd(text, count, from: next &+ nextWidth)
      }
      let isSymbol = nextKind & (CharacterClass.space | CharacterClass.letter | CharacterClass.number) == 0
      if isSymbol, text[start] == UInt8(ascii: " ") { return symbolsEnd(text, count, from: next &+ nextWidth) }
    }
    if kind & CharacterClass.space == 0 { return symbolsEnd(text, count, from: next) }
    return whitespaceEnd(text, count, from: start)
  }

  /// `\p{L}*`
  @inline(__always)
  private func lettersEnd(_ text: UnsafePointer<UInt8>, _ count: Int, from start: Int) -> Int {
    var offset = start
    while offset < count {
      let (kind, width) = classes.of(text + offset)
      if kind & CharacterClass.letter == 0 { break }
      offset &+= width
    }
    return offset
  }

  /// `[^\s\p{L}\p{N}]*[\r\n]*`
  private func symbolsEnd(_ text: UnsafePointer<UInt8>, _ count: Int, from start: Int) -> Int {
    var offset = start
    while offset < count {
      let (kind, width) = classes.of(text + offset)
      if kind & (CharacterClass.space | CharacterClass.letter | CharacterClass.number) != 0 { break }
      offset &+= width
    }
    while offset < count, text[offset] == UInt8(ascii: "\n") || text[offset] == UInt8(ascii: "\r") { offset &+= 1 }
    return offset
  }

  /// What follows an apostrophe: `(?i:s|t|re|ve|m|ll|d)`. The long s folds to s, as in the reference's engine.
  private func contractionEnd(_ text: UnsafePointer<UInt8>, _ count: Int, from start: Int) -> Int? {
    guard start < count else { return nil }
    let second: UInt8 = start + 1 < count ? text[start + 1] : 0
    switch text[start] | 0x20 {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 1
    case UInt8(ascii: "r"), UInt8(ascii: "v"): return second | 0x20 == UInt8(ascii: "e") ? start + 2 : nil
    case UInt8(ascii: "l"): return second | 0x20 == UInt8(ascii: "l") ? start + 2 : nil
    default: return text[start] == 0xC5 && second == 0xBF ? start + 2 : nil
    }
  }

  /// `\s*[\r\n]+|\s+(?!\S)|\s+`: up to the last line's end; else all of it at the end of the text; else all but the
  /// last character, which goes with what follows; else that one character.
  private func whitespaceEnd(_ text: UnsafePointer<UInt8>, _ count: Int, from start: Int) -> Int {
    var offset = start
    var lastStart = start
    var newlineEnd = start
    while offset < count {
      let (kind, width) = classes.of(text + offset)
      if kind & CharacterClass.space == 0 { break }
      lastStart = offset
      offset &+= width
      if kind & CharacterClass.newline != 0 { newlineEnd = offset }
    }
    if newlineEnd > start { return newlineEnd }
    if offset == count || lastStart == start { return offset }
    return lastStart
  }
}
