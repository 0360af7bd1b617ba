// Products for 64-bit Arm with the dot product (sdot): a vector of 16 lanes is four registers of the 32.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "products.h"

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#include "lanes.h"

#include "dot2_neon.h"

#define PRODUCTS k_products_neon
#define PRODUCTS_NAME "neon"
#define BIAS 0
// Twice 2 x 4 registers of results and sums, 4 of weights.
enum { TILE_GROUPS = 1, TILE_TOKENS = 2 };
#define TILE_SHAPE 12

typedef int32_t i32x4 __attribute__((ext_vector_type(4)));

INLINE i32x16 dot4(i32x16 sum, u32x16 weights, uint32_t inputs) {
  int8x16_t all = vreinterpretq_s8_u32(vdupq_n_u32(inputs));
  union {
    i32x16 lanes;
    int32x4_t part[4];
  } s = {sum};
  union {
    u32x16 lanes;
    int8x16_t part[4];
  } w = {weights};
  UNROLL for (int i = 0; i < 4; i++) s.part[i] = vdotq_s32(s.part[i], w.part[i], all);
  return s.lanes;
}

INLINE f32x16 halves16(u16x16 v) {
  union {
    u16x16 lanes;
    float16x4_t part[4];
  } h = {v};
  union {
    f32x16 lanes;
    float32x4_t part[4];
  } f;
  UNROLL for (int i = 0; i < 4; i++) f.part[i] = vcvt_f32_f16(h.part[i]);
  return f.lanes;
}

#include "two_brains.h"
#include "vector_products.h"

#pragma clang attribute pop
#endif
