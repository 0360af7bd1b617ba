// Halves (F16C) and tables of 16 bytes (SSSE3): a part of the files that are compiled for x86.
INLINE float half(const uint8_t *p) { return _cvtsh_ss(k_load16(p)); }

INLINE f32x16 halves16(const uint8_t *p) {
  __m128i low = _mm_loadu_si128((const __m128i *)p), high = _mm_loadu_si128((const __m128i *)(p + 16));
  f32x8 first = (f32x8)_mm256_cvtph_ps(low), second = (f32x8)_mm256_cvtph_ps(high);
  return __builtin_shufflevector(first, second, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

// Rounded to the nearest, ties to even.
INLINE void store_halves8(uint16_t *y, const float *x) {
  __m128i halves = _mm256_cvtps_ph(_mm256_loadu_ps(x), _MM_FROUND_TO_NEAREST_INT);
  memcpy(y, &halves, sizeof halves);
}

// Entries of the table at indices below 16.
INLINE i8x16 look_up(i8x16 table, u8x16 index) { return (i8x16)_mm_shuffle_epi8((__m128i)table, (__m128i)index); }
