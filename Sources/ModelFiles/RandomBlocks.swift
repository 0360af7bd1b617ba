/// Steele, Lea and Flood's SplitMix64 (OOPSLA 2014): a word from a counter, so streams can start anywhere.
struct SplitMix {
  var state: UInt64

  @inline(__always)
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }

  /// From 0.8 to 1.2: blocks have scales of their own.
  mutating func blockScale() -> Float { 0.8 + 0.4 * Float(next() >> 40) * 0x1p-24 }
}

/// Random numbers in each type's own blocks, written directly and never quantised.
enum RandomBlocks {
  /// - Parameter deviation: of the numbers; nil for ones.
  static func fill(
    _ bytes: UnsafeMutableRawBufferPointer, type: TensorType, deviation: Float?, _ random: inout SplitMix
  ) {
    guard let deviation else {
      precondition(type == .f32, "norm weights are f32")
      bytes.bindMemory(to: Float.self).update(repeating: 1)
      return
    }
    switch type {
    case .f32: fillNumbers(bytes, deviation, &random) { $0 }
    case .f16: fillNumbers(bytes, deviation, &random) { Float16($0).bitPattern }
    case .bf16: fillNumbers(bytes, deviation, &random) { UInt16(truncatingIfNeeded: ($0.bitPattern &+ 0x8000) >> 16) }
    default:
      fillWords(bytes, &random)
      for start in stride(from: 0, to: bytes.count, by: type.bytesPerBlock) {
        finish(bytes.baseAddress! + start, type, deviation, &random)  // a tensor has bytes
      }
    }
  }

  /// Evenly spread numbers, drawn from 4,096 that are converted once; four to a random word.
  private static func fillNumbers<Number: BitwiseCopyable>(
    _ bytes: UnsafeMutableRawBufferPointer, _ deviation: Float, _ random: inout SplitMix, _ convert: (Float) -> Number
  ) {
    // An even spread over ±√3 has the deviation 1.
    let width: Float = deviation * Float(3).squareRoot()
    let table = (0..<4096).map { (place: Int) -> Number in
      let middle: Float = (Float(place) + 0.5) / 2048 - 1
      return convert(width * middle)
    }
    let numbers = bytes.bindMemory(to: Number.self)
    table.withUnsafeBufferPointer { table in
      var index = 0
      while index < numbers.count {
        var word = random.next()
        for place in index..<min(index + 4, numbers.count) {
          numbers[place] = table[Int(word & 4095)]
          word >>= 16
        }
        index += 4
      }
    }
  }

  private static func fillWords(_ bytes: UnsafeMutableRawBufferPointer, _ random: inout SplitMix) {
    let whole = bytes.count / 8 * 8
    for place in stride(from: 0, to: whole, by: 8) { bytes.storeBytes(of: random.next(), toByteOffset: place, as: UInt64.self) }
    for place in whole..<bytes.count { bytes[place] = UInt8(truncatingIfNeeded: random.next()) }
  }

  /// Replaces a random block's scales by ones that give its numbers the deviation. The quants keep their random bits: any
  /// are valid. The divisors are the deviation of evenly spread quants, for K-quants times the mean of the scales.
  private static func finish(
    _ block: UnsafeMutableRawPointer, _ type: TensorType, _ deviation: Float, _ random: inout SplitMix
  ) {
    let scale = deviation * random.blockScale()
    func store(_ value: Float, at offset: Int) { block.storeBytes(of: Float16(value).bitPattern, toByteOffset: offset, as: UInt16.self) }
    switch type {
    case .q8_0: store(scale / 74, at: 0)
    case .q4_0: store(scale / 4.6, at: 0)
    case .q4_k: finishScales(block, scale / (50 * 4.6), center: 7.5, { store($0, at: $1) }, &random)
    case .q5_k: finishScales(block, scale / (50 * 9.2), center: 15.5, { store($0, at: $1) }, &random)
    case .q6_k:
      // 16 signed scales of 64 to 127, then the block's own.
      for place in 192..<208 {
        let bits = block.load(fromByteOffset: place, as: UInt8.self)
        let size = Int8(64 + bits & 63)
        block.storeBytes(of: bits & 0x80 == 0 ? size : -size, toByteOffset: place, as: Int8.self)
      }
      store(scale / (96 * 18.5), at: 208)
    default: preconditionFailure("no random blocks of \(type.name)")
    }
  }

  /// Q4_K and Q5_K: d, dmin, then 8 scales and 8 minima of 6 bits in 12 bytes (ggml-quants.c, get_scale_min_k4). With
  /// minima equal to the scales, 36 to 63, the numbers are d · scale · (quant - center).
  private static func finishScales(
    _ block: UnsafeMutableRawPointer, _ d: Float, center: Float, _ store: (Float, Int) -> Void, _ random: inout SplitMix
  ) {
    store(d, 0)
    store(center * d, 2)
    var word = random.next()
    for place in 0..<4 {
      let low = UInt8(36 + (word & 0xFF) % 28)
      let high = UInt8(36 + (word >> 8 & 0xFF) % 28)
      word >>= 16
      let lowAndTop = low | (high & 0x30) << 2
      block.storeBytes(of: lowAndTop, toByteOffset: 4 + place, as: UInt8.self)
      block.storeBytes(of: lowAndTop, toByteOffset: 8 + place, as: UInt8.self)
      block.storeBytes(of: high & 15 | high << 4, toByteOffset: 12 + place, as: UInt8.self)
    }
  }
}
