// Products of 16 bits, two a lane, for AVX2: a part of the files that are compiled for it.
INLINE __m256i half_of(u32x16 v, int index) {
  u32x8 half = index ? v.hi : v.lo;
  return (__m256i)half;
}

// sum + the lane's two products.
INLINE i32x16 dot2(i32x16 sum, u32x16 weights, uint32_t inputs) {
  __m256i all = _mm256_set1_epi32((int)inputs);
  i32x8 low = (i32x8)_mm256_madd_epi16(half_of(weights, 0), all), high = (i32x8)_mm256_madd_epi16(half_of(weights, 1), all);
  return sum + __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

// A sum is in its two registers from here on: without this the compiler takes a block's products first and adds them up as a
// tree, for which it has no registers.
#define HOLD(sum)                                                      \
  do {                                                                 \
    __m256i held[2];                                                   \
    memcpy(held, &(sum), sizeof held);                                 \
    __asm__("" : "+x"(held[0]), "+x"(held[1]));                        \
    memcpy(&(sum), held, sizeof held);                                 \
  } while (0)
