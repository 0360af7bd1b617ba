// The arithmetic of the CPU forward pass.
//
// Three layers, from the outside in:
//   stages    one fork–join each over a pool of threads: k_embed, k_norm, k_linear (stages.c), k_heads and k_attention
//             (attention.c)
//   kernels   one row, one tile or one query group on one thread, in a table per instruction set (k_kernels)
//   pool      threads that spin briefly and then sleep (pool.c)
//
// Arithmetic. Every version of a kernel computes the same bits, so that a result depends neither on the machine nor on how
// tokens are divided into batches. Sums run in 16 lanes: lane j adds the terms i with i mod 16 = j in ascending order with
// fused multiply–add, and the lanes are then added pairwise, 8 apart, 4 apart, 2 apart, neighbours. The scalar versions
// say this plainly; the others are tested against them for equality.
//
// All arrays are f32, row-major, the slowest axis first. No pointer needs more alignment than its element.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "kproducts.h"

// How weights are stored: GGUF's numbers (ggml.h, enum ggml_type).
enum {
  K_F32 = 0,
  K_F16 = 1,
  K_Q4_0 = 2,
  K_Q4_1 = 3,
  K_Q5_0 = 6,
  K_Q5_1 = 7,
  K_Q8_0 = 8,
  K_Q2_K = 10,
  K_Q3_K = 11,
  K_Q4_K = 12,
  K_Q5_K = 13,
  K_Q6_K = 14,
  K_IQ4_NL = 20,
  K_IQ4_XS = 23,
  K_I8 = 24,  // in the KV cache only, as the next
  K_I16 = 25,
  K_BF16 = 30,
};

// Tokens of one page of the KV cache: one vector of 16 lanes.
enum { K_PAGE_TOKENS = 16 };
// Pages whose keys and values of one layer and head lie one after the other, so that a sequence is mostly read in order.
enum { K_GROUP_PAGES = 16 };
// Pages from the first on that attention takes together: their scores have one maximum.
enum { K_BLOCK_PAGES = 4, K_BLOCK_TOKENS = K_BLOCK_PAGES * K_PAGE_TOKENS };
// Query rows that one call of `attend` may have.
enum { K_MAX_QUERIES = 32 };

// A running softmax: the largest score so far, and the sum of exp(score - maximum).
typedef struct {
  float maximum;
  float sum;
} k_softmax;

// Dimensions of a key that share a scale where keys and values have 8 bits.
enum { K_KEY_BLOCK = 32 };

// 16-bit elements of a page's keys and values of one head with K_I16: codes in pairs and scales.
static inline size_t k_key_elements16(int headDim) { return (size_t)((headDim + 1) / 2 * 2 + 2) * K_PAGE_TOKENS; }
static inline size_t k_value_elements16(size_t valueStride) { return (valueStride + 2) * K_PAGE_TOKENS; }

// Bytes of a page's keys and values of 8 bits of one head.
static inline size_t k_key_bytes8(int headDim) {
  return (size_t)((headDim + 1) / 2) * 2 * K_PAGE_TOKENS
    + (size_t)((headDim + K_KEY_BLOCK - 1) / K_KEY_BLOCK) * K_PAGE_TOKENS * sizeof(float);
}
static inline size_t k_value_bytes8(size_t valueStride) { return K_PAGE_TOKENS * valueStride + K_PAGE_TOKENS * sizeof(float); }

// Where a page begins, in elements.
static inline size_t k_page_place(int32_t page, size_t pageStride, size_t groupStride) {
  return (size_t)(page / K_GROUP_PAGES) * groupStride + (size_t)(page % K_GROUP_PAGES) * pageStride;
}

// The keys and values that one query group of one KV head reads, and where its results go.
//
//   page p of this layer and KV head, at cache + k_page_place(p, …):
//     keys    [headDim, K_PAGE_TOKENS]        at + keyOffset      transposed: a lane is a token
//     values  [K_PAGE_TOKENS, valueStride]    at + valueOffset    valueStride = headDim rounded up to 16, zeros behind
//
// With 16 bits in pairs, in whole numbers, as are queries and a block's weights times the values' scales, all within what lets
// a sum of products fit 32 bits:
//
//     keys    codes [headDim / 2, K_PAGE_TOKENS, 2], then f32 scales [K_PAGE_TOKENS]
//     values  codes [K_PAGE_TOKENS / 2, valueStride, 2], then f32 scales [K_PAGE_TOKENS]
//
// With 8 bits, in whole numbers too: queries have 16 bits and one scale, as have a block's weights.
//
//     keys    codes [headDim / 2, K_PAGE_TOKENS, 2], then f32 scales [headDim / K_KEY_BLOCK, K_PAGE_TOKENS]
//     values  codes [K_PAGE_TOKENS / 2, valueStride, 2], then f32 scales [K_PAGE_TOKENS]
typedef struct {
  const float *query;  // [tokenCount, rowStride], of which groupSize * headDim from here on are this group's heads
  size_t rowStride;
  int tokenCount;      // tokenCount * groupSize <= K_MAX_QUERIES
  int groupSize;       // query heads that share the KV head
  int headDim;
  int firstPosition;   // of the first token; token t sees positions 0 ... firstPosition + t
  const int32_t *pageTable;
  int firstPage;       // pages firstPage ..< endPage of the table are attended to
  int endPage;
  int cacheType;       // K_F32, K_F16, K_I16 or K_I8
  const void *cache;
  size_t pageStride;   // elements (bytes with K_I8) from page to page of a group, as all strides and offsets in the cache
  size_t groupStride;  // from group to group
  size_t keyOffset;
  size_t valueOffset;
  size_t valueStride;
  float scale;         // 1 / sqrt(headDim)
  float *sums;         // out: Σ exp(score - maximum) * value, [tokenCount * groupSize, valueStride]
  k_softmax *states;   // out: [tokenCount * groupSize]; a query that sees none of the pages has the sum 0
} k_attend;

// One instruction set's kernels.
typedef struct {
  const char *name;  // "scalar", "avx2", "avx512", "neon"

  // y[i] = value of element i of a row of `count` elements; count is a multiple of the type's block.
  void (*dequantise)(int type, const void *row, float *y, int count);

  // y[r] = Σ_c W[r, c] x[c] for W [rowCount, columns] stored as `type`, rowBytes from row to row.
  void (*matvec)(int type, const void *w, size_t rowBytes, int rowCount, int columns, const float *x, float *y);

  // y[t, r] = Σ_c W[r, c] x[t, c] for W f32 [rowCount, columns] without gaps, x [tokenCount, xStride], y [tokenCount, yStride].
  void (*matmul)(const float *w, int rowCount, int columns, const float *x, size_t xStride, int tokenCount, float *y,
                 size_t yStride);

  // y[i] = x[i] / sqrt(Σ x² / count + epsilon) * weight[i]; y may be x.
  void (*rmsnorm)(float *y, const float *x, const float *weight, int count, float epsilon);

  // Turns the pairs (x[i], x[i + headDim/2]) by the angle whose cosine and sine are given, [headDim / 2] (NeoX halves).
  void (*rope)(float *x, const float *cosine, const float *sine, int headDim);

  // gate[i] = gate[i] / (1 + exp(-gate[i])) * up[i].
  void (*silu_mul)(float *gate, const float *up, int count);

  // y[i] += x[i].
  void (*add)(float *y, const float *x, int count);

  // softmax(scale * query · keys) · values but for the division, block by block with a running maximum (Dao et al., arXiv
  // 2205.14135; Milakov and Gimelshein, arXiv 1805.02867). Keys and values are loaded once for all query heads of the group.
  void (*attend)(const k_attend *a);

  // The same with keys and values of 16 bits in pairs (K_I16).
  void (*attend16)(const k_attend *a);

  // y[i] = x[i] as an IEEE half, to the nearest, ties to even.
  void (*narrow)(const float *x, uint16_t *y, int count);
} k_kernels;

// The kernels of an instruction set by name, NULL when this processor lacks it or there is none of that name.
const k_kernels *k_kernels_named(const char *name);
// The fastest this processor has, chosen once at load.
const k_kernels *k_kernels_best(void);

// Bytes of a row of `columns` elements; 0 for a type that is not known or columns that are no whole number of blocks.
size_t k_row_bytes(int type, int columns);

// ---- pool ----------------------------------------------------------------------------------------------------------

typedef struct k_pool k_pool;

// Called for each task index once; `worker` is below the pool's size, and no two calls run at once with one worker.
typedef void (*k_task)(void *context, int task, int worker);

// Processors that this process may run on, physical cores where siblings are told apart; at least 1.
int k_available_cores(void);
// A pool of `size` threads, the caller of k_pool_run being one. NULL when a thread cannot be started.
k_pool *k_pool_create(int size);
// Ends and joins the threads. NULL is allowed.
void k_pool_destroy(k_pool *pool);
int k_pool_size(const k_pool *pool);
// Runs tasks 0 ..< taskCount and returns when all are done. From one thread at a time.
void k_pool_run(k_pool *pool, k_task task, void *context, int taskCount);

// ---- stages --------------------------------------------------------------------------------------------------------

// What all stages of a step share.
typedef struct {
  k_pool *pool;
  const k_kernels *kernels;
  const k_products *products;  // for weights that have a product of rounded inputs; NULL multiplies all with f32 inputs
  void *rounded;               // [K_INPUT_FORMS, roundedStride bytes], each as k_inputs_bytes says
  size_t roundedStride;
  float *scratch;  // [pool size, scratchStride], aligned as a cache line
  size_t scratchStride;
} k_machine;

// Floats of scratch that one worker needs for these largest sizes.
size_t k_scratch_floats(int maxColumns, int maxTokens, int maxHeadDim);

// W [rows, columns] and where its product goes.
typedef struct {
  int type;
  const void *weights;
  int rows;
  int columns;
  float *out;  // [tokenCount, outStride]
  size_t outStride;
} k_matrix;

// What k_linear does with the products.
enum {
  K_STORE = 0,      // out = W x
  K_ACCUMULATE = 1, // out += W x
  K_GATED = 2,      // out of the first = silu(W0 x) * (W1 x); two matrices of one shape
};

// out[t] = row tokens[t] of the embedding.
void k_embed(const k_machine *m, const k_matrix *embedding, const int32_t *tokens, int tokenCount, float *out);

// y[t] = rmsnorm(x[t], weight); both [tokenCount, columns].
void k_norm(const k_machine *m, const float *x, const float *weight, float epsilon, int tokenCount, int columns, float *y);

// Products of up to three matrices with the same x [tokenCount, columns], which is rounded once for all of them.
void k_linear(const k_machine *m, const k_matrix *matrices, int matrixCount, int mode, const float *x, int tokenCount);

// Between the projections and attention, for every row: q and k are normalised per head and then rotated; k and v go to
// their places in the page.
typedef struct {
  float *query;         // [tokenCount, headCount * headDim], changed in place
  float *key;           // [tokenCount, kvHeadCount * headDim], changed in place
  const float *value;   // [tokenCount, kvHeadCount * headDim]
  int tokenCount;
  int headCount;
  int kvHeadCount;
  int headDim;
  const float *queryNorm;  // [headDim]
  const float *keyNorm;    // [headDim]
  float epsilon;
  const float *cosine;  // [tokenCount, headDim / 2]
  const float *sine;    // [tokenCount, headDim / 2]
  const int32_t *page;  // [tokenCount]
  const int32_t *slot;  // [tokenCount], place in the page
  int cacheType;        // K_F32, K_F16, K_I16 or K_I8
  void *cache;          // as in k_attend, for the layer: head h lies h * headStride further
  size_t pageStride;
  size_t groupStride;
  size_t keyOffset;
  size_t valueOffset;
  size_t headStride;
  size_t valueStride;
} k_head_rows;
void k_heads(const k_machine *m, const k_head_rows *rows);

// Consecutive tokens of one sequence.
typedef struct {
  int firstRow;
  int tokenCount;
  int firstPosition;
  const int32_t *pageTable;
} k_run;

// Attention of all runs over their pages; query and out [rows, headCount * headDim].
//
// Pages are taken in ranges of K_RANGE_PAGES from the first on, whose results are joined in order, by one worker or, where
// there are too few heads and tokens to keep all busy, by several (split-K, Dao et al., Flash-Decoding): the sums are the
// same. partials: k_partial_floats of the largest run, for such steps.
enum { K_RANGE_PAGES = 64, K_SPLIT_TOKENS = 4 };
size_t k_partial_floats(int headCount, int headDim, int maxPositions);
void k_attention(const k_machine *m, const k_head_rows *rows, const k_run *runs, int runCount, float scale, float *out,
                 float *partials);

// cosine[i], sine[i] of position * inverseFrequency[i], times mscale: i < count. Angles are rounded to f32 as transformers does.
void k_rope_angles(int position, const float *inverseFrequency, int count, float mscale, float *cosine, float *sine);

#endif
