public import ModelFiles

/// Turns ids into text as they come: never half a character, and nothing lost at the end.
///
/// All that `append` and `finish` return, put together, is what `Tokenizer.decode` gives for all ids at once.
public struct StreamDecoder: Sendable {
  private let tokenizer: Tokenizer
  private let skipsSpecialTokens: Bool
  /// The first bytes of a character whose rest has not come, at most three.
  private var pending: [UInt8] = []

  init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool) {
    self.tokenizer = tokenizer
    skipsSpecialTokens = skippingSpecialTokens
  }

  /// The characters that this token completes; bytes that cannot become one are shown as U+FFFD at once.
  public mutating func append(_ id: TokenID) -> String {
    if skipsSpecialTokens, tokenizer.isSpecial(id) { return "" }
    pending.append(contentsOf: tokenizer.bytes(of: id))
    let held = Self.incompleteSuffixCount(of: pending)
    let text = String(decoding: pending.dropLast(held), as: UTF8.self)
    pending.removeFirst(pending.count - held)
    return text
  }

  /// What was held back: U+FFFD if the ids ended within a character. The decoder can be used again.
  public mutating func finish() -> String {
    defer { pending.removeAll() }
    return String(decoding: pending, as: UTF8.self)
  }

  /// How many bytes at the end are the beginning of a character that more bytes can complete (The Unicode Standard,
  /// table 3-7).
  private static func incompleteSuffixCount(of bytes: [UInt8]) -> Int {
    for count in 1...3 where count <= bytes.count {
      let lead = bytes[bytes.count - count]
      if lead & 0xC0 == 0x80 { continue }
      let length =
        switch lead {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
      guard count < length else { return 0 }
      guard count > 1 else { return count }
      let second: ClosedRange<UInt8> =
        switch lead {
        case 0xE0: 0xA0...0xBF
        case 0xED: 0x80...0x9F
        case 0xF0: 0x90...0xBF
        case 0xF4: 0x80...0x8F
        default: 0x80...0xBF
        }
      return second.contains(bytes[bytes.count - count + 1]) ? count : 0
    }
    return 0
  }
}
