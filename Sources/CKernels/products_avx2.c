// Products for AVX2 with FMA and F16C: a vector of 16 lanes is two registers of the 16.
#if defined(__x86_64__)
#include <immintrin.h>

#include "products.h"

// Vectors of 64 bytes are passed between inlined functions only.
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "lanes.h"

#define PRODUCTS k_products_avx2
#define PRODUCTS_NAME "avx2"
#define BIAS 0
#define NARROW 1
// What does not fit into 16 registers is used once a block.
enum { TILE_GROUPS = 1, TILE_TOKENS = 4 };
#define TILE_SHAPE 14

#include "dot2_avx2.h"

// vpmaddubsw multiplies codes without a sign, the weights' magnitudes, with codes that take the weights' signs over. Magnitudes
// are at most 128 and inputs at most 127, so that no sum of two saturates.
INLINE __m256i dot4_half(__m256i sum, __m256i weights, __m256i inputs) {
  __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(weights), _mm256_sign_epi8(inputs, weights));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

INLINE i32x16 dot4(i32x16 sum, u32x16 weights, uint32_t inputs) {
  __m256i all = _mm256_set1_epi32((int)inputs);
  __m256i low = dot4_half((__m256i)sum.lo, half_of(weights, 0), all), high = dot4_half((__m256i)sum.hi, half_of(weights, 1), all);
  return __builtin_shufflevector((i32x8)low, (i32x8)high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

INLINE f32x16 halves16(u16x16 v) {
  f32x8 low = (f32x8)_mm256_cvtph_ps((__m128i)v.lo), high = (f32x8)_mm256_cvtph_ps((__m128i)v.hi);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

INLINE i32x8 dot_signed(u8x32 weights, i8x32 inputs) {
  return (i32x8)dot4_half(_mm256_setzero_si256(), (__m256i)weights, (__m256i)inputs);
}

// Two sums of 16 bits in each of 16 lanes.
typedef i16x32 narrow_sums;

INLINE narrow_sums dot4_narrow(narrow_sums sums, u32x16 weights, uint32_t inputs) {
  __m256i all = _mm256_set1_epi32((int)inputs);
  i16x16 low = (i16x16)_mm256_maddubs_epi16(half_of(weights, 0), all), high = (i16x16)_mm256_maddubs_epi16(half_of(weights, 1), all);
  return sums + __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                        22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
}

// A scale is a factor of 16 bits for each of the two.
INLINE i32x16 paired(i32x16 scales) { return (scales & 0xFFFF) | scales << 16; }

INLINE i32x16 add_scaled(i32x16 sum, narrow_sums sums, i32x16 scales) {
  u32x16 factors = __builtin_bit_cast(u32x16, scales), both = __builtin_bit_cast(u32x16, sums);
  i32x8 low = (i32x8)_mm256_madd_epi16(half_of(both, 0), half_of(factors, 0));
  i32x8 high = (i32x8)_mm256_madd_epi16(half_of(both, 1), half_of(factors, 1));
  return sum + __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

INLINE i32x8 dot_scales(i32x8 sum, u8x32 weights, i8x32 inputs, __m256i scales) {
  return sum + (i32x8)_mm256_madd_epi16(_mm256_maddubs_epi16((__m256i)weights, (__m256i)inputs), scales);
}

INLINE i32x8 dot_halves(i32x8 sum, u8x32 weights, i8x32 inputs) {
  return dot_scales(sum, weights, inputs, _mm256_set1_epi16(1));
}

INLINE i32x8 dot_scaled(i32x8 sum, u8x32 weights, i8x32 inputs, uint32_t scale) {
  return dot_scales(sum, weights, inputs, _mm256_set1_epi32((int)scale));
}

INLINE i32x8 dot_scaled2(i32x8 sum, u8x32 weights, i8x32 inputs, uint32_t first, uint32_t second) {
  __m256i scales = _mm256_blend_epi32(_mm256_set1_epi32((int)first), _mm256_set1_epi32((int)second), 0xF0);
  return dot_scales(sum, weights, inputs, scales);
}

INLINE i32x8 add_neighbours(i32x8 a, i32x8 b) { return (i32x8)_mm256_hadd_epi32((__m256i)a, (__m256i)b); }

#include "two_brains.h"
#include "vector_products.h"

#include "vector_one_token.h"

#pragma clang attribute pop
#endif
