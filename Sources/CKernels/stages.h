// Shared by the stages: sizes, and rows run here or on the pool.
#ifndef STAGES_H
#define STAGES_H

#include "kernels.h"

// Rows of one token, below which a fork costs more than it saves.
enum { SERIAL_ROWS = 4 };

// Floats of scratch that attention needs of one worker (attention.c).
size_t k_attention_scratch_floats(int maxHeadDim);

static inline int min(int a, int b) { return a < b ? a : b; }
static inline int max(int a, int b) { return a > b ? a : b; }
static inline int divide_up(int a, int b) { return (a + b - 1) / b; }
static inline size_t round16(size_t n) { return (n + 15) / 16 * 16; }

// Runs few rows here and many on the pool.
static inline void run_rows(const k_machine *m, k_task task, void *context, int rows) {
  if (rows >= SERIAL_ROWS) {
    k_pool_run(m->pool, task, context, rows);
  } else {
    for (int i = 0; i < rows; i++) task(context, i, 0);
  }
}

#endif
