// Products for AVX-512 with VNNI: a vector of 16 lanes is one of 32 registers, four 8-bit products a lane one instruction.
#if defined(__x86_64__)
#include <immintrin.h>

#include "products.h"

#pragma clang attribute push(                                                                                        \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16,avx2,fma,f16c"))), apply_to = function)

#include "lanes.h"

#define PRODUCTS k_products_avx512
#define PRODUCTS_NAME "avx512"
#define BIAS 128  // vpdpbusd multiplies codes without a sign with codes with one
// 2 x 6 results and as many sums, 2 weights: 26 registers of 32.
enum { TILE_GROUPS = 2, TILE_TOKENS = 6 };
#define TILE_SHAPE 26

INLINE i32x16 dot4(i32x16 sum, u32x16 weights, uint32_t inputs) {
  return (i32x16)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)weights, _mm512_set1_epi32((int)inputs));
}

INLINE i32x16 dot2(i32x16 sum, u32x16 weights, uint32_t inputs) {
  return (i32x16)_mm512_dpwssd_epi32((__m512i)sum, (__m512i)weights, _mm512_set1_epi32((int)inputs));
}

INLINE f32x16 dot_brains(f32x16 sum, u32x16 weights, uint32_t inputs) {
  return (f32x16)_mm512_dpbf16_ps((__m512)sum, (__m512bh)weights, (__m512bh)_mm512_set1_epi32((int)inputs));
}

INLINE f32x16 halves16(u16x16 v) { return (f32x16)_mm512_cvtph_ps((__m256i)v); }

#include "vector_products.h"

#pragma clang attribute pop
#endif
