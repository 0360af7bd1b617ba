// Vectors of 16 lanes, for the files that are compiled for each instruction set.
#ifndef LANES_H
#define LANES_H

#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

// Unrolled, so that arrays of vectors become registers.
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float f32x16 __attribute__((ext_vector_type(16)));
typedef float f32x8 __attribute__((ext_vector_type(8)));
typedef float f32x4 __attribute__((ext_vector_type(4)));
typedef int32_t i32x8 __attribute__((ext_vector_type(8)));
typedef int32_t i32x16 __attribute__((ext_vector_type(16)));
typedef uint32_t u32x4 __attribute__((ext_vector_type(4)));
typedef uint32_t u32x8 __attribute__((ext_vector_type(8)));
typedef uint32_t u32x16 __attribute__((ext_vector_type(16)));
typedef uint8_t u8x8 __attribute__((ext_vector_type(8)));
typedef uint8_t u8x16 __attribute__((ext_vector_type(16)));
typedef int8_t i8x16 __attribute__((ext_vector_type(16)));
typedef uint8_t u8x32 __attribute__((ext_vector_type(32)));
typedef int8_t i8x32 __attribute__((ext_vector_type(32)));
typedef uint8_t u8x64 __attribute__((ext_vector_type(64)));
typedef uint16_t u16x16 __attribute__((ext_vector_type(16)));
typedef int16_t i16x16 __attribute__((ext_vector_type(16)));
typedef int16_t i16x32 __attribute__((ext_vector_type(32)));

INLINE f32x16 load(const float *p) {
  f32x16 v;
  memcpy(&v, p, sizeof v);
  return v;
}

INLINE void store(float *p, f32x16 v) { memcpy(p, &v, sizeof v); }

// The first `count` lanes, zeros behind.
INLINE f32x16 load_part(const float *p, int count) {
  float lanes[16] = {0};
  memcpy(lanes, p, (size_t)count * sizeof *p);
  return load(lanes);
}

INLINE void store_part(float *p, f32x16 v, int count) {
  float lanes[16];
  store(lanes, v);
  memcpy(p, lanes, (size_t)count * sizeof *p);
}

INLINE u8x16 bytes16(const uint8_t *p) {
  u8x16 v;
  memcpy(&v, p, sizeof v);
  return v;
}

INLINE u8x32 bytes32(const uint8_t *p) {
  u8x32 v;
  memcpy(&v, p, sizeof v);
  return v;
}

INLINE f32x16 fma16(f32x16 a, f32x16 b, f32x16 c) { return __builtin_elementwise_fma(a, b, c); }

INLINE i32x16 iota(void) { return (i32x16){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}; }

INLINE f32x4 halves(f32x16 v) {
  f32x8 eight = v.lo + v.hi;
  return eight.lo + eight.hi;
}

// In the order of k_sum16.
INLINE float sum1(f32x16 v) {
  f32x4 four = halves(v);
  return (four.x + four.z) + (four.y + four.w);
}

INLINE f32x16 larger(f32x16 a, f32x16 b) { return a > b ? a : b; }

INLINE float largest(f32x16 v) {
  f32x8 a = v.lo, b = v.hi, eight = a > b ? a : b;
  f32x4 c = eight.lo, d = eight.hi, four = c > d ? c : d;
  float x = four.x > four.z ? four.x : four.z, y = four.y > four.w ? four.y : four.w;
  return x > y ? x : y;
}

#endif
