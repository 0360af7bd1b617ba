// The dot product of two bfloat16 where no instruction has it: the second of the pair, then the first.
INLINE f32x16 dot_brains(f32x16 sum, u32x16 weights, uint32_t inputs) {
  f32x16 second = __builtin_bit_cast(f32x16, weights & 0xFFFF0000), first = __builtin_bit_cast(f32x16, weights << 16);
  sum = fma16(second, (f32x16)k_bits(inputs & 0xFFFF0000), sum);
  return fma16(first, (f32x16)k_bits(inputs << 16), sum);
}
