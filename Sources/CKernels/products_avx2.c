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
// 2 x 6 sums, 2 weights, an input and a product: 16 registers. The results are used once a block.
enum { TILE_GROUPS = 1, TILE_TOKENS = 6 };
#define TILE_SHAPE 16
#define SPREAD 1
#define AHEAD 2048  // Q4_K_M decodes 4 to 15 % faster on a Zen 3 than with 8192

#include "dot2_avx2.h"

// sum + each lane's two products of 16 bits.
INLINE __m256i add_pairs(__m256i sum, __m256i a, __m256i b) { return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b)); }

// vpmaddubsw multiplies codes without a sign, the weights' magnitudes, with codes that take the weights' signs over. Magnitudes
// are at most 128 and inputs at most 127, so that no sum of two saturates.
INLINE __m256i dot4_half(__m256i sum, __m256i weights, __m256i inputs) {
  __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(weights), _mm256_sign_epi8(inputs, weights));
  return add_pairs(sum, pairs, _mm256_set1_epi16(1));
}

// Two sums of 16 bits in each of 16 lanes.
typedef i16x32 narrow_sums;

INLINE narrow_sums dot4_narrow(narrow_sums sums, u32x16 weights, uint32_t inputs) {
  __m256i all = _mm256_set1_epi32((int)inputs);
  i16x16 low = (i16x16)_mm256_maddubs_epi16(half_of(weights, 0), all), high = (i16x16)_mm256_maddubs_epi16(half_of(weights, 1), all);
  return sums + __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                        22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
}

// A scale is a factor for each of the two.
INLINE i32x16 paired(i32x16 scales) { return (scales & 0xFFFF) | scales << 16; }

INLINE i32x16 add_scaled(i32x16 sum, narrow_sums sums, i32x16 scales) {
  u32x16 factors = __builtin_bit_cast(u32x16, scales), both = __builtin_bit_cast(u32x16, sums);
  i32x8 low = (i32x8)_mm256_madd_epi16(half_of(both, 0), half_of(factors, 0));
  i32x8 high = (i32x8)_mm256_madd_epi16(half_of(both, 1), half_of(factors, 1));
  return sum + __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

#include "products_ymm.h"
#include "two_brains.h"
#include "vector_products.h"

#include "vector_one_token.h"

#pragma clang attribute pop
#endif
