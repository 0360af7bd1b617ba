// Attention over pages: a part of vector.h.
//
// A page's 16 tokens are the lanes of its scores, so that no score needs a horizontal sum; the values' dimensions are the
// lanes of the result. Halves are widened as they are loaded, once for all queries of a tile. Pages are taken in blocks of
// four: one maximum, four exponentials that overlap, and sums that stay in registers over 64 values.

// 16 elements of the cache from this one on.
INLINE f32x16 cached16(const void *cache, size_t element, int type) {
  return type == K_F16 ? halves16((const uint8_t *)cache + element * 2) : load((const float *)cache + element);
}

// Fetches the line of the cache that this element is in.
INLINE void fetch(const void *cache, size_t element, int type) {
  fetch_line((const uint8_t *)cache + element * (type == K_F16 ? 2 : 4));
}

// A query as the cache's type wants it.
typedef struct {
  const float *row;      // [headDim]
  const int16_t *codes;  // [headDim rounded up to 2], with keys of 8 bits
  float step;            // what a code is worth
} one_query;

// Scores of a page for a few queries: four partial sums over the dimensions, as in the scalar version. The keys of a page of
// the next block are fetched meanwhile.
INLINE void scores(int type, int queries, const one_query *query, const void *page, const void *next, size_t keys,
                   int headDim, f32x16 *out, size_t outStride) {
  f32x16 parts[TILE_QUERIES][4] = {0};
  int d = 0;
  for (; d + 4 <= headDim; d += 4) {
    UNROLL for (int c = 0; c < 4; c++) {
      size_t place = keys + (size_t)(d + c) * K_PAGE_TOKENS;
      f32x16 key = cached16(page, place, type);
      if (c % (type == K_F16 ? 2 : 1) == 0) fetch(next, place, type);
      UNROLL for (int q = 0; q < queries; q++) parts[q][c] = fma16((f32x16)query[q].row[d + c], key, parts[q][c]);
    }
  }
  UNROLL for (int c = 0; c < 3; c++) {
    if (d + c >= headDim) break;
    f32x16 key = cached16(page, keys + (size_t)(d + c) * K_PAGE_TOKENS, type);
    UNROLL for (int q = 0; q < queries; q++) parts[q][c] = fma16((f32x16)query[q].row[d + c], key, parts[q][c]);
  }
  UNROLL for (int q = 0; q < queries; q++)
    out[(size_t)q * outStride] = (parts[q][0] + parts[q][1]) + (parts[q][2] + parts[q][3]);
}

// sums[q] += weights[q] · values of a block's first `tokens`, in `vectors` times 16 dimensions from d on.
INLINE void mix_part(int type, int queries, int vectors, float (*weights)[K_BLOCK_TOKENS], const uint8_t *const *pages,
                     const uint8_t *const *next, size_t pageBytes, size_t values, size_t stride, int tokens, size_t d,
                     float *sums) {
  f32x16 out[TILE_QUERIES * 4];
  UNROLL for (int q = 0; q < queries; q++)
    UNROLL for (int v = 0; v < vectors; v++) out[q * vectors + v] = load(sums + (size_t)q * stride + d + 16 * v);
  size_t passBytes = (size_t)(16 * vectors * K_PAGE_TOKENS) * (type == K_F16 ? 2 : 4);
  for (int i = 0; i * K_PAGE_TOKENS < tokens; i++) {
    const uint8_t *fetched = half_of_next(next, pageBytes, (d / (16 * (size_t)vectors) * K_BLOCK_PAGES + (size_t)i) * passBytes);
    int end = tokens - i * K_PAGE_TOKENS < K_PAGE_TOKENS ? tokens - i * K_PAGE_TOKENS : K_PAGE_TOKENS;
    for (int j = 0; j < end; j++) {
      size_t place = values + (size_t)j * stride + d;
      UNROLL for (int v = 0; v < vectors; v++) {
        f32x16 value = cached16(pages[i], place + 16 * (size_t)v, type);
        if (v % (type == K_F16 ? 2 : 1) == 0) fetch(fetched, (size_t)(16 * (j * vectors + v)), type);
        UNROLL for (int q = 0; q < queries; q++)
          out[q * vectors + v] = fma16((f32x16)weights[q][i * K_PAGE_TOKENS + j], value, out[q * vectors + v]);
      }
    }
  }
  UNROLL for (int q = 0; q < queries; q++)
    UNROLL for (int v = 0; v < vectors; v++) store(sums + (size_t)q * stride + d + 16 * v, out[q * vectors + v]);
}

// As many dimensions at a time as leave eight sums, whose additions overlap.
INLINE void mix(int type, int queries, float (*weights)[K_BLOCK_TOKENS], const uint8_t *const *pages,
                const uint8_t *const *next, size_t pageBytes, size_t values, size_t stride, int tokens, float *sums) {
  const int vectors = queries <= 2 ? 4 : 2;
  size_t d = 0;
  for (; d + 16 * (size_t)vectors <= stride; d += 16 * (size_t)vectors)
    mix_part(type, queries, vectors, weights, pages, next, pageBytes, values, stride, tokens, d, sums);
  for (; d < stride; d += 16) mix_part(type, queries, 1, weights, pages, next, pageBytes, values, stride, tokens, d, sums);
}

// Turns a block's products into weights relative to the running maximum; shrinks what was summed when that grows.
INLINE void weigh(k_softmax *state, const f32x16 *products, float scale, int valid, float *weights, float *sums, size_t stride) {
  f32x16 s[K_BLOCK_PAGES], p[K_BLOCK_PAGES];
  i32x16 seen[K_BLOCK_PAGES];
  UNROLL for (int i = 0; i < K_BLOCK_PAGES; i++) {
    seen[i] = iota() < valid - i * K_PAGE_TOKENS;
    s[i] = seen[i] ? products[i] * scale : (f32x16)-INFINITY;
  }
  float blockMaximum = largest(larger(larger(s[0], s[1]), larger(s[2], s[3])));
  if (blockMaximum > state->maximum) {
    float shrink = exp16((f32x16)(state->maximum - blockMaximum))[0];  // 0 on the first block
    state->sum *= shrink;
    for (size_t d = 0; d < stride; d += 16) store(sums + d, load(sums + d) * shrink);
    state->maximum = blockMaximum;
  }
  UNROLL for (int i = 0; i < K_BLOCK_PAGES; i++) {
    p[i] = seen[i] ? exp16(s[i] - state->maximum) : (f32x16)0.0f;
    store(weights + i * K_PAGE_TOKENS, p[i]);
  }
  state->sum += sum1((p[0] + p[1]) + (p[2] + p[3]));
}

#define BLOCK_TILE(NAME, TYPE, QUERIES)                                                                                    \
  static void NAME##_block_##QUERIES(const k_attend *a, const one_query *query, const int *valid, k_softmax *states,          \
                                     const page_block *block, float *sums) {                                               \
    f32x16 products[QUERIES][K_BLOCK_PAGES] = {0};                                                                         \
    float weights[QUERIES][K_BLOCK_TOKENS];                                                                                \
    int most = valid[0];                                                                                                   \
    for (int q = 1; q < QUERIES; q++) most = valid[q] > most ? valid[q] : most;                                            \
    for (int i = 0; i * K_PAGE_TOKENS < most; i++)                                                                         \
      scores(TYPE, QUERIES, query, block->pages[i], block->next[i / 2] + (i % 2 ? block->pageBytes / 2 : 0), a->keyOffset,  \
             a->headDim, &products[0][i], K_BLOCK_PAGES);                                                                  \
    for (int q = 0; q < QUERIES; q++) {                                                                                    \
      float *out = weights[q];                                                                                             \
      if (valid[q] > 0) {                                                                                                  \
        weigh(&states[q], products[q], a->scale, valid[q], out, sums + (size_t)q * a->valueStride, a->valueStride);        \
      } else {                                                                                                             \
        memset(out, 0, sizeof weights[q]);                                                                                 \
      }                                                                                                                    \
    }                                                                                                                      \
    mix(TYPE, QUERIES, weights, block->pages, block->next, block->pageBytes, a->valueOffset, a->valueStride, most, sums);                    \
  }
#if WIDE
#define BLOCK_TILES(NAME, TYPE) \
  BLOCK_TILE(NAME, TYPE, 1) BLOCK_TILE(NAME, TYPE, 2) BLOCK_TILE(NAME, TYPE, 3) BLOCK_TILE(NAME, TYPE, 4)
#define BLOCK_TABLE(NAME) {NAME##_block_1, NAME##_block_2, NAME##_block_3, NAME##_block_4}
#else
#define BLOCK_TILES(NAME, TYPE) BLOCK_TILE(NAME, TYPE, 1)
#define BLOCK_TABLE(NAME) {NAME##_block_1}
#endif
BLOCK_TILES(f32, K_F32)
BLOCK_TILES(f16, K_F16)

// ---- 8 bits --------------------------------------------------------------------------------------------------------

// Codes are widened to 16 bits and multiplied in pairs: two dimensions of a token's key, two tokens' values of a dimension.

INLINE u32x16 widened(const uint8_t *p) {
  i8x32 v;
  memcpy(&v, p, sizeof v);
  return __builtin_bit_cast(u32x16, __builtin_convertvector(v, i16x32));
}

INLINE void scores8(int queries, const one_query *query, const uint8_t *page, const uint8_t *next, int headDim, f32x16 *out,
                    size_t outStride) {
  int pairs = (headDim + 1) / 2;
  const float *scales = (const float *)(page + 32 * (size_t)pairs);
  f32x16 sums[TILE_QUERIES] = {0};
  for (int first = 0; first < pairs; first += K_KEY_BLOCK / 2, scales += K_PAGE_TOKENS) {
    int end = first + K_KEY_BLOCK / 2 < pairs ? first + K_KEY_BLOCK / 2 : pairs;
    i32x16 whole[TILE_QUERIES] = {0};
    int i = first;
    for (; i + 2 <= end; i += 2) {  // a line
      u32x16 key = widened(page + 32 * (size_t)i), other = widened(page + 32 * (size_t)i + 32);
      fetch_line(next + 32 * (size_t)i);
      UNROLL for (int q = 0; q < queries; q++) {
        whole[q] = dot2(whole[q], key, k_load32(query[q].codes + 2 * i));
        whole[q] = dot2(whole[q], other, k_load32(query[q].codes + 2 * i + 2));
      }
    }
    for (; i < end; i++) {
      u32x16 key = widened(page + 32 * (size_t)i);
      UNROLL for (int q = 0; q < queries; q++) whole[q] = dot2(whole[q], key, k_load32(query[q].codes + 2 * i));
    }
    fetch_line(next + ((const uint8_t *)scales - page));
    UNROLL for (int q = 0; q < queries; q++)
      sums[q] = fma16(__builtin_convertvector(whole[q], f32x16), load(scales), sums[q]);
  }
  UNROLL for (int q = 0; q < queries; q++) out[(size_t)q * outStride] = sums[q] * query[q].step;
}

// A block's weights times its values' scales as whole numbers; what one is worth. Behind `tokens`, zeros.
INLINE float round_weights(const float *weights, const uint8_t *const *pages, size_t scales, int tokens, int16_t *codes) {
  f32x16 w[K_BLOCK_PAGES];
  u32x16 most = 0;
  UNROLL for (int i = 0; i < K_BLOCK_PAGES; i++) {
    i32x16 seen = iota() < tokens - i * K_PAGE_TOKENS;
    w[i] = seen ? load(weights + i * K_PAGE_TOKENS) * load((const float *)(pages[i] + scales)) : (f32x16)0.0f;
    most = __builtin_elementwise_max(most, __builtin_bit_cast(u32x16, w[i]) & 0x7FFFFFFF);
  }
  k_steps steps = k_steps_of(k_bits(__builtin_reduce_max(most)), 32767);
  UNROLL for (int i = 0; i < K_BLOCK_PAGES; i++) {
    i16x16 code = __builtin_convertvector(__builtin_bit_cast(i32x16, w[i] * steps.inverse + K_ROUND_MAGIC), i16x16);
    memcpy(codes + i * K_PAGE_TOKENS, &code, sizeof code);
  }
  return steps.step;
}

INLINE void mix8_part(int queries, int vectors, int16_t (*weights)[K_BLOCK_TOKENS], const float *steps,
                      const uint8_t *const *pages, const uint8_t *const *next, size_t values, size_t stride, int tokens,
                      size_t d, float *sums) {
  i32x16 whole[TILE_QUERIES * 4] = {0};
  for (int i = 0; 2 * i < tokens; i++) {
    const uint8_t *page = pages[2 * i / K_PAGE_TOKENS], *fetched = next[2 * i / K_PAGE_TOKENS];
    size_t place = values + 2 * ((size_t)(i % (K_PAGE_TOKENS / 2)) * stride + d);
    UNROLL for (int v = 0; v < vectors; v++) {
      u32x16 value = widened(page + place + 32 * (size_t)v);
      if (v % 2 == 0) fetch_line(fetched + place + 32 * (size_t)v);
      UNROLL for (int q = 0; q < queries; q++)
        whole[q * vectors + v] = dot2(whole[q * vectors + v], value, k_load32(weights[q] + 2 * i));
    }
  }
  UNROLL for (int q = 0; q < queries; q++)
    UNROLL for (int v = 0; v < vectors; v++) {
      float *out = sums + (size_t)q * stride + d + 16 * v;
      store(out, fma16(__builtin_convertvector(whole[q * vectors + v], f32x16), (f32x16)steps[q], load(out)));
    }
}

INLINE void mix8(int queries, int16_t (*weights)[K_BLOCK_TOKENS], const float *steps, const uint8_t *const *pages,
                 const uint8_t *const *next, size_t values, size_t stride, int tokens, float *sums) {
  const int vectors = queries <= 2 ? 4 : 2;
  size_t d = 0;
  for (; d + 16 * (size_t)vectors <= stride; d += 16 * (size_t)vectors)
    mix8_part(queries, vectors, weights, steps, pages, next, values, stride, tokens, d, sums);
  for (; d < stride; d += 16) mix8_part(queries, 1, weights, steps, pages, next, values, stride, tokens, d, sums);
}

#define BLOCK8_TILE(QUERIES)                                                                                               \
  static void i8_block_##QUERIES(const k_attend *a, const one_query *query, const int *valid, k_softmax *states,           \
                                 const page_block *block, float *sums) {                                                   \
    f32x16 products[QUERIES][K_BLOCK_PAGES] = {0};                                                                         \
    float weights[K_BLOCK_TOKENS], steps[QUERIES];                                                                         \
    int16_t codes[QUERIES][K_BLOCK_TOKENS];                                                                                \
    int most = valid[0];                                                                                                   \
    for (int q = 1; q < QUERIES; q++) most = valid[q] > most ? valid[q] : most;                                            \
    for (int i = 0; i * K_PAGE_TOKENS < most; i++)                                                                         \
      scores8(QUERIES, query, block->pages[i], block->next[i], a->headDim, &products[0][i], K_BLOCK_PAGES);                \
    for (int q = 0; q < QUERIES; q++) {                                                                                    \
      steps[q] = 0;                                                                                                        \
      memset(codes[q], 0, sizeof codes[q]);                                                                                \
      if (valid[q] <= 0) continue;                                                                                         \
      weigh(&states[q], products[q], a->scale, valid[q], weights, sums + (size_t)q * a->valueStride, a->valueStride);      \
      steps[q] = round_weights(weights, block->pages, a->valueOffset + K_PAGE_TOKENS * a->valueStride, valid[q], codes[q]); \
    }                                                                                                                      \
    for (int i = 0; i * K_PAGE_TOKENS < most; i++)                                                                         \
      fetch_line(block->next[i] + a->valueOffset + K_PAGE_TOKENS * a->valueStride);                                        \
    mix8(QUERIES, codes, steps, block->pages, block->next, a->valueOffset, a->valueStride, most, sums);                    \
  }
#if WIDE
BLOCK8_TILE(1)
BLOCK8_TILE(2)
BLOCK8_TILE(3)
BLOCK8_TILE(4)
#else
BLOCK8_TILE(1)
#endif

// ---- queries -------------------------------------------------------------------------------------------------------

typedef void (*block_tile)(const k_attend *, const one_query *, const int *, k_softmax *, const page_block *, float *);

static void attend(const k_attend *a) {
  static const block_tile tiles[3][TILE_QUERIES] = {BLOCK_TABLE(f32), BLOCK_TABLE(f16), BLOCK_TABLE(i8)};
  const block_tile *tile = tiles[a->cacheType == K_I8 ? 2 : a->cacheType == K_F16];
  size_t elementBytes = (size_t)k_block_of(a->cacheType).bytes, codeStride = (size_t)(a->headDim + 1) / 2 * 2;
  int queries = a->tokenCount * a->groupSize, length[K_MAX_QUERIES], valid[K_MAX_QUERIES];
  one_query query[K_MAX_QUERIES];
  int16_t codes[a->cacheType == K_I8 ? (size_t)queries * codeStride : 1];
  for (int q = 0; q < queries; q++) {
    int token = q / a->groupSize;
    query[q] = (one_query){a->query + (size_t)token * a->rowStride + (size_t)(q % a->groupSize * a->headDim), NULL, 0};
    if (a->cacheType == K_I8) {
      query[q].codes = codes + (size_t)q * codeStride;
      query[q].step = k_round_query(query[q].row, a->headDim, 32767, codes + (size_t)q * codeStride);
    }
    length[q] = a->firstPosition + token + 1;
    a->states[q] = (k_softmax){-INFINITY, 0};
  }
  memset(a->sums, 0, (size_t)queries * a->valueStride * sizeof *a->sums);
  page_block block = {.pageBytes = a->pageStride * elementBytes};
  open_block(a, a->firstPage, elementBytes, block.next);
  for (int i = 0; i < K_BLOCK_PAGES && a->firstPage + i < a->endPage; i++)
    for (size_t line = 0; line < block.pageBytes; line += 64) fetch_line(block.next[i] + line);
  for (int p = a->firstPage; p < a->endPage; p += K_BLOCK_PAGES) {
    memcpy(block.pages, block.next, sizeof block.pages);
    if (p + K_BLOCK_PAGES < a->endPage) open_block(a, p + K_BLOCK_PAGES, elementBytes, block.next);
    int end = p + K_BLOCK_PAGES < a->endPage ? p + K_BLOCK_PAGES : a->endPage, room = (end - p) * K_PAGE_TOKENS;
    for (int q = 0; q < queries; q++) {
      int left = length[q] - p * K_PAGE_TOKENS;
      valid[q] = left < 0 ? 0 : left < room ? left : room;
    }
    for (int q = 0; q < queries; q += TILE_QUERIES) {
      int count = queries - q < TILE_QUERIES ? queries - q : TILE_QUERIES;
      tile[count - 1](a, query + q, valid + q, a->states + q, &block, a->sums + (size_t)q * a->valueStride);
    }
  }
}

// Rounded to the nearest half, ties to even, as the processor does it.
static void narrow(const float *x, uint16_t *y, int count) {
  int i = 0;
  for (; i + 8 <= count; i += 8) store_halves8(y + i, x + i);
  for (; i < count; i++) y[i] = k_to_half(x[i]);
}
