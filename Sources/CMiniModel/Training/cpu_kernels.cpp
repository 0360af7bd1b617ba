// Training's slow pieces on a CPU with AVX-512 and its bfloat16 dot product: attention over segments, norms, SwiGLU.
//
// Row i of the attention sees the keys [system_start[i], system_end[i]) and [branch_start[i], i]. Products are of
// bfloat16 with sums in float; the softmax is in float and recomputed for the gradients (as FlashAttention does, Dao et
// al. 2022, arXiv:2205.14135). Everything runs on one thread.

#include <immintrin.h>
#include <torch/extension.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

using Half = at::BFloat16;

namespace {

inline __m512 load(const Half *from) {
  return _mm512_castsi512_ps(
      _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)from)), 16));
}

inline void store(Half *to, __m512 x) { _mm256_storeu_si256((__m256i *)to, (__m256i)_mm512_cvtneps_pbh(x)); }

// sum += the products of 16 pairs with one pair.
inline __m512 dot(__m512 sum, __m512i pairs, uint32_t pair) {
  return _mm512_dpbf16_ps(sum, (__m512bh)pairs, (__m512bh)_mm512_set1_epi32((int)pair));
}

// 2^x to the precision that bfloat16 keeps.
inline __m512 exp2_16(__m512 x) {
  x = _mm512_max_ps(x, _mm512_set1_ps(-120.f));
  __m512 whole = _mm512_roundscale_ps(x, 0);
  __m512 rest = _mm512_sub_ps(x, whole);
  __m512 p = _mm512_set1_ps(0.0096181291f);
  p = _mm512_fmadd_ps(p, rest, _mm512_set1_ps(0.0555041087f));
  p = _mm512_fmadd_ps(p, rest, _mm512_set1_ps(0.2402265070f));
  p = _mm512_fmadd_ps(p, rest, _mm512_set1_ps(0.6931471806f));
  p = _mm512_fmadd_ps(p, rest, _mm512_set1_ps(1.f));
  return _mm512_scalef_ps(p, whole);
}

// 16 keys, of which `count` are real.
struct Chunk {
  int first, count;
};

constexpr int kRows = 16;  // rows that go together; they are of one segment
constexpr int kPadding = 32;

// Keys or values of one head as the products want them, as pairs of bfloat16 in 32 bits.
template <int D>
struct Table {
  int count, stride;
  std::vector<uint32_t> along;      // [D / 2][stride]: neighbours of the head's axis, for dot products with rows
  std::vector<uint32_t> across[2];  // [from an even or odd key][stride / 2][D]: neighbouring keys, for sums over keys

  explicit Table(int tokens)
      : count(tokens), stride(tokens + kPadding), along(D / 2 * stride), across{std::vector<uint32_t>(stride / 2 * D),
                                                                                 std::vector<uint32_t>(stride / 2 * D)} {}

  void fill_along(const Half *rows) {
    for (int t = 0; t < count; t++) {
      const uint32_t *row = (const uint32_t *)(rows + (size_t)t * D);
      for (int d = 0; d < D / 2; d++) along[(size_t)d * stride + t] = row[d];
    }
  }

  void fill_across(const Half *rows) {
    const uint16_t *bits = (const uint16_t *)rows;
    for (int parity = 0; parity < 2; parity++) {
      for (int t = parity; t < count; t += 2) {
        uint32_t *to = &across[parity][(size_t)(t / 2) * D];
        const uint16_t *low = bits + (size_t)t * D;
        const uint16_t *high = low + D;
        for (int d = 0; d < D; d++) to[d] = low[d] | (t + 1 < count ? (uint32_t)high[d] << 16 : 0);
      }
    }
  }
};

// The products of one block of rows with the keys that it sees.
template <int D>
struct Block {
  static constexpr int kVectors = D / 16;
  int stride;
  std::vector<float> scores, slopes;             // [kRows][stride]
  std::vector<Half> weights, slope_halves;       // [kRows][stride]
  std::vector<uint32_t> weight_pairs, slope_pairs;  // [kRows / 2][stride]: neighbouring rows
  std::vector<Chunk> chunks;

  explicit Block(int tokens)
      : stride(tokens + 2 * kPadding),
        scores(kRows * stride),
        slopes(kRows * stride),
        weights(kRows * stride),
        slope_halves(kRows * stride),
        weight_pairs(kRows / 2 * stride),
        slope_pairs(kRows / 2 * stride) {}

  void set_chunks(int system_start, int system_end, int branch_start, int end) {
    chunks.clear();
    for (int j = system_start; j < system_end; j += 16) chunks.push_back({j, std::min(16, system_end - j)});
    for (int j = branch_start; j < end; j += 16) chunks.push_back({j, std::min(16, end - j)});
  }

  // The lanes of a chunk that row i sees.
  static __mmask16 seen(const Chunk &chunk, int i) {
    int count = std::min(chunk.count, i - chunk.first + 1);
    return count <= 0 ? 0 : (__mmask16)((1u << count) - 1);
  }

  // out[r][key] = rows[r] . key; rows [kRows][D / 2] pairs
  void products(const uint32_t *rows, const Table<D> &table, float *out) const {
    for (size_t c = 0; c < chunks.size(); c++) {
      __m512 sums[kRows];
      for (int r = 0; r < kRows; r++) sums[r] = _mm512_setzero_ps();
      const uint32_t *keys = table.along.data() + chunks[c].first;
      for (int d = 0; d < D / 2; d++) {
        __m512i pairs = _mm512_loadu_si512(keys + (size_t)d * table.stride);
        for (int r = 0; r < kRows; r++) sums[r] = dot(sums[r], pairs, rows[r * (D / 2) + d]);
      }
      for (int r = 0; r < kRows; r++) _mm512_storeu_ps(out + (size_t)r * stride + c * 16, sums[r]);
    }
  }

  // out[r] = the sum over keys of weights[r][key] * table[key], for `count` rows; out [kRows][D]
  void sum_over_keys(const Half *weights, int count, const Table<D> &table, float *out) const {
    for (int first = 0; first < count; first += 8) {
      for (int part = 0; part < kVectors; part += 2) {
        __m512 sums[8][2];
        for (auto &sum : sums) sum[0] = sum[1] = _mm512_setzero_ps();
        for (size_t c = 0; c < chunks.size(); c++) {
          const Chunk &chunk = chunks[c];
          const uint32_t *pairs = table.across[chunk.first & 1].data() + (size_t)(chunk.first / 2) * D + part * 16;
          const uint32_t *factors = (const uint32_t *)(weights + (size_t)first * stride + c * 16);
          for (int j = 0; j < (chunk.count + 1) / 2; j++) {
            __m512i low = _mm512_loadu_si512(pairs + (size_t)j * D);
            __m512i high = _mm512_loadu_si512(pairs + (size_t)j * D + 16);
            for (int r = 0; r < 8; r++) {
              uint32_t factor = factors[(size_t)r * (stride / 2) + j];
              sums[r][0] = dot(sums[r][0], low, factor);
              sums[r][1] = dot(sums[r][1], high, factor);
            }
          }
        }
        for (int r = 0; r < 8; r++) {
          _mm512_storeu_ps(out + (first + r) * D + part * 16, sums[r][0]);
          _mm512_storeu_ps(out + (first + r) * D + part * 16 + 16, sums[r][1]);
        }
      }
    }
  }

  // out[key] += the sum over rows of pairs[r][key] * rows[r]; rows [kRows / 2][D] pairs of neighbouring rows
  void add_over_rows(const uint32_t *pairs, const uint32_t *rows, float *out) const {
    for (int part = 0; part < kVectors; part += 2) {
      __m512i factors[kRows / 2][2];
      for (int r = 0; r < kRows / 2; r++) {
        factors[r][0] = _mm512_loadu_si512(rows + r * D + part * 16);
        factors[r][1] = _mm512_loadu_si512(rows + r * D + part * 16 + 16);
      }
      for (size_t c = 0; c < chunks.size(); c++) {
        for (int j = 0; j < chunks[c].count; j++) {
          float *to = out + (size_t)(chunks[c].first + j) * D + part * 16;
          __m512 low = _mm512_loadu_ps(to), high = _mm512_loadu_ps(to + 16);
          for (int r = 0; r < kRows / 2; r++) {
            uint32_t pair = pairs[(size_t)r * stride + c * 16 + j];
            low = dot(low, factors[r][0], pair);
            high = dot(high, factors[r][1], pair);
          }
          _mm512_storeu_ps(to, low);
          _mm512_storeu_ps(to + 16, high);
        }
      }
    }
  }

  // Neighbouring rows of `halves` as pairs.
  void pair_rows(const std::vector<Half> &halves, std::vector<uint32_t> &pairs) const {
    for (int r = 0; r < kRows / 2; r++) {
      const uint16_t *low = (const uint16_t *)halves.data() + (size_t)2 * r * stride;
      for (size_t c = 0; c < chunks.size(); c++) {
        __m512i even = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(low + c * 16)));
        __m512i odd = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(low + stride + c * 16)));
        _mm512_storeu_si512(
            &pairs[(size_t)r * stride + c * 16], _mm512_or_si512(even, _mm512_slli_epi32(odd, 16)));
      }
    }
  }
};

// Rows [count][D] as pairs of neighbouring rows; missing ones are zero.
template <int D>
void pair_neighbours(const Half *rows, int count, uint32_t *pairs) {
  const uint16_t *bits = (const uint16_t *)rows;
  for (int r = 0; r < kRows; r += 2)
    for (int d = 0; d < D; d++) {
      uint32_t low = r < count ? bits[r * D + d] : 0;
      uint32_t high = r + 1 < count ? bits[(r + 1) * D + d] : 0;
      pairs[r / 2 * D + d] = low | high << 16;
    }
}

// What the rows of a batch see, each [rows][tokens].
struct Bounds {
  const int *system_start, *system_end, *branch_start;

  Bounds row(size_t row, int tokens) const {
    return {system_start + row * tokens, system_end + row * tokens, branch_start + row * tokens};
  }

  // How many rows from i on are of one segment, at most kRows.
  int run(int i, int tokens) const {
    int count = 1;
    while (count < kRows && i + count < tokens && system_start[i + count] == system_start[i] &&
           system_end[i + count] == system_end[i] && branch_start[i + count] == branch_start[i])
      count++;
    return count;
  }
};

struct Shape {
  int rows, heads, groups, tokens;
};

// query, result [rows, heads, tokens, D]; key, value [rows, groups, tokens, D]; logsum (base 2) [rows, heads, tokens]
template <int D>
void attend(Shape shape, const Half *query, const Half *key, const Half *value, Bounds all, Half *result, float *logsum) {
  const int tokens = shape.tokens;
  const __m512 scale = _mm512_set1_ps(1.44269504f / std::sqrt((float)D));
  Table<D> keys(tokens), values(tokens);
  Block<D> block(tokens);
  uint32_t rows[kRows * D / 2];
  float sums[kRows * D];
  for (int b = 0; b < shape.rows; b++) {
    Bounds bounds = all.row(b, tokens);
    for (int h = 0; h < shape.heads; h++) {
      int group_size = shape.heads / shape.groups;
      if (h % group_size == 0) {
        size_t at = ((size_t)b * shape.groups + h / group_size) * tokens * D;
        keys.fill_along(key + at);
        values.fill_across(value + at);
      }
      size_t base = ((size_t)b * shape.heads + h) * tokens;
      for (int i = 0, count; i < tokens; i += count) {
        count = bounds.run(i, tokens);
        block.set_chunks(bounds.system_start[i], bounds.system_end[i], bounds.branch_start[i], i + count);
        std::memset(rows, 0, sizeof rows);
        std::memcpy(rows, query + (base + i) * D, sizeof(Half) * count * D);
        block.products(rows, keys, block.scores.data());
        for (int r = 0; r < kRows; r++) {
          float *scores = block.scores.data() + (size_t)r * block.stride;
          Half *weights = block.weights.data() + (size_t)r * block.stride;
          if (r >= count) {
            std::memset(weights, 0, sizeof(Half) * 16 * block.chunks.size());
            continue;
          }
          __m512 greatest = _mm512_set1_ps(-1e30f);
          for (size_t c = 0; c < block.chunks.size(); c++)
            greatest = _mm512_mask_max_ps(
                greatest, block.seen(block.chunks[c], i + r), greatest, _mm512_loadu_ps(scores + c * 16));
          float top = _mm512_reduce_max_ps(_mm512_mul_ps(greatest, scale));
          __m512 sum = _mm512_setzero_ps();
          for (size_t c = 0; c < block.chunks.size(); c++) {
            __m512 x = _mm512_fmsub_ps(_mm512_loadu_ps(scores + c * 16), scale, _mm512_set1_ps(top));
            x = _mm512_maskz_mov_ps(block.seen(block.chunks[c], i + r), exp2_16(x));
            sum = _mm512_add_ps(sum, x);
            store(weights + c * 16, x);
          }
          float total = _mm512_reduce_add_ps(sum);
          logsum[base + i + r] = top + std::log2(total);
          sums[r] = 1 / total;
        }
        float inverses[kRows];
        std::memcpy(inverses, sums, sizeof inverses);
        block.sum_over_keys(block.weights.data(), count, values, sums);
        for (int r = 0; r < count; r++)
          for (int d = 0; d < D; d += 16)
            store(
                result + (base + i + r) * D + d,
                _mm512_mul_ps(_mm512_loadu_ps(sums + r * D + d), _mm512_set1_ps(inverses[r])));
      }
    }
  }
}

// The gradients of `attend`; those of keys and values are added to what is there.
template <int D>
void attend_backward(
    Shape shape, const Half *query, const Half *key, const Half *value, const Half *result, const Half *gradient,
    const float *logsum, Bounds all, float *query_gradient, float *key_gradient, float *value_gradient) {
  const int tokens = shape.tokens;
  const float plain_scale = 1 / std::sqrt((float)D);
  const __m512 scale = _mm512_set1_ps(1.44269504f * plain_scale);
  Table<D> keys(tokens), values(tokens);
  Block<D> block(tokens);
  uint32_t rows[kRows * D / 2], gradients[kRows * D / 2], row_pairs[kRows / 2 * D], gradient_pairs[kRows / 2 * D];
  float sums[kRows * D];
  for (int b = 0; b < shape.rows; b++) {
    Bounds bounds = all.row(b, tokens);
    for (int h = 0; h < shape.heads; h++) {
      int group_size = shape.heads / shape.groups;
      size_t at = ((size_t)b * shape.groups + h / group_size) * tokens * D;
      if (h % group_size == 0) {
        keys.fill_along(key + at);
        keys.fill_across(key + at);
        values.fill_along(value + at);
      }
      size_t base = ((size_t)b * shape.heads + h) * tokens;
      for (int i = 0, count; i < tokens; i += count) {
        count = bounds.run(i, tokens);
        block.set_chunks(bounds.system_start[i], bounds.system_end[i], bounds.branch_start[i], i + count);
        const Half *row = query + (base + i) * D, *slope = gradient + (base + i) * D;
        std::memset(rows, 0, sizeof rows);
        std::memset(gradients, 0, sizeof gradients);
        std::memcpy(rows, row, sizeof(Half) * count * D);
        std::memcpy(gradients, slope, sizeof(Half) * count * D);
        pair_neighbours<D>(row, count, row_pairs);
        pair_neighbours<D>(slope, count, gradient_pairs);
        block.products(rows, keys, block.scores.data());
        block.products(gradients, values, block.slopes.data());
        for (int r = 0; r < kRows; r++) {
          size_t line = (size_t)r * block.stride;
          Half *weights = block.weights.data() + line, *slopes = block.slope_halves.data() + line;
          if (r >= count) {
            std::memset(weights, 0, sizeof(Half) * 16 * block.chunks.size());
            std::memset(slopes, 0, sizeof(Half) * 16 * block.chunks.size());
            continue;
          }
          __m512 products = _mm512_setzero_ps();
          for (int d = 0; d < D; d += 16)
            products = _mm512_fmadd_ps(load(slope + r * D + d), load(result + (base + i + r) * D + d), products);
          __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(products));
          __m512 shift = _mm512_set1_ps(logsum[base + i + r]);
          for (size_t c = 0; c < block.chunks.size(); c++) {
            __m512 x = _mm512_fmsub_ps(_mm512_loadu_ps(block.scores.data() + line + c * 16), scale, shift);
            x = _mm512_maskz_mov_ps(block.seen(block.chunks[c], i + r), exp2_16(x));
            store(weights + c * 16, x);
            __m512 y = _mm512_sub_ps(_mm512_loadu_ps(block.slopes.data() + line + c * 16), mean);
            store(slopes + c * 16, _mm512_mul_ps(_mm512_mul_ps(x, y), _mm512_set1_ps(plain_scale)));
          }
        }
        block.pair_rows(block.weights, block.weight_pairs);
        block.pair_rows(block.slope_halves, block.slope_pairs);
        block.sum_over_keys(block.slope_halves.data(), count, keys, sums);
        std::memcpy(query_gradient + (base + i) * D, sums, sizeof(float) * count * D);
        block.add_over_rows(block.slope_pairs.data(), row_pairs, key_gradient + at);
        block.add_over_rows(block.weight_pairs.data(), gradient_pairs, value_gradient + at);
      }
    }
  }
}

// Each head's RMS norm, then its rotation: x [rows, tokens, heads, D] -> y [rows, heads, tokens, D].
// cos, sin [rows, tokens, D / 2]; scales [rows, tokens, heads] are the norms' factors.
template <int D>
void norm_and_rotate(
    const Half *x, const float *weight, const float *cos, const float *sin, Half *y, float *scales, int rows, int tokens,
    int heads) {
  constexpr int kHalf = D / 32;
  for (int b = 0; b < rows; b++)
    for (int t = 0; t < tokens; t++)
      for (int h = 0; h < heads; h++) {
        size_t place = (size_t)b * tokens + t;
        const Half *from = x + (place * heads + h) * D;
        Half *to = y + (((size_t)b * heads + h) * tokens + t) * D;
        __m512 low[kHalf], high[kHalf], squares = _mm512_setzero_ps();
        for (int i = 0; i < kHalf; i++) {
          low[i] = load(from + 16 * i);
          high[i] = load(from + D / 2 + 16 * i);
          squares = _mm512_fmadd_ps(low[i], low[i], squares);
          squares = _mm512_fmadd_ps(high[i], high[i], squares);
        }
        float factor = 1 / std::sqrt(_mm512_reduce_add_ps(squares) / D + 1e-6f);
        scales[place * heads + h] = factor;
        __m512 scale = _mm512_set1_ps(factor);
        for (int i = 0; i < kHalf; i++) {
          __m512 c = _mm512_loadu_ps(cos + place * (D / 2) + 16 * i), s = _mm512_loadu_ps(sin + place * (D / 2) + 16 * i);
          __m512 a = _mm512_mul_ps(_mm512_mul_ps(low[i], scale), _mm512_loadu_ps(weight + 16 * i));
          __m512 e = _mm512_mul_ps(_mm512_mul_ps(high[i], scale), _mm512_loadu_ps(weight + D / 2 + 16 * i));
          store(to + 16 * i, _mm512_fmsub_ps(a, c, _mm512_mul_ps(e, s)));
          store(to + D / 2 + 16 * i, _mm512_fmadd_ps(e, c, _mm512_mul_ps(a, s)));
        }
      }
}

// The gradients of `norm_and_rotate`, from [rows, heads, tokens, D] of float.
template <int D>
void norm_and_rotate_backward(
    const float *gradient, const Half *x, const float *weight, const float *cos, const float *sin, const float *scales,
    Half *x_gradient, float *weight_gradient, int rows, int tokens, int heads) {
  constexpr int kHalf = D / 32;
  __m512 low_sum[kHalf], high_sum[kHalf];
  for (int i = 0; i < kHalf; i++) low_sum[i] = high_sum[i] = _mm512_setzero_ps();
  for (int b = 0; b < rows; b++)
    for (int t = 0; t < tokens; t++)
      for (int h = 0; h < heads; h++) {
        size_t place = (size_t)b * tokens + t, at = (place * heads + h) * D;
        const float *from = gradient + (((size_t)b * heads + h) * tokens + t) * D;
        __m512 scale = _mm512_set1_ps(scales[place * heads + h]), products = _mm512_setzero_ps();
        __m512 low[kHalf], high[kHalf], low_slope[kHalf], high_slope[kHalf];
        for (int i = 0; i < kHalf; i++) {
          low[i] = _mm512_mul_ps(load(x + at + 16 * i), scale);
          high[i] = _mm512_mul_ps(load(x + at + D / 2 + 16 * i), scale);
          __m512 c = _mm512_loadu_ps(cos + place * (D / 2) + 16 * i), s = _mm512_loadu_ps(sin + place * (D / 2) + 16 * i);
          __m512 a = _mm512_loadu_ps(from + 16 * i), e = _mm512_loadu_ps(from + D / 2 + 16 * i);
          __m512 turned_low = _mm512_fmadd_ps(a, c, _mm512_mul_ps(e, s));
          __m512 turned_high = _mm512_fmsub_ps(e, c, _mm512_mul_ps(a, s));
          low_sum[i] = _mm512_fmadd_ps(turned_low, low[i], low_sum[i]);
          high_sum[i] = _mm512_fmadd_ps(turned_high, high[i], high_sum[i]);
          low_slope[i] = _mm512_mul_ps(turned_low, _mm512_loadu_ps(weight + 16 * i));
          high_slope[i] = _mm512_mul_ps(turned_high, _mm512_loadu_ps(weight + D / 2 + 16 * i));
          products = _mm512_fmadd_ps(low_slope[i], low[i], products);
          products = _mm512_fmadd_ps(high_slope[i], high[i], products);
        }
        __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(products) / D);
        for (int i = 0; i < kHalf; i++) {
          store(x_gradient + at + 16 * i, _mm512_mul_ps(scale, _mm512_fnmadd_ps(low[i], mean, low_slope[i])));
          store(x_gradient + at + D / 2 + 16 * i, _mm512_mul_ps(scale, _mm512_fnmadd_ps(high[i], mean, high_slope[i])));
        }
      }
  for (int i = 0; i < kHalf; i++) {
    _mm512_storeu_ps(weight_gradient + 16 * i, low_sum[i]);
    _mm512_storeu_ps(weight_gradient + D / 2 + 16 * i, high_sum[i]);
  }
}

// [rows, tokens, heads, size] -> [rows, heads, tokens, size]; the other way round with the two counts exchanged
template <class From>
void exchange_axes(const From *from, Half *to, int rows, int first, int second, int size) {
  for (int b = 0; b < rows; b++)
    for (int t = 0; t < first; t++)
      for (int h = 0; h < second; h++) {
        const From *x = from + (((size_t)b * first + t) * second + h) * size;
        Half *y = to + (((size_t)b * second + h) * first + t) * size;
        if constexpr (std::is_same_v<From, Half>)
          std::memcpy(y, x, sizeof(Half) * size);
        else
          for (int i = 0; i < size; i += 16) store(y + i, _mm512_loadu_ps(x + i));
      }
}

inline __m512 sigmoid(__m512 x) {
  __m512 power = exp2_16(_mm512_mul_ps(_mm512_set1_ps(-1.44269504f), _mm512_min_ps(x, _mm512_set1_ps(80.f))));
  return _mm512_div_ps(_mm512_set1_ps(1.f), _mm512_add_ps(_mm512_set1_ps(1.f), power));
}

}  // namespace

using torch::Tensor;

static Bounds bounds_of(const Tensor &system_start, const Tensor &system_end, const Tensor &branch_start) {
  return {system_start.data_ptr<int>(), system_end.data_ptr<int>(), branch_start.data_ptr<int>()};
}

// query [rows, tokens, heads * D], key and value [rows, tokens, groups * D] of bfloat16
// -> result of query's shape, and what the gradients need
static std::vector<Tensor> forward(
    Tensor query, Tensor key, Tensor value, Tensor query_weight, Tensor key_weight, Tensor cos, Tensor sin,
    Tensor system_start, Tensor system_end, Tensor branch_start, int head_dim) {
  TORCH_CHECK(head_dim == 32 || head_dim == 64, "head_dim is ", head_dim, "; 32 and 64 have kernels");
  int rows = query.size(0), tokens = query.size(1), heads = query.size(2) / head_dim, groups = key.size(2) / head_dim;
  auto of_float = torch::TensorOptions().dtype(torch::kFloat);
  auto q = torch::empty({rows, heads, tokens, head_dim}, query.options());
  auto k = torch::empty({rows, groups, tokens, head_dim}, query.options()), v = torch::empty_like(k);
  auto seen = torch::empty_like(q), result = torch::empty_like(query);
  auto logsum = torch::empty({rows, heads, tokens}, of_float);
  auto query_scales = torch::empty({rows, tokens, heads}, of_float);
  auto key_scales = torch::empty({rows, tokens, groups}, of_float);
  auto prepare = head_dim == 32 ? norm_and_rotate<32> : norm_and_rotate<64>;
  const float *c = cos.data_ptr<float>(), *s = sin.data_ptr<float>();
  prepare(
      query.data_ptr<Half>(), query_weight.data_ptr<float>(), c, s, q.data_ptr<Half>(), query_scales.data_ptr<float>(),
      rows, tokens, heads);
  prepare(
      key.data_ptr<Half>(), key_weight.data_ptr<float>(), c, s, k.data_ptr<Half>(), key_scales.data_ptr<float>(), rows,
      tokens, groups);
  exchange_axes(value.data_ptr<Half>(), v.data_ptr<Half>(), rows, tokens, groups, head_dim);
  (head_dim == 32 ? attend<32> : attend<64>)(
      {rows, heads, groups, tokens}, q.data_ptr<Half>(), k.data_ptr<Half>(), v.data_ptr<Half>(),
      bounds_of(system_start, system_end, branch_start), seen.data_ptr<Half>(), logsum.data_ptr<float>());
  exchange_axes(seen.data_ptr<Half>(), result.data_ptr<Half>(), rows, heads, tokens, head_dim);
  return {result, q, k, v, seen, logsum, query_scales, key_scales};
}

// The gradients of query, key, value and both norms' weights.
static std::vector<Tensor> backward(
    Tensor gradient, Tensor query, Tensor key, Tensor query_weight, Tensor key_weight, Tensor cos, Tensor sin,
    Tensor system_start, Tensor system_end, Tensor branch_start, Tensor q, Tensor k, Tensor v, Tensor seen,
    Tensor logsum, Tensor query_scales, Tensor key_scales) {
  int rows = q.size(0), heads = q.size(1), tokens = q.size(2), head_dim = q.size(3), groups = k.size(1);
  auto slope = torch::empty_like(q);
  exchange_axes(gradient.data_ptr<Half>(), slope.data_ptr<Half>(), rows, tokens, heads, head_dim);
  auto of_float = logsum.options();
  auto q_gradient = torch::empty(q.sizes(), of_float);
  auto k_gradient = torch::zeros(k.sizes(), of_float), v_gradient = torch::zeros(k.sizes(), of_float);
  (head_dim == 32 ? attend_backward<32> : attend_backward<64>)(
      {rows, heads, groups, tokens}, q.data_ptr<Half>(), k.data_ptr<Half>(), v.data_ptr<Half>(), seen.data_ptr<Half>(),
      slope.data_ptr<Half>(), logsum.data_ptr<float>(), bounds_of(system_start, system_end, branch_start),
      q_gradient.data_ptr<float>(), k_gradient.data_ptr<float>(), v_gradient.data_ptr<float>());
  auto query_gradient = torch::empty_like(query), key_gradient = torch::empty_like(key);
  auto value_gradient = torch::empty_like(key);
  auto query_weight_gradient = torch::empty_like(query_weight), key_weight_gradient = torch::empty_like(key_weight);
  auto finish = head_dim == 32 ? norm_and_rotate_backward<32> : norm_and_rotate_backward<64>;
  const float *c = cos.data_ptr<float>(), *s = sin.data_ptr<float>();
  finish(
      q_gradient.data_ptr<float>(), query.data_ptr<Half>(), query_weight.data_ptr<float>(), c, s,
      query_scales.data_ptr<float>(), query_gradient.data_ptr<Half>(), query_weight_gradient.data_ptr<float>(), rows,
      tokens, heads);
  finish(
      k_gradient.data_ptr<float>(), key.data_ptr<Half>(), key_weight.data_ptr<float>(), c, s,
      key_scales.data_ptr<float>(), key_gradient.data_ptr<Half>(), key_weight_gradient.data_ptr<float>(), rows, tokens,
      groups);
  exchange_axes(v_gradient.data_ptr<float>(), value_gradient.data_ptr<Half>(), rows, groups, tokens, head_dim);
  return {query_gradient, key_gradient, value_gradient, query_weight_gradient, key_weight_gradient};
}

// x [..., size] of bfloat16 -> the normalised x, the factor of each row
static std::vector<Tensor> norm_forward(Tensor x, Tensor weight) {
  int size = x.size(-1);
  long count = x.numel() / size;
  auto y = torch::empty_like(x), scales = torch::empty({count}, weight.options());
  const Half *from = x.data_ptr<Half>();
  Half *to = y.data_ptr<Half>();
  const float *w = weight.data_ptr<float>();
  for (long row = 0; row < count; row++, from += size, to += size) {
    __m512 squares = _mm512_setzero_ps();
    for (int i = 0; i < size; i += 16) squares = _mm512_fmadd_ps(load(from + i), load(from + i), squares);
    float factor = 1 / std::sqrt(_mm512_reduce_add_ps(squares) / size + 1e-6f);
    scales.data_ptr<float>()[row] = factor;
    for (int i = 0; i < size; i += 16)
      store(to + i, _mm512_mul_ps(_mm512_mul_ps(load(from + i), _mm512_set1_ps(factor)), _mm512_loadu_ps(w + i)));
  }
  return {y, scales};
}

static std::vector<Tensor> norm_backward(Tensor gradient, Tensor x, Tensor weight, Tensor scales) {
  int size = x.size(-1);
  long count = x.numel() / size;
  auto x_gradient = torch::empty_like(x), weight_gradient = torch::zeros_like(weight);
  const Half *from = x.data_ptr<Half>(), *slope = gradient.data_ptr<Half>();
  Half *to = x_gradient.data_ptr<Half>();
  const float *w = weight.data_ptr<float>();
  float *sum = weight_gradient.data_ptr<float>();
  for (long row = 0; row < count; row++, from += size, slope += size, to += size) {
    __m512 scale = _mm512_set1_ps(scales.data_ptr<float>()[row]), products = _mm512_setzero_ps();
    for (int i = 0; i < size; i += 16) {
      __m512 y = _mm512_mul_ps(load(from + i), scale), g = load(slope + i);
      _mm512_storeu_ps(sum + i, _mm512_fmadd_ps(g, y, _mm512_loadu_ps(sum + i)));
      products = _mm512_fmadd_ps(_mm512_mul_ps(g, _mm512_loadu_ps(w + i)), y, products);
    }
    __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(products) / size);
    for (int i = 0; i < size; i += 16) {
      __m512 y = _mm512_mul_ps(load(from + i), scale), g = _mm512_mul_ps(load(slope + i), _mm512_loadu_ps(w + i));
      store(to + i, _mm512_mul_ps(scale, _mm512_fnmadd_ps(y, mean, g)));
    }
  }
  return {x_gradient, weight_gradient};
}

// silu(gate) * up, of bfloat16
static Tensor gated_forward(Tensor gate, Tensor up) {
  auto result = torch::empty_like(gate);
  const Half *g = gate.data_ptr<Half>(), *u = up.data_ptr<Half>();
  Half *to = result.data_ptr<Half>();
  for (long i = 0; i < gate.numel(); i += 16) {
    __m512 x = load(g + i);
    store(to + i, _mm512_mul_ps(_mm512_mul_ps(x, sigmoid(x)), load(u + i)));
  }
  return result;
}

static std::vector<Tensor> gated_backward(Tensor gradient, Tensor gate, Tensor up) {
  auto gate_gradient = torch::empty_like(gate), up_gradient = torch::empty_like(gate);
  const Half *slope = gradient.data_ptr<Half>(), *g = gate.data_ptr<Half>(), *u = up.data_ptr<Half>();
  const __m512 one = _mm512_set1_ps(1.f);
  for (long i = 0; i < gate.numel(); i += 16) {
    __m512 x = load(g + i), s = sigmoid(x), y = load(slope + i);
    store(up_gradient.data_ptr<Half>() + i, _mm512_mul_ps(y, _mm512_mul_ps(x, s)));
    __m512 bend = _mm512_mul_ps(s, _mm512_fmadd_ps(x, _mm512_sub_ps(one, s), one));
    store(gate_gradient.data_ptr<Half>() + i, _mm512_mul_ps(_mm512_mul_ps(y, load(u + i)), bend));
  }
  return {gate_gradient, up_gradient};
}

PYBIND11_MODULE(TORCH_EXTENSION_NAME, module) {
  module.def("forward", &forward);
  module.def("backward", &backward);
  module.def("norm_forward", &norm_forward);
  module.def("norm_backward", &norm_backward);
  module.def("gated_forward", &gated_forward);
  module.def("gated_backward", &gated_backward);
}
