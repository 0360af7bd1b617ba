// Which kernels this processor runs.
#include "kernels.h"

const k_kernels *k_kernels_named(const char *name) { return strcmp(name, "scalar") == 0 ? &k_scalar : NULL; }

const k_kernels *k_kernels_best(void) { return &k_scalar; }

size_t k_row_bytes(int type, int columns) {
  k_block block = k_block_of(type);
  if (block.elements == 0 || columns % block.elements != 0) return 0;
  return (size_t)(columns / block.elements) * (size_t)block.bytes;
}
