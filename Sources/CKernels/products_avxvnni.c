// Products for AVX2 with AVX-VNNI: as AVX2, with four 8-bit products a lane in one instruction.
#if defined(__x86_64__)
#include <immintrin.h>

#include "products.h"

// Vectors of 64 bytes are passed between inlined functions only.
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)

#include "lanes.h"

#define PRODUCTS k_products_avxvnni
#define PRODUCTS_NAME "avxvnni"
#define BIAS 128  // vpdpbusd multiplies codes without a sign with codes with one
#define NARROW 0
// 2 x 6 sums, 2 weights, an input and a product: 16 registers. The results are used once a block.
enum { TILE_GROUPS = 1, TILE_TOKENS = 6 };
#define TILE_SHAPE 16
#define SPREAD 1
#define AHEAD FETCH_AHEAD

#include "dot2_avx2.h"

// sum + each lane's two products of 16 bits.
INLINE __m256i add_pairs(__m256i sum, __m256i a, __m256i b) { return _mm256_dpwssd_avx_epi32(sum, a, b); }

INLINE __m256i dot4_half(__m256i sum, __m256i weights, __m256i inputs) { return _mm256_dpbusd_avx_epi32(sum, weights, inputs); }

#include "products_ymm.h"
#include "two_brains.h"
#include "vector_products.h"

#include "vector_one_token.h"

#pragma clang attribute pop
#endif
