// Attention over pages: a part of vector.h.
//
// A page's 16 tokens are the lanes of its scores, so that no score needs a horizontal sum; the values' dimensions are the
// lanes of the result.

// Scores of a page for a few queries: four partial sums over the dimensions, as in the scalar version.
INLINE void scores(int queries, const float *const *query, const float *keys, int headDim, f32x16 *out) {
  f32x16 parts[TILE_QUERIES][4] = {0};
  int d = 0;
  for (; d + 4 <= headDim; d += 4) {
    _Pragma("clang loop unroll(full)") for (int c = 0; c < 4; c++) {
      f32x16 key = load(keys + (size_t)(d + c) * K_PAGE_TOKENS);
      for (int q = 0; q < queries; q++) parts[q][c] = fma16((f32x16)query[q][d + c], key, parts[q][c]);
    }
  }
  _Pragma("clang loop unroll(full)") for (int c = 0; c < 3; c++) {
    if (d + c >= headDim) break;
    f32x16 key = load(keys + (size_t)(d + c) * K_PAGE_TOKENS);
    for (int q = 0; q < queries; q++) parts[q][c] = fma16((f32x16)query[q][d + c], key, parts[q][c]);
  }
  for (int q = 0; q < queries; q++) out[q] = (parts[q][0] + parts[q][1]) + (parts[q][2] + parts[q][3]);
}

// sums[q] += weights[q] · values over the first `valid` tokens.
INLINE void mix(int queries, float (*weights)[K_PAGE_TOKENS], const float *values, size_t stride, int valid, float *sums) {
  for (size_t d = 0; d < stride; d += 16) {
    f32x16 out[TILE_QUERIES];
    for (int q = 0; q < queries; q++) out[q] = load(sums + (size_t)q * stride + d);
    for (int j = 0; j < valid; j++) {
      f32x16 value = load(values + (size_t)j * stride + d);
      for (int q = 0; q < queries; q++) out[q] = fma16((f32x16)weights[q][j], value, out[q]);
    }
    for (int q = 0; q < queries; q++) store(sums + (size_t)q * stride + d, out[q]);
  }
}

// Running softmax of one query.
typedef struct {
  float maximum, sum;
} softmax_state;

// Turns a page's products into weights relative to the running maximum; shrinks what was summed when that grows.
INLINE void weigh(softmax_state *state, f32x16 products, float scale, int valid, float *weights, float *sums, size_t stride) {
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

#define PAGE_TILE(QUERIES)                                                                                          \
  static void page_##QUERIES(const k_attend *a, const float *const *query, const int *valid, softmax_state *states, \
                             const float *page, float *sums) {                                                      \
    f32x16 products[QUERIES];                                                                                       \
    float weights[QUERIES][K_PAGE_TOKENS];                                                                          \
    int most = 0;                                                                                                   \
    scores(QUERIES, query, page + a->keyOffset, a->headDim, products);                                              \
    for (int q = 0; q < QUERIES; q++) {                                                                             \
      weigh(&states[q], products[q], a->scale, valid[q], weights[q], sums + (size_t)q * a->valueStride,             \
            a->valueStride);                                                                                        \
      if (valid[q] > most) most = valid[q];                                                                         \
    }                                                                                                               \
    mix(QUERIES, weights, page + a->valueOffset, a->valueStride, most, sums);                                       \
  }
PAGE_TILE(1)
#if WIDE
PAGE_TILE(2)
PAGE_TILE(3)
PAGE_TILE(4)
#endif

static void attend(const k_attend *a) {
  int queries = a->tokenCount * a->groupSize, positions = a->firstPosition + a->tokenCount;
  const float *query[K_MAX_QUERIES];
  int length[K_MAX_QUERIES], valid[K_MAX_QUERIES];
  softmax_state states[K_MAX_QUERIES];
  for (int q = 0; q < queries; q++) {
    int token = q / a->groupSize;
    query[q] = a->query + (size_t)token * a->rowStride + (size_t)(q % a->groupSize * a->headDim);
    length[q] = a->firstPosition + token + 1;
    states[q] = (softmax_state){-INFINITY, 0};
  }
  memset(a->scratch, 0, (size_t)queries * a->valueStride * sizeof *a->scratch);
  for (int start = 0; start < positions; start += K_PAGE_TOKENS) {
    const float *page = a->cache + (size_t)a->pageTable[start / K_PAGE_TOKENS] * a->pageStride;
    for (int q = 0; q < queries; q++) {
      int left = length[q] - start;
      valid[q] = left < 0 ? 0 : left < K_PAGE_TOKENS ? left : K_PAGE_TOKENS;
    }
    for (int q = 0; q < queries; q += TILE_QUERIES) {
      float *sums = a->scratch + (size_t)q * a->valueStride;
#if WIDE
      switch (queries - q) {
        case 1: page_1(a, query + q, valid + q, states + q, page, sums); break;
        case 2: page_2(a, query + q, valid + q, states + q, page, sums); break;
        case 3: page_3(a, query + q, valid + q, states + q, page, sums); break;
        default: page_4(a, query + q, valid + q, states + q, page, sums);
      }
#else
      page_1(a, query + q, valid + q, states + q, page, sums);
#endif
    }
  }
  for (int q = 0; q < queries; q++) {
    float *out = a->out + (query[q] - a->query), scale = 1.0f / states[q].sum;
    const float *sums = a->scratch + (size_t)q * a->valueStride;
    for (int d = 0; d < a->headDim; d++) out[d] = sums[d] * scale;
  }
}
