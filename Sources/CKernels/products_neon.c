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
#define NARROW 0
// Twice 2 x 4 registers of results and sums, 4 of weights.
enum { TILE_GROUPS = 1, TILE_TOKENS = 2 };
#define TILE_SHAPE 12
#define SPREAD 0
#define AHEAD FETCH_AHEAD

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

// Half of a vector; __builtin_bit_cast of v.hi itself reads v.lo (clang 21).
INLINE int32x4_t quad(i32x4 v) { return __builtin_bit_cast(int32x4_t, v); }

INLINE i32x8 eight(int32x4_t low, int32x4_t high) {
  return __builtin_shufflevector(__builtin_bit_cast(i32x4, low), __builtin_bit_cast(i32x4, high), 0, 1, 2, 3, 4, 5, 6, 7);
}

INLINE int32x4_t dot16(int32x4_t sum, u8x16 weights, i8x16 inputs) {
  return vdotq_s32(sum, __builtin_bit_cast(int8x16_t, weights), __builtin_bit_cast(int8x16_t, inputs));
}

INLINE int32x4_t dot32(u8x32 weights, i8x32 inputs) {
  return dot16(dot16(vdupq_n_s32(0), weights.lo, inputs.lo), weights.hi, inputs.hi);
}

INLINE i32x8 dot_biased(u8x32 weights, i8x32 inputs) { return eight(dot32(weights, inputs), vdupq_n_s32(0)); }

// Codes below 64 are the same with a sign.
INLINE i32x8 dot_halves(u8x32 w, i8x32 x, u8x32 v, i8x32 y) {
  int32x4_t none = vdupq_n_s32(0);
  return eight(dot16(dot16(none, w.lo, x.lo), v.lo, y.lo), dot16(dot16(none, w.hi, x.hi), v.hi, y.hi));
}

INLINE i32x8 dot_scaled(i32x8 sum, u8x32 weights, i8x32 inputs, uint32_t scale) {
  int32x4_t low = vmlaq_n_s32(quad(sum.lo), dot32(weights, inputs), (int32_t)scale);
  return eight(low, quad(sum.hi));
}

typedef const int8_t *row_scales;

INLINE row_scales scales_of_row(const uint8_t *p) { return (const int8_t *)p; }

INLINE i32x8 dot_scaled2(i32x8 sum, u8x32 weights, i8x32 inputs, row_scales scales, int index) {
  int32x4_t none = vdupq_n_s32(0);
  int32x4_t low = vmlaq_n_s32(quad(sum.lo), dot16(none, weights.lo, inputs.lo), scales[2 * index]);
  return eight(vmlaq_n_s32(low, dot16(none, weights.hi, inputs.hi), scales[2 * index + 1]), quad(sum.hi));
}

INLINE i32x8 dot_sums(row_scales scales, i16x16 sums) {
  int8x8x2_t apart = vld2_s8(scales);
  int16x8_t even = vmovl_s8(apart.val[0]), odd = vmovl_s8(apart.val[1]);
  int16_t n[16];
  memcpy(n, &sums, sizeof n);
  int16x8_t first = vld1q_s16(n), second = vld1q_s16(n + 8);
  int32x4_t low = vmull_s16(vget_low_s16(even), vget_low_s16(first));
  low = vmlal_s16(low, vget_high_s16(even), vget_high_s16(first));
  int32x4_t high = vmull_s16(vget_low_s16(odd), vget_low_s16(second));
  return eight(low, vmlal_s16(high, vget_high_s16(odd), vget_high_s16(second)));
}

INLINE i32x8 add_neighbours(i32x8 a, i32x8 b) {
  int32x4_t low = vpaddq_s32(quad(a.lo), quad(b.lo));
  return eight(low, vpaddq_s32(quad(a.hi), quad(b.hi)));
}

#include "two_brains.h"
#include "vector_products.h"

#include "vector_one_token.h"

#pragma clang attribute pop
#endif
