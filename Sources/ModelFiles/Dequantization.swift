/// Writes rows of a tensor as floats: the readable reference for every `TensorType`, one block at a time.
///
/// The arithmetic and its order are ggml's (ggml-quants.c, `dequantize_row_*`), so the floats are equal bit for bit.
/// - Parameters:
///   - rows: of `tensor.rowCount`.
///   - target: `rows.count * tensor.columnCount` floats.
public func dequantize(_ tensor: TensorView, rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) {
  precondition(rows.lowerBound >= 0 && rows.upperBound <= tensor.rowCount, "rows outside the tensor")
  precondition(target.count == rows.count * tensor.columnCount, "the target has another size than the rows")
  guard !rows.isEmpty, let source = tensor.bytes.baseAddress, let target = target.baseAddress else { return }
  let type = tensor.type
  let block = source.advanced(by: rows.lowerBound * tensor.bytesPerRow).assumingMemoryBound(to: UInt8.self)
  let blockCount = rows.count * (tensor.columnCount / type.elementsPerBlock)
  let decode = type.blockDecoder
  for index in 0..<blockCount {
    decode(block + index * type.bytesPerBlock, target + index * type.elementsPerBlock)
  }
}

/// Reads `bytesPerBlock` bytes and writes `elementsPerBlock` floats.
typealias BlockDecoder = (_ block: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) -> Void

extension TensorType {
  var blockDecoder: BlockDecoder {
    switch self {
    case .f32: decodeF32
    case .f16: decodeF16
    case .bf16: decodeBF16
    case .q4_0: decodeQ4_0
    case .q4_1: decodeQ4_1
    case .q5_0: decodeQ5_0
    case .q5_1: decodeQ5_1
    case .q8_0: decodeQ8_0
    case .q2_k: decodeQ2_K
    case .q3_k: decodeQ3_K
    case .q4_k: decodeQ4_K
    case .q5_k: decodeQ5_K
    case .q6_k: decodeQ6_K
    case .iq4_nl: decodeIQ4_NL
    case .iq4_xs: decodeIQ4_XS
    }
  }
}

/// Two bytes, little-endian.
func word(_ bytes: UnsafePointer<UInt8>) -> UInt16 { UInt16(bytes[0]) | UInt16(bytes[1]) << 8 }

/// A block's scale.
func half(_ bytes: UnsafePointer<UInt8>) -> Float { float(fromF16: word(bytes)) }

private func decodeF32(_ block: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
  target[0] = Float(bitPattern: UInt32(word(block)) | UInt32(word(block + 2)) << 16)
}

private func decodeF16(_ block: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
  target[0] = half(block)
}

private func decodeBF16(_ block: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
  target[0] = float(fromBF16: word(block))
}

// MARK: - Blocks of 32: one scale, and for the _1 types one offset

/// d f16 | 16 bytes: numbers 0..<16 in the low halves, 16..<32 in the high ones. x = d (q - 8)
private func decodeQ4_0(_ block: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
  let d = half(block)
  for i in 0..<16 {
    let pair = Int32(block[2 + i])
    target[i] = d * Float((pair & 0xF) - 8)
    target[i + 16] = d * Float((pair >> 4) - 8)
  }
}

/// d f16 | m f16 | 16 bytes as in q4_0. x = d q + m
private func decodeQ4_1(_ block: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
  let d = half(block)
  let m = half(block + 2)
  for i in 0..<16 {
    let pair = block[4 + i]
    target[i] = d * Float(pair & 0xF) + m
    target[i + 16] = d * Float(pair >> 4) + m
  }
}

/// d f16 | 32 fifth bits | 16 bytes as in q4_0. x = d (q - 16)
private func decodeQ5_0(_ block: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
  let d = half(block)
  for i in 0..<16 {
    let pair = Int32(block[6 + i])
    target[i] = d * Float((pair & 0xF | fifthBit(block + 2, i)) - 16)
    target[i + 16] = d * Float((pair >> 4 | fifthBit(block + 2, i + 16)) - 16)
  }
}

/// d f16 | m f16 | 32 fifth bits | 16 bytes as in q4_0. x = d q + m
private func decodeQ5_1(_ block: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
  let d = half(block)
  let m = half(block + 2)
  for i in 0..<16 {
    let pair = Int32(block[8 + i])
    target[i] = d * Float(pair & 0xF | fifthBit(block + 4, i)) + m
    target[i + 16] = d * Float(pair >> 4 | fifthBit(block + 4, i + 16)) + m
  }
}

/// Bit `i` of a string of bits, in the place of a fifth bit.
private func fifthBit(_ bits: UnsafePointer<UInt8>, _ i: Int) -> Int32 { Int32(bits[i / 8] >> (i % 8) & 1) << 4 }

/// d f16 | 32 signed bytes. x = d q
private func decodeQ8_0(_ block: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
  let d = half(block)
  for i in 0..<32 { target[i] = Float(Int8(bitPattern: block[2 + i])) * d }
}

// MARK: - Four bits into a table of 16 levels

private let iq4Levels: [Float] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]

/// d f16 | 16 bytes as in q4_0. x = d level(q)
private func decodeIQ4_NL(_ block: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
  let d = half(block)
  for i in 0..<16 {
    target[i] = d * iq4Levels[Int(block[2 + i] & 0xF)]
    target[i + 16] = d * iq4Levels[Int(block[2 + i] >> 4)]
  }
}

/// d f16 | high 2 bits of 8 scales | low 4 bits of 8 scales | 8 groups of 16 bytes as in q4_0. x = d (scale - 32) level(q)
private func decodeIQ4_XS(_ block: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
  let d = half(block)
  let highBits = word(block + 2)
  for group in 0..<8 {
    let low = Int32(block[4 + group / 2] >> (group % 2 * 4) & 0xF)
    let high = Int32(highBits >> (2 * group) & 3)
    let scale = d * Float((low | high << 4) - 32)
    for i in 0..<16 {
      let pair = block[8 + group * 16 + i]
      target[group * 32 + i] = scale * iq4Levels[Int(pair & 0xF)]
      target[group * 32 + i + 16] = scale * iq4Levels[Int(pair >> 4)]
    }
  }
}
