// Attention over pages: a part of vector.h.
//
// A page's 16 tokens are the lanes of its scores, so that no score needs a horizontal sum; the values' dimensions are the
// lanes of the result. Halves are widened as they are loaded, once for all queries of a tile.

// 16 elements of the cache from this one on.
INLINE f32x16 cached16(const void *cache, size_t element, int type) {
  return type == K_F16 ? halves16((const uint8_t *)cache + element * 2) : load((const float *)cache + element);
}

// Fetches the line of the cache that this element is in.
INLINE void fetch(const void *cache, size_t element, int type) {
  __builtin_prefetch((const uint8_t *)cache + element * (type == K_F16 ? 2 : 4), 0, 3);
}

// Scores of a page for a few queries: four partial sums over the dimensions, as in the scalar version. The next page's keys
// are fetched meanwhile: pages lie anywhere, so the processor cannot foresee them.
INLINE void scores(int type, int queries, const float *const *query, const void *page, const void *next, size_t keys,
                   int headDim, f32x16 *out) {
  f32x16 parts[TILE_QUERIES][4] = {0};
  int d = 0;
  for (; d + 4 <= headDim; d += 4) {
    _Pragma("clang loop unroll(full)") for (int c = 0; c < 4; c++) {
      size_t place = keys + (size_t)(d + c) * K_PAGE_TOKENS;
      f32x16 key = cached16(page, place, type);
      if (c % (type == K_F16 ? 2 : 1) == 0) fetch(next, place, type);
      for (int q = 0; q < queries; q++) parts[q][c] = fma16((f32x16)query[q][d + c], key, parts[q][c]);
    }
  }
  _Pragma("clang loop unroll(full)") for (int c = 0; c < 3; c++) {
    if (d + c >= headDim) break;
    f32x16 key = cached16(page, keys + (size_t)(d + c) * K_PAGE_TOKENS, type);
    for (int q = 0; q < queries; q++) parts[q][c] = fma16((f32x16)query[q][d + c], key, parts[q][c]);
  }
  for (int q = 0; q < queries; q++) out[q] = (parts[q][0] + parts[q][1]) + (parts[q][2] + parts[q][3]);
}

// sums[q] += weights[q] · values over the first `valid` tokens.
INLINE void mix(int type, int queries, float (*weights)[K_PAGE_TOKENS], const void *page, const void *next, size_t values,
                size_t stride, int valid, float *sums) {
  size_t d = 0;
  // Two vectors of dimensions at a time, where the tile leaves registers for it: a line of halves is used whole.
  for (; queries <= 2 && d + 32 <= stride; d += 32) {
    f32x16 low[TILE_QUERIES], high[TILE_QUERIES];
    for (int q = 0; q < queries; q++) {
      low[q] = load(sums + (size_t)q * stride + d);
      high[q] = load(sums + (size_t)q * stride + d + 16);
    }
    for (int j = 0; j < valid; j++) {
      size_t place = values + (size_t)j * stride + d;
      f32x16 first = cached16(page, place, type), second = cached16(page, place + 16, type);
      fetch(next, place, type);
      for (int q = 0; q < queries; q++) {
        low[q] = fma16((f32x16)weights[q][j], first, low[q]);
        high[q] = fma16((f32x16)weights[q][j], second, high[q]);
      }
    }
    for (int q = 0; q < queries; q++) {
      store(sums + (size_t)q * stride + d, low[q]);
      store(sums + (size_t)q * stride + d + 16, high[q]);
    }
  }
  for (; d < stride; d += 16) {
    f32x16 out[TILE_QUERIES];
    for (int q = 0; q < queries; q++) out[q] = load(sums + (size_t)q * stride + d);
    for (int j = 0; j < valid; j++) {
      f32x16 value = cached16(page, values + (size_t)j * stride + d, type);
      for (int q = 0; q < queries; q++) out[q] = fma16((f32x16)weights[q][j], value, out[q]);
    }
    for (int q = 0; q < queries; q++) store(sums + (size_t)q * stride + d, out[q]);
  }
}

// Turns a page's products into weights relative to the running maximum; shrinks what was summed when that grows.
INLINE void weigh(k_softmax *state, f32x16 products, float scale, int valid, float *weights, float *sums, size_t stride) {
  if (valid <= 0) {
    store(weights, (f32x16)0.0f);
    return;
  }
  i32x16 seen = iota() < valid;
  f32x16 s = seen ? products * scale : (f32x16)-INFINITY;
  float pageMaximum = __builtin_reduce_max(s);
  if (pageMaximum > state->maximum) {
    float shrink = exp16((f32x16)(state->maximum - pageMaximum))[0];  // 0 on the first page
    state->sum *= shrink;
    for (size_t d = 0; d < stride; d += 16) store(sums + d, load(sums + d) * shrink);
    state->maximum = pageMaximum;
  }
  f32x16 p = seen ? exp16(s - state->maximum) : (f32x16)0.0f;
  state->sum += sum1(p);
  store(weights, p);
}

#define PAGE_TILE(NAME, TYPE, QUERIES)                                                                                    \
  static void NAME##_page_##QUERIES(const k_attend *a, const float *const *query, const int *valid, k_softmax *states,    \
                                    const void *page, const void *next, float *sums) {                                    \
    f32x16 products[QUERIES];                                                                                             \
    float weights[QUERIES][K_PAGE_TOKENS];                                                                                \
    int most = 0;                                                                                                         \
    scores(TYPE, QUERIES, query, page, next, a->keyOffset, a->headDim, products);                                         \
    for (int q = 0; q < QUERIES; q++) {                                                                                   \
      weigh(&states[q], products[q], a->scale, valid[q], weights[q], sums + (size_t)q * a->valueStride, a->valueStride);  \
      if (valid[q] > most) most = valid[q];                                                                               \
    }                                                                                                                     \
    mix(TYPE, QUERIES, weights, page, next, a->valueOffset, a->valueStride, most, sums);                                  \
  }
#if WIDE
#define PAGE_TILES(NAME, TYPE) \
  PAGE_TILE(NAME, TYPE, 1) PAGE_TILE(NAME, TYPE, 2) PAGE_TILE(NAME, TYPE, 3) PAGE_TILE(NAME, TYPE, 4)
#define PAGE_TABLE(NAME) {NAME##_page_1, NAME##_page_2, NAME##_page_3, NAME##_page_4}
#else
#define PAGE_TILES(NAME, TYPE) PAGE_TILE(NAME, TYPE, 1)
#define PAGE_TABLE(NAME) {NAME##_page_1}
#endif
PAGE_TILES(f32, K_F32)
PAGE_TILES(f16, K_F16)

typedef void (*page_tile)(const k_attend *, const float *const *, const int *, k_softmax *, const void *, const void *,
                          float *);

static void attend(const k_attend *a) {
  static const page_tile tiles[2][TILE_QUERIES] = {PAGE_TABLE(f32), PAGE_TABLE(f16)};
  const page_tile *tile = tiles[a->cacheType == K_F16];
  size_t pageBytes = a->pageStride * (a->cacheType == K_F16 ? 2 : 4);
  int queries = a->tokenCount * a->groupSize;
  const float *query[K_MAX_QUERIES];
  int length[K_MAX_QUERIES], valid[K_MAX_QUERIES];
  for (int q = 0; q < queries; q++) {
    int token = q / a->groupSize;
    query[q] = a->query + (size_t)token * a->rowStride + (size_t)(q % a->groupSize * a->headDim);
    length[q] = a->firstPosition + token + 1;
    a->states[q] = (k_softmax){-INFINITY, 0};
  }
  memset(a->sums, 0, (size_t)queries * a->valueStride * sizeof *a->sums);
  for (int p = a->firstPage; p < a->endPage; p++) {
    const uint8_t *cache = a->cache, *page = cache + (size_t)a->pageTable[p] * pageBytes;
    const uint8_t *next = p + 1 < a->endPage ? cache + (size_t)a->pageTable[p + 1] * pageBytes : page;
    for (int q = 0; q < queries; q++) {
      int left = length[q] - p * K_PAGE_TOKENS;
      valid[q] = left < 0 ? 0 : left < K_PAGE_TOKENS ? left : K_PAGE_TOKENS;
    }
    for (int q = 0; q < queries; q += TILE_QUERIES) {
      int count = queries - q < TILE_QUERIES ? queries - q : TILE_QUERIES;
      tile[count - 1](a, query + q, valid + q, a->states + q, page, next, a->sums + (size_t)q * a->valueStride);
    }
  }
}

// Rounded to the nearest half, ties to even, as the processor does it.
static void narrow(const float *x, uint16_t *y, int count) {
  int i = 0;
  for (; i + 8 <= count; i += 8) {
    __m128i halves = _mm256_cvtps_ph(_mm256_loadu_ps(x + i), _MM_FROUND_TO_NEAREST_INT);
    memcpy(y + i, &halves, sizeof halves);
  }
  for (; i < count; i++) y[i] = k_to_half(x[i]);
}
