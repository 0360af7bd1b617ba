// The products in vectors of 16 lanes, written once and compiled for each instruction set that includes this file.
//
// Before it: PRODUCTS and PRODUCTS_NAME; BIAS, which codes with a sign carry in a panel (128 where `dot4` takes weights without
// a sign, else 0); `dot4`, `dot2`, `dot_brains` and `halves16`; TILE_GROUPS and TILE_TOKENS, 2 x 6, 1 x 6 or 1 x 2 as
// TILE_SHAPE says; HOLD, which keeps a sum in its registers; SPREAD, 1 where vector_spread.h is used; AHEAD, as
// FETCH_AHEAD says.
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

#include "vector_panels.h"

#include "vector_tiles.h"

#if SPREAD
#include "vector_spread.h"
#endif

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
#elif TILE_SHAPE == 16
#define TILES(NAME)                                                                                             \
  TILE(NAME, 1, 1)                                                                                              \
  TILE(NAME, 1, 2) TILE(NAME, 1, 3) TILE(NAME, 1, 4) TILE(NAME, 1, 5) TILE(NAME, 1, 6)                          \
  static const tile_function NAME##_tiles[1][6] = {                                                             \
    {NAME##_1_1, NAME##_1_2, NAME##_1_3, NAME##_1_4, NAME##_1_5, NAME##_1_6}};
#else
#define TILES(NAME)    \
  TILE(NAME, 1, 1)     \
  TILE(NAME, 1, 2)     \
  static const tile_function NAME##_tiles[1][2] = {{NAME##_1_1, NAME##_1_2}};
#endif
TILES(tile_q4_0)
TILES(tile_q4_k)
TILES(tile_q5_k)
TILES(tile_q6_k)
#if NARROW
TILES(tile_q8_0_words)
#else
TILES(tile_q8_0)
#endif
#if SPREAD
TILES(tile_bf16_words)
#else
TILES(tile_bf16)
#endif

// Spreads inputs from `start` on, of `columns` columns.
typedef void (*spread_function)(const k_inputs *x, size_t start, int columns, uint32_t *words);

typedef struct {
  int elements;       // columns of a block
  size_t bytes;       // of a block in the file
  size_t panelBytes;  // of a block of 16 rows
  void (*pack)(const row_group *, int, const uint8_t **, void *);
  const tile_function (*tiles)[TILE_TOKENS];
  spread_function spread;  // what the tiles want of their inputs, or NULL
} format;

static format format_of(int type) {
  switch (type) {
#if NARROW
    case K_Q8_0: return (format){32, 34, sizeof(block32_words), pack_q8_0, tile_q8_0_words_tiles, spread_codes};
#else
    case K_Q8_0: return (format){32, 34, sizeof(block32), pack_q8_0, tile_q8_0_tiles, NULL};
#endif
    case K_Q4_0: return (format){32, 18, sizeof(block32), pack_q4_0, tile_q4_0_tiles, NULL};
    case K_Q4_K: return (format){256, 144, sizeof(block256), pack_q4_k, tile_q4_k_tiles, NULL};
    case K_Q5_K: return (format){256, 176, sizeof(block256), pack_q5_k, tile_q5_k_tiles, NULL};
#if SPREAD
    case K_BF16: return (format){32, 64, 16 * sizeof(u32x16), pack_bf16, tile_bf16_words_tiles, spread_brains};
#else
    case K_BF16: return (format){32, 64, 16 * sizeof(u32x16), pack_bf16, tile_bf16_tiles, NULL};
#endif
    default: return (format){256, 210, sizeof(block256_16), pack_q6_k, tile_q6_k_tiles, NULL};
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
  if (f->spread) {
    for (int t = 0; t < tokens; t++) {
      size_t start = (at->token + (size_t)t) * (size_t)at->inputs->columns + at->column;
      f->spread(at->inputs, start, blocks * f->elements, at->words + (size_t)t * SPREAD_STRIDE);
    }
  }
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
    const uint8_t *next = w + (size_t)(r + 16) * rowBytes + AHEAD;
    if (rowCount - r >= 16) {
      product(&rows, blocks, x, &next, y + r);
    } else {
      float lanes[16];
      product(&rows, blocks, x, &next, lanes);
      store_part(y + r, load(lanes), rowCount - r);
    }
  }
}

// ---- products ------------------------------------------------------------------------------------------------------

static void multiply(int type, const void *w, size_t rowBytes, int rowCount, const k_inputs *x, int tokenCount, void *panel,
                     float *y, size_t yStride) {
  format f = format_of(type);
  int columns = x->columns, widest = f.spread ? SPREAD_COLUMNS : PANEL_COLUMNS;
  uint32_t *words = (uint32_t *)((uint8_t *)panel + SPREAD_PLACE);
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
          + (size_t)(16 * TILE_GROUPS) * (size_t)(c / f.elements) * f.bytes + AHEAD;
        pack_groups(&f, w, rowBytes, r, rows, c / f.elements, width / f.elements, next, panel);
        for (int i = 0, t = 0; i < tiles; i++) {
          int tokens = (tokenCount - t + tiles - i - 1) / (tiles - i);  // as equal as they can be
          multiply_tile(&f, panel, rows, width / f.elements, &(place){x, (size_t)t, (size_t)c, words}, tokens, c > 0,
                        y + (size_t)t * yStride + r, yStride);
          t += tokens;
        }
      }
    }
    return;
  }
  for (int c = 0; c < columns; c += widest) {
    int width = columns - c < widest ? columns - c : widest;
    const uint8_t *next = (const uint8_t *)w + (size_t)rowCount * rowBytes;
    pack_groups(&f, w, rowBytes, 0, rowCount, c / f.elements, width / f.elements, next, panel);
    for (int i = 0, t = 0; i < tiles; i++) {
      int tokens = (tokenCount - t + tiles - i - 1) / (tiles - i);  // as equal as they can be
      multiply_tile(&f, panel, rowCount, width / f.elements, &(place){x, (size_t)t, (size_t)c, words}, tokens, c > 0,
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
