/// IEEE 754 binary16 as a float, exactly; written out so that the bits are the same on every machine.
///
///     s eeeee mmmmmmmmmm → s eeeeeeee mmmmmmmmmm0000000000000, exponent bias 15 → 127
public func float(fromF16 bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10) & 0x1F
  let mantissa = UInt32(bits & 0x3FF)
  switch exponent {
  case 0:
    // Zero and subnormals: mantissa × 2^-24 is exact in a float.
    let magnitude = Float(mantissa) * 0x1p-24
    return Float(bitPattern: magnitude.bitPattern | sign)
  case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | mantissa << 13)
  default: return Float(bitPattern: sign | (exponent + 112) << 23 | mantissa << 13)
  }
}

/// bfloat16 as a float: the upper half of its bits.
public func float(fromBF16 bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
