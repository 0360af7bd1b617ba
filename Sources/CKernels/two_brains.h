// bfloat16 where no instruction has it: rounded to the nearest, ties to even, and the dot product of two, the second of the
// pair, then the first.
INLINE u16x16 brains_of(f32x16 x) {
  u32x16 bits = __builtin_bit_cast(u32x16, x);
  u32x16 rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
  return __builtin_convertvector((bits & 0x7FFFFFFF) > 0x7F800000 ? (bits >> 16 | 64) : rounded, u16x16);
}

INLINE f32x16 dot_brains(f32x16 sum, u32x16 weights, uint32_t inputs) {
  f32x16 second = __builtin_bit_cast(f32x16, weights & 0xFFFF0000), first = __builtin_bit_cast(f32x16, weights << 16);
  sum = fma16(second, (f32x16)k_bits(inputs & 0xFFFF0000), sum);
  return fma16(first, (f32x16)k_bits(inputs << 16), sum);
}
