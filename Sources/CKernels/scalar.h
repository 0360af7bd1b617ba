// Pieces of the scalar kernels that the vector ones use too: packed scales, and the arithmetic of one lane.
#ifndef SCALAR_H
#define SCALAR_H

#include "kernels.h"

void k_dequantise_scalar(int type, const void *row, float *y, int count);

// The 6-bit scale of sub-block s of 8, packed with the minima in 12 bytes (Q4_K, Q5_K).
static inline int k_q4_k_scale(const uint8_t *p, int s) {
  return s < 4 ? p[s] & 63 : (p[s + 4] & 15) | (p[s - 4] >> 6) << 4;
}

static inline int k_q4_k_minimum(const uint8_t *p, int s) {
  return s < 4 ? p[s + 4] & 63 : p[s + 4] >> 4 | (p[s] >> 6) << 4;
}

// The 6-bit scale of sub-block s of 16, 32 more than its value (Q3_K): low nibbles in 8 bytes, high bit pairs in 4.
static inline int k_q3_k_scale(const uint8_t *p, int s) {
  int low = s < 8 ? p[s] & 15 : p[s - 8] >> 4;
  return low | (p[8 + s % 4] >> 2 * (s / 4) & 3) << 4;
}

// The 6-bit scale of sub-block s of 8, 32 more than its value (IQ4_XS): p points behind the block's f16.
static inline int k_iq4_xs_scale(const uint8_t *p, int s) {
  int low = p[2 + s / 2] >> 4 * (s % 2) & 15;
  return low | (k_load16(p) >> 2 * s & 3) << 4;
}

static inline float k_exp(float x) {
  if (x < K_EXP_LOW) return 0;
  if (x > K_EXP_HIGH) return INFINITY;
  float n = fmaf(x, K_EXP_LOG2E, K_EXP_ROUND) - K_EXP_ROUND;
  float r = fmaf(-n, K_EXP_LN2_LOW, fmaf(-n, K_EXP_LN2_HIGH, x));
  float p = fmaf(K_EXP_C0, r, K_EXP_C1);
  p = fmaf(p, r, K_EXP_C2);
  p = fmaf(p, r, K_EXP_C3);
  p = fmaf(p, r, K_EXP_C4);
  p = fmaf(p, r, K_EXP_C5);
  p = fmaf(p, r * r, r) + 1.0f;
  return p * k_bits((uint32_t)((int32_t)n + 127) << 23);
}

static inline float k_brief_exp(float x) {
  if (x < K_BRIEF_EXP_LOW) return 0;
  float shifted = fmaf(x, K_EXP_LOG2E, K_EXP_ROUND), f = fmaf(x, K_EXP_LOG2E, -(shifted - K_EXP_ROUND));
  float p = fmaf(fmaf(K_BRIEF_EXP_C0, f, K_BRIEF_EXP_C1), f, K_BRIEF_EXP_C2);
  p = fmaf(fmaf(p, f, K_BRIEF_EXP_C3), f, K_BRIEF_EXP_C4);
  uint32_t bits, n;
  memcpy(&bits, &p, 4);
  memcpy(&n, &shifted, 4);
  return k_bits(bits + (n << 23));
}

// The lanes added pairwise: 8 apart, 4 apart, 2 apart, neighbours.
static inline float k_sum16(const float *lanes) {
  float a[16];
  memcpy(a, lanes, sizeof a);
  for (int width = 8; width > 0; width /= 2)
    for (int i = 0; i < width; i++) a[i] += a[i + width];
  return a[0];
}

#endif
