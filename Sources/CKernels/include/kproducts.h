// Products of quantised weights with rounded activations: whole numbers where the weights are whole numbers.
//
// Activations are rounded once per layer input (k_products.round_inputs) and meet every matrix that reads them:
//
//   weights             activations                                    y[t, r], blocks b in ascending order
//   Q8_0 Q4_0           8 bits, a scale for each 32                    y = fma(Σ w q, dw_b * da_b, y)
//   Q4_K Q5_K           8 bits, a scale for each 256                   y = fma(Σ s_i Σ w q, d_b * da_b, y), then
//                                                                      y = fma(Σ m_i Σ q, -(dmin_b * da_b), y)
//   Q6_K                8 bits, a scale for each 256                   y = fma(Σ s_i Σ w q, d_b * da_b, y)
//   BF16                bfloat16                                       y = fma(w[2i+1], x[2i+1], y), then fma(w[2i], x[2i], y)
//
// Sums of whole numbers are exact, so every instruction set, thread count and batch gives the same bits as the scalar
// version, which says this plainly. (BF16: where no factor or sum is subnormal; vdpbf16ps takes those as zero.)
//
// Weights stay in the file's layout. The vector versions interleave 16 rows of them in a panel that stays in the cache, one
// row a lane, so that no sum crosses lanes; a panel is made once for all tokens of a step.
// A single token is multiplied without one, quantised weights one or several rows a vector.
#ifndef KPRODUCTS_H
#define KPRODUCTS_H

#include <stddef.h>
#include <stdint.h>

// What a type's products want of their inputs.
enum {
  K_INPUT_F32 = 0,     // as they are: there is no product of rounded inputs for this type
  K_INPUT_Q8 = 1,      // 8 bits, a scale for each 32
  K_INPUT_Q8_256 = 2,  // 8 bits, a scale for each 256
  K_INPUT_BF16 = 3,
  K_INPUT_FORMS = 4,
};

// For weights of a type with rows of `columns`.
int k_input_form(int type, int columns);

// Rounded activations of all tokens of a step.
typedef struct {
  int form;
  int columns;
  int8_t *codes;     // [tokens, columns]: round(x / scale), ties to even, in -127 ... 127
  uint16_t *brains;  // [tokens, columns] for K_INPUT_BF16
  float *scales;     // [tokens, columns / 32 or 256]: largest magnitude / 127
  int32_t *offsets;  // [tokens, columns / 32 or 16]: -128 Σ codes of each 32, of each 16 with K_INPUT_Q8_256
  int16_t *sums;     // [tokens, columns / 32]: Σ codes, with K_INPUT_Q8_256
} k_inputs;

// Bytes for rounded activations in any form, to be aligned as a cache line.
size_t k_inputs_bytes(int columns, int tokens);
// Their arrays in that memory.
k_inputs k_inputs_in(void *memory, int form, int columns, int tokens);

// Bytes of a panel, to be aligned as a cache line.
size_t k_panel_bytes(void);

typedef struct {
  const char *name;  // "scalar", "avx2", "avxvnni", "avx512", "neon"

  // Rounds row x [columns] of token t. A row with an element that is no number gets a scale that is none.
  void (*round_inputs)(const float *x, const k_inputs *inputs, int t);

  // y[t, r] for W [rowCount, columns] stored as `type`, rowBytes from row to row, with y [tokenCount, yStride]. Types of whole
  // numbers, and BF16. At most K_PANEL_ROWS rows.
  void (*multiply)(int type, const void *w, size_t rowBytes, int rowCount, const k_inputs *x, int tokenCount, void *panel,
                   float *y, size_t yStride);
  void (*multiply_bf16)(const void *w, size_t rowBytes, int rowCount, const k_inputs *x, int tokenCount, void *panel, float *y,
                        size_t yStride);
} k_products;

enum { K_PANEL_ROWS = 64 };

// Fetches what `multiply` takes to be fetched already by the rows before these, where those were not multiplied just before:
// 16 rows at once, each from its own place, are no stream that the processor sees, and come in four times as slowly.
void k_fetch_first_rows(const void *w, size_t rowBytes, int tokenCount);

// By name, NULL when this processor lacks the instructions or there is none of that name.
const k_products *k_products_named(const char *name);
// The fastest this processor has, chosen once at load.
const k_products *k_products_best(void);

#endif
