// Each kernel said plainly, one element at a time: the definition that the vector versions are tested against.
#include "scalar.h"

static float dot(const float *w, const float *x, int count) {
  float lanes[16] = {0};
  for (int i = 0; i < count; i++) lanes[i % 16] = fmaf(w[i], x[i], lanes[i % 16]);
  return k_sum16(lanes);
}

static void matvec(int type, const void *w, size_t rowBytes, int rowCount, int columns, const float *x, float *y) {
  k_block block = k_block_of(type);
  int step = block.elements == 1 ? 256 : block.elements;  // elements are unpacked a block at a time, in lane order
  float unpacked[256];
  for (int r = 0; r < rowCount; r++) {
    const uint8_t *row = (const uint8_t *)w + (size_t)r * rowBytes;
    float lanes[16] = {0};
    for (int start = 0; start < columns; start += step) {
      int count = columns - start < step ? columns - start : step;
      k_dequantise_scalar(type, row + (size_t)(start / block.elements) * (size_t)block.bytes, unpacked, count);
      for (int i = 0; i < count; i++) lanes[i % 16] = fmaf(unpacked[i], x[start + i], lanes[i % 16]);
    }
    y[r] = k_sum16(lanes);
  }
}

static void matmul(const float *w, int rowCount, int columns, const float *x, size_t xStride, int tokenCount, float *y,
                   size_t yStride) {
  for (int t = 0; t < tokenCount; t++)
    for (int r = 0; r < rowCount; r++)
      y[(size_t)t * yStride + (size_t)r] = dot(w + (size_t)r * (size_t)columns, x + (size_t)t * xStride, columns);
}

static void rmsnorm(float *y, const float *x, const float *weight, int count, float epsilon) {
  float scale = 1.0f / sqrtf(dot(x, x, count) / (float)count + epsilon);
  for (int i = 0; i < count; i++) y[i] = x[i] * scale * weight[i];
}

static void rope(float *x, const float *cosine, const float *sine, int headDim) {
  int half = headDim / 2;
  for (int i = 0; i < half; i++) {
    float first = x[i], second = x[i + half];
    x[i] = first * cosine[i] - second * sine[i];
    x[i + half] = second * cosine[i] + first * sine[i];
  }
}

static void silu_mul(float *gate, const float *up, int count) {
  for (int i = 0; i < count; i++) gate[i] = gate[i] / (1.0f + k_exp(-gate[i])) * up[i];
}

static void add(float *y, const float *x, int count) {
  for (int i = 0; i < count; i++) y[i] += x[i];
}

static float cached(const k_attend *a, size_t element) {
  return a->cacheType == K_F16 ? k_half(((const uint16_t *)a->cache)[element]) : ((const float *)a->cache)[element];
}

static size_t page_of(const k_attend *a, int p) { return k_page_place(a->pageTable[p], a->pageStride, a->groupStride); }

// Scores of one page: four partial sums over the head's dimensions for each token.
static float score(const k_attend *a, const float *query, size_t page, int token) {
  float part[4] = {0};
  for (int d = 0; d < a->headDim; d++)
    part[d % 4] = fmaf(query[d], cached(a, page + a->keyOffset + (size_t)(d * K_PAGE_TOKENS + token)), part[d % 4]);
  return (part[0] + part[1]) + (part[2] + part[3]);
}

static const uint8_t *bytes_of(const k_attend *a, int p) { return (const uint8_t *)a->cache + page_of(a, p); }

// The same where keys have 8 bits: whole numbers for each 32 dimensions, which are scaled and added.
static float score8(const k_attend *a, const int16_t *codes, float step, const uint8_t *page, int token) {
  const float *scales = (const float *)(page + a->keyOffset + (size_t)((a->headDim + 1) / 2 * 2 * K_PAGE_TOKENS));
  float sum = 0;
  for (int first = 0; first < a->headDim; first += K_KEY_BLOCK) {
    int32_t whole = 0;
    for (int d = first; d < first + K_KEY_BLOCK && d < a->headDim; d++)
      whole += codes[d] * (int8_t)page[a->keyOffset + (size_t)((d / 2 * K_PAGE_TOKENS + token) * 2 + d % 2)];
    sum = fmaf((float)whole, scales[first / K_KEY_BLOCK * K_PAGE_TOKENS + token], sum);
  }
  return sum * step;
}

// sums += weights · values of a block.
static void mix(const k_attend *a, int p, int valid, const float *weights, float *sums) {
  for (int d = 0; d < a->headDim; d++)
    for (int j = 0; j < valid; j++) {
      size_t value = page_of(a, p + j / K_PAGE_TOKENS) + a->valueOffset + (size_t)(j % K_PAGE_TOKENS) * a->valueStride + (size_t)d;
      sums[d] = fmaf(weights[j], cached(a, value), sums[d]);
    }
}

// The same where values have 8 bits: the weights, times the values' scales, become whole numbers too.
static void mix8(const k_attend *a, int p, int valid, const float *weights, float *sums) {
  float scaled[K_BLOCK_TOKENS];
  int codes[K_BLOCK_TOKENS];
  for (int j = 0; j < valid; j++) {
    const uint8_t *values = bytes_of(a, p + j / K_PAGE_TOKENS) + a->valueOffset;
    scaled[j] = weights[j] * ((const float *)(values + K_PAGE_TOKENS * a->valueStride))[j % K_PAGE_TOKENS];
  }
  k_steps steps = k_steps_for(scaled, valid, 32767);
  for (int j = 0; j < valid; j++) codes[j] = (int16_t)k_round(scaled[j], steps.inverse);
  for (int d = 0; d < a->headDim; d++) {
    int32_t whole = 0;
    for (int j = 0; j < valid; j++) {
      size_t pair = (size_t)(j % K_PAGE_TOKENS / 2) * a->valueStride + (size_t)d;
      whole += codes[j] * (int8_t)bytes_of(a, p + j / K_PAGE_TOKENS)[a->valueOffset + 2 * pair + (size_t)(j % 2)];
    }
    sums[d] = fmaf((float)whole, steps.step, sums[d]);
  }
}

static void attend_query(const k_attend *a, const float *query, int length, float *sums, k_softmax *state) {
  float maximum = -INFINITY, sum = 0, step = 0;
  int16_t codes[a->headDim + 1];
  if (a->cacheType == K_I8) step = k_round_query(query, a->headDim, 32767, codes);
  memset(sums, 0, a->valueStride * sizeof *sums);
  for (int p = a->firstPage; p < a->endPage && p * K_PAGE_TOKENS < length; p += K_BLOCK_PAGES) {
    int end = p + K_BLOCK_PAGES < a->endPage ? p + K_BLOCK_PAGES : a->endPage;
    int left = length - p * K_PAGE_TOKENS, room = (end - p) * K_PAGE_TOKENS, valid = left < room ? left : room;
    float weights[K_BLOCK_TOKENS] = {0}, blockMaximum = -INFINITY;
    for (int j = 0; j < valid; j++) {
      int page = p + j / K_PAGE_TOKENS, token = j % K_PAGE_TOKENS;
      float product = a->cacheType == K_I8 ? score8(a, codes, step, bytes_of(a, page), token)
                                           : score(a, query, page_of(a, page), token);
      weights[j] = product * a->scale;
      if (weights[j] > blockMaximum) blockMaximum = weights[j];
    }
    if (blockMaximum > maximum) {
      float shrink = k_exp(maximum - blockMaximum);  // 0 on the first block
      sum *= shrink;
      for (int d = 0; d < a->headDim; d++) sums[d] *= shrink;
      maximum = blockMaximum;
    }
    for (int j = 0; j < valid; j++) weights[j] = k_exp(weights[j] - maximum);
    float lanes[16];
    for (int i = 0; i < 16; i++) lanes[i] = (weights[i] + weights[16 + i]) + (weights[32 + i] + weights[48 + i]);
    sum += k_sum16(lanes);
    (a->cacheType == K_I8 ? mix8 : mix)(a, p, valid, weights, sums);
  }
  *state = (k_softmax){maximum, sum};
}

static void attend(const k_attend *a) {
  for (int t = 0; t < a->tokenCount; t++)
    for (int g = 0; g < a->groupSize; g++) {
      const float *query = a->query + (size_t)t * a->rowStride + (size_t)(g * a->headDim);
      int q = t * a->groupSize + g;
      attend_query(a, query, a->firstPosition + t + 1, a->sums + (size_t)q * a->valueStride, &a->states[q]);
    }
}

// ---- attention in 16 bits ------------------------------------------------------------------------------------------

static float score16(const k_attend *a, const int16_t *query, float step, int p, int token) {
  const uint16_t *keys = (const uint16_t *)a->cache + page_of(a, p) + a->keyOffset;
  int32_t whole = 0;
  for (int d = 0; d < a->headDim; d++) whole += query[d] * (int16_t)keys[d / 2 * 2 * K_PAGE_TOKENS + 2 * token + d % 2];
  float scale;
  memcpy(&scale, keys + (a->headDim + 1) / 2 * 2 * K_PAGE_TOKENS + 2 * token, sizeof scale);
  return (float)whole * (scale * step);
}

// A block's weights times the values' scales in whole numbers; what one is worth.
static float round_weights16(const k_attend *a, int p, int valid, const float *weights, int16_t *codes) {
  float scaled[K_BLOCK_TOKENS] = {0};
  for (int j = 0; j < valid; j++) {
    const uint16_t *values = (const uint16_t *)a->cache + page_of(a, p + j / K_PAGE_TOKENS) + a->valueOffset;
    float scale;
    memcpy(&scale, values + K_PAGE_TOKENS * a->valueStride + 2 * (j % K_PAGE_TOKENS), sizeof scale);
    scaled[j] = weights[j] * scale;
  }
  uint32_t most = 0;
  for (int i = 0; i < 16; i++) {
    uint32_t lane = k_magnitude_bits((scaled[i] + scaled[16 + i]) + (scaled[32 + i] + scaled[48 + i]));
    most = lane > most ? lane : most;
  }
  k_steps steps = k_steps_of(k_bits(most), K_WEIGHT_LEVELS);
  for (int j = 0; j < K_BLOCK_TOKENS; j++) codes[j] = (int16_t)k_round(scaled[j], steps.inverse);
  return steps.step;
}

static void mix16(const k_attend *a, int p, int valid, const int16_t *codes, float step, float *sums) {
  for (int d = 0; d < a->headDim; d++) {
    int32_t whole = 0;
    for (int j = 0; j < valid; j++) {
      const int16_t *values = (const int16_t *)a->cache + page_of(a, p + j / K_PAGE_TOKENS) + a->valueOffset;
      int token = j % K_PAGE_TOKENS;
      whole += codes[j] * values[(size_t)(token / 2 * 2) * a->valueStride + 2 * (size_t)d + (size_t)(token % 2)];
    }
    sums[d] = fmaf((float)whole, step, sums[d]);
  }
}

static void attend_query16(const k_attend *a, const float *row, int length, float *sums, k_softmax *state) {
  float maximum = -INFINITY, lanes[16] = {0};
  int16_t query[a->headDim + 1];
  float step = a->scale * k_round_pairs(row, a->headDim, query);
  memset(sums, 0, a->valueStride * sizeof *sums);
  for (int p = a->firstPage; p < a->endPage && p * K_PAGE_TOKENS < length; p += K_BLOCK_PAGES) {
    int end = p + K_BLOCK_PAGES < a->endPage ? p + K_BLOCK_PAGES : a->endPage;
    int left = length - p * K_PAGE_TOKENS, room = (end - p) * K_PAGE_TOKENS, valid = left < room ? left : room;
    float scores[K_BLOCK_TOKENS], weights[K_BLOCK_TOKENS] = {0}, blockMaximum = -INFINITY;
    int16_t codes[K_BLOCK_TOKENS];
    for (int j = 0; j < valid; j++) {
      scores[j] = score16(a, query, step, p + j / K_PAGE_TOKENS, j % K_PAGE_TOKENS);
      if (scores[j] > blockMaximum) blockMaximum = scores[j];
    }
    if (blockMaximum > maximum + K_MAXIMUM_SLACK) {
      float shrink = k_exp(maximum - blockMaximum);  // 0 on the first block
      for (int i = 0; i < 16; i++) lanes[i] *= shrink;
      for (int d = 0; d < a->headDim; d++) sums[d] *= shrink;
      maximum = blockMaximum;
    }
    for (int j = 0; j < valid; j++) weights[j] = k_brief_exp(scores[j] - maximum);
    for (int i = 0; i < 16; i++) lanes[i] += (weights[i] + weights[16 + i]) + (weights[32 + i] + weights[48 + i]);
    float worth = round_weights16(a, p, valid, weights, codes);
    mix16(a, p, valid, codes, worth, sums);
  }
  *state = (k_softmax){maximum, k_sum16(lanes)};
}

static void attend16(const k_attend *a) {
  for (int t = 0; t < a->tokenCount; t++)
    for (int g = 0; g < a->groupSize; g++) {
      const float *query = a->query + (size_t)t * a->rowStride + (size_t)(g * a->headDim);
      int q = t * a->groupSize + g;
      attend_query16(a, query, a->firstPosition + t + 1, a->sums + (size_t)q * a->valueStride, &a->states[q]);
    }
}

static void narrow(const float *x, uint16_t *y, int count) {
  for (int i = 0; i < count; i++) y[i] = k_to_half(x[i]);
}

const k_kernels k_scalar = {
  .name = "scalar",
  .dequantise = k_dequantise_scalar,
  .matvec = matvec,
  .matmul = matmul,
  .rmsnorm = rmsnorm,
  .rope = rope,
  .silu_mul = silu_mul,
  .add = add,
  .attend = attend,
  .attend16 = attend16,
  .narrow = narrow,
};
