// Products for AVX-512 with VNNI: a vector of 16 lanes is one of 32 registers, four 8-bit products a lane one instruction.
#if defined(__x86_64__)
#include <immintrin.h>

#include "products.h"

#pragma clang attribute push(                                                                                        \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16,avx2,fma,f16c"))), apply_to = function)

#include "lanes.h"

#define PRODUCTS k_products_avx512
#define PRODUCTS_NAME "avx512"
#define BIAS 128  // vpdpbusd multiplies codes without a sign with codes with one
#define NARROW 0
// 2 x 6 results and as many sums, 2 weights: 26 registers of 32.
enum { TILE_GROUPS = 2, TILE_TOKENS = 6 };
#define TILE_SHAPE 26
#define SPREAD 0
#define AHEAD FETCH_AHEAD

INLINE i32x16 dot4(i32x16 sum, u32x16 weights, uint32_t inputs) {
  return (i32x16)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)weights, _mm512_set1_epi32((int)inputs));
}

#include "dot2_avx512.h"
#include "two_brains_avx512.h"

INLINE f32x16 halves16(u16x16 v) { return (f32x16)_mm512_cvtph_ps((__m256i)v); }

// The sums of the 8 lanes in each half of 8 vectors: of the low halves of the first four, their high halves, and the same of
// the last four.
INLINE i32x16 sums_of_halves(const __m512i *v) {
  __m512i pairs[4], fours[2];
  UNROLL for (int i = 0; i < 4; i++)
    pairs[i] = _mm512_add_epi32(_mm512_unpacklo_epi32(v[2 * i], v[2 * i + 1]), _mm512_unpackhi_epi32(v[2 * i], v[2 * i + 1]));
  UNROLL for (int i = 0; i < 2; i++)
    fours[i] = _mm512_add_epi32(_mm512_unpacklo_epi64(pairs[2 * i], pairs[2 * i + 1]),
                                _mm512_unpackhi_epi64(pairs[2 * i], pairs[2 * i + 1]));
  return (i32x16)_mm512_add_epi32(_mm512_shuffle_i32x4(fours[0], fours[1], 0x88), _mm512_shuffle_i32x4(fours[0], fours[1], 0xDD));
}

#include "vector_products.h"

// ---- one token -----------------------------------------------------------------------------------------------------

// 16 rows and one token without a panel: two rows a vector, whose lanes are summed at the end of a block. The same sums of
// whole numbers as in a tile, scaled and added in the same order.

// 32 bytes of rows `pair / 4 * 8 + pair % 4` and, in the high half, four rows further: in the order of sums_of_halves.
INLINE __m512i two_rows(const row_group *rows, int pair, size_t offset) {
  int row = pair / 4 * 8 + pair % 4;
  __m256i low = _mm256_loadu_si256((const __m256i *)(rows->row[row] + offset));
  __m256i high = _mm256_loadu_si256((const __m256i *)(rows->row[row + 4] + offset));
  return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

// The lanes of those rows.
INLINE __m512i lanes_of(int pair) {
  int row = pair / 4 * 8 + pair % 4;
  return _mm512_inserti64x4(_mm512_set1_epi32(row), _mm256_set1_epi32(row + 4), 1);
}

// Sums that fit 16 bits, two a lane.
INLINE __m512i side_by_side(__m512i low, __m512i high) {
  return _mm512_mask_blend_epi16(0xAAAAAAAA, low, _mm512_slli_epi32(high, 16));
}

INLINE __m512i inputs32(const k_inputs *x, int column) {
  return _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)(x->codes + column)));
}

static void one_token_q8_0(const row_group *rows, int blocks, const k_inputs *x, const uint8_t **stream, float *y) {
  f32x16 sum = 0;
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * 34;
    fetch(stream, 16 * 34);
    __m512i input = inputs32(x, 32 * b), products[8];
    UNROLL for (int i = 0; i < 8; i++) {
      __m512i weights = _mm512_xor_si512(two_rows(rows, i, offset + 2), _mm512_set1_epi8((char)0x80));
      products[i] = _mm512_dpbusd_epi32(_mm512_setzero_si512(), weights, input);
    }
    i32x16 whole = sums_of_halves(products) + x->offsets[b];
    sum = fma16(__builtin_convertvector(whole, f32x16), half_scales(rows, offset) * x->scales[b], sum);
  }
  store(y, sum);
}

// 16 bytes of rows r, r + 4, r + 8, r + 12.
INLINE __m512i four_rows(const row_group *rows, int r, size_t offset) { return (__m512i)four_pieces(rows, r, offset); }

// The sums of the 4 lanes in each quarter of 4 vectors that four_rows made.
INLINE i32x16 sums_of_quarters(const __m512i *v) {
  __m512i first = _mm512_add_epi32(_mm512_unpacklo_epi32(v[0], v[1]), _mm512_unpackhi_epi32(v[0], v[1]));
  __m512i second = _mm512_add_epi32(_mm512_unpacklo_epi32(v[2], v[3]), _mm512_unpackhi_epi32(v[2], v[3]));
  return (i32x16)_mm512_add_epi32(_mm512_unpacklo_epi64(first, second), _mm512_unpackhi_epi64(first, second));
}

static void one_token_q4_0(const row_group *rows, int blocks, const k_inputs *x, const uint8_t **stream, float *y) {
  f32x16 sum = 0;
  __m512i nibble = _mm512_set1_epi8(15);
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * 18;
    fetch(stream, 16 * 18);
    __m512i first = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(x->codes + 32 * b)));
    __m512i second = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(x->codes + 32 * b + 16))), products[4];
    UNROLL for (int i = 0; i < 4; i++) {
      __m512i weights = four_rows(rows, i, offset + 2);
      products[i] = _mm512_dpbusd_epi32(_mm512_setzero_si512(), _mm512_and_si512(weights, nibble), first);
      products[i] = _mm512_dpbusd_epi32(products[i], _mm512_and_si512(_mm512_srli_epi16(weights, 4), nibble), second);
    }
    // -128 times the sum of the inputs' codes; the weights' codes are 8 too large.
    i32x16 whole = sums_of_quarters(products) + (x->offsets[b] >> 4);
    sum = fma16(__builtin_convertvector(whole, f32x16), half_scales(rows, offset) * x->scales[b], sum);
  }
  store(y, sum);
}

INLINE void one_token_q45_k(int five, const row_group *rows, int blocks, const k_inputs *x, const uint8_t **stream, float *y) {
  const int bytes = five ? 176 : 144;
  const size_t codes = five ? 48 : 16;
  f32x16 sum = 0;
  __m512i nibble = _mm512_set1_epi8(15), fifth = _mm512_set1_epi8(16);
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * (size_t)bytes;
    block256 head;
    open_q45_k(rows, offset, &head);
    __m512i total[8];
    UNROLL for (int p = 0; p < 8; p++) total[p] = _mm512_setzero_si512();
    i32x16 minimum = 0;
    UNROLL for (int i = 0; i < 4; i++) {
      fetch(stream, 4 * (size_t)bytes);
      __m512i first = inputs32(x, 256 * b + 64 * i), second = inputs32(x, 256 * b + 64 * i + 32);
      __m512i scales = (__m512i)(head.scales[2 * i] | head.scales[2 * i + 1] << 16);
      UNROLL for (int p = 0; p < 8; p++) {
        __m512i weights = two_rows(rows, p, offset + codes + 32 * (size_t)i);
        __m512i one = _mm512_and_si512(weights, nibble), other = _mm512_and_si512(_mm512_srli_epi16(weights, 4), nibble);
        if (five) {  // bits 2i and 2i + 1 of the bytes become bit 4
          __m512i bits = two_rows(rows, p, offset + 16);
          __m512i at4 = i < 2 ? _mm512_slli_epi16(bits, (unsigned)(4 - 2 * i)) : _mm512_srli_epi16(bits, (unsigned)(2 * i - 4));
          __m512i at5 = i < 2 ? _mm512_slli_epi16(bits, (unsigned)(3 - 2 * i)) : _mm512_srli_epi16(bits, (unsigned)(2 * i - 3));
          one = _mm512_or_si512(one, _mm512_and_si512(at4, fifth));
          other = _mm512_or_si512(other, _mm512_and_si512(at5, fifth));
        }
        // Four products of at most 31 * 127 fit 16 bits: both sub-blocks' sums of a lane meet their scales at once.
        __m512i low = _mm512_dpbusd_epi32(_mm512_setzero_si512(), one, first);
        __m512i high = _mm512_dpbusd_epi32(_mm512_setzero_si512(), other, second);
        total[p] = dot2_lanes(total[p], side_by_side(low, high), _mm512_permutexvar_epi32(lanes_of(p), scales));
      }
      minimum = dot2(minimum, head.minima[i], k_load32(x->sums + 8 * b + 2 * i));
    }
    f32x16 scale = x->scales[b];
    sum = fma16(__builtin_convertvector(sums_of_halves(total), f32x16), head.d * scale, sum);
    sum = fma16(__builtin_convertvector(minimum, f32x16), -(head.dmin * scale), sum);
  }
  store(y, sum);
}

static void one_token_q4_k(const row_group *rows, int blocks, const k_inputs *x, const uint8_t **stream, float *y) {
  one_token_q45_k(0, rows, blocks, x, stream, y);
}

static void one_token_q5_k(const row_group *rows, int blocks, const k_inputs *x, const uint8_t **stream, float *y) {
  one_token_q45_k(1, rows, blocks, x, stream, y);
}

// Two rows' 16 scales, 16 bits each: the second's in the high half.
INLINE __m512i scales_of_two(const row_group *rows, int pair, size_t offset) {
  int row = pair / 4 * 8 + pair % 4;
  __m256i low = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(rows->row[row] + offset)));
  __m256i high = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(rows->row[row + 4] + offset)));
  return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

static void one_token_q6_k(const row_group *rows, int blocks, const k_inputs *x, const uint8_t **stream, float *y) {
  // Lanes 0 ... 3 and 4 ... 7 of each half are the two parts of 16 columns that a vector of 32 has: of scales_of_two, those of
  // the first 32 columns and of the next, side by side.
  __m512i places = _mm512_setr_epi32(0x20000, 0x20000, 0x20000, 0x20000, 0x30001, 0x30001, 0x30001, 0x30001, 0x120010, 0x120010,
                                     0x120010, 0x120010, 0x130011, 0x130011, 0x130011, 0x130011);
  __m512i nibble = _mm512_set1_epi8(15), upper = _mm512_set1_epi8(0x30);
  f32x16 sum = 0;
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * 210;
    // -128 times the sums of 16 columns, of which an eighth fits 16 bits; the weights' codes are 32 too large.
    __m512i offsets = _mm512_srai_epi32(_mm512_loadu_si512(x->offsets + 16 * b), 3), products[8];
    __m512i excess = _mm512_broadcast_i64x4(_mm512_cvtepi32_epi16(offsets));
    UNROLL for (int p = 0; p < 8; p++) {
      fetch(stream, 2 * 210);
      __m512i scales = scales_of_two(rows, p, offset + 192);
      __m512i total = _mm512_slli_epi32(_mm512_madd_epi16(scales, excess), 1);
      UNROLL for (int n = 0; n < 2; n++) {
        __m512i first = two_rows(rows, p, offset + 64 * (size_t)n), second = two_rows(rows, p, offset + 64 * (size_t)n + 32);
        __m512i bits = two_rows(rows, p, offset + 128 + 32 * (size_t)n);
        __m512i codes[4] = {
          _mm512_or_si512(_mm512_and_si512(first, nibble), _mm512_and_si512(_mm512_slli_epi16(bits, 4), upper)),
          _mm512_or_si512(_mm512_and_si512(second, nibble), _mm512_and_si512(_mm512_slli_epi16(bits, 2), upper)),
          _mm512_or_si512(_mm512_and_si512(_mm512_srli_epi16(first, 4), nibble), _mm512_and_si512(bits, upper)),
          _mm512_or_si512(_mm512_and_si512(_mm512_srli_epi16(second, 4), nibble),
                          _mm512_and_si512(_mm512_srli_epi16(bits, 2), upper)),
        };
        // Four products of at most 63 * 127 fit 16 bits.
        UNROLL for (int q = 0; q < 4; q += 2) {
          int group = 4 * n + q;  // of 32 columns
          __m512i low = _mm512_dpbusd_epi32(_mm512_setzero_si512(), codes[q], inputs32(x, 256 * b + 32 * group));
          __m512i high = _mm512_dpbusd_epi32(_mm512_setzero_si512(), codes[q + 1], inputs32(x, 256 * b + 32 * group + 32));
          __m512i scale = _mm512_permutexvar_epi16(_mm512_add_epi16(places, _mm512_set1_epi16((short)(2 * group))), scales);
          total = dot2_lanes(total, side_by_side(low, high), scale);
        }
      }
      products[p] = total;
    }
    i32x16 whole = sums_of_halves(products);
    sum = fma16(__builtin_convertvector(whole, f32x16), half_scales(rows, offset + 208) * x->scales[b], sum);
  }
  store(y, sum);
}

#pragma clang attribute pop
#endif
