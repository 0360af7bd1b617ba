// The same as two_brains.h with the instructions of AVX-512 for bfloat16, which take subnormal numbers as zero.
INLINE u16x16 brains_of(f32x16 x) { return (u16x16)_mm512_cvtneps_pbh((__m512)x); }

INLINE f32x16 dot_brains(f32x16 sum, u32x16 weights, uint32_t inputs) {
  return (f32x16)_mm512_dpbf16_ps((__m512)sum, (__m512bh)weights, (__m512bh)_mm512_set1_epi32((int)inputs));
}
