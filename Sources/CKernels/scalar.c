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

// Scores of one page: four partial sums over the head's dimensions for each token.
static float score(const float *query, const float *keys, int token, int headDim) {
  float part[4] = {0};
  for (int d = 0; d < headDim; d++) part[d % 4] = fmaf(query[d], keys[d * K_PAGE_TOKENS + token], part[d % 4]);
  return (part[0] + part[1]) + (part[2] + part[3]);
}

static void attend_query(const k_attend *a, const float *query, int length, float *out) {
  float maximum = -INFINITY, sum = 0, *sums = a->scratch;
  memset(sums, 0, (size_t)a->headDim * sizeof *sums);
  for (int start = 0; start < length; start += K_PAGE_TOKENS) {
    const float *page = a->cache + (size_t)a->pageTable[start / K_PAGE_TOKENS] * a->pageStride;
    const float *keys = page + a->keyOffset, *values = page + a->valueOffset;
    int valid = length - start < K_PAGE_TOKENS ? length - start : K_PAGE_TOKENS;
    float p[K_PAGE_TOKENS] = {0}, pageMaximum = -INFINITY;
    for (int j = 0; j < valid; j++) {
      p[j] = score(query, keys, j, a->headDim) * a->scale;
      if (p[j] > pageMaximum) pageMaximum = p[j];
    }
    if (pageMaximum > maximum) {
      float shrink = k_exp(maximum - pageMaximum);  // 0 on the first page
      sum *= shrink;
      for (int d = 0; d < a->headDim; d++) sums[d] *= shrink;
      maximum = pageMaximum;
    }
    for (int j = 0; j < valid; j++) p[j] = k_exp(p[j] - maximum);
    sum += k_sum16(p);
    for (int d = 0; d < a->headDim; d++)
      for (int j = 0; j < valid; j++) sums[d] = fmaf(p[j], values[(size_t)j * a->valueStride + (size_t)d], sums[d]);
  }
  float scale = 1.0f / sum;
  for (int d = 0; d < a->headDim; d++) out[d] = sums[d] * scale;
}

static void attend(const k_attend *a) {
  for (int t = 0; t < a->tokenCount; t++)
    for (int g = 0; g < a->groupSize; g++) {
      size_t place = (size_t)t * a->rowStride + (size_t)(g * a->headDim);
      attend_query(a, a->query + place, a->firstPosition + t + 1, a->out + place);
    }
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
};
