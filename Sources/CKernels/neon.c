// The vector kernels for 64-bit Arm, whose every processor has NEON, fused multiply-adds and conversions of halves: a vector of
// 16 lanes is four registers of the 32.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "scalar.h"

#define KERNELS k_neon
#define KERNELS_NAME "neon"
#define WIDE 0
// 2 x 3 sums in 24 registers, weights and inputs in what is left, a part of a vector at a time.
enum { TILE_ROWS = 2, TILE_TOKENS = 3 };
enum { TILE_QUERIES = 1 };

#include "lanes.h"

#include "dot2_neon.h"
#define TILE16 1
#define FEW_REGISTERS 0

INLINE float half(const uint8_t *p) {
  uint16_t bits = k_load16(p);
  return vgetq_lane_f32(vcvt_f32_f16(vreinterpret_f16_u16(vdup_n_u16(bits))), 0);
}

INLINE f32x16 halves16(const uint8_t *p) {
  union {
    f32x16 lanes;
    float32x4_t part[4];
  } f;
  UNROLL for (int i = 0; i < 4; i++) {
    uint16x4_t bits;
    memcpy(&bits, p + 8 * i, sizeof bits);
    f.part[i] = vcvt_f32_f16(vreinterpret_f16_u16(bits));
  }
  return f.lanes;
}

// Rounded to the nearest, ties to even.
INLINE void store_halves8(uint16_t *y, const float *x) {
  for (int i = 0; i < 8; i += 4) {
    uint16x4_t bits = vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(x + i)));
    memcpy(y + i, &bits, sizeof bits);
  }
}

// Entries of the table at indices below 16.
INLINE i8x16 look_up(i8x16 table, u8x16 index) {
  int8x16_t entries = vqtbl1q_s8(__builtin_bit_cast(int8x16_t, table), __builtin_bit_cast(uint8x16_t, index));
  return __builtin_bit_cast(i8x16, entries);
}

#include "vector.h"
#endif
