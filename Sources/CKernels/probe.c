// Probes of read bandwidth and of the rates of f32 multiply–adds and 8-bit dot products.
#include "kprobe.h"

#include <stdatomic.h>

#include "kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,avx2,fma")))
#define AVX2 __attribute__((target("avx2,fma")))
#define AVXVNNI __attribute__((target("avx2,avxvnni")))
#define AVX512 __attribute__((target("avx512f,avx2,fma")))
#pragma clang diagnostic ignored "-Wpsabi"
#endif

// ---- read bandwidth ------------------------------------------------------------------------------------------------

enum { PIECE = 4 << 20 };

typedef struct {
  const uint8_t *bytes;
  size_t byteCount;
  _Atomic uint64_t sum;
} read_probe;

typedef uint64_t u64x8 __attribute__((ext_vector_type(8), aligned(1)));

// Vectors of 64 bytes; the compiler splits them where registers are narrower, and memory is slower than any of them.
static void read_piece(void *context, int task, int worker) {
  (void)worker;
  read_probe *probe = context;
  size_t start = (size_t)task * PIECE;
  size_t end = probe->byteCount - start < PIECE ? probe->byteCount : start + PIECE;
  u64x8 a = 0, b = 0, c = 0, d = 0;
  size_t i = start;
  for (; i + 256 <= end; i += 256) {
    __builtin_prefetch(probe->bytes + i + 4096);
    __builtin_prefetch(probe->bytes + i + 4160);
    __builtin_prefetch(probe->bytes + i + 4224);
    __builtin_prefetch(probe->bytes + i + 4288);
    a += *(const u64x8 *)(probe->bytes + i);
    b += *(const u64x8 *)(probe->bytes + i + 64);
    c += *(const u64x8 *)(probe->bytes + i + 128);
    d += *(const u64x8 *)(probe->bytes + i + 192);
  }
  u64x8 all = a + b + c + d;
  uint64_t sum = 0;
  for (int lane = 0; lane < 8; lane++) sum += all[lane];
  for (; i < end; i++) sum += probe->bytes[i];
  atomic_fetch_add_explicit(&probe->sum, sum, memory_order_relaxed);
}

uint64_t k_probe_read(k_pool *pool, const void *bytes, size_t byteCount) {
  read_probe probe = {.bytes = bytes, .byteCount = byteCount};
  k_pool_run(pool, read_piece, &probe, (int)((byteCount + PIECE - 1) / PIECE));
  return atomic_load(&probe.sum);
}

// ---- multiply–adds -------------------------------------------------------------------------------------------------

typedef float f32x16 __attribute__((ext_vector_type(16)));
typedef float f32x8 __attribute__((ext_vector_type(8)));
typedef float f32x4 __attribute__((ext_vector_type(4)));

// 12 chains hide a latency of 4 cycles on 2 or 3 units. The factors keep the sums at 1.
#define CHAINS(vector, step)                                                                               \
  vector s0 = x, s1 = x, s2 = x, s3 = x, s4 = x, s5 = x, s6 = x, s7 = x, s8 = x, s9 = x, s10 = x, s11 = x; \
  vector factor = (vector)0.5f, addend = (vector)x * 0.5f;                                                 \
  for (int i = 0; i < rounds; i++) {                                                                       \
    s0 = step(s0, factor, addend), s1 = step(s1, factor, addend), s2 = step(s2, factor, addend);           \
    s3 = step(s3, factor, addend), s4 = step(s4, factor, addend), s5 = step(s5, factor, addend);           \
    s6 = step(s6, factor, addend), s7 = step(s7, factor, addend), s8 = step(s8, factor, addend);           \
    s9 = step(s9, factor, addend), s10 = step(s10, factor, addend), s11 = step(s11, factor, addend);       \
    /* Equal chains would be computed once. */                                                             \
    __asm__ volatile("" : KEEP(s0), KEEP(s1), KEEP(s2), KEEP(s3), KEEP(s4), KEEP(s5));                     \
    __asm__ volatile("" : KEEP(s6), KEEP(s7), KEEP(s8), KEEP(s9), KEEP(s10), KEEP(s11));                   \
  }                                                                                                        \
  vector s = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11;                                  \
  return s[0]
enum { CHAIN_COUNT = 12 };

#define FUSED(s, f, a) __builtin_elementwise_fma(s, f, a)
#define SEPARATE(s, f, a) ((s) * (f) + (a))

#if defined(__x86_64__)
#define KEEP(s) "+v"(s)
AVX512 static float fma_avx512(float x, int rounds) { CHAINS(f32x16, FUSED); }
#undef KEEP
#define KEEP(s) "+x"(s)
AVX2 static float fma_avx2(float x, int rounds) { CHAINS(f32x8, FUSED); }
static float fma_plain(float x, int rounds) { CHAINS(f32x4, SEPARATE); }
#else
#define KEEP(s) "+w"(s)
static float fma_plain(float x, int rounds) { CHAINS(f32x4, FUSED); }
#endif

typedef struct {
  float (*run)(float x, int rounds);
  int rounds;
  _Atomic float sink;
} fma_probe;

static void fma_task(void *context, int task, int worker) {
  (void)worker;
  fma_probe *probe = context;
  float result = probe->run(1.0f + (float)task, probe->rounds);
  atomic_store_explicit(&probe->sink, result, memory_order_relaxed);
}

double k_probe_fma(k_pool *pool, const k_kernels *kernels, int rounds) {
  fma_probe probe = {.run = fma_plain, .rounds = rounds};
  int lanes = 4;
#if defined(__x86_64__)
  if (strcmp(kernels->name, "avx512") == 0) {
    probe.run = fma_avx512;
    lanes = 16;
  } else if (strcmp(kernels->name, "avx2") == 0) {
    probe.run = fma_avx2;
    lanes = 8;
  }
#else
  (void)kernels;
#endif
  int tasks = k_pool_size(pool);
  k_pool_run(pool, fma_task, &probe, tasks);
  return 2.0 * lanes * CHAIN_COUNT * (double)rounds * tasks;
}

// ---- 8-bit dot products --------------------------------------------------------------------------------------------

#if defined(__x86_64__)
// As CHAINS, in whole numbers; what they come to does not matter.
#define DOTS(vector, keep, step)                                                                                 \
  vector s[CHAIN_COUNT];                                                                                         \
  for (int c = 0; c < CHAIN_COUNT; c++) s[c] = start;                                                            \
  for (int i = 0; i < rounds; i++) {                                                                             \
    _Pragma("clang loop unroll(full)") for (int c = 0; c < CHAIN_COUNT; c++) {                                   \
      s[c] = step(s[c]);                                                                                         \
      __asm__ volatile("" : keep(s[c]));                                                                         \
    }                                                                                                            \
  }
#define IN_ZMM(s) "+v"(s)
#define IN_YMM(s) "+x"(s)

VNNI static float dot8_avx512(float x, int rounds) {
  __m512i start = _mm512_set1_epi32((int)x), weights = _mm512_set1_epi8(3), inputs = _mm512_set1_epi8(2);
#define STEP(s) _mm512_dpbusd_epi32(s, weights, inputs)
  DOTS(__m512i, IN_ZMM, STEP)
#undef STEP
  int sum = 0;
  for (int c = 0; c < CHAIN_COUNT; c++) sum ^= _mm512_reduce_add_epi32(s[c]);
  return (float)sum;
}

AVXVNNI static float dot8_avxvnni(float x, int rounds) {
  __m256i start = _mm256_set1_epi32((int)x), weights = _mm256_set1_epi8(3), inputs = _mm256_set1_epi8(2);
#define STEP(s) _mm256_dpbusd_avx_epi32(s, weights, inputs)
  DOTS(__m256i, IN_YMM, STEP)
#undef STEP
  int sum = 0;
  for (int c = 0; c < CHAIN_COUNT; c++) sum ^= _mm256_extract_epi32(s[c], 0);
  return (float)sum;
}

AVX2 static float dot8_avx2(float x, int rounds) {
  __m256i start = _mm256_set1_epi32((int)x), weights = _mm256_set1_epi8(3), inputs = _mm256_set1_epi8(2);
  __m256i ones = _mm256_set1_epi16(1);
#define STEP(s) _mm256_add_epi32(s, _mm256_madd_epi16(_mm256_maddubs_epi16(weights, _mm256_xor_si256(inputs, s)), ones))
  DOTS(__m256i, IN_YMM, STEP)
#undef STEP
  int sum = 0;
  for (int c = 0; c < CHAIN_COUNT; c++) sum ^= _mm256_extract_epi32(s[c], 0);
  return (float)sum;
}
#endif

double k_probe_dot8(k_pool *pool, const k_products *products, int rounds) {
#if defined(__x86_64__)
  fma_probe probe = {.run = NULL, .rounds = rounds};
  int lanes = 0;
  if (strcmp(products->name, "avx512") == 0) {
    probe.run = dot8_avx512;
    lanes = 64;
  } else if (strcmp(products->name, "avxvnni") == 0) {
    probe.run = dot8_avxvnni;
    lanes = 32;
  } else if (strcmp(products->name, "avx2") == 0) {
    probe.run = dot8_avx2;
    lanes = 32;
  }
  if (!probe.run) return 0;
  int tasks = k_pool_size(pool);
  k_pool_run(pool, fma_task, &probe, tasks);
  return 2.0 * lanes * CHAIN_COUNT * (double)rounds * tasks;
#else
  (void)pool, (void)products, (void)rounds;
  return 0;
#endif
}
