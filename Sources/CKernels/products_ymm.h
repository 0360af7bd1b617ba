// What the products for AVX2 and AVX-VNNI share, where a vector of 16 lanes is two registers: a part of both. Before it
// `dot4_half`, for weights as a panel has them, and `add_pairs`.
INLINE i32x16 dot4(i32x16 sum, u32x16 weights, uint32_t inputs) {
  __m256i all = _mm256_set1_epi32((int)inputs);
  __m256i low = dot4_half((__m256i)sum.lo, half_of(weights, 0), all), high = dot4_half((__m256i)sum.hi, half_of(weights, 1), all);
  return __builtin_shufflevector((i32x8)low, (i32x8)high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

INLINE f32x16 halves16(u16x16 v) {
  f32x8 low = (f32x8)_mm256_cvtph_ps((__m128i)v.lo), high = (f32x8)_mm256_cvtph_ps((__m128i)v.hi);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

INLINE i32x8 dot_biased(u8x32 weights, i8x32 inputs) {
  return (i32x8)dot4_half(_mm256_setzero_si256(), (__m256i)weights, (__m256i)inputs);
}

// A scale, as `paired` makes it, for each of the two sums that a lane has of vpmaddubsw.
INLINE __m256i factors(uint32_t scale) { return NARROW ? _mm256_set1_epi32((int)scale) : _mm256_set1_epi16((short)scale); }

INLINE i32x8 dot_scales(i32x8 sum, u8x32 weights, i8x32 inputs, __m256i scales) {
  return (i32x8)add_pairs((__m256i)sum, _mm256_maddubs_epi16((__m256i)weights, (__m256i)inputs), scales);
}

INLINE i32x8 dot_halves(u8x32 w, i8x32 x, u8x32 v, i8x32 y) {
  __m256i first = _mm256_maddubs_epi16((__m256i)w, (__m256i)x), second = _mm256_maddubs_epi16((__m256i)v, (__m256i)y);
  return (i32x8)_mm256_madd_epi16(_mm256_add_epi16(first, second), _mm256_set1_epi16(1));
}

INLINE i32x8 dot_scaled(i32x8 sum, u8x32 weights, i8x32 inputs, uint32_t scale) {
  return dot_scales(sum, weights, inputs, factors(scale));
}

// Words: the even ones in the low half, the odd ones in the high half.
typedef __m256i row_scales;

INLINE row_scales scales_of_row(const uint8_t *p) {
  const __m128i apart = _mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
  return _mm256_cvtepi8_epi16(_mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)p), apart));
}

INLINE i32x8 dot_scaled2(i32x8 sum, u8x32 weights, i8x32 inputs, row_scales scales, int index) {
  __m256i word = _mm256_set1_epi16((short)(2 * index | (2 * index + 1) << 8));
  return dot_scales(sum, weights, inputs, _mm256_shuffle_epi8(scales, word));
}

INLINE i32x8 dot_sums(row_scales scales, i16x16 sums) { return (i32x8)_mm256_madd_epi16(scales, (__m256i)sums); }

INLINE i32x8 add_neighbours(i32x8 a, i32x8 b) { return (i32x8)_mm256_hadd_epi32((__m256i)a, (__m256i)b); }
