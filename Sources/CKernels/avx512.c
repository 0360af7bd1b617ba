// The vector kernels for AVX-512 (F, BW, DQ, VL): 32 registers of 16 lanes.
#if defined(__x86_64__)
#include <immintrin.h>

#include "scalar.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"))), apply_to = function)

#define KERNELS k_avx512
#define KERNELS_NAME "avx512"
#define WIDE 1  // a vector of 16 lanes is one register
#define LOOKUP(table, index) ((f32x16)_mm512_permutexvar_ps((__m512i)(index), (__m512)(table)))
// 4 x 6 sums, 4 weights and an input: 29 registers.
enum { TILE_ROWS = 4, TILE_TOKENS = 6 };
// 4 queries with 4 partial scores, a key vector.
enum { TILE_QUERIES = 4 };

#include "lanes.h"

#include "conversions_x86.h"

// Without VNNI, which not every processor with AVX-512 has: sum + the lane's two products of 16 bits.
INLINE i32x16 dot2(i32x16 sum, u32x16 weights, uint32_t inputs) {
  return sum + (i32x16)_mm512_madd_epi16((__m512i)weights, _mm512_set1_epi32((int)inputs));
}

#define HOLD(sum)

// 4 queries with 4 scores, and both halves of 4 vectors of keys.
#define TILE16 4
#define FEW_REGISTERS 0

#include "vector.h"

#pragma clang attribute pop
#endif
