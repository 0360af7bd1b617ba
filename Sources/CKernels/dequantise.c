// The value of each stored element, block by block: the plain version of every type.
//
// Layouts and order of operations as in ggml's dequantize_row_* (ggml-quants.c) and gguf-py's quants.py. Every product and
// sum is rounded by itself, which makes the result equal to theirs bit for bit.
#include "scalar.h"

static void q4_0(const uint8_t *b, float *y) {
  float d = k_half(k_load16(b));
  for (int i = 0; i < 16; i++) {
    y[i] = (float)((b[2 + i] & 15) - 8) * d;
    y[i + 16] = (float)((b[2 + i] >> 4) - 8) * d;
  }
}

static void q4_1(const uint8_t *b, float *y) {
  float d = k_half(k_load16(b)), m = k_half(k_load16(b + 2));
  for (int i = 0; i < 16; i++) {
    y[i] = (float)(b[4 + i] & 15) * d + m;
    y[i + 16] = (float)(b[4 + i] >> 4) * d + m;
  }
}

static void q5_0(const uint8_t *b, float *y) {
  float d = k_half(k_load16(b));
  uint32_t high = k_load32(b + 2);  // bit i is the fifth bit of element i
  for (int i = 0; i < 16; i++) {
    y[i] = (float)((int)((b[6 + i] & 15) | (high >> i & 1) << 4) - 16) * d;
    y[i + 16] = (float)((int)((b[6 + i] >> 4) | (high >> (i + 16) & 1) << 4) - 16) * d;
  }
}

static void q5_1(const uint8_t *b, float *y) {
  float d = k_half(k_load16(b)), m = k_half(k_load16(b + 2));
  uint32_t high = k_load32(b + 4);
  for (int i = 0; i < 16; i++) {
    y[i] = (float)((b[8 + i] & 15) | (high >> i & 1) << 4) * d + m;
    y[i + 16] = (float)((b[8 + i] >> 4) | (high >> (i + 16) & 1) << 4) * d + m;
  }
}

static void q8_0(const uint8_t *b, float *y) {
  float d = k_half(k_load16(b));
  for (int i = 0; i < 32; i++) y[i] = (float)(int8_t)b[2 + i] * d;
}

// 16 sub-blocks of 16, each with a 4-bit scale and a 4-bit minimum; 2-bit quants, 32 elements apart in one byte.
static void q2_k(const uint8_t *b, float *y) {
  const uint8_t *scales = b, *q = b + 16;
  float d = k_half(k_load16(b + 80)), dmin = k_half(k_load16(b + 82));
  for (int s = 0; s < 16; s++) {
    float scale = d * (float)(scales[s] & 15), minimum = dmin * (float)(scales[s] >> 4);
    const uint8_t *bytes = q + 32 * (s / 8) + 16 * (s % 2);
    int shift = 2 * (s / 2 % 4);
    for (int i = 0; i < 16; i++) y[16 * s + i] = scale * (float)(bytes[i] >> shift & 3) - minimum;
  }
}

// 16 sub-blocks of 16 with 6-bit scales; a clear bit of `high` takes 4 from the 2-bit quant.
static void q3_k(const uint8_t *b, float *y) {
  const uint8_t *high = b, *q = b + 32, *scales = b + 96;
  float d = k_half(k_load16(b + 108));
  for (int s = 0; s < 16; s++) {
    float scale = d * (float)(k_q3_k_scale(scales, s) - 32);
    const uint8_t *bytes = q + 32 * (s / 8) + 16 * (s % 2), *masks = high + 16 * (s % 2);
    int shift = 2 * (s / 2 % 4), bit = s / 2;
    for (int i = 0; i < 16; i++) {
      int value = (bytes[i] >> shift & 3) - (masks[i] >> bit & 1 ? 0 : 4);
      y[16 * s + i] = scale * (float)value;
    }
  }
}

// 8 sub-blocks of 32 with a 6-bit scale and a 6-bit minimum each; two sub-blocks share 32 bytes.
static void q4_k(const uint8_t *b, float *y) {
  float d = k_half(k_load16(b)), dmin = k_half(k_load16(b + 2));
  for (int s = 0; s < 8; s++) {
    float scale = d * (float)k_q4_k_scale(b + 4, s), minimum = dmin * (float)k_q4_k_minimum(b + 4, s);
    const uint8_t *bytes = b + 16 + 32 * (s / 2);
    for (int i = 0; i < 32; i++) y[32 * s + i] = scale * (float)(bytes[i] >> 4 * (s % 2) & 15) - minimum;
  }
}

// As q4_k, with the fifth bit of element i of sub-block s in bit s of high[i].
static void q5_k(const uint8_t *b, float *y) {
  float d = k_half(k_load16(b)), dmin = k_half(k_load16(b + 2));
  for (int s = 0; s < 8; s++) {
    float scale = d * (float)k_q4_k_scale(b + 4, s), minimum = dmin * (float)k_q4_k_minimum(b + 4, s);
    const uint8_t *high = b + 16, *bytes = b + 48 + 32 * (s / 2);
    for (int i = 0; i < 32; i++) {
      int value = (bytes[i] >> 4 * (s % 2) & 15) | (high[i] >> s & 1) << 4;
      y[32 * s + i] = scale * (float)value - minimum;
    }
  }
}

// 16 sub-blocks of 16 with 8-bit scales; low four bits and high two bits apart, 128 elements at a time.
static void q6_k(const uint8_t *b, float *y) {
  float d = k_half(k_load16(b + 208));
  for (int s = 0; s < 16; s++) {
    int half = s / 8, quarter = s / 2 % 4, place = 16 * (s % 2);
    const uint8_t *low = b + 64 * half + 32 * (quarter % 2) + place, *high = b + 128 + 32 * half + place;
    float scale = d * (float)(int8_t)b[192 + s];
    for (int i = 0; i < 16; i++) {
      int value = (low[i] >> 4 * (quarter / 2) & 15) | (high[i] >> 2 * quarter & 3) << 4;
      y[16 * s + i] = scale * (float)(value - 32);
    }
  }
}

static const int8_t iq4_values[16] = K_IQ4_VALUES;

static void iq4_nl(const uint8_t *b, float *y) {
  float d = k_half(k_load16(b));
  for (int i = 0; i < 16; i++) {
    y[i] = d * (float)iq4_values[b[2 + i] & 15];
    y[i + 16] = d * (float)iq4_values[b[2 + i] >> 4];
  }
}

// 8 sub-blocks of 32 with 6-bit scales: low four bits in nibbles, high two in a 16-bit word.
static void iq4_xs(const uint8_t *b, float *y) {
  float d = k_half(k_load16(b));
  for (int s = 0; s < 8; s++) {
    float scale = d * (float)(k_iq4_xs_scale(b + 2, s) - 32);
    const uint8_t *bytes = b + 8 + 16 * s;
    for (int i = 0; i < 16; i++) {
      y[32 * s + i] = scale * (float)iq4_values[bytes[i] & 15];
      y[32 * s + i + 16] = scale * (float)iq4_values[bytes[i] >> 4];
    }
  }
}

void k_dequantise_scalar(int type, const void *row, float *y, int count) {
  const uint8_t *b = row;
  switch (type) {
    case K_F32: memcpy(y, row, 4 * (size_t)count); return;
    case K_F16: for (int i = 0; i < count; i++) y[i] = k_half(k_load16(b + 2 * i)); return;
    case K_BF16: for (int i = 0; i < count; i++) y[i] = k_bits((uint32_t)k_load16(b + 2 * i) << 16); return;
    default: break;
  }
  void (*block)(const uint8_t *, float *) = type == K_Q4_0   ? q4_0
                                            : type == K_Q4_1 ? q4_1
                                            : type == K_Q5_0 ? q5_0
                                            : type == K_Q5_1 ? q5_1
                                            : type == K_Q8_0 ? q8_0
                                            : type == K_Q2_K ? q2_k
                                            : type == K_Q3_K ? q3_k
                                            : type == K_Q4_K ? q4_k
                                            : type == K_Q5_K ? q5_k
                                            : type == K_Q6_K ? q6_k
                                            : type == K_IQ4_NL ? iq4_nl
                                                               : iq4_xs;
  k_block size = k_block_of(type);
  for (int i = 0; i < count; i += size.elements, b += size.bytes) block(b, y + i);
}
