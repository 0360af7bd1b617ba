// What the machine can do at most, measured with the threads that the kernels use: the denominators of `lathe bench`.
#ifndef KPROBE_H
#define KPROBE_H

#include "ckernels.h"

// Reads all of `bytes` once, in 4 MB pieces that the pool's threads take in turn; returns a sum over it.
uint64_t k_probe_read(k_pool *pool, const void *bytes, size_t byteCount);

// Fused multiply–adds on independent registers, `rounds` of them on each thread, in the widest vectors of `kernels`.
// Returns the floating-point operations done, two for each lane of each instruction.
double k_probe_fma(k_pool *pool, const k_kernels *kernels, int rounds);

// The same of the 8-bit dot products that `products` uses, two operations for each product and its addition. 0 where there is
// no such probe.
double k_probe_dot8(k_pool *pool, const k_products *products, int rounds);

#endif
