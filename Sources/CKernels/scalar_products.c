// Products of quantised weights with rounded activations, one element at a time: the definition that the vector versions
// are tested against.
#include "products.h"
#include "scalar.h"

// ---- activations ---------------------------------------------------------------------------------------------------

static int8_t code(float x, float inverse) {
  float shifted = x * inverse + K_ROUND_MAGIC;
  uint32_t bits;
  memcpy(&bits, &shifted, 4);
  return (int8_t)(uint8_t)bits;
}

static void round_inputs(const float *x, const k_inputs *inputs, int t) {
  size_t columns = (size_t)inputs->columns, token = (size_t)t;
  if (inputs->form == K_INPUT_BF16) {
    for (size_t i = 0; i < columns; i++) inputs->brains[token * columns + i] = k_brain(x[i]);
    return;
  }
  int8_t *codes = inputs->codes + token * columns;
  size_t block = inputs->form == K_INPUT_Q8 ? 32 : 256, part = inputs->form == K_INPUT_Q8 ? 32 : 16;
  for (size_t b = 0; b < columns / block; b++) {
    uint32_t most = 0;
    for (size_t i = 0; i < block; i++) {
      uint32_t bits = k_magnitude_bits(x[b * block + i]);
      if (bits > most) most = bits;
    }
    float largest = k_bits(most), scale = largest / 127.0f, inverse = 127.0f / largest;
    if (largest < K_SMALLEST_SCALED) scale = inverse = 0;
    inputs->scales[token * (columns / block) + b] = scale;
    for (size_t i = 0; i < block; i++) codes[b * block + i] = code(x[b * block + i], inverse);
  }
  for (size_t p = 0; p < columns / part; p++) {
    int sum = 0;
    for (size_t i = 0; i < part; i++) sum += codes[p * part + i];
    inputs->offsets[token * (columns / part) + p] = -128 * sum;
  }
  if (inputs->form == K_INPUT_Q8) return;
  for (size_t p = 0; p < columns / 32; p++) {
    int sum = 0;
    for (size_t i = 0; i < 32; i++) sum += codes[p * 32 + i];
    inputs->sums[token * (columns / 32) + p] = (int16_t)sum;
  }
}

// ---- weights -------------------------------------------------------------------------------------------------------

// A block as whole numbers: value i is scale[i / part] * code[i] * d - minimum[i / part] * dmin.
typedef struct {
  int elements, part;
  int codes[256];
  int scales[16], minima[16];
  float d, dmin;
} block_codes;

static block_codes q8_0(const uint8_t *b) {
  block_codes out = {.elements = 32, .part = 32, .scales = {1}, .d = k_half(k_load16(b))};
  for (int i = 0; i < 32; i++) out.codes[i] = (int8_t)b[2 + i];
  return out;
}

static block_codes q4_0(const uint8_t *b) {
  block_codes out = {.elements = 32, .part = 32, .scales = {1}, .d = k_half(k_load16(b))};
  for (int i = 0; i < 32; i++) out.codes[i] = (b[2 + i % 16] >> 4 * (i / 16) & 15) - 8;
  return out;
}

static block_codes q45_k(const uint8_t *b, int five) {
  block_codes out = {.elements = 256, .part = 32, .d = k_half(k_load16(b)), .dmin = k_half(k_load16(b + 2))};
  const uint8_t *high = b + 16, *low = five ? b + 48 : b + 16;
  for (int s = 0; s < 8; s++) {
    out.scales[s] = k_q4_k_scale(b + 4, s);
    out.minima[s] = k_q4_k_minimum(b + 4, s);
    for (int i = 0; i < 32; i++) {
      out.codes[32 * s + i] = low[32 * (s / 2) + i] >> 4 * (s % 2) & 15;
      if (five) out.codes[32 * s + i] |= (high[i] >> s & 1) << 4;
    }
  }
  return out;
}

static block_codes q6_k(const uint8_t *b) {
  block_codes out = {.elements = 256, .part = 16, .d = k_half(k_load16(b + 208))};
  for (int i = 0; i < 256; i++) {
    int half = i / 128, quarter = i / 32 % 4, place = i % 32;
    int low = b[64 * half + 32 * (quarter % 2) + place] >> 4 * (quarter / 2) & 15;
    out.codes[i] = (low | (b[128 + 32 * half + place] >> 2 * quarter & 3) << 4) - 32;
  }
  for (int s = 0; s < 16; s++) out.scales[s] = (int8_t)b[192 + s];
  return out;
}

static block_codes codes_of(int type, const uint8_t *b) {
  switch (type) {
    case K_Q8_0: return q8_0(b);
    case K_Q4_0: return q4_0(b);
    case K_Q4_K: return q45_k(b, 0);
    case K_Q5_K: return q45_k(b, 1);
    default: return q6_k(b);
  }
}

static void multiply(int type, const void *w, size_t rowBytes, int rowCount, const k_inputs *x, int tokenCount, void *panel,
                     float *y, size_t yStride) {
  (void)panel;
  k_block size = k_block_of(type);
  size_t columns = (size_t)x->columns, blocks = columns / (size_t)size.elements;
  for (int r = 0; r < rowCount; r++) {
    for (int t = 0; t < tokenCount; t++) y[(size_t)t * yStride + (size_t)r] = 0;
    for (size_t b = 0; b < blocks; b++) {
      block_codes block = codes_of(type, (const uint8_t *)w + (size_t)r * rowBytes + b * (size_t)size.bytes);
      for (int t = 0; t < tokenCount; t++) {
        const int8_t *codes = x->codes + (size_t)t * columns + b * (size_t)size.elements;
        int32_t sum = 0, minimum = 0;
        for (int s = 0; s < block.elements / block.part; s++) {
          int32_t product = 0, total = 0;
          for (int i = s * block.part; i < (s + 1) * block.part; i++) {
            product += block.codes[i] * codes[i];
            total += codes[i];
          }
          sum += block.scales[s] * product;
          minimum += block.minima[s] * total;
        }
        float scale = x->scales[(size_t)t * blocks + b], *out = &y[(size_t)t * yStride + (size_t)r];
        *out = fmaf((float)sum, block.d * scale, *out);
        if (type == K_Q4_K || type == K_Q5_K) *out = fmaf((float)minimum, -(block.dmin * scale), *out);
      }
    }
  }
}

static void multiply_bf16(const void *w, size_t rowBytes, int rowCount, const k_inputs *x, int tokenCount, void *panel, float *y,
                          size_t yStride) {
  (void)panel;
  for (int r = 0; r < rowCount; r++) {
    const uint8_t *row = (const uint8_t *)w + (size_t)r * rowBytes;
    for (int t = 0; t < tokenCount; t++) {
      const uint16_t *inputs = x->brains + (size_t)t * (size_t)x->columns;
      float sum = 0;
      for (int i = 0; i < x->columns; i++) {
        int c = i ^ 1;  // of each pair the second first
        sum = fmaf(k_bits((uint32_t)k_load16(row + 2 * c) << 16), k_bits((uint32_t)inputs[c] << 16), sum);
      }
      y[(size_t)t * yStride + (size_t)r] = sum;
    }
  }
}

const k_products k_products_scalar = {
  .name = "scalar", .round_inputs = round_inputs, .multiply = multiply, .multiply_bf16 = multiply_bf16};
