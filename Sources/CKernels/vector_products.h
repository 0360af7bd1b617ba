// The products in vectors of 16 lanes, written once and compiled for each instruction set that includes this file.
//
// Before it: PRODUCTS and PRODUCTS_NAME; BIAS, which codes with a sign carry in a panel (128 where `dot4` takes weights without
// a sign, else 0); `dot4`, `dot2`, `dot_brains` and `halves16`; TILE_GROUPS and TILE_TOKENS, 2 x 6, 1 x 4 or 1 x 2 as
// TILE_SHAPE says.
// NARROW is 1 where products of codes of 0 ... 63 are first summed in 16 bits: `dot4_narrow`, `add_scaled` and `paired` are
// before it then, and Q4_0, whose codes are 8 too large, and Q6_K, 32 too large, stay without a sign in a panel.
//
// A panel has 16 rows of weights, a lane each: quad j of a block is one vector, whose lane r has columns 4j ... 4j + 3 of row r.
#include "lanes.h"
#include "products.h"

// ---- activations ---------------------------------------------------------------------------------------------------

INLINE u32x16 magnitudes(const float *x) { return __builtin_bit_cast(u32x16, load(x)) & 0x7FFFFFFF; }

// Codes of a block of `vectors` times 16, and the sums of each 16; its scale.
INLINE float round_block(int vectors, const float *x, int8_t *codes, int32_t *sums) {
  u32x16 most = magnitudes(x);
  for (int v = 1; v < vectors; v++) most = __builtin_elementwise_max(most, magnitudes(x + 16 * v));
  float largest = k_bits(__builtin_reduce_max(most)), scale = largest / 127.0f, inverse = 127.0f / largest;
  if (largest < K_SMALLEST_SCALED) scale = inverse = 0;
  for (int v = 0; v < vectors; v++) {
    i32x16 shifted = __builtin_bit_cast(i32x16, load(x + 16 * v) * inverse + K_ROUND_MAGIC);
    i8x16 code = __builtin_convertvector(shifted, i8x16);
    memcpy(codes + 16 * v, &code, sizeof code);
    sums[v] = __builtin_reduce_add(__builtin_convertvector(code, i32x16));
  }
  return scale;
}

INLINE void round_brains(const float *x, uint16_t *brains, int columns) {
  for (int i = 0; i < columns; i += 16) {
    u32x16 bits = __builtin_bit_cast(u32x16, load(x + i));
    u32x16 rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
    u32x16 result = (bits & 0x7FFFFFFF) > 0x7F800000 ? (bits >> 16 | 64) : rounded;
    u16x16 half = __builtin_convertvector(result, u16x16);
    memcpy(brains + i, &half, sizeof half);
  }
}

static void round_inputs(const float *x, const k_inputs *inputs, int t) {
  int columns = inputs->columns;
  size_t start = (size_t)t * (size_t)columns;
  int32_t sums[16];
  if (inputs->form == K_INPUT_BF16) {
    round_brains(x, inputs->brains + start, columns);
  } else if (inputs->form == K_INPUT_Q8) {
    for (int b = 0; b < columns / 32; b++) {
      size_t place = start / 32 + (size_t)b;
      inputs->scales[place] = round_block(2, x + 32 * b, inputs->codes + start + 32 * b, sums);
      inputs->offsets[place] = -128 * (sums[0] + sums[1]);
    }
  } else {
    for (int b = 0; b < columns / 256; b++) {
      inputs->scales[start / 256 + (size_t)b] = round_block(16, x + 256 * b, inputs->codes + start + 256 * b, sums);
      for (int p = 0; p < 16; p++) inputs->offsets[start / 16 + (size_t)(16 * b + p)] = -128 * sums[p];
      for (int p = 0; p < 8; p++) inputs->sums[start / 32 + (size_t)(8 * b + p)] = (int16_t)(sums[2 * p] + sums[2 * p + 1]);
    }
  }
}

// ---- small codes ---------------------------------------------------------------------------------------------------

#if !NARROW
typedef i32x16 narrow_sums;

INLINE narrow_sums dot4_narrow(narrow_sums sums, u32x16 weights, uint32_t inputs) { return dot4(sums, weights, inputs); }
INLINE i32x16 paired(i32x16 scales) { return scales; }
// sum + scales * sums, with scales as `paired` makes them.
INLINE i32x16 add_scaled(i32x16 sum, narrow_sums sums, i32x16 scales) { return sum + sums * scales; }
#endif

// Quads of codes up to 31, and up to 63, whose products have room in narrow sums: 8 products of 31 * 127 below 2^15.
enum { QUADS_31 = NARROW ? 4 : 8, QUADS_63 = NARROW ? 2 : 4 };

// ---- panels --------------------------------------------------------------------------------------------------------

// 16 rows at one column.
typedef struct {
  const uint8_t *row[16];
} row_group;

INLINE u32x4 piece(const uint8_t *p) {
  u32x4 v;
  memcpy(&v, p, sizeof v);
  return v;
}

// Rows r, r + 4, r + 8, r + 12, 16 bytes each.
INLINE u32x16 four_pieces(const row_group *rows, int r, size_t offset) {
  u32x4 a = piece(rows->row[r] + offset), b = piece(rows->row[r + 4] + offset), c = piece(rows->row[r + 8] + offset),
        d = piece(rows->row[r + 12] + offset);
  u32x8 ab = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7), cd = __builtin_shufflevector(c, d, 0, 1, 2, 3, 4, 5, 6, 7);
  return __builtin_shufflevector(ab, cd, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

INLINE u32x16 low_pairs(u32x16 a, u32x16 b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
}
INLINE u32x16 high_pairs(u32x16 a, u32x16 b) {
  return __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
}
INLINE u32x16 low_halves(u32x16 a, u32x16 b) {
  return __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
}
INLINE u32x16 high_halves(u32x16 a, u32x16 b) {
  return __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
}

// 16 bytes of each row, transposed by fours: lane r of out[j] has bytes 4j ... 4j + 3 of row r.
INLINE void interleave(const row_group *rows, size_t offset, u32x16 *out) {
  u32x16 a = four_pieces(rows, 0, offset), b = four_pieces(rows, 1, offset), c = four_pieces(rows, 2, offset),
         d = four_pieces(rows, 3, offset);
  u32x16 ab = low_pairs(a, b), cd = low_pairs(c, d), ab2 = high_pairs(a, b), cd2 = high_pairs(c, d);
  out[0] = low_halves(ab, cd);
  out[1] = high_halves(ab, cd);
  out[2] = low_halves(ab2, cd2);
  out[3] = high_halves(ab2, cd2);
}

// A half of each row, as floats.
INLINE f32x16 half_scales(const row_group *rows, size_t offset) {
  uint16_t h[16];
  UNROLL for (int r = 0; r < 16; r++) h[r] = k_load16(rows->row[r] + offset);
  u16x16 v = {h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8], h[9], h[10], h[11], h[12], h[13], h[14], h[15]};
  return halves16(v);
}

INLINE u32x16 add_bytes(u32x16 v, int n) {
  return __builtin_bit_cast(u32x16, __builtin_bit_cast(u8x64, v) + (uint8_t)n);
}

// Fetches the next bytes of a stream in order, so that the processor sees one and runs ahead of it: into the second-level
// cache, which takes more fetches at once than the first.
INLINE void fetch(const uint8_t **stream, size_t bytes) {
  for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch(*stream + i, 0, 2);
  *stream += bytes;
}

typedef struct {
  u32x16 codes[8];
  f32x16 d;
} block32;  // Q8_0, Q4_0

typedef struct {
  u32x16 codes[8][8];  // [sub-block][quad]
  i32x16 scales[8];  // paired
  u32x16 minima[4];  // lane r: those of sub-blocks 2p and 2p + 1, 16 bits each
  f32x16 d, dmin;
} block256;  // Q4_K, Q5_K

typedef struct {
  u32x16 codes[16][4];
  i32x16 scales[16];  // paired
  f32x16 d;
} block256_16;  // Q6_K

// Each packs `blocks` blocks and fetches as many bytes of a stream.
static void pack_q8_0(const row_group *rows, int blocks, const uint8_t **stream, void *panel) {
  block32 *out = panel;
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * 34;
    fetch(stream, 16 * 34);
    u32x16 q[8];
    interleave(rows, offset + 2, q);
    interleave(rows, offset + 18, q + 4);
    UNROLL for (int j = 0; j < 8; j++) out[b].codes[j] = BIAS ? q[j] ^ 0x80808080 : q[j];
    out[b].d = half_scales(rows, offset);
  }
}

static void pack_q4_0(const row_group *rows, int blocks, const uint8_t **stream, void *panel) {
  block32 *out = panel;
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * 18;
    fetch(stream, 16 * 18);
    u32x16 q[4];
    interleave(rows, offset + 2, q);
    UNROLL for (int j = 0; j < 4; j++) {
      out[b].codes[j] = add_bytes(q[j] & 0x0F0F0F0F, NARROW ? 0 : BIAS - 8);
      out[b].codes[4 + j] = add_bytes(q[j] >> 4 & 0x0F0F0F0F, NARROW ? 0 : BIAS - 8);
    }
    out[b].d = half_scales(rows, offset);
  }
}

// Scales and minima of 16 rows from the block's first 16 bytes: d, dmin, and 12 bytes with 16 numbers of 6 bits.
INLINE void open_q45_k(const row_group *rows, size_t offset, block256 *out) {
  u32x16 head[4];
  interleave(rows, offset, head);
  out->d = halves16(__builtin_convertvector(head[0] & 0xFFFF, u16x16));
  out->dmin = halves16(__builtin_convertvector(head[0] >> 16, u16x16));
  u32x16 scales[2] = {head[1] & 0x3F3F3F3F, (head[3] & 0x0F0F0F0F) | (head[1] >> 2 & 0x30303030)};
  u32x16 minima[2] = {head[2] & 0x3F3F3F3F, (head[3] >> 4 & 0x0F0F0F0F) | (head[2] >> 2 & 0x30303030)};
  UNROLL for (int s = 0; s < 8; s++)
    out->scales[s] = paired(__builtin_bit_cast(i32x16, scales[s / 4] >> (uint32_t)(8 * (s % 4)) & 0xFF));
  UNROLL for (int p = 0; p < 4; p++) {
    u32x16 two = minima[p / 2] >> (uint32_t)(16 * (p % 2));
    out->minima[p] = (two & 0xFF) | (two & 0xFF00) << 8;
  }
}

static void pack_q4_k(const row_group *rows, int blocks, const uint8_t **stream, void *panel) {
  block256 *out = panel;
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * 144;
    open_q45_k(rows, offset, &out[b]);
    for (size_t i = 0; i < 4; i++) {
      fetch(stream, 4 * 144);
      u32x16 q[8];
      interleave(rows, offset + 16 + 32 * i, q);
      interleave(rows, offset + 32 + 32 * i, q + 4);
      UNROLL for (int j = 0; j < 8; j++) {
        out[b].codes[2 * i][j] = q[j] & 0x0F0F0F0F;
        out[b].codes[2 * i + 1][j] = q[j] >> 4 & 0x0F0F0F0F;
      }
    }
  }
}

static void pack_q5_k(const row_group *rows, int blocks, const uint8_t **stream, void *panel) {
  block256 *out = panel;
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * 176;
    open_q45_k(rows, offset, &out[b]);
    u32x16 high[8];
    interleave(rows, offset + 16, high);
    interleave(rows, offset + 32, high + 4);
    for (size_t i = 0; i < 4; i++) {
      fetch(stream, 4 * 176);
      u32x16 q[8];
      interleave(rows, offset + 48 + 32 * i, q);
      interleave(rows, offset + 64 + 32 * i, q + 4);
      UNROLL for (int j = 0; j < 8; j++) {
        u32x16 fifth = high[j] >> (uint32_t)(2 * i);
        out[b].codes[2 * i][j] = (q[j] & 0x0F0F0F0F) | (fifth & 0x01010101) << 4;
        out[b].codes[2 * i + 1][j] = (q[j] >> 4 & 0x0F0F0F0F) | (fifth >> 1 & 0x01010101) << 4;
      }
    }
  }
}

static void pack_q6_k(const row_group *rows, int blocks, const uint8_t **stream, void *panel) {
  block256_16 *out = panel;
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * 210;
    u32x16 scales[4];
    interleave(rows, offset + 192, scales);
    UNROLL for (int s = 0; s < 16; s++)
      out[b].scales[s] = paired(__builtin_bit_cast(i32x16, scales[s / 4] << (uint32_t)(24 - 8 * (s % 4))) >> 24);
    out[b].d = half_scales(rows, offset + 208);
    const int bias = NARROW ? 0 : BIAS - 32;
    for (size_t n = 0; n < 2; n++) {
      fetch(stream, 8 * 210);
      for (size_t k = 0; k < 2; k++) {  // halves of the 32 bytes
        u32x16 first[4], second[4], high[4];
        interleave(rows, offset + 64 * n + 16 * k, first);
        interleave(rows, offset + 64 * n + 32 + 16 * k, second);
        interleave(rows, offset + 128 + 32 * n + 16 * k, high);
        UNROLL for (int j = 0; j < 4; j++) {
          out[b].codes[8 * n + k][j] = add_bytes((first[j] & 0x0F0F0F0F) | (high[j] << 4 & 0x30303030), bias);
          out[b].codes[8 * n + 2 + k][j] = add_bytes((second[j] & 0x0F0F0F0F) | (high[j] << 2 & 0x30303030), bias);
          out[b].codes[8 * n + 4 + k][j] = add_bytes((first[j] >> 4 & 0x0F0F0F0F) | (high[j] & 0x30303030), bias);
          out[b].codes[8 * n + 6 + k][j] = add_bytes((second[j] >> 4 & 0x0F0F0F0F) | (high[j] >> 2 & 0x30303030), bias);
        }
      }
    }
  }
}

// Blocks of 32 columns: 16 vectors of pairs.
static void pack_bf16(const row_group *rows, int blocks, const uint8_t **stream, void *panel) {
  u32x16 *out = panel;
  for (int b = 0; b < blocks; b++, out += 16) {
    fetch(stream, 16 * 64);
    for (size_t i = 0; i < 4; i++) interleave(rows, (size_t)b * 64 + 16 * i, out + 4 * i);
  }
}

// ---- tiles ---------------------------------------------------------------------------------------------------------

// Inputs from the panel's first column on, of the tile's first token on.
typedef struct {
  const k_inputs *inputs;
  size_t token, column;
} place;

// A tile's place in the results: `tokens` rows of 16 lanes for each group. Handed over by address: a copy would wait for the
// words that were just written.
typedef struct {
  float *y;
  size_t stride;
  int goesOn;  // add to what is there
} target;

INLINE f32x16 results(const target *out, int t, int g) {
  return out->goesOn ? load(out->y + (size_t)t * out->stride + 16 * g) : (f32x16)0.0f;
}

INLINE void tile_32(int four, int groups, int tokens, const void *panel, size_t groupBytes, int blocks, const place *at,
                    const target *out) {
  const k_inputs *x = at->inputs;
  size_t columns = (size_t)x->columns, perRow = columns / 32, start = at->token * perRow + at->column / 32;
  const int isNarrow = NARROW && four;  // a block's 8 quads have room: 16 products of 15 * 127 below 2^15
  const int8_t *codes = x->codes + at->token * columns + at->column;
  const float *scales = x->scales + start;
  const int32_t *offsets = x->offsets + start;
  f32x16 y[TILE_GROUPS * TILE_TOKENS];
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int g = 0; g < groups; g++) y[t * groups + g] = results(out, t, g);
  for (int b = 0; b < blocks; b++, codes += 32, scales++, offsets++) {
    const block32 *w = (const block32 *)panel + b;
    i32x16 sums[TILE_GROUPS * TILE_TOKENS];
    narrow_sums narrow[TILE_GROUPS * TILE_TOKENS];
    UNROLL for (int t = 0; t < tokens; t++) {
      UNROLL for (int g = 0; g < groups; g++) {
        sums[t * groups + g] = BIAS ? (i32x16)offsets[(size_t)t * perRow] : (i32x16)0;
        narrow[t * groups + g] = 0;
      }
    }
    UNROLL for (int j = 0; j < 8; j++) {
      u32x16 q[TILE_GROUPS];
      UNROLL for (int g = 0; g < groups; g++) q[g] = ((const block32 *)((const uint8_t *)w + (size_t)g * groupBytes))->codes[j];
      UNROLL for (int t = 0; t < tokens; t++) {
        uint32_t input = k_load32(codes + (size_t)t * columns + 4 * j);
        UNROLL for (int g = 0; g < groups; g++) {
          int i = t * groups + g;
          if (isNarrow) {
            narrow[i] = dot4_narrow(narrow[i], q[g], input);
          } else {
            sums[i] = dot4(sums[i], q[g], input);
          }
        }
      }
    }
    UNROLL for (int i = 0; i < tokens * groups; i++)
      if (isNarrow) sums[i] = add_scaled(offsets[(size_t)(i / groups) * perRow] >> 4, narrow[i], paired(1));
    UNROLL for (int g = 0; g < groups; g++) {
      f32x16 d = ((const block32 *)((const uint8_t *)w + (size_t)g * groupBytes))->d;
      UNROLL for (int t = 0; t < tokens; t++)
        y[t * groups + g] =
            fma16(__builtin_convertvector(sums[t * groups + g], f32x16), d * scales[(size_t)t * perRow], y[t * groups + g]);
    }
  }
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int g = 0; g < groups; g++) store(out->y + (size_t)t * out->stride + 16 * g, y[t * groups + g]);
}

INLINE void tile_q8_0(int groups, int tokens, const void *panel, size_t groupBytes, int blocks, const place *at, const target *out) {
  tile_32(0, groups, tokens, panel, groupBytes, blocks, at, out);
}

INLINE void tile_q4_0(int groups, int tokens, const void *panel, size_t groupBytes, int blocks, const place *at, const target *out) {
  tile_32(1, groups, tokens, panel, groupBytes, blocks, at, out);
}

INLINE void tile_q45_k(int groups, int tokens, const void *panel, size_t groupBytes, int blocks, const place *at, const target *out) {
  const k_inputs *x = at->inputs;
  size_t columns = (size_t)x->columns, perRow = columns / 256;
  const int8_t *codes = x->codes + at->token * columns + at->column;
  const float *scales = x->scales + at->token * perRow + at->column / 256;
  const int16_t *totals = x->sums + (at->token * columns + at->column) / 32;
  f32x16 y[TILE_GROUPS * TILE_TOKENS];
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int g = 0; g < groups; g++) y[t * groups + g] = results(out, t, g);
  for (int b = 0; b < blocks; b++, codes += 256, scales++, totals += 8) {
    const block256 *w = (const block256 *)panel + b;
    i32x16 sums[TILE_GROUPS * TILE_TOKENS];
    UNROLL for (int i = 0; i < tokens * groups; i++) sums[i] = 0;
    for (int quad = 0; quad < 64; quad += QUADS_31) {
      int s = quad / 8;
      narrow_sums part[TILE_GROUPS * TILE_TOKENS];
      UNROLL for (int i = 0; i < tokens * groups; i++) part[i] = 0;
      UNROLL for (int j = 0; j < QUADS_31; j++) {
        u32x16 q[TILE_GROUPS];
        UNROLL for (int g = 0; g < groups; g++)
          q[g] = ((const block256 *)((const uint8_t *)w + (size_t)g * groupBytes))->codes[s][quad % 8 + j];
        UNROLL for (int t = 0; t < tokens; t++) {
          uint32_t input = k_load32(codes + (size_t)t * columns + 4 * (quad + j));
          UNROLL for (int g = 0; g < groups; g++) part[t * groups + g] = dot4_narrow(part[t * groups + g], q[g], input);
        }
      }
      UNROLL for (int g = 0; g < groups; g++) {
        i32x16 scale = ((const block256 *)((const uint8_t *)w + (size_t)g * groupBytes))->scales[s];
        UNROLL for (int t = 0; t < tokens; t++)
          sums[t * groups + g] = add_scaled(sums[t * groups + g], part[t * groups + g], scale);
      }
    }
    UNROLL for (int g = 0; g < groups; g++) {
      const block256 *group = (const block256 *)((const uint8_t *)w + (size_t)g * groupBytes);
      UNROLL for (int t = 0; t < tokens; t++) {
        f32x16 scale = scales[(size_t)t * perRow];
        i32x16 minimum = 0;
        UNROLL for (int p = 0; p < 4; p++)
          minimum = dot2(minimum, group->minima[p], k_load32(totals + (size_t)t * (columns / 32) + 2 * p));
        f32x16 sum = fma16(__builtin_convertvector(sums[t * groups + g], f32x16), group->d * scale, y[t * groups + g]);
        y[t * groups + g] = fma16(__builtin_convertvector(minimum, f32x16), -(group->dmin * scale), sum);
      }
    }
  }
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int g = 0; g < groups; g++) store(out->y + (size_t)t * out->stride + 16 * g, y[t * groups + g]);
}

INLINE void tile_q6_k(int groups, int tokens, const void *panel, size_t groupBytes, int blocks, const place *at, const target *out) {
  const k_inputs *x = at->inputs;
  size_t columns = (size_t)x->columns, perRow = columns / 256;
  const int8_t *codes = x->codes + at->token * columns + at->column;
  const float *scales = x->scales + at->token * perRow + at->column / 256;
  const int32_t *offsets = x->offsets + (at->token * columns + at->column) / 16;
  f32x16 y[TILE_GROUPS * TILE_TOKENS];
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int g = 0; g < groups; g++) y[t * groups + g] = results(out, t, g);
  for (int b = 0; b < blocks; b++, codes += 256, scales++, offsets += 16) {
    const block256_16 *w = (const block256_16 *)panel + b;
    i32x16 sums[TILE_GROUPS * TILE_TOKENS];
    UNROLL for (int i = 0; i < tokens * groups; i++) sums[i] = 0;
    for (int s = 0; s < 16; s++) {
      i32x16 scale[TILE_GROUPS];
      UNROLL for (int g = 0; g < groups; g++)
        scale[g] = ((const block256_16 *)((const uint8_t *)w + (size_t)g * groupBytes))->scales[s];
      narrow_sums part[TILE_GROUPS * TILE_TOKENS];
      UNROLL for (int t = 0; t < tokens; t++) {
        int32_t offset = offsets[(size_t)t * (columns / 16) + (size_t)s];
        UNROLL for (int g = 0; g < groups; g++) {
          int i = t * groups + g;
          part[i] = BIAS ? (narrow_sums)offset : (narrow_sums)0;
          // -32 times the sum of the 16 inputs' codes, half of it in each of a lane's two sums.
          if (NARROW) sums[i] = add_scaled(sums[i], (narrow_sums)(int16_t)(offset >> 3), scale[g]);
        }
      }
      UNROLL for (int first = 0; first < 4; first += QUADS_63) {
        UNROLL for (int j = first; j < first + QUADS_63; j++) {
          u32x16 q[TILE_GROUPS];
          UNROLL for (int g = 0; g < groups; g++)
            q[g] = ((const block256_16 *)((const uint8_t *)w + (size_t)g * groupBytes))->codes[s][j];
          UNROLL for (int t = 0; t < tokens; t++) {
            uint32_t input = k_load32(codes + (size_t)t * columns + 16 * s + 4 * j);
            UNROLL for (int g = 0; g < groups; g++) part[t * groups + g] = dot4_narrow(part[t * groups + g], q[g], input);
          }
        }
        UNROLL for (int t = 0; t < tokens; t++) {
          UNROLL for (int g = 0; g < groups; g++) {
            int i = t * groups + g;
            sums[i] = add_scaled(sums[i], part[i], scale[g]);
            part[i] = 0;
          }
        }
      }
    }
    UNROLL for (int g = 0; g < groups; g++) {
      f32x16 d = ((const block256_16 *)((const uint8_t *)w + (size_t)g * groupBytes))->d;
      UNROLL for (int t = 0; t < tokens; t++)
        y[t * groups + g] =
            fma16(__builtin_convertvector(sums[t * groups + g], f32x16), d * scales[(size_t)t * perRow], y[t * groups + g]);
    }
  }
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int g = 0; g < groups; g++) store(out->y + (size_t)t * out->stride + 16 * g, y[t * groups + g]);
}

INLINE void tile_bf16(int groups, int tokens, const void *panel, size_t groupBytes, int blocks, const place *at, const target *out) {
  size_t columns = (size_t)at->inputs->columns;
  const uint16_t *brains = at->inputs->brains + at->token * columns + at->column;
  f32x16 y[TILE_GROUPS * TILE_TOKENS];
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int g = 0; g < groups; g++) y[t * groups + g] = results(out, t, g);
  const uint8_t *w = panel;
  for (int b = 0; b < 4 * blocks; b++, brains += 8, w += 4 * sizeof(u32x16)) {
    UNROLL for (int j = 0; j < 4; j++) {
      u32x16 q[TILE_GROUPS];
      UNROLL for (int g = 0; g < groups; g++) q[g] = ((const u32x16 *)(w + (size_t)g * groupBytes))[j];
      UNROLL for (int t = 0; t < tokens; t++) {
        uint32_t input = k_load32(brains + (size_t)t * columns + 2 * j);
        UNROLL for (int g = 0; g < groups; g++) y[t * groups + g] = dot_brains(y[t * groups + g], q[g], input);
      }
    }
  }
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int g = 0; g < groups; g++) store(out->y + (size_t)t * out->stride + 16 * g, y[t * groups + g]);
}

// ---- matrices ------------------------------------------------------------------------------------------------------

typedef void (*tile_function)(const void *, size_t, int, const place *, const target *);

#define TILE(NAME, GROUPS, TOKENS)                                                                                      \
  static void NAME##_##GROUPS##_##TOKENS(const void *panel, size_t groupBytes, int blocks, const place *at, const target *out) { \
    NAME(GROUPS, TOKENS, panel, groupBytes, blocks, at, out);                                                          \
  }
#if TILE_SHAPE == 26
#define TILES_OF(NAME, GROUPS)                                                                                         \
  TILE(NAME, GROUPS, 1)                                                                                                \
  TILE(NAME, GROUPS, 2) TILE(NAME, GROUPS, 3) TILE(NAME, GROUPS, 4) TILE(NAME, GROUPS, 5) TILE(NAME, GROUPS, 6)
#define TILE_ROW(NAME, GROUPS)                                                                          \
  {NAME##_##GROUPS##_1, NAME##_##GROUPS##_2, NAME##_##GROUPS##_3, NAME##_##GROUPS##_4, NAME##_##GROUPS##_5, \
   NAME##_##GROUPS##_6}
#define TILES(NAME)   \
  TILES_OF(NAME, 1)   \
  TILES_OF(NAME, 2)   \
  static const tile_function NAME##_tiles[2][6] = {TILE_ROW(NAME, 1), TILE_ROW(NAME, 2)};
#elif TILE_SHAPE == 14
#define TILES(NAME)                                                   \
  TILE(NAME, 1, 1) TILE(NAME, 1, 2) TILE(NAME, 1, 3) TILE(NAME, 1, 4) \
  static const tile_function NAME##_tiles[1][4] = {{NAME##_1_1, NAME##_1_2, NAME##_1_3, NAME##_1_4}};
#else
#define TILES(NAME)    \
  TILE(NAME, 1, 1)     \
  TILE(NAME, 1, 2)     \
  static const tile_function NAME##_tiles[1][2] = {{NAME##_1_1, NAME##_1_2}};
#endif
TILES(tile_q8_0)
TILES(tile_q4_0)
TILES(tile_q45_k)
TILES(tile_q6_k)
TILES(tile_bf16)

typedef struct {
  int elements;       // columns of a block
  size_t bytes;       // of a block in the file
  size_t panelBytes;  // of a block of 16 rows
  void (*pack)(const row_group *, int, const uint8_t **, void *);
  const tile_function (*tiles)[TILE_TOKENS];
} format;

static format format_of(int type) {
  switch (type) {
    case K_Q8_0: return (format){32, 34, sizeof(block32), pack_q8_0, tile_q8_0_tiles};
    case K_Q4_0: return (format){32, 18, sizeof(block32), pack_q4_0, tile_q4_0_tiles};
    case K_Q4_K: return (format){256, 144, sizeof(block256), pack_q4_k, tile_q45_k_tiles};
    case K_Q5_K: return (format){256, 176, sizeof(block256), pack_q5_k, tile_q45_k_tiles};
    case K_BF16: return (format){32, 64, 16 * sizeof(u32x16), pack_bf16, tile_bf16_tiles};
    default: return (format){256, 210, sizeof(block256_16), pack_q6_k, tile_q6_k_tiles};
  }
}

// Packs `blocks` blocks from `block` on of the groups that rows first ..< first + count make.
static void pack_groups(const format *f, const uint8_t *w, size_t rowBytes, int first, int count, int block, int blocks,
                        const uint8_t *stream, uint8_t *panel) {
  for (int r = 0; r < count; r += 16, panel += (size_t)blocks * f->panelBytes) {
    row_group rows;
    for (int i = 0; i < 16; i++) {
      int row = r + i < count ? r + i : count - 1;  // past the end the last again, whose results are not kept
      rows.row[i] = w + (size_t)(first + row) * rowBytes + (size_t)block * f->bytes;
    }
    f->pack(&rows, blocks, &stream, panel);
  }
}

// Multiplies packed groups with a few tokens.
static void multiply_tile(const format *f, const uint8_t *panel, int count, int blocks, const place *at, int tokens, int goesOn, float *y,
                          size_t yStride) {
  size_t groupBytes = (size_t)blocks * f->panelBytes;
  for (int r = 0; r < count;) {
    const uint8_t *group = panel + (size_t)(r / 16) * groupBytes;
    int left = count - r;
    if (left < 16) {  // by way of a whole vector
      float lanes[TILE_TOKENS * 16];
      for (int t = 0; goesOn && t < tokens; t++) store(lanes + 16 * t, load_part(y + (size_t)t * yStride + r, left));
      f->tiles[0][tokens - 1](group, groupBytes, blocks, at, &(target){lanes, 16, goesOn});
      for (int t = 0; t < tokens; t++) store_part(y + (size_t)t * yStride + r, load(lanes + 16 * t), left);
      return;
    }
    int groups = left >= 16 * TILE_GROUPS ? TILE_GROUPS : 1;
    f->tiles[groups - 1][tokens - 1](group, groupBytes, blocks, at, &(target){y + r, yStride, goesOn});
    r += 16 * groups;
  }
}

// ---- one token -----------------------------------------------------------------------------------------------------

// 16 rows and one token without a panel: one_token_q8_0 and so on, for each instruction set its own. BF16 the same in all.
static void one_token_bf16(const row_group *rows, int blocks, const k_inputs *x, const uint8_t **stream, float *y) {
  f32x16 sum = 0;
  for (int i = 0; i < 4 * blocks; i++) {
    if (i % 4 == 0) fetch(stream, 16 * 64);
    u32x16 weights[4];
    interleave(rows, (size_t)i * 16, weights);
    UNROLL for (int j = 0; j < 4; j++) sum = dot_brains(sum, weights[j], k_load32(x->brains + 8 * i + 2 * j));
  }
  store(y, sum);
}

typedef void one_token(const row_group *rows, int blocks, const k_inputs *x, const uint8_t **stream, float *y);
static one_token one_token_q8_0, one_token_q4_0, one_token_q4_k, one_token_q5_k, one_token_q6_k;

static one_token *one_token_of(int type) {
  switch (type) {
    case K_Q8_0: return one_token_q8_0;
    case K_Q4_0: return one_token_q4_0;
    case K_Q5_K: return one_token_q5_k;
    case K_Q4_K: return one_token_q4_k;
    case K_BF16: return one_token_bf16;
    default: return one_token_q6_k;
  }
}

static void multiply_one_token(one_token *product, int blocks, const uint8_t *w, size_t rowBytes, int rowCount,
                               const k_inputs *x, float *y) {
  for (int r = 0; r < rowCount; r += 16) {
    row_group rows;
    // Past the end the last row again, whose results are not kept.
    for (int i = 0; i < 16; i++) rows.row[i] = w + (size_t)(r + i < rowCount ? r + i : rowCount - 1) * rowBytes;
    const uint8_t *next = w + (size_t)(r + 16) * rowBytes + FETCH_AHEAD;
    float lanes[16];
    product(&rows, blocks, x, &next, lanes);
    memcpy(y + r, lanes, (size_t)(rowCount - r < 16 ? rowCount - r : 16) * sizeof *y);
  }
}

// ---- products ------------------------------------------------------------------------------------------------------

static void multiply(int type, const void *w, size_t rowBytes, int rowCount, const k_inputs *x, int tokenCount, void *panel,
                     float *y, size_t yStride) {
  format f = format_of(type);
  int columns = x->columns;
  if (tokenCount == 1) {
    multiply_one_token(one_token_of(type), columns / f.elements, w, rowBytes, rowCount, x, y);
    return;
  }
  int tiles = (tokenCount + TILE_TOKENS - 1) / TILE_TOKENS;
  if (tokenCount <= NARROW_TOKENS) {
    // Each panel is used a few times only: a few rows and columns at a time, which stay in the first-level cache.
    for (int r = 0; r < rowCount; r += 16 * TILE_GROUPS) {
      int rows = rowCount - r < 16 * TILE_GROUPS ? rowCount - r : 16 * TILE_GROUPS;
      for (int c = 0; c < columns; c += NARROW_COLUMNS) {
        int width = columns - c < NARROW_COLUMNS ? columns - c : NARROW_COLUMNS;
        // As many bytes of the next rows as are used of these.
        const uint8_t *next = (const uint8_t *)w + (size_t)(r + 16 * TILE_GROUPS) * rowBytes
          + (size_t)(16 * TILE_GROUPS) * (size_t)(c / f.elements) * f.bytes + FETCH_AHEAD;
        pack_groups(&f, w, rowBytes, r, rows, c / f.elements, width / f.elements, next, panel);
        for (int i = 0, t = 0; i < tiles; i++) {
          int tokens = (tokenCount - t + tiles - i - 1) / (tiles - i);  // as equal as they can be
          multiply_tile(&f, panel, rows, width / f.elements, &(place){x, (size_t)t, (size_t)c}, tokens, c > 0,
                        y + (size_t)t * yStride + r, yStride);
          t += tokens;
        }
      }
    }
    return;
  }
  for (int c = 0; c < columns; c += PANEL_COLUMNS) {
    int width = columns - c < PANEL_COLUMNS ? columns - c : PANEL_COLUMNS;
    const uint8_t *next = (const uint8_t *)w + (size_t)rowCount * rowBytes;
    pack_groups(&f, w, rowBytes, 0, rowCount, c / f.elements, width / f.elements, next, panel);
    for (int i = 0, t = 0; i < tiles; i++) {
      int tokens = (tokenCount - t + tiles - i - 1) / (tiles - i);  // as equal as they can be
      multiply_tile(&f, panel, rowCount, width / f.elements, &(place){x, (size_t)t, (size_t)c}, tokens, c > 0,
                    y + (size_t)t * yStride, yStride);
      t += tokens;
    }
  }
}

static void multiply_bf16(const void *w, size_t rowBytes, int rowCount, const k_inputs *x, int tokenCount, void *panel, float *y,
                          size_t yStride) {
  multiply(K_BF16, w, rowBytes, rowCount, x, tokenCount, panel, y, yStride);
}

const k_products PRODUCTS = {
  .name = PRODUCTS_NAME, .round_inputs = round_inputs, .multiply = multiply, .multiply_bf16 = multiply_bf16};
