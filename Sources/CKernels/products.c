// Which products this processor runs, and the memory of rounded activations.
#include "products.h"

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

int k_input_form(int type, int columns) {
  switch (type) {
    case K_Q8_0:
    case K_Q4_0: return K_INPUT_Q8;
    case K_Q4_K:
    case K_Q5_K:
    case K_Q6_K: return K_INPUT_Q8_256;
    case K_BF16: return columns % 32 == 0 ? K_INPUT_BF16 : K_INPUT_F32;
    default: return K_INPUT_F32;
  }
}

static size_t round64(size_t n) { return (n + 63) / 64 * 64; }

size_t k_inputs_bytes(int columns, int tokens) {
  size_t count = (size_t)columns * (size_t)tokens;
  // The largest form: codes, scales for each 32, offsets for each 16, sums for each 32; bfloat16 takes twice the codes.
  return round64(2 * count) + round64(count / 8 + 4) + round64(count / 4 + 4) + round64(count / 16 + 4);
}

k_inputs k_inputs_in(void *memory, int form, int columns, int tokens) {
  size_t count = (size_t)columns * (size_t)tokens;
  uint8_t *next = memory;
  k_inputs inputs = {.form = form, .columns = columns, .codes = (int8_t *)next, .brains = (uint16_t *)next};
  next += round64(2 * count);
  inputs.scales = (float *)next;
  next += round64(count / 8 + 4);
  inputs.offsets = (int32_t *)next;
  next += round64(count / 4 + 4);
  inputs.sums = (int16_t *)next;
  return inputs;
}

size_t k_panel_bytes(void) { return (size_t)K_PANEL_ROWS * PANEL_COLUMNS * 2; }

void k_fetch_first_rows(const void *w, size_t rowBytes, int tokenCount) {
  size_t rows = tokenCount == 1 ? 16 : 32;
  if (tokenCount > NARROW_TOKENS) return;  // a panel is used so often that its making does not count
  for (size_t i = 0; i < rows * rowBytes + FETCH_AHEAD; i += 64) __builtin_prefetch((const uint8_t *)w + i, 0, 2);
}

#if defined(__x86_64__)
static int has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}

static int has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}

static k_products with_vnni;
#endif

const k_products *k_products_named(const char *name) {
  if (strcmp(name, "scalar") == 0) return &k_products_scalar;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(name, "avx2") == 0 && has_avx2()) return &k_products_avx2;
  if (strcmp(name, "avxvnni") == 0 && has_avx2() && __builtin_cpu_supports("avxvnni")) return &k_products_avxvnni;
  if (strcmp(name, "avx512") == 0 && has_avx512()) return &with_vnni;
#elif defined(__aarch64__)
  enum { ASIMDDP = 1 << 20 };  // HWCAP_ASIMDDP: sdot
  if (strcmp(name, "neon") == 0 && (getauxval(AT_HWCAP) & ASIMDDP)) return &k_products_neon;
#endif
  return NULL;
}

static const k_products *best = &k_products_scalar;

__attribute__((constructor)) static void choose(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  with_vnni = k_products_avx512;
  // VNNI came four years before the dot product of bfloat16; the others compute the same bits.
  if (!__builtin_cpu_supports("avx512bf16")) with_vnni.multiply_bf16 = k_products_avx2.multiply_bf16;
#endif
  static const char *const names[] = {"avx512", "avxvnni", "avx2", "neon"};
  for (int i = 0; i < 4; i++) {
    const k_products *products = k_products_named(names[i]);
    if (products) {
      best = products;
      return;
    }
  }
}

const k_products *k_products_best(void) { return best; }
