// Which kernels this processor runs.
#include "kernels.h"

#if defined(__x86_64__)
static int has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}

static int has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

static k_kernels with_avx512;
#endif

const k_kernels *k_kernels_named(const char *name) {
  if (strcmp(name, "scalar") == 0) return &k_scalar;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(name, "avx2") == 0 && has_avx2()) return &k_avx2;
  if (strcmp(name, "avx512") == 0 && has_avx512()) return &with_avx512;
#elif defined(__aarch64__)
  if (strcmp(name, "neon") == 0) return &k_neon;
#endif
  return NULL;
}

static const k_kernels *best = &k_scalar;

__attribute__((constructor)) static void choose(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  with_avx512 = k_avx512;
  // Dot products of 16 bits came later; both compute the same bits.
  if (__builtin_cpu_supports("avx512vnni")) with_avx512.attend16 = k_attend16_avx512;
#endif
  static const char *const names[] = {"avx512", "avx2", "neon"};
  for (int i = 0; i < 3; i++) {
    const k_kernels *kernels = k_kernels_named(names[i]);
    if (kernels) {
      best = kernels;
      return;
    }
  }
}

const k_kernels *k_kernels_best(void) { return best; }

size_t k_row_bytes(int type, int columns) {
  k_block block = k_block_of(type);
  if (block.elements == 0 || columns % block.elements != 0) return 0;
  return (size_t)(columns / block.elements) * (size_t)block.bytes;
}
