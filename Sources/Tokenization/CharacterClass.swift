/// What the pre-tokenizer, the normaliser and the search for added tokens ask about a character.
enum CharacterClass {
  /// `\p{L}`
  static let letter: UInt8 = 1
  /// `\p{N}`
  static let number: UInt8 = 2
  /// `\s`, Unicode's White_Space
  static let space: UInt8 = 4
  /// `\w`
  static let word: UInt8 = 8
  /// May change under NFC, or change what stands before it: marks, and characters that NFC replaces or composes.
  static let unstable: UInt8 = 16
  /// Carriage return and line feed.
  static let newline: UInt8 = 32
  /// Only in `CharacterClasses.byte`: the first byte of a longer character.
  static let notASCII: UInt8 = 128
}

/// The class of every character as a table of two stages, about 60 KB, built once from the generated text.
///
/// Most blocks of 128 characters have one class throughout; those share a block, so that the second stage stays small.
final class CharacterClasses: Sendable {
  static let shared = CharacterClasses()

  /// By the first byte of a character: the class of ASCII, else `notASCII`. [256]
  let byte: FlatTable<UInt8>
  /// Block number by code point / 128. [8704]
  private let blockNumbers: FlatTable<UInt16>
  /// [blocks * 128]
  private let blocks: FlatTable<UInt8>

  private init() {
    let blockCount = 0x110000 / 128
    var uniform: [UInt8: UInt16] = [:]
    var content: [UInt8] = []
    blockNumbers = FlatTable(repeating: 0, count: blockCount)
    var reader = UnicodeText(UnicodeTables.classes)
    var remaining = 0
    var current: UInt8 = 0
    for block in 0..<blockCount {
      if remaining == 0 { (remaining, current) = (reader.next(), UInt8(reader.next())) }
      if remaining >= 128, let number = uniform[current] {
        blockNumbers.base[block] = number
        remaining -= 128
        continue
      }
      blockNumbers.base[block] = UInt16(content.count / 128)
      if remaining >= 128 { uniform[current] = UInt16(content.count / 128) }
      var missing = 128
      while missing > 0 {
        if remaining == 0 { (remaining, current) = (reader.next(), UInt8(reader.next())) }
        let taken = min(missing, remaining)
        content.append(contentsOf: repeatElement(current, count: taken))
        missing -= taken
        remaining -= taken
      }
    }
    content[0x0A] |= CharacterClass.newline
    content[0x0D] |= CharacterClass.newline
    blocks = FlatTable(repeating: 0, count: content.count)
    for (index, value) in content.enumerated() { blocks.base[index] = value }
    byte = FlatTable(repeating: CharacterClass.notASCII, count: 256)
    for ascii in 0..<128 { byte.base[ascii] = content[ascii] }
  }

  @inline(__always)
  func of(_ codePoint: UInt32) -> UInt8 {
    let number = Int(blockNumbers.base[Int(codePoint &>> 7)])
    return blocks.base[number &<< 7 | Int(codePoint & 127)]
  }

  /// The class and the width in bytes of the character that starts here, in valid UTF-8.
  @inline(__always)
  func of(_ bytes: UnsafePointer<UInt8>) -> (kind: UInt8, width: Int) {
    let kind = byte.base[Int(bytes[0])]
    if kind != CharacterClass.notASCII { return (kind, 1) }
    let (codePoint, width) = decodeUTF8(bytes)
    return (of(codePoint), width)
  }
}

/// The character that starts here and its width in bytes; the text must be valid UTF-8.
@inline(__always)
func decodeUTF8(_ bytes: UnsafePointer<UInt8>) -> (codePoint: UInt32, width: Int) {
  let first = UInt32(bytes[0])
  if first < 0x80 { return (first, 1) }
  let second = UInt32(bytes[1] & 0x3F)
  if first < 0xE0 { return ((first & 0x1F) &<< 6 | second, 2) }
  let third = UInt32(bytes[2] & 0x3F)
  if first < 0xF0 { return ((first & 0x0F) &<< 12 | second &<< 6 | third, 3) }
  return ((first & 0x07) &<< 18 | second &<< 12 | third &<< 6 | UInt32(bytes[3] & 0x3F), 4)
}

/// Reads the numbers of `UnicodeTables`: groups of five bits, the lowest first; the last group of a number is a
/// character from "]" on, the others are from "0" on.
struct UnicodeText {
  private var bytes: UnsafeBufferPointer<UInt8>
  private var offset = 0

  init(_ text: StaticString) { bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount) }

  /// Whether the last number has been read.
  var isAtEnd: Bool { offset == bytes.count }

  mutating func next() -> Int {
    var value = 0
    var shift = 0
    while true {
      let byte = Int(bytes[offset])
      offset += 1
      if byte < 0x30 { continue }  // a line's end
      if byte >= 0x5D { return value | (byte - 0x5D) << shift }
      value |= (byte - 0x30) << shift
      shift += 5
    }
  }
}
