#include "klogits.h"

#include <math.h>
#include <string.h>

// The loops are written in groups of 16 lanes so that the compiler vectorises them, sums included, without permission
// to reorder floating-point operations; the clones differ in rounding only where lanes are summed, which is fixed.
// Clones are chosen before a sanitiser has set itself up, which it does not survive: then there is one version.
#if defined(__x86_64__) && defined(__has_attribute) && defined(__has_feature)
#if __has_attribute(target_clones) && !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
#endif
#ifndef CLONES
#define CLONES
#endif

enum { lanes = 16, block = 1024 };

CLONES float k_max_f32(const float *x, int64_t count) {
  float best[lanes];
  for (int j = 0; j < lanes; j++) best[j] = -INFINITY;
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (int j = 0; j < lanes; j++) best[j] = x[i + j] > best[j] ? x[i + j] : best[j];
  float result = -INFINITY;
  for (int j = 0; j < lanes; j++) result = best[j] > result ? best[j] : result;
  for (; i < count; i++) result = x[i] > result ? x[i] : result;
  return result;
}

/// e^x by 2^n * e^r with |r| <= ln 2 / 2 and the Taylor series to r^7 (next term under 6e-9); 0 below -87.
static inline float exp_lane(float x) {
  float clamped = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
  const float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer, kept in the low bits
  float rounded = clamped * 1.44269504f + magic;
  float n = rounded - magic;
  float r = clamped - n * 0.693359375f + n * 2.12194440e-4f;  // ln 2 in two parts, the first exact in 9 bits
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  int32_t bits;
  memcpy(&bits, &rounded, 4);
  int32_t scale_bits = (bits - 0x4B400000 + 127) << 23;
  float scale;
  memcpy(&scale, &scale_bits, 4);
  float result = p * scale;
  result = x < -87.0f ? 0.0f : result;
  return x == x ? result : x;
}

CLONES void k_exp_weights_f32(const float *logits, int64_t count, float shift, float scale, float *weights, double *sum,
                              double *moment) {
  double total = 0, weighted = 0;
  int64_t i = 0;
  while (i + lanes <= count) {
    // A block's partial sums are float and short; blocks are added in double.
    int64_t end = i + block <= count ? i + block : i + (count - i) / lanes * lanes;
    float s[lanes] = {0}, m[lanes] = {0};
    for (; i < end; i += lanes)
      for (int j = 0; j < lanes; j++) {
        float x = (logits[i + j] - shift) * scale;
        float w = exp_lane(x);
        weights[i + j] = w;
        s[j] += w;
        m[j] += w == 0 ? 0 : w * x;
      }
    for (int j = 0; j < lanes; j++) total += s[j], weighted += m[j];
  }
  for (; i < count; i++) {
    float x = (logits[i] - shift) * scale;
    float w = exp_lane(x);
    weights[i] = w;
    total += w;
    weighted += w == 0 ? 0 : w * x;
  }
  *sum = total;
  *moment = weighted;
}

CLONES void k_order_keys_f32(const float *x, int64_t count, uint32_t *keys) {
  for (int64_t i = 0; i < count; i++) {
    float value = x[i] + 0.0f;  // -0 becomes +0
    uint32_t bits;
    memcpy(&bits, &value, 4);
    keys[i] = bits ^ ((uint32_t)((int32_t)bits >> 31) | 0x80000000u);
  }
}

CLONES void k_typical_keys_f32(const float *logits, const float *weights, int64_t count, float shift, float scale,
                               float log_total, float entropy, uint32_t *keys) {
  for (int64_t i = 0; i < count; i++) {
    float distance = fabsf(log_total - (logits[i] - shift) * scale - entropy);
    uint32_t bits;
    memcpy(&bits, &distance, 4);  // not negative, so the bits are in order
    keys[i] = weights[i] > 0 ? ~bits : 0;
  }
}

void k_key_histogram(const uint32_t *keys, const float *weights, int64_t count, uint32_t mask, uint32_t prefix, int shift,
                     uint32_t bins, uint32_t *counts, double *masses) {
  memset(counts, 0, bins * sizeof *counts);
  memset(masses, 0, bins * sizeof *masses);
  for (int64_t i = 0; i < count; i++) {
    if ((keys[i] & mask) != prefix) continue;
    uint32_t bin = (keys[i] >> shift) & (bins - 1);
    counts[bin] += 1;
    masses[bin] += weights[i];
  }
}

int64_t k_keep_above(uint32_t *keys, float *logits, float *weights, const int32_t *ids, int32_t *ids_out, int64_t count,
                     uint32_t threshold, int64_t ties) {
  int64_t kept = 0;
  for (int64_t i = 0; i < count; i++) {
    if (keys[i] < threshold) continue;
    if (keys[i] == threshold && ties-- <= 0) continue;
    ids_out[kept] = ids ? ids[i] : (int32_t)i;
    keys[kept] = keys[i];
    logits[kept] = logits[i];
    weights[kept] = weights[i];
    kept += 1;
  }
  return kept;
}

static inline int has_greater(const float *x, float value) {
  int found = 0;
  for (int j = 0; j < lanes; j++) found |= x[j] > value;
  return found;
}

CLONES void k_top_f32(const float *x, int64_t count, int32_t k, int32_t *positions) {
  int32_t held = 0;
  for (int64_t i = 0; i < count;) {
    // Most groups have nothing to offer.
    if (held == k && i + lanes <= count && !has_greater(x + i, x[positions[k - 1]])) {
      i += lanes;
      continue;
    }
    int64_t end = i + lanes <= count ? i + lanes : count;
    for (; i < end; i++) {
      if (held == k && !(x[i] > x[positions[k - 1]])) continue;
      int32_t place = held < k ? held++ : k - 1;
      while (place > 0 && x[i] > x[positions[place - 1]]) {
        positions[place] = positions[place - 1];
        place -= 1;
      }
      positions[place] = (int32_t)i;
    }
  }
}

CLONES int64_t k_count_equal_f32(const float *x, int64_t count, float value) {
  int64_t equal = 0;
  for (int64_t i = 0; i < count; i++) equal += x[i] == value;
  return equal;
}

CLONES int64_t k_rank_f32(const float *x, int64_t count, float value, int64_t position) {
  int64_t before = 0;
  for (int64_t i = 0; i < count; i++) before += x[i] > value;
  for (int64_t i = 0; i < position; i++) before += x[i] == value;
  return before;
}

CLONES double k_sum_f32(const float *x, int64_t count) {
  double total = 0;
  int64_t i = 0;
  while (i + lanes <= count) {
    int64_t end = i + block <= count ? i + block : i + (count - i) / lanes * lanes;
    float s[lanes] = {0};
    for (; i < end; i += lanes)
      for (int j = 0; j < lanes; j++) s[j] += x[i + j];
    for (int j = 0; j < lanes; j++) total += s[j];
  }
  for (; i < count; i++) total += x[i];
  return total;
}

int64_t k_draw_f32(const float *weights, int64_t count, double target) {
  double running = 0;
  int64_t last = -1;
  for (int64_t i = 0; i < count;) {
    // Whole blocks are passed over by their sum.
    if (i + block <= count) {
      double sum = k_sum_f32(weights + i, block);
      if (running + sum <= target) {
        if (sum > 0)
          for (int64_t j = i + block - 1; j >= i; j--)
            if (weights[j] > 0) {
              last = j;
              break;
            }
        running += sum;
        i += block;
        continue;
      }
    }
    int64_t end = i + block <= count ? i + block : count;
    for (; i < end; i++) {
      if (weights[i] <= 0) continue;
      last = i;
      running += weights[i];
      if (running > target) return i;
    }
  }
  return last;
}
