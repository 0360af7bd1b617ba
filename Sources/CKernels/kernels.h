// Shared by the kernels: block sizes, half floats, and the arithmetic of one lane.
#ifndef KERNELS_H
#define KERNELS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "ckernels.h"

extern const k_kernels k_scalar;
#if defined(__x86_64__)
extern const k_kernels k_avx2;
extern const k_kernels k_avx512;
void k_attend16_avx512(const k_attend *a);  // where the processor has dot products of 16 bits
#elif defined(__aarch64__)
extern const k_kernels k_neon;
#endif

// Elements and bytes of a block (gguf's Python package, GGML_QUANT_SIZES).
typedef struct {
  int elements;
  int bytes;
} k_block;

static inline k_block k_block_of(int type) {
  switch (type) {
    case K_F32: return (k_block){1, 4};
    case K_I8: return (k_block){1, 1};
    case K_I16: return (k_block){1, 2};
    case K_F16: return (k_block){1, 2};
    case K_BF16: return (k_block){1, 2};
    case K_Q4_0: return (k_block){32, 18};
    case K_Q4_1: return (k_block){32, 20};
    case K_Q5_0: return (k_block){32, 22};
    case K_Q5_1: return (k_block){32, 24};
    case K_Q8_0: return (k_block){32, 34};
    case K_Q2_K: return (k_block){256, 84};
    case K_Q3_K: return (k_block){256, 110};
    case K_Q4_K: return (k_block){256, 144};
    case K_Q5_K: return (k_block){256, 176};
    case K_Q6_K: return (k_block){256, 210};
    case K_IQ4_NL: return (k_block){32, 18};
    case K_IQ4_XS: return (k_block){256, 136};
    default: return (k_block){0, 0};
  }
}

// The 16 values of IQ4_NL and IQ4_XS (ggml-common.h, kvalues_iq4nl).
#define K_IQ4_VALUES {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}

static inline uint16_t k_load16(const void *p) {
  uint16_t v;
  memcpy(&v, p, 2);
  return v;
}

static inline uint32_t k_load32(const void *p) {
  uint32_t v;
  memcpy(&v, p, 4);
  return v;
}

static inline float k_bits(uint32_t bits) {
  float f;
  memcpy(&f, &bits, 4);
  return f;
}

// IEEE half to float, exact; by arithmetic on the bits, since not every processor converts.
static inline float k_half(uint16_t h) {
  uint32_t sign = (uint32_t)(h & 0x8000) << 16;
  uint32_t exponent = (h >> 10) & 31, mantissa = h & 1023;
  if (exponent == 0) {  // zero and subnormals: mantissa * 2^-24
    float magnitude = (float)mantissa * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  if (exponent == 31) return k_bits(sign | 0x7F800000u | mantissa << 13);
  return k_bits(sign | (exponent + 112) << 23 | mantissa << 13);
}

// Float to IEEE half, to the nearest and ties to even, as the processors do it; what is too large becomes infinity.
static inline uint16_t k_to_half(float f) {
  uint32_t bits;
  memcpy(&bits, &f, 4);
  uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
  uint32_t magnitude = bits & 0x7FFFFFFF;
  if (magnitude > 0x7F800000) return (uint16_t)(sign | 0x7E00 | (magnitude >> 13 & 0x3FF));
  if (magnitude >= 0x477FF000) return sign | 0x7C00;  // 65,520 and more
  if (magnitude < 0x38800000) {                       // subnormal: in units of 2^-24
    float units = k_bits(magnitude) * 0x1p24f;
    // Adding and taking off 2^23 rounds to a whole number.
    return sign | (uint16_t)((units + 8388608.0f) - 8388608.0f);
  }
  uint32_t rounded = magnitude + 0xFFF + (magnitude >> 13 & 1);
  return sign | (uint16_t)((rounded >> 13) - (112 << 10));
}

// Float to bfloat16, to the nearest and ties to even.
static inline uint16_t k_brain(float f) {
  uint32_t bits;
  memcpy(&bits, &f, 4);
  if ((bits & 0x7FFFFFFF) > 0x7F800000) return (uint16_t)(bits >> 16 | 64);  // stays no number
  return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

// Adding this to a float below 2^22 leaves its nearest integer, ties to even, in the low bits.
#define K_ROUND_MAGIC 12582912.0f
// Magnitudes below this are taken as zero: their scale's inverse would overflow.
#define K_SMALLEST_SCALED 0x1p-100f
#define K_SMALLEST_NORM 0x1p-60f  // and vectors whose squares would be subnormal

// Greater for a greater magnitude, greatest for what is no number.
static inline uint32_t k_magnitude_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return bits & 0x7FFFFFFF;
}

// Whole numbers of -levels ... levels for magnitudes up to `largest`.
typedef struct {
  float step, inverse;
} k_steps;

static inline k_steps k_steps_of(float largest, float levels) {
  if (largest < K_SMALLEST_SCALED) return (k_steps){0, 0};
  return (k_steps){largest / levels, levels / largest};
}

// The largest magnitude.
static inline float k_largest(const float *x, int count) {
  uint32_t most = 0;
  for (int i = 0; i < count; i++) most = k_magnitude_bits(x[i]) > most ? k_magnitude_bits(x[i]) : most;
  return k_bits(most);
}

static inline k_steps k_steps_for(const float *x, int count, float levels) { return k_steps_of(k_largest(x, count), levels); }

// round(x * inverse), ties to even, below 2^22.
static inline int32_t k_round(float x, float inverse) {
  float shifted = x * inverse + K_ROUND_MAGIC;
  uint32_t bits;
  memcpy(&bits, &shifted, 4);
  return (int32_t)(bits << 9) >> 9;
}

// A vector in whole numbers: codes [headDim rounded up to 2].
static inline void k_round_all(const float *x, int headDim, float inverse, int16_t *codes) {
  for (int d = 0; d < headDim; d++) codes[d] = (int16_t)k_round(x[d], inverse);
  if (headDim % 2) codes[headDim] = 0;
}

// A query in whole numbers up to `levels`: codes [headDim rounded up to 2]; what one is worth.
static inline float k_round_query(const float *query, int headDim, float levels, int16_t *codes) {
  k_steps steps = k_steps_for(query, headDim, levels);
  k_round_all(query, headDim, steps.inverse, codes);
  return steps.step;
}

// A key or a query in whole numbers of 16 bits, so large that the product of any two still fits 32 bits: |Σ q k| <= |q| |k| < 2^31
// (Cauchy and Schwarz), where rounding adds up to half a code a dimension. codes [headDim rounded up to 2]; what one is worth.
static inline float k_round_pairs(const float *x, int headDim, int16_t *codes) {
  float lanes[16] = {0}, squares = 0;
  int d = 0;
  for (; d + 16 <= headDim; d += 16)
    for (int i = 0; i < 16; i++) lanes[i] += x[d + i] * x[d + i];
  for (; d < headDim; d++) lanes[d % 16] += x[d] * x[d];
  for (int i = 0; i < 16; i++) squares += lanes[i];
  float norm = sqrtf(squares), step = norm / (46339.0f - 0.5f * sqrtf((float)headDim)), single = k_largest(x, headDim) / 32767.0f;
  if (single > step) step = single;
  k_steps steps = norm < K_SMALLEST_NORM ? (k_steps){0, 0} : (k_steps){step, 1.0f / step};
  k_round_all(x, headDim, steps.inverse, codes);
  return steps.step;
}

// Values of 16 bits are whole numbers up to the first, and a block's 64 weights add up to no more than 16 times the second and
// what rounding adds: what they sum to fits 32 bits.
#define K_VALUE_LEVELS 8191.0f
#define K_WEIGHT_LEVELS 16384.0f

// exp, within 1.01 units in the last place on [-87.3, 88.37]; below it is 0, above infinity. exp(x) = 2^n e^r with
// n = round(x / ln 2) and |r| <= ln 2 / 2; the polynomial is Cephes' expf (Moshier), the reduction Cody and Waite's.
#define K_EXP_LOW (-87.3f)
#define K_EXP_HIGH 88.37f
#define K_EXP_LOG2E 1.44269504088896341f
#define K_EXP_ROUND 12582912.0f  // 1.5 * 2^23: adding it leaves the nearest integer in the low bits
#define K_EXP_LN2_HIGH 0.693359375f
#define K_EXP_LN2_LOW (-2.12194440e-4f)
#define K_EXP_C0 1.9875691500e-4f
#define K_EXP_C1 1.3981999507e-3f
#define K_EXP_C2 8.3334519073e-3f
#define K_EXP_C3 4.1665795894e-2f
#define K_EXP_C4 1.6666665459e-1f
#define K_EXP_C5 5.0000001201e-1f

// The same within 2.7e-6 of the value, which is then rounded to a whole number: 2^n 2^f with n = round(x log2 e) and
// |f| <= 1/2; the polynomial has the least largest relative error (Remez). Below the first it is 0.
#define K_BRIEF_EXP_LOW (-86.0f)
#define K_BRIEF_EXP_C0 0.0095701019f
#define K_BRIEF_EXP_C1 0.05591786f
#define K_BRIEF_EXP_C2 0.24024745f
#define K_BRIEF_EXP_C3 0.69312182f
#define K_BRIEF_EXP_C4 0.99999926f
// Scores of 16-bit keys may exceed what the weights are relative to by so much before sums are shrunk, which is then rare.
#define K_MAXIMUM_SLACK 4.0f

#endif
