#ifndef KLOGITS_H
#define KLOGITS_H
#include <stdint.h>

// Passes over one row of logits, for the sampler. All arrays have `count` elements; an infinite or NaN logit is allowed
// where it says so. Each runs at the memory's speed from instruction sets chosen at load.

/// The largest element; NaNs are passed over. -infinity if there is none.
float k_max_f32(const float *x, int64_t count);

/// weights[i] = exp((logits[i] - shift) * scale), 0 below the smallest normal number and for -infinity.
/// sum = Σ weights, moment = Σ weights * (logits - shift) * scale; a NaN among the logits makes both NaN.
void k_exp_weights_f32(const float *logits, int64_t count, float shift, float scale, float *weights, double *sum,
                       double *moment);

/// Unsigned keys in the order of the floats, -0 and +0 alike.
void k_order_keys_f32(const float *x, int64_t count, uint32_t *keys);

/// Keys that are the larger the nearer a token's surprisal is to `entropy`: of | log_total - (logits[i] - shift) * scale -
/// entropy |; 0 where the weight is 0.
void k_typical_keys_f32(const float *logits, const float *weights, int64_t count, float shift, float scale,
                        float log_total, float entropy, uint32_t *keys);

/// Of the elements with (keys[i] & mask) == prefix, by bin = (keys[i] >> shift) & (bins - 1), bins a power of two:
/// counts[bin] += 1, masses[bin] += weights[i].
void k_key_histogram(const uint32_t *keys, const float *weights, int64_t count, uint32_t mask, uint32_t prefix, int shift,
                     uint32_t bins, uint32_t *counts, double *masses);

/// Moves the elements with keys above `threshold`, and the first `ties` of those equal to it, to the front in their
/// order, and returns how many. `ids` may be null: then the ids are the positions, and are written to `ids_out`.
int64_t k_keep_above(uint32_t *keys, float *logits, float *weights, const int32_t *ids, int32_t *ids_out, int64_t count,
                     uint32_t threshold, int64_t ties);

/// Positions of the `k` largest elements, largest first and the first of equals first; k <= count. Meant for small k: the
/// elements that are among the k largest so far are moved into place, few in a row that is in no order.
void k_top_f32(const float *x, int64_t count, int32_t k, int32_t *positions);

/// How many elements are equal to `value`.
int64_t k_count_equal_f32(const float *x, int64_t count, float value);

/// How many elements are greater than `value`, plus those equal to it before position `position`.
int64_t k_rank_f32(const float *x, int64_t count, float value, int64_t position);

/// Σ x.
double k_sum_f32(const float *x, int64_t count);

/// The first position at which the running sum of `weights` exceeds `target`, skipping zeros; the last position with a
/// weight if none does, -1 if there is no weight at all.
int64_t k_draw_f32(const float *weights, int64_t count, double target);

#endif
