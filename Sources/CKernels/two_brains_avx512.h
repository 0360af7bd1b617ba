// The same as two_brains.h with AVX-512's instruction for bfloat16, which takes subnormal numbers as zero.
INLINE f32x16 dot_brains(f32x16 sum, u32x16 weights, uint32_t inputs) {
  return (f32x16)_mm512_dpbf16_ps((__m512)sum, (__m512bh)weights, (__m512bh)_mm512_set1_epi32((int)inputs));
}
