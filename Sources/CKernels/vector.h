// The kernels in vectors of 16 lanes, written once and compiled for each instruction set that includes this file.
//
// Before it: KERNELS and KERNELS_NAME, WIDE, the tile sizes, `half`, `halves16`, `store_halves8`, `look_up` and `dot2` with the
// instructions there are, and LOOKUP where a vector of 16 floats can be indexed by lane. The lanes are those of the definition in ckernels.h, so the results are the scalar version's bit for bit.
#include "lanes.h"

// 32 consecutive elements.
typedef struct {
  f32x16 low, high;
} pair;

// The sums of four vectors, each in the order of k_sum16, by a transposition.
INLINE f32x4 sum4(f32x16 a, f32x16 b, f32x16 c, f32x16 d) {
  f32x4 a4 = halves(a), b4 = halves(b), c4 = halves(c), d4 = halves(d);
  f32x4 ab02 = __builtin_shufflevector(a4, b4, 0, 4, 2, 6), ab13 = __builtin_shufflevector(a4, b4, 1, 5, 3, 7);
  f32x4 cd02 = __builtin_shufflevector(c4, d4, 0, 4, 2, 6), cd13 = __builtin_shufflevector(c4, d4, 1, 5, 3, 7);
  f32x4 first = __builtin_shufflevector(ab02, cd02, 0, 1, 4, 5), third = __builtin_shufflevector(ab02, cd02, 2, 3, 6, 7);
  f32x4 second = __builtin_shufflevector(ab13, cd13, 0, 1, 4, 5), fourth = __builtin_shufflevector(ab13, cd13, 2, 3, 6, 7);
  return (first + third) + (second + fourth);
}

INLINE f32x16 exp16(f32x16 x) {
  f32x16 n = fma16(x, K_EXP_LOG2E, K_EXP_ROUND) - K_EXP_ROUND;
  f32x16 r = fma16(-n, K_EXP_LN2_LOW, fma16(-n, K_EXP_LN2_HIGH, x));
  f32x16 p = fma16(K_EXP_C0, r, K_EXP_C1);
  p = fma16(p, r, K_EXP_C2);
  p = fma16(p, r, K_EXP_C3);
  p = fma16(p, r, K_EXP_C4);
  p = fma16(p, r, K_EXP_C5);
  p = fma16(p, r * r, r) + 1.0f;
  i32x16 bits = (__builtin_convertvector(n, i32x16) + 127) << 23;
  f32x16 result = p * __builtin_bit_cast(f32x16, bits);
  result = x < K_EXP_LOW ? (f32x16)0.0f : result;
  return x > K_EXP_HIGH ? (f32x16)INFINITY : result;
}

#include "vector_blocks.h"

// ---- rows ----------------------------------------------------------------------------------------------------------

// For each type: the dot products of a few rows with x, and a row unpacked. Rows are taken four at a time, so that four
// chains of additions overlap. The rows after the next ones are fetched into the second-level cache, which takes more
// fetches at once than the first: on a Zen 5 core with 22 GB/s left to it, BF16 21 GB/s instead of 12, Q8_0 13.8 instead
// of 10.5, Q6_K 8.9 instead of 6.5 (2026-11-23).
#define ROWS(NAME, ELEMENTS, BYTES)                                                                                  \
  INLINE void NAME##_dots(int rows, const uint8_t *w, size_t rowBytes, int columns, const float *x, f32x16 *sums) {  \
    for (int c = 0; c + ELEMENTS <= columns; c += ELEMENTS, w += BYTES) {                                            \
      NAME##_head heads[4];                                                                                          \
      for (int r = 0; r < rows; r++) heads[r] = NAME##_open(w + (size_t)r * rowBytes);                               \
      for (int r = 0; r < rows; r++)                                                                                 \
        for (int line = 0; line < BYTES; line += 64)                                                                 \
          __builtin_prefetch(w + (size_t)(r + 2 * rows) * rowBytes + line, 0, 2);                                    \
      _Pragma("clang loop unroll(full)") for (int s = 0; s < ELEMENTS / 32; s++) {                                   \
        f32x16 low = load(x + c + 32 * s), high = load(x + c + 32 * s + 16);                                         \
        for (int r = 0; r < rows; r++) {                                                                             \
          pair part = NAME##_part(&heads[r], w + (size_t)r * rowBytes, s);                                           \
          sums[r] = fma16(part.low, low, sums[r]);                                                                   \
          sums[r] = fma16(part.high, high, sums[r]);                                                                 \
        }                                                                                                            \
      }                                                                                                              \
    }                                                                                                                \
  }                                                                                                                  \
  static void NAME##_dots4(const uint8_t *w, size_t rowBytes, int columns, const float *x, f32x16 *sums) {           \
    f32x16 s[4] = {0};                                                                                               \
    NAME##_dots(4, w, rowBytes, columns, x, s);                                                                      \
    memcpy(sums, s, sizeof s);                                                                                       \
  }                                                                                                                  \
  static void NAME##_dots1(const uint8_t *w, size_t rowBytes, int columns, const float *x, f32x16 *sums) {           \
    f32x16 s[1] = {0};                                                                                               \
    NAME##_dots(1, w, rowBytes, columns, x, s);                                                                      \
    memcpy(sums, s, sizeof s);                                                                                       \
  }                                                                                                                  \
  static void NAME##_unpack(const uint8_t *w, float *y, int columns) {                                               \
    for (int c = 0; c + ELEMENTS <= columns; c += ELEMENTS, w += BYTES) {                                            \
      NAME##_head head = NAME##_open(w);                                                                             \
      _Pragma("clang loop unroll(full)") for (int s = 0; s < ELEMENTS / 32; s++) {                                   \
        pair part = NAME##_part(&head, w, s);                                                                        \
        store(y + c + 32 * s, part.low);                                                                             \
        store(y + c + 32 * s + 16, part.high);                                                                       \
      }                                                                                                              \
    }                                                                                                                \
  }

ROWS(f32, 32, 128)
ROWS(f16, 32, 64)
ROWS(bf16, 32, 64)
ROWS(q4_0, 32, 18)
ROWS(q4_1, 32, 20)
ROWS(q5_0, 32, 22)
ROWS(q5_1, 32, 24)
ROWS(q8_0, 32, 34)
ROWS(iq4_nl, 32, 18)
ROWS(q2_k, 256, 84)
ROWS(q3_k, 256, 110)
ROWS(q4_k, 256, 144)
ROWS(q5_k, 256, 176)
ROWS(q6_k, 256, 210)
ROWS(iq4_xs, 256, 136)

typedef struct {
  void (*dots4)(const uint8_t *, size_t, int, const float *, f32x16 *);
  void (*dots1)(const uint8_t *, size_t, int, const float *, f32x16 *);
  void (*unpack)(const uint8_t *, float *, int);
} row_functions;

static row_functions rows_of(int type) {
  switch (type) {
#define CASE(TYPE, NAME) case TYPE: return (row_functions){NAME##_dots4, NAME##_dots1, NAME##_unpack};
    CASE(K_F32, f32)
    CASE(K_F16, f16)
    CASE(K_BF16, bf16)
    CASE(K_Q4_0, q4_0)
    CASE(K_Q4_1, q4_1)
    CASE(K_Q5_0, q5_0)
    CASE(K_Q5_1, q5_1)
    CASE(K_Q8_0, q8_0)
    CASE(K_Q2_K, q2_k)
    CASE(K_Q3_K, q3_k)
    CASE(K_Q4_K, q4_k)
    CASE(K_Q5_K, q5_k)
    CASE(K_Q6_K, q6_k)
    CASE(K_IQ4_NL, iq4_nl)
    default: CASE(K_IQ4_XS, iq4_xs)
#undef CASE
  }
}

static void dequantise(int type, const void *row, float *y, int count) {
  rows_of(type).unpack(row, y, count);
  int whole = count / 32 * 32;  // types of single elements may leave some
  k_block block = k_block_of(type);
  if (whole < count && block.elements == 1)
    k_dequantise_scalar(type, (const uint8_t *)row + (size_t)whole * (size_t)block.bytes, y + whole, count - whole);
}

// What the last columns % 32 add, in lane order.
static f32x16 add_rest(int type, const uint8_t *row, int columns, const float *x, f32x16 sum) {
  int whole = columns / 32 * 32, bytes = k_block_of(type).bytes;
  float unpacked[32] = {0}, inputs[32] = {0};
  k_dequantise_scalar(type, row + (size_t)whole * (size_t)bytes, unpacked, columns - whole);
  memcpy(inputs, x + whole, (size_t)(columns - whole) * sizeof *x);
  sum = fma16(load(unpacked), load(inputs), sum);
  return fma16(load(unpacked + 16), load(inputs + 16), sum);
}

static void matvec(int type, const void *w, size_t rowBytes, int rowCount, int columns, const float *x, float *y) {
  row_functions f = rows_of(type);
  const uint8_t *row = w;
  int rest = columns % 32, r = 0;
  f32x16 sums[4];
  for (; r + 4 <= rowCount; r += 4, row += 4 * rowBytes) {
    f.dots4(row, rowBytes, columns, x, sums);
    for (int i = 0; rest && i < 4; i++) sums[i] = add_rest(type, row + (size_t)i * rowBytes, columns, x, sums[i]);
    f32x4 products = sum4(sums[0], sums[1], sums[2], sums[3]);
    memcpy(y + r, &products, sizeof products);
  }
  for (; r < rowCount; r++, row += rowBytes) {
    f.dots1(row, rowBytes, columns, x, sums);
    if (rest) sums[0] = add_rest(type, row, columns, x, sums[0]);
    y[r] = sum1(sums[0]);
  }
}

// ---- tiles ---------------------------------------------------------------------------------------------------------

// y[t, r] of a few rows and tokens: each weight vector meets all tokens, each input all rows, in registers.
INLINE void tile(int rows, int tokens, const float *w, int columns, const float *x, size_t xStride, float *y,
                 size_t yStride) {
  f32x16 sums[TILE_TOKENS * TILE_ROWS + 3] = {0};
  size_t width = (size_t)columns;
  int c = 0;
  for (; c + 16 <= columns; c += 16) {
    f32x16 weights[TILE_ROWS];
    for (int r = 0; r < rows; r++) weights[r] = load(w + (size_t)r * width + c);
    for (int t = 0; t < tokens; t++) {
      f32x16 input = load(x + (size_t)t * xStride + c);
      for (int r = 0; r < rows; r++) sums[t * rows + r] = fma16(weights[r], input, sums[t * rows + r]);
    }
  }
  if (c < columns) {
    for (int t = 0; t < tokens; t++)
      for (int r = 0; r < rows; r++)
        sums[t * rows + r] = fma16(load_part(w + (size_t)r * width + c, columns - c),
                                   load_part(x + (size_t)t * xStride + c, columns - c), sums[t * rows + r]);
  }
  for (int i = 0; i < tokens * rows; i += 4) {
    f32x4 products = sum4(sums[i], sums[i + 1], sums[i + 2], sums[i + 3]);
    for (int j = i; j < i + 4 && j < tokens * rows; j++) y[(size_t)(j / rows) * yStride + (size_t)(j % rows)] = products[j - i];
  }
}

#define TILE(ROWS, TOKENS)                                                                                     \
  static void tile_##ROWS##_##TOKENS(const float *w, int columns, const float *x, size_t xStride, float *y,   \
                                     size_t yStride) {                                                        \
    tile(ROWS, TOKENS, w, columns, x, xStride, y, yStride);                                                   \
  }
TILE(1, 1)
TILE(1, 2)
TILE(1, 3)
#if WIDE
TILE(4, 1)
TILE(4, 2)
TILE(4, 3)
TILE(4, 4)
TILE(4, 5)
TILE(4, 6)
TILE(1, 4)
TILE(1, 5)
TILE(1, 6)
typedef void (*tile_function)(const float *, int, const float *, size_t, float *, size_t);
static const tile_function whole_tiles[] = {tile_4_1, tile_4_2, tile_4_3, tile_4_4, tile_4_5, tile_4_6};
static const tile_function row_tiles[] = {tile_1_1, tile_1_2, tile_1_3, tile_1_4, tile_1_5, tile_1_6};
#else
TILE(2, 1)
TILE(2, 2)
TILE(2, 3)
typedef void (*tile_function)(const float *, int, const float *, size_t, float *, size_t);
static const tile_function whole_tiles[] = {tile_2_1, tile_2_2, tile_2_3};
static const tile_function row_tiles[] = {tile_1_1, tile_1_2, tile_1_3};
#endif

static void matmul(const float *w, int rowCount, int columns, const float *x, size_t xStride, int tokenCount, float *y,
                   size_t yStride) {
  for (int t = 0; t < tokenCount; t += TILE_TOKENS) {
    int tokens = tokenCount - t < TILE_TOKENS ? tokenCount - t : TILE_TOKENS;
    const float *inputs = x + (size_t)t * xStride;
    float *products = y + (size_t)t * yStride;
    int r = 0;
    for (; r + TILE_ROWS <= rowCount; r += TILE_ROWS)
      whole_tiles[tokens - 1](w + (size_t)r * (size_t)columns, columns, inputs, xStride, products + r, yStride);
    for (; r < rowCount; r++)
      row_tiles[tokens - 1](w + (size_t)r * (size_t)columns, columns, inputs, xStride, products + r, yStride);
  }
}

// ---- elements ------------------------------------------------------------------------------------------------------

static void rmsnorm(float *y, const float *x, const float *weight, int count, float epsilon) {
  f32x16 squares = 0.0f;
  int whole = count / 16 * 16, rest = count - whole;
  for (int i = 0; i < whole; i += 16) squares = fma16(load(x + i), load(x + i), squares);
  if (rest) squares = fma16(load_part(x + whole, rest), load_part(x + whole, rest), squares);
  float scale = 1.0f / sqrtf(sum1(squares) / (float)count + epsilon);
  for (int i = 0; i < whole; i += 16) store(y + i, load(x + i) * scale * load(weight + i));
  for (int i = whole; i < count; i++) y[i] = x[i] * scale * weight[i];
}

static void rope(float *x, const float *cosine, const float *sine, int headDim) {
  int half = headDim / 2, i = 0;
  for (; i + 16 <= half; i += 16) {
    f32x16 first = load(x + i), second = load(x + half + i), c = load(cosine + i), s = load(sine + i);
    store(x + i, first * c - second * s);
    store(x + half + i, second * c + first * s);
  }
  for (; i < half; i++) {
    float first = x[i], second = x[i + half];
    x[i] = first * cosine[i] - second * sine[i];
    x[i + half] = second * cosine[i] + first * sine[i];
  }
}

static void silu_mul(float *gate, const float *up, int count) {
  int i = 0;
  for (; i + 16 <= count; i += 16) {
    f32x16 g = load(gate + i);
    store(gate + i, g / (1.0f + exp16(-g)) * load(up + i));
  }
  if (i < count) {
    f32x16 g = load_part(gate + i, count - i);
    store_part(gate + i, g / (1.0f + exp16(-g)) * load_part(up + i, count - i), count - i);
  }
}

static void add(float *y, const float *x, int count) {
  for (int i = 0; i < count; i++) y[i] += x[i];
}

#include "vector_pages.h"

#include "vector_attention.h"

#include "vector_attention16.h"

const k_kernels KERNELS = {
  .name = KERNELS_NAME,
  .dequantise = dequantise,
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
