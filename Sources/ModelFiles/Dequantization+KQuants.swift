// Blocks of 256 in groups of 16 or 32: each group has a small scale (and an offset), the block one scale for the scales
// (ggml-quants.h, `block_q2_K` to `block_q6_K`).

/// 16 × (scale, offset) of 4 bits | 64 bytes of 2-bit numbers | d f16 | dmin f16. x = d scale q - dmin offset
///
/// Each half of the block (128 numbers, 32 bytes) has number `32 j + i` in bits 2 j of byte `i`.
func decodeQ2_K(_ block: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
  let d = half(block + 80)
  let dMin = half(block + 82)
  for index in 0..<256 {
    let (half, j, i) = (index / 128, index % 128 / 32, index % 32)
    let group = block[index / 16]
    let q = block[16 + half * 32 + i] >> (2 * j) & 3
    target[index] = d * Float(group & 0xF) * Float(q) - dMin * Float(group >> 4)
  }
}

/// 32 bytes of third bits | 64 bytes of 2-bit numbers as in q2_k | 16 scales of 6 bits in 12 bytes | d f16.
/// x = d (scale - 32) (q - 4), where the third bit of number `32 k + i` is bit `k` of byte `i`.
func decodeQ3_K(_ block: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
  let d = half(block + 108)
  let scales = block + 96
  for index in 0..<256 {
    let (half, j, i, group) = (index / 128, index % 128 / 32, index % 32, index / 16)
    let low = group < 8 ? scales[group] & 0xF : scales[group - 8] >> 4
    let high = scales[8 + group % 4] >> (2 * (group / 4)) & 3
    let scale = d * Float(Int32(low | high << 4) - 32)
    let thirdBit = block[i] >> (index / 32) & 1
    let q = block[32 + half * 32 + i] >> (2 * j) & 3 | thirdBit << 2
    target[index] = scale * Float(Int32(q) - 4)
  }
}

/// d f16 | dmin f16 | 8 × (scale, offset) of 6 bits in 12 bytes | 128 bytes. x = d scale q - dmin offset
///
/// Of each 64 numbers the first 32 are in the low halves of 32 bytes, the others in the high halves.
func decodeQ4_K(_ block: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
  let d = half(block)
  let dMin = half(block + 2)
  for group in 0..<8 {
    let (scale, offset) = scaleAndOffset(block + 4, group)
    let (groupScale, groupOffset) = (d * Float(scale), dMin * Float(offset))
    for i in 0..<32 {
      let q = block[16 + group / 2 * 32 + i] >> (group % 2 * 4) & 0xF
      target[group * 32 + i] = groupScale * Float(q) - groupOffset
    }
  }
}

/// d f16 | dmin f16 | scales as in q4_k | 32 bytes of fifth bits | 128 bytes as in q4_k. x = d scale q - dmin offset
///
/// The fifth bit of number `32 k + i` is bit `k` of byte `i`.
func decodeQ5_K(_ block: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
  let d = half(block)
  let dMin = half(block + 2)
  for group in 0..<8 {
    let (scale, offset) = scaleAndOffset(block + 4, group)
    let (groupScale, groupOffset) = (d * Float(scale), dMin * Float(offset))
    for i in 0..<32 {
      let fifthBit = block[16 + i] >> group & 1
      let q = block[48 + group / 2 * 32 + i] >> (group % 2 * 4) & 0xF | fifthBit << 4
      target[group * 32 + i] = groupScale * Float(q) - groupOffset
    }
  }
}

/// 128 bytes of low halves | 64 bytes of upper two bits | 16 signed scales | d f16. x = d scale (q - 32)
///
/// In each half of the block (128 numbers), quarter `k` has its low bits in the low (k < 2) or high halves of bytes
/// `32 (k % 2) + i` of 64 and its upper bits in bits 2 k of byte `i` of 32.
func decodeQ6_K(_ block: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
  let d = half(block + 208)
  for index in 0..<256 {
    let (half, k, i) = (index / 128, index % 128 / 32, index % 32)
    let low = block[half * 64 + k % 2 * 32 + i] >> (k / 2 * 4) & 0xF
    let high = block[128 + half * 32 + i] >> (2 * k) & 3
    let scale = Float(Int8(bitPattern: block[192 + index / 16]))
    target[index] = d * scale * Float(Int32(low | high << 4) - 32)
  }
}

/// Scale and offset of a group of 32, 6 bits each. Those of groups 0..<4 are the low bits of bytes 0..<4 and 4..<8;
/// those of groups 4..<8 have four bits in bytes 8..<12 and two in the upper bits of the first eight.
private func scaleAndOffset(_ bytes: UnsafePointer<UInt8>, _ group: Int) -> (scale: UInt8, offset: UInt8) {
  if group < 4 { return (bytes[group] & 63, bytes[group + 4] & 63) }
  return (
    bytes[group + 4] & 0xF | (bytes[group - 4] >> 6) << 4,
    bytes[group + 4] >> 4 | (bytes[group] >> 6) << 4
  )
}
