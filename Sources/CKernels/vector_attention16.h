// Attention over keys and values of 16 bits in pairs: a part of vector.h, and alone where the processor multiplies such pairs.
//
// Before it: `dot2` and HOLD, TILE16, the queries that share a load, 6, 4 or 1, and FEW_REGISTERS, 1 where a vector is two of 16
// registers.
//
// All is in whole numbers of 16 bits. Two dimensions of a key lie side by side, and two tokens' values of a dimension: a lane's
// products are one instruction. A block of four pages meets all queries of the call before the next one: its scores first,
// whose sums stay in registers over all dimensions, then its values, whose sums stay there over all tokens.
#include "scalar.h"
#include "vector_pages.h"

INLINE u32x16 pairs16(const uint8_t *p) {
  u32x16 v;
  memcpy(&v, p, sizeof v);
  return v;
}

INLINE f32x16 brief_exp16(f32x16 x) {
  f32x16 shifted = fma16(x, K_EXP_LOG2E, K_EXP_ROUND), f = fma16(x, K_EXP_LOG2E, -(shifted - K_EXP_ROUND));
  f32x16 p = fma16(fma16(K_BRIEF_EXP_C0, f, K_BRIEF_EXP_C1), f, K_BRIEF_EXP_C2);
  p = fma16(fma16(p, f, K_BRIEF_EXP_C3), f, K_BRIEF_EXP_C4);
  u32x16 bits = __builtin_bit_cast(u32x16, p) + (__builtin_bit_cast(u32x16, shifted) << 23);
  return x < K_BRIEF_EXP_LOW ? (f32x16)0.0f : __builtin_bit_cast(f32x16, bits);
}

// Queries in whole numbers, and what one is worth with one of a key's scale.
typedef struct {
  const int16_t *codes;  // [queries, headDim rounded up to 2]
  const float *steps;    // [queries]
} query16;

// out[q] = the scores of a few queries, from q on, with the keys of the block's first pages.
INLINE void scores16(int queries, int pages, const k_attend *a, const query16 *query, int from, const page_block *block,
                     int fetches, f32x16 (*out)[K_BLOCK_PAGES]) {
  enum { AT_ONCE = FEW_REGISTERS ? 1 : K_BLOCK_PAGES };  // pages whose sums are in registers
  int pairs = (a->headDim + 1) / 2;
  const int16_t *codes = query->codes + (size_t)(2 * from * pairs);
  for (int first = 0; first < pages; first += AT_ONCE) {
    const int count = FEW_REGISTERS ? 1 : pages;
    i32x16 sums[TILE16][AT_ONCE] = {0};
    for (int i = 0; i < pairs; i++) {
      size_t place = 2 * a->keyOffset + 64 * (size_t)i;
      u32x16 keys[AT_ONCE];
      UNROLL for (int p = 0; p < count; p++) keys[p] = pairs16(block->pages[first + p] + place);
      if (fetches) {  // the earlier half of the next block
        size_t ahead = 64 * (size_t)(AT_ONCE * i + first * pairs);
        const uint8_t *next = ahead < block->pageBytes ? block->next[0] + ahead : block->next[1] + (ahead - block->pageBytes);
        UNROLL for (int line = 0; line < AT_ONCE; line++) fetch_line(next + 64 * line);
      }
      UNROLL for (int q = 0; q < queries; q++) {
        uint32_t input = k_load32(codes + 2 * (size_t)(q * pairs + i));
        UNROLL for (int p = 0; p < count; p++) {
          sums[q][p] = dot2(sums[q][p], keys[p], input);
          HOLD(sums[q][p]);
        }
      }
    }
    UNROLL for (int p = 0; p < count; p++) {
      f32x16 scales;
      memcpy(&scales, block->pages[first + p] + 2 * a->keyOffset + 64 * (size_t)pairs, sizeof scales);
      UNROLL for (int q = 0; q < queries; q++)
        out[from + q][first + p] = __builtin_convertvector(sums[q][p], f32x16) * (scales * query->steps[from + q]);
    }
  }
}

// A block's weights as whole numbers, and what one is worth.
typedef struct {
  int16_t codes[K_BLOCK_TOKENS];
  float step;
} weights16;

// Turns a block's scores into weights relative to a running maximum, times the values' scales; shrinks what was summed when
// they grow far beyond it.
INLINE void weigh16(const k_attend *a, const page_block *block, const f32x16 *scores, int valid, float *maximum,
                    f32x16 *total, weights16 *weights, float *sums) {
  f32x16 s[K_BLOCK_PAGES], scaled[K_BLOCK_PAGES];
  UNROLL for (int i = 0; i < K_BLOCK_PAGES; i++) s[i] = scores[i];
  if (valid < K_BLOCK_TOKENS)
    UNROLL for (int i = 0; i < K_BLOCK_PAGES; i++) s[i] = iota() < valid - i * K_PAGE_TOKENS ? s[i] : (f32x16)-INFINITY;
  float blockMaximum = largest(larger(larger(s[0], s[1]), larger(s[2], s[3])));
  if (blockMaximum > *maximum + K_MAXIMUM_SLACK) {
    float shrink = k_exp(*maximum - blockMaximum);  // 0 on the first block
    *total *= shrink;
    for (size_t d = 0; d < a->valueStride; d += 16) store(sums + d, load(sums + d) * shrink);
    *maximum = blockMaximum;
  }
  UNROLL for (int i = 0; i < K_BLOCK_PAGES; i++) {
    s[i] = brief_exp16(s[i] - *maximum);
    f32x16 scales;
    memcpy(&scales, block->pages[i] + 2 * (a->valueOffset + K_PAGE_TOKENS * a->valueStride), sizeof scales);
    scaled[i] = s[i] * scales;
  }
  if (valid < K_BLOCK_TOKENS)  // a scale behind them may be anything
    UNROLL for (int i = 0; i < K_BLOCK_PAGES; i++)
      scaled[i] = iota() < valid - i * K_PAGE_TOKENS ? scaled[i] : (f32x16)0.0f;
  *total += (s[0] + s[1]) + (s[2] + s[3]);
  u32x16 lanes = __builtin_bit_cast(u32x16, (scaled[0] + scaled[1]) + (scaled[2] + scaled[3])) & 0x7FFFFFFF;
  k_steps steps = k_steps_of(k_bits(__builtin_reduce_max(lanes)), K_WEIGHT_LEVELS);
  UNROLL for (int i = 0; i < K_BLOCK_PAGES; i++) {
    i16x16 code = __builtin_convertvector(__builtin_bit_cast(i32x16, scaled[i] * steps.inverse + K_ROUND_MAGIC), i16x16);
    memcpy(weights->codes + i * K_PAGE_TOKENS, &code, sizeof code);
  }
  weights->step = steps.step;
}

// sums[q] += weights[q] · values of a block's first `tokens`, in `vectors` times 16 dimensions from d on.
INLINE void mix16_part(int queries, int vectors, const k_attend *a, const weights16 *weights, const page_block *block,
                       int fetches, int tokens, size_t d, float *sums) {
  i32x16 whole[TILE16 * 8] = {0};
  size_t stride = a->valueStride;
  for (int first = 0; first < tokens; first += K_PAGE_TOKENS) {
    const uint8_t *values = block->pages[first / K_PAGE_TOKENS] + 2 * a->valueOffset + 4 * d;
    const uint8_t *next = NULL;
    if (fetches) next = half_of_next(block->next, block->pageBytes, 32 * d * K_BLOCK_PAGES + 32 * (size_t)(vectors * first));
    int end = tokens - first < K_PAGE_TOKENS ? tokens - first : K_PAGE_TOKENS;
    for (int j = 0; j < end; j += 2, values += 4 * stride) {
      u32x16 value[8];
      UNROLL for (int v = 0; v < vectors; v++) value[v] = pairs16(values + 64 * v);
      if (fetches) UNROLL for (int v = 0; v < vectors; v++) fetch_line(next + 32 * vectors * j + 64 * v);
      UNROLL for (int q = 0; q < queries; q++) {
        uint32_t weight = k_load32(weights[q].codes + first + j);
        UNROLL for (int v = 0; v < vectors; v++) {
          whole[q * vectors + v] = dot2(whole[q * vectors + v], value[v], weight);
          HOLD(whole[q * vectors + v]);
        }
      }
    }
  }
  UNROLL for (int q = 0; q < queries; q++)
    UNROLL for (int v = 0; v < vectors; v++) {
      float *out = sums + (size_t)q * stride + d + 16 * v;
      store(out, fma16(__builtin_convertvector(whole[q * vectors + v], f32x16), (f32x16)weights[q].step, load(out)));
    }
}

typedef void (*score16_tile)(const k_attend *, const query16 *, int, const page_block *, int, f32x16 (*)[K_BLOCK_PAGES]);
typedef void (*mix16_tile)(const k_attend *, const weights16 *, const page_block *, int, int, float *);

#define SCORE16(QUERIES, PAGES)                                                                                        \
  static void scores16_##QUERIES##_##PAGES(const k_attend *a, const query16 *query, int from, const page_block *block, \
                                           int fetches, f32x16 (*out)[K_BLOCK_PAGES]) {                                \
    scores16(QUERIES, PAGES, a, query, from, block, fetches, out);                                                     \
  }
// As many dimensions at a time as leave registers for the values.
#define TILES16(QUERIES, VECTORS)                                                                                \
  SCORE16(QUERIES, 1) SCORE16(QUERIES, 2) SCORE16(QUERIES, 3) SCORE16(QUERIES, 4)                                \
  static void mix16_##QUERIES(const k_attend *a, const weights16 *weights, const page_block *block, int fetches, \
                              int tokens, float *sums) {                                                         \
    size_t d = 0;                                                                                                \
    for (; d + 16 * VECTORS <= a->valueStride; d += 16 * VECTORS)                                                \
      mix16_part(QUERIES, VECTORS, a, weights, block, fetches, tokens, d, sums);                                 \
    for (; d < a->valueStride; d += 16) mix16_part(QUERIES, 1, a, weights, block, fetches, tokens, d, sums);     \
  }
#define SCORE16_ROW(QUERIES) \
  {scores16_##QUERIES##_1, scores16_##QUERIES##_2, scores16_##QUERIES##_3, scores16_##QUERIES##_4}
#if TILE16 == 6
#if FEW_REGISTERS
TILES16(1, 4)
TILES16(2, 2)
TILES16(3, 1)
TILES16(4, 1)
TILES16(5, 1)
TILES16(6, 1)
#else
TILES16(1, 8)
TILES16(2, 8)
TILES16(3, 8)
TILES16(4, 4)
TILES16(5, 4)
TILES16(6, 4)
#endif
static const score16_tile score16_tiles[][K_BLOCK_PAGES] = {SCORE16_ROW(1), SCORE16_ROW(2), SCORE16_ROW(3),
                                                            SCORE16_ROW(4), SCORE16_ROW(5), SCORE16_ROW(6)};
static const mix16_tile mix16_tiles[] = {mix16_1, mix16_2, mix16_3, mix16_4, mix16_5, mix16_6};
#elif TILE16 == 4
TILES16(1, 4)
TILES16(2, 4)
TILES16(3, 4)
TILES16(4, 4)
static const score16_tile score16_tiles[][K_BLOCK_PAGES] = {SCORE16_ROW(1), SCORE16_ROW(2), SCORE16_ROW(3),
                                                            SCORE16_ROW(4)};
static const mix16_tile mix16_tiles[] = {mix16_1, mix16_2, mix16_3, mix16_4};
#else
TILES16(1, 4)
static const score16_tile score16_tiles[][K_BLOCK_PAGES] = {SCORE16_ROW(1)};
static const mix16_tile mix16_tiles[] = {mix16_1};
#endif

static void attend16(const k_attend *a) {
  int queries = a->tokenCount * a->groupSize, width = (a->headDim + 1) / 2 * 2, valid[K_MAX_QUERIES];
  int tiles = (queries + TILE16 - 1) / TILE16, fetches = tiles == 1;  // of more, the first tile hides what it waits for
  int16_t codes[(size_t)queries * (size_t)width];
  weights16 weights[K_MAX_QUERIES];
  float steps[K_MAX_QUERIES];
  query16 query = {codes, steps};
  f32x16 scores[K_MAX_QUERIES][K_BLOCK_PAGES], total[K_MAX_QUERIES];
  for (int q = 0; q < queries; q++) {
    const float *row = a->query + (size_t)(q / a->groupSize) * a->rowStride + (size_t)(q % a->groupSize * a->headDim);
    steps[q] = a->scale * k_round_pairs(row, a->headDim, codes + (size_t)q * (size_t)width);
    a->states[q].maximum = -INFINITY;
    total[q] = 0;
  }
  memset(a->sums, 0, (size_t)queries * a->valueStride * sizeof *a->sums);
  page_block block = {.pageBytes = a->pageStride * 2};
  open_block(a, a->firstPage, 2, block.next);
  for (int i = 0; fetches && i < K_BLOCK_PAGES && a->firstPage + i < a->endPage; i++)
    for (size_t line = 0; line < block.pageBytes; line += 64) fetch_line(block.next[i] + line);
  for (int p = a->firstPage; p < a->endPage; p += K_BLOCK_PAGES) {
    memcpy(block.pages, block.next, sizeof block.pages);
    if (p + K_BLOCK_PAGES < a->endPage) open_block(a, p + K_BLOCK_PAGES, 2, block.next);
    int end = p + K_BLOCK_PAGES < a->endPage ? p + K_BLOCK_PAGES : a->endPage, room = (end - p) * K_PAGE_TOKENS;
    for (int q = 0; q < queries; q++) {
      int left = a->firstPosition + q / a->groupSize + 1 - p * K_PAGE_TOKENS;
      valid[q] = left < 0 ? 0 : left < room ? left : room;
    }
    for (int i = 0, q = 0; i < tiles; i++) {
      int count = (queries - q + tiles - i - 1) / (tiles - i), most = valid[q + count - 1];
      if (most > 0)
        score16_tiles[count - 1][(most - 1) / K_PAGE_TOKENS](a, &query, q, &block, fetches, scores);
      q += count;
    }
    for (int q = 0; q < queries; q++) {
      if (valid[q] > 0) {
        weigh16(a, &block, scores[q], valid[q], &a->states[q].maximum, &total[q], &weights[q],
                a->sums + (size_t)q * a->valueStride);
      } else {
        weights[q] = (weights16){0};
      }
    }
    for (int i = 0, q = 0; i < tiles; i++) {
      int count = (queries - q + tiles - i - 1) / (tiles - i), most = valid[q + count - 1];
      if (most > 0)
        mix16_tiles[count - 1](a, weights + q, &block, fetches, most, a->sums + (size_t)q * a->valueStride);
      q += count;
    }
  }
  for (int q = 0; q < queries; q++) a->states[q].sum = sum1(total[q]);
}
