internal import Glibc
internal import ModelFiles

/// The bytes of every token, and the way back from bytes to a token.
struct Vocabulary: ~Copyable, Sendable {
  /// All tokens as they stand in text, one after the other in order of the id.
  let bytes: [UInt8]
  /// `offsets[id]..<offsets[id + 1]` are the bytes of a token; one more than there are tokens.
  let offsets: [UInt32]
  /// The longest base token in bytes.
  private(set) var longestByteCount = 0
  private let slots: FlatTable<Slot>
  private let bits: Int

  struct Slot: BitwiseCopyable {
    /// 0: free.
    var key: UInt64
    var offset: UInt32
    var id: UInt32
  }

  /// Undoes the byte-level alphabet. Added tokens, and texts that are not spelt in the alphabet, are taken verbatim.
  init(_ data: TokenizerData) {
    let isAdded = FlatTable<Bool>(repeating: false, count: data.tokens.count)
    for token in data.addedTokens where Int(token.id) < data.tokens.count { isAdded.base[Int(token.id)] = true }
    let alphabet = ByteAlphabet()
    var offsets: [UInt32] = [0]
    offsets.reserveCapacity(data.tokens.count + 1)
    bytes = [UInt8](unsafeUninitializedCapacity: data.tokens.bytes.count + 1) { buffer, written in
      data.tokens.bytes.withUnsafeBufferPointer { all in
        for id in 0..<data.tokens.count {
          let range = Int(data.tokens.offsets[id])..<Int(data.tokens.offsets[id + 1])
          let spelt = UnsafeBufferPointer(rebasing: all[range])
          let start = buffer.baseAddress! + written
          if !isAdded.base[id], let count = alphabet.decode(spelt, into: start) {
            written += count
          } else if let source = spelt.baseAddress {
            start.initialize(from: source, count: spelt.count)
            written += spelt.count
          }
          offsets.append(UInt32(written))
        }
      }
    }
    self.offsets = offsets
    bits = hashTableBits(for: data.tokens.count)
    slots = FlatTable(repeating: Slot(key: 0, offset: 0, id: 0), count: 1 << bits)
    // Base tokens first: of two tokens with the same bytes, merges can only mean the base token.
    for pass in [false, true] {
      for id in 0..<count where isAdded.base[id] == pass { insert(id) }
    }
  }

  var count: Int { offsets.count - 1 }

  /// The bytes of a token; none for a number outside the vocabulary.
  func bytes(of id: TokenID) -> ArraySlice<UInt8> {
    guard id >= 0, Int(id) < count else { return [] }
    return bytes[Int(offsets[Int(id)])..<Int(offsets[Int(id) + 1])]
  }

  private mutating func insert(_ id: Int) {
    let offset = Int(offsets[id])
    let count = Int(offsets[id + 1]) - offset
    guard count > 0, count <= Self.longestKey else { return }
    longestByteCount = max(longestByteCount, count)
    let mask = (1 << bits) - 1
    bytes.withUnsafeBufferPointer { all in
      let start = all.baseAddress! + offset
      let key = Self.key(start, count, readable: all.count - offset)
      var slot = hashSlot(key, bits: bits)
      while slots.base[slot].key != 0 {
        let found = slots.base[slot]
        if found.key == key, memcmp(all.baseAddress! + Int(found.offset), start, count) == 0 { return }
        slot = (slot + 1) & mask
      }
      slots.base[slot] = Slot(key: key, offset: UInt32(offset), id: UInt32(id))
    }
  }

  /// The token with exactly these bytes. At most `longestByteCount`; `readable` may be read
  /// from `start` on; `all` is where `bytes` lie.
  @inline(__always)
  func find(_ start: UnsafePointer<UInt8>, _ count: Int, readable: Int, _ all: UnsafePointer<UInt8>) -> UInt32? {
    let key = Self.key(start, count, readable: readable)
    let mask = (1 &<< bits) &- 1
    var slot = hashSlot(key, bits: bits)
    while true {
      let found = slots.base[slot]
      if found.key == key, count < 8 || memcmp(all + Int(found.offset), start, count) == 0 { return found.id }
      if found.key == 0 { return nil }
      slot = (slot &+ 1) & mask
    }
  }

  /// The token with exactly these bytes, of which `readable`, if more than their number, may be read.
  func find(_ text: UnsafeBufferPointer<UInt8>, readable: Int = 0) -> UInt32? {
    guard let start = text.baseAddress, text.count > 0, text.count <= longestByteCount else { return nil }
    return bytes.withUnsafeBufferPointer {
      find(start, text.count, readable: max(readable, text.count), $0.baseAddress!)
    }
  }

  /// Longer strings are not looked up: 15 bits of a key are the number of bytes.
  static let longestKey = 0x7FFF

  /// Up to seven bytes are their own key, with their number on top. Longer strings have the top bit set, their number,
  /// and 48 bits of a hash; whether they are equal is left to a comparison of the bytes.
  @inline(__always)
  private static func key(_ start: UnsafePointer<UInt8>, _ count: Int, readable: Int) -> UInt64 {
    let raw = UnsafeRawPointer(start)
    if count < 8 {
      if readable >= 8 {
        let word = UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self))
        return word & ((1 &<< UInt64(count &* 8)) &- 1) | UInt64(count) &<< 56
      }
      var word: UInt64 = 0
      for index in 0..<count { word |= UInt64(start[index]) &<< UInt64(index &* 8) }
      return word | UInt64(count) &<< 56
    }
    let multiplier: UInt64 = 0xD6E8_FEB8_6659_FD93
    var hash = UInt64(count) &* multiplier
    var offset = 0
    while offset &+ 8 < count {
      hash = (hash ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* multiplier
      hash ^= hash &>> 32
      offset &+= 8
    }
    hash = (hash ^ raw.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)) &* multiplier
    return (hash ^ hash &>> 32) & 0xFFFF_FFFF_FFFF | UInt64(count) &<< 48 | 1 &<< 63
  }
}

/// The alphabet in which GPT-2 wrote byte strings as printable text (openai/gpt-2, encoder.py, `bytes_to_unicode`):
/// printable Latin-1 stands for itself, the other 68 bytes are U+0100 to U+0143.
struct ByteAlphabet: ~Copyable {
  /// By code point below 0x144: the byte, or `none`.
  private let byteOf: FlatTable<UInt16>
  private static let none: UInt16 = 256

  init() {
    byteOf = FlatTable(repeating: Self.none, count: 0x144)
    var next = 0x100
    for byte in 0..<256 {
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: byteOf.base[byte] = UInt16(byte)
      default:
        byteOf.base[next] = UInt16(byte)
        next += 1
      }
    }
  }

  /// Writes the bytes that `spelt` stands for, and returns their number; nil if it has a character outside the
  /// alphabet. `result` has room for as many bytes as `spelt`.
  func decode(_ spelt: UnsafeBufferPointer<UInt8>, into result: UnsafeMutablePointer<UInt8>) -> Int? {
    var count = 0
    var offset = 0
    while offset < spelt.count {
      var codePoint = Int(spelt[offset])
      offset += 1
      if codePoint >= 0x80 {
        guard codePoint >= 0xC2, codePoint <= 0xC5, offset < spelt.count else { return nil }
        codePoint = (codePoint & 0x1F) << 6 | Int(spelt[offset] & 0x3F)
        offset += 1
      }
      guard codePoint < 0x144, byteOf.base[codePoint] != Self.none else { return nil }
      result[count] = UInt8(truncatingIfNeeded: byteOf.base[codePoint])
      count += 1
    }
    return count
  }

  /// Writes the bytes of two texts with a space between, one after the other, and returns the number of each; nil
  /// if there are not two texts of the alphabet.
  func decodePair(
    _ spelt: UnsafeBufferPointer<UInt8>, into result: UnsafeMutablePointer<UInt8>
  ) -> (left: Int, right: Int)? {
    guard let space = spelt.firstIndex(of: 0x20),
      let left = decode(UnsafeBufferPointer(rebasing: spelt[..<space]), into: result), left > 0,
      let right = decode(UnsafeBufferPointer(rebasing: spelt[(space + 1)...]), into: result + left), right > 0
    else { return nil }
    return (left, right)
  }
}
