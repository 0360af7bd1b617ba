// The vector kernels for AVX2 with FMA and F16C: a vector of 16 lanes is two registers of the 16.
#if defined(__x86_64__)
#include <immintrin.h>

#include "scalar.h"

// Vectors of 64 bytes are passed between inlined functions only.
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define KERNELS k_avx2
#define KERNELS_NAME "avx2"
#define WIDE 0
// 2 x 3 sums in 12 registers, 2 weights in 4; the inputs come from memory.
enum { TILE_ROWS = 2, TILE_TOKENS = 3 };
// 1 query with 4 partial scores in 8 registers.
enum { TILE_QUERIES = 1 };

#include "lanes.h"

#include "conversions_x86.h"
#include "dot2_avx2.h"
#define TILE16 6
#define FEW_REGISTERS 1
#include "vector.h"

#pragma clang attribute pop
#endif
