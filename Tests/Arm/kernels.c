// Every version of the kernels that this processor has against the scalar one, bit for bit: what KernelTests and ProductTests
// do, in C alone, so that the versions for 64-bit Arm can be run where there is no such processor but an emulator:
//
//   for file in Sources/CKernels/*.c Tests/Arm/kernels.c; do
//     clang --target=aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include -O2 -fno-math-errno -ffp-contract=off -c \
//       -I Sources/CKernels -I Sources/CKernels/include $file -o $(basename $file .c).o
//   done
//   aarch64-linux-gnu-gcc -static *.o -lm -lpthread -o kernels && qemu-aarch64 ./kernels
//
// on Debian with qemu-user, gcc-aarch64-linux-gnu and libc6-dev-arm64-cross. Built for this machine it runs as it is.
// Prints a line for each version and kernel, and ends with 1 if any differ.
#include <stdio.h>
#include <stdlib.h>

#include "kernels.h"
#include "kproducts.h"

static uint64_t state;

// Numbers by a linear congruence (Knuth, MMIX).
static uint32_t next(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(state >> 33);
}

static float noise(void) { return (float)(next() % 20001) / 10000 - 1; }

static void *zeroed(size_t bytes) {
  void *p = aligned_alloc(64, (bytes + 64) / 64 * 64);
  if (!p) exit(2);
  return memset(p, 0, (bytes + 64) / 64 * 64);
}

static float *noises(size_t count, float scale) {
  float *x = zeroed(count * sizeof *x);
  for (size_t i = 0; i < count; i++) x[i] = noise() * scale;
  return x;
}

static const struct {
  int type;
  const char *name;
  int halves[2];  // where a block has its half-precision scales, -1 for none
} types[] = {
  {K_F32, "F32", {-1, -1}},     {K_F16, "F16", {-1, -1}},       {K_BF16, "BF16", {-1, -1}},    {K_Q8_0, "Q8_0", {0, -1}},
  {K_Q4_0, "Q4_0", {0, -1}},    {K_Q4_1, "Q4_1", {0, 2}},       {K_Q5_0, "Q5_0", {0, -1}},     {K_Q5_1, "Q5_1", {0, 2}},
  {K_Q2_K, "Q2_K", {80, 82}},   {K_Q3_K, "Q3_K", {108, -1}},    {K_Q4_K, "Q4_K", {0, 2}},      {K_Q5_K, "Q5_K", {0, 2}},
  {K_Q6_K, "Q6_K", {208, -1}},  {K_IQ4_NL, "IQ4_NL", {0, -1}},  {K_IQ4_XS, "IQ4_XS", {0, -1}},
};
enum { TYPES = sizeof types / sizeof *types };

// Random weights with finite scales, both signs among them.
static uint8_t *weights(int index, int elements) {
  k_block block = k_block_of(types[index].type);
  size_t bytes = (size_t)(elements / block.elements * block.bytes);
  uint8_t *w = zeroed(bytes);
  for (size_t i = 0; i < bytes; i++) w[i] = (uint8_t)next();
  for (size_t b = 0; b + (size_t)block.bytes <= bytes; b += (size_t)block.bytes) {
    uint16_t half = (uint16_t)(0x2000 | next() % 1024 | next() % 2 << 15);
    for (int i = 0; i < 2 && types[index].halves[i] >= 0; i++) memcpy(w + b + types[index].halves[i], &half, sizeof half);
    float f = noise();
    if (types[index].type == K_F32) memcpy(w + b, &f, sizeof f);
    if (types[index].type == K_F16) memcpy(w + b, &half, sizeof half);
    if (types[index].type == K_BF16) memcpy(w + b, (uint8_t *)&f + 2, 2);
  }
  return w;
}

static int failures;

static void compare(const char *version, const char *what, const char *detail, const void *found, const void *expected, size_t bytes) {
  if (memcmp(found, expected, bytes) == 0) return;
  failures++;
  printf("%s: %s differs, %s\n", version, what, detail);
}

// ---- kernels -------------------------------------------------------------------------------------------------------

static void check_rows(const k_kernels *k, const k_kernels *scalar) {
  static const int sizes[][3] = {{1, 1, 1}, {4, 2, 6}, {5, 3, 7}, {9, 1, 13}, {3, 5, 2}, {8, 2, 4}};  // rows, blocks, tokens
  for (int i = 0; i < TYPES; i++) {
    int elements = k_block_of(types[i].type).elements, block = elements == 1 ? 33 : elements;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
      int rows = sizes[s][0], columns = sizes[s][1] * block, tokens = sizes[s][2];
      char detail[96];
      snprintf(detail, sizeof detail, "%s, %d rows of %d, %d tokens", types[i].name, rows, columns, tokens);
      uint8_t *w = weights(i, rows * columns);
      float *x = noises((size_t)(tokens * columns), 1), *found = zeroed(65536), *expected = zeroed(65536);
      k->dequantise(types[i].type, w, found, columns);
      scalar->dequantise(types[i].type, w, expected, columns);
      compare(k->name, "dequantise", detail, found, expected, (size_t)columns * sizeof(float));
      size_t rowBytes = k_row_bytes(types[i].type, columns);
      k->matvec(types[i].type, w, rowBytes, rows, columns, x, found);
      scalar->matvec(types[i].type, w, rowBytes, rows, columns, x, expected);
      compare(k->name, "matvec", detail, found, expected, (size_t)rows * sizeof(float));
      if (types[i].type == K_F32) {
        k->matmul((const float *)w, rows, columns, x, (size_t)columns, tokens, found, (size_t)rows);
        scalar->matmul((const float *)w, rows, columns, x, (size_t)columns, tokens, expected, (size_t)rows);
        compare(k->name, "matmul", detail, found, expected, (size_t)(rows * tokens) * sizeof(float));
      }
      free(w), free(x), free(found), free(expected);
    }
  }
}

static void check_elements(const k_kernels *k, const k_kernels *scalar) {
  static const int counts[] = {2, 6, 16, 30, 32, 34, 64, 130, 192};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    int count = counts[i];
    size_t bytes = (size_t)count * sizeof(float);
    char detail[32];
    snprintf(detail, sizeof detail, "%d elements", count);
    float *x = noises((size_t)count, 20), *w = noises((size_t)count, 1), *found = zeroed(bytes), *expected = zeroed(bytes);
    float cosine[96], sine[96];
    for (int j = 0; j < count / 2; j++) cosine[j] = cosf(w[j]), sine[j] = sinf(w[j]);
    k->rmsnorm(found, x, w, count, 1e-6f), scalar->rmsnorm(expected, x, w, count, 1e-6f);
    compare(k->name, "rmsnorm", detail, found, expected, bytes);
    k->rope(found, cosine, sine, count), scalar->rope(expected, cosine, sine, count);
    compare(k->name, "rope", detail, found, expected, bytes);
    memcpy(found, x, bytes), memcpy(expected, x, bytes);
    k->silu_mul(found, w, count), scalar->silu_mul(expected, w, count);
    compare(k->name, "silu_mul", detail, found, expected, bytes);
    k->add(found, x, count), scalar->add(expected, x, count);
    compare(k->name, "add", detail, found, expected, bytes);
    k->narrow(x, (uint16_t *)found, count), scalar->narrow(x, (uint16_t *)expected, count);
    compare(k->name, "narrow", detail, found, expected, bytes / 2);
    free(x), free(w), free(found), free(expected);
  }
}

// Pages of one head in descending order.
static void check_attention(const k_kernels *k, const k_kernels *scalar, int type) {
  static const int shapes[][4] = {  // head size, heads of a group, tokens, first position
    {32, 1, 1, 0},  {32, 2, 3, 14}, {64, 4, 4, 29},  {128, 5, 3, 40},  {6, 3, 5, 17},   {18, 16, 2, 60}, {48, 2, 1, 200},
    {64, 1, 20, 30}, {80, 2, 12, 150}, {96, 3, 8, 63}, {128, 1, 24, 250}, {7, 3, 5, 17}, {128, 4, 6, 500}, {128, 2, 1, 1000},
  };
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    int headDim = shapes[s][0], group = shapes[s][1], tokens = shapes[s][2], first = shapes[s][3];
    int pages = (first + tokens + 15) / 16, queries = tokens * group;
    size_t stride = (size_t)(headDim + 15) / 16 * 16, size = type == K_F32 ? 4 : type == K_I8 ? 1 : 2;
    size_t keys = type == K_I8 ? k_key_bytes8(headDim) : type == K_I16 ? k_key_elements16(headDim) : (size_t)headDim * 16;
    size_t page = keys + (type == K_I8 ? k_value_bytes8(stride) : type == K_I16 ? k_value_elements16(stride) : 16 * stride);
    uint8_t *cache = zeroed((size_t)pages * page * size);
    for (size_t i = 0; i < (size_t)pages * page; i++) {
      float f = noise();
      uint16_t half = k_to_half(f), code = (uint16_t)(int16_t)(f * 4000);
      if (type == K_F32) memcpy(cache + i * 4, &f, 4);
      if (type == K_F16) memcpy(cache + i * 2, &half, 2);
      if (type == K_I16) memcpy(cache + i * 2, &code, 2);
      if (type == K_I8) cache[i] = (uint8_t)next();
    }
    for (int p = 0; p < pages; p++) {  // the tokens' scales
      uint8_t *start = cache + (size_t)p * page * size;
      size_t keyScales = (size_t)((headDim + K_KEY_BLOCK - 1) / K_KEY_BLOCK) * 16;
      for (size_t i = 0; i < keyScales + 16; i++) {
        float scale = (type == K_I16 ? 2e-4f : 0.01f) + fabsf(noise()) / (type == K_I16 ? 9999 : 50);
        if (type == K_I16 && i < 16) memcpy(start + (keys - 32) * 2 + 4 * i, &scale, 4);
        if (type == K_I16 && i >= keyScales) memcpy(start + (page - 32) * 2 + 4 * (i - keyScales), &scale, 4);
        if (type == K_I8 && i < keyScales) memcpy(start + keys - 4 * keyScales + 4 * i, &scale, 4);
        if (type == K_I8 && i >= keyScales) memcpy(start + page - 64 + 4 * (i - keyScales), &scale, 4);
      }
    }
    int32_t *table = zeroed((size_t)pages * sizeof *table);
    for (int p = 0; p < pages; p++) table[p] = pages - 1 - p;
    float *query = noises((size_t)(queries * headDim), 3);
    size_t bytes = (size_t)queries * stride * sizeof(float);
    float *sums[2] = {zeroed(bytes), zeroed(bytes)};
    k_softmax states[2][K_MAX_QUERIES * 2] = {0};
    for (int version = 0; version < 2; version++) {
      k_attend a = {
        .query = query, .rowStride = (size_t)(group * headDim), .tokenCount = tokens, .groupSize = group, .headDim = headDim,
        .firstPosition = first, .pageTable = table, .firstPage = 0, .endPage = pages, .cacheType = type, .cache = cache,
        .pageStride = page, .groupStride = K_GROUP_PAGES * page, .valueOffset = keys, .valueStride = stride,
        .scale = 1 / sqrtf((float)headDim), .sums = sums[version], .states = states[version],
      };
      const k_kernels *kernels = version == 0 ? k : scalar;
      if (type == K_I16) kernels->attend16(&a);
      else kernels->attend(&a);
    }
    char detail[96];
    snprintf(detail, sizeof detail, "type %d, head size %d, group %d, %d tokens from %d", type, headDim, group, tokens, first);
    for (int q = 0; q < queries; q++) {  // what lies behind the head is nobody's
      size_t start = (size_t)q * stride;
      compare(k->name, "attention", detail, sums[0] + start, sums[1] + start, (size_t)headDim * sizeof(float));
    }
    compare(k->name, "its softmax", detail, states[0], states[1], (size_t)queries * sizeof(k_softmax));
    free(cache), free(table), free(query), free(sums[0]), free(sums[1]);
  }
}

// ---- products ------------------------------------------------------------------------------------------------------

static void check_products(const k_products *p, const k_products *scalar) {
  static const int sizes[][3] = {{1, 1, 1},  {15, 3, 2}, {16, 2, 3}, {17, 1, 5},  {33, 5, 6}, {48, 1, 7}, {64, 3, 8},
                                 {31, 2, 13}, {64, 17, 1}, {15, 3, 1}, {31, 5, 26}, {3, 33, 1}};  // rows, blocks, tokens
  void *panel = zeroed(k_panel_bytes());
  for (int i = 0; i < TYPES; i++) {
    int block = k_block_of(types[i].type).elements;
    if (block == 1) block = 32;
    if (k_input_form(types[i].type, block) == K_INPUT_F32) continue;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
      int rows = sizes[s][0], columns = sizes[s][1] * block, tokens = sizes[s][2];
      uint8_t *w = weights(i, rows * columns);
      float *x = noises((size_t)(tokens * columns), 1), *y[2];
      for (int j = 0; j < tokens * columns; j += 97) x[j] *= 30;
      for (int version = 0; version < 2; version++) {
        const k_products *products = version == 0 ? p : scalar;
        void *memory = zeroed(k_inputs_bytes(columns, tokens));
        k_inputs inputs = k_inputs_in(memory, k_input_form(types[i].type, columns), columns, tokens);
        for (int t = 0; t < tokens; t++) products->round_inputs(x + t * columns, &inputs, t);
        y[version] = zeroed((size_t)(tokens * rows) * sizeof(float));
        size_t rowBytes = k_row_bytes(types[i].type, columns);
        if (inputs.form == K_INPUT_BF16) products->multiply_bf16(w, rowBytes, rows, &inputs, tokens, panel, y[version], (size_t)rows);
        else products->multiply(types[i].type, w, rowBytes, rows, &inputs, tokens, panel, y[version], (size_t)rows);
        free(memory);
      }
      char detail[96];
      snprintf(detail, sizeof detail, "%s, %d rows of %d, %d tokens", types[i].name, rows, columns, tokens);
      compare(p->name, "product", detail, y[0], y[1], (size_t)(tokens * rows) * sizeof(float));
      free(w), free(x), free(y[0]), free(y[1]);
    }
  }
  free(panel);
}

int main(void) {
  static const char *const names[] = {"avx2", "avxvnni", "avx512", "neon"};
  static const int caches[] = {K_F32, K_F16, K_I16, K_I8};
  int compared = 0;
  for (int i = 0; i < 4; i++) {
    const k_kernels *k = k_kernels_named(names[i]);
    if (k) {
      state = 1, compared++;
      check_rows(k, k_kernels_named("scalar"));
      check_elements(k, k_kernels_named("scalar"));
      for (int c = 0; c < 4; c++) check_attention(k, k_kernels_named("scalar"), caches[c]);
      printf("%s: kernels compared\n", names[i]);
    }
    const k_products *p = k_products_named(names[i]);
    if (p) {
      state = 2, compared++;
      check_products(p, k_products_named("scalar"));
      printf("%s: products compared\n", names[i]);
    }
  }
  if (compared == 0) printf("this processor has the scalar version alone\n");
  printf("%d differences\n", failures);
  return failures > 0 || compared == 0;
}
