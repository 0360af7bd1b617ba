// Attention over keys and values of 16 bits with AVX-512's dot products of them (VNNI), which came later than AVX-512.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"))), \
                             apply_to = function)

#include "lanes.h"

#include "dot2_avx512.h"

// 6 queries with 4 scores or sums, 4 vectors of keys or values, an input: 29 registers.
#define TILE16 6
#define FEW_REGISTERS 0

#include "vector_attention16.h"

void k_attend16_avx512(const k_attend *a) { attend16(a); }

#pragma clang attribute pop
#endif
