// Shared by the products: where things lie.
#ifndef PRODUCTS_H
#define PRODUCTS_H

#include "kernels.h"
#include "kproducts.h"

extern const k_products k_products_scalar;
#if defined(__x86_64__)
extern const k_products k_products_avx2;
extern const k_products k_products_avxvnni;
extern const k_products k_products_avx512;
#elif defined(__aarch64__)
extern const k_products k_products_neon;
#endif

// Columns of a panel: a tile of inputs this wide stays in the first-level cache, 64 rows in half of a second-level one.
enum { PANEL_COLUMNS = 4096 };
// Columns of a panel whose inputs are spread to words, where in the panel's memory those lie, and their words from token to
// token, which is no power of two: six tokens' words of one column are in six sets of the cache.
enum { SPREAD_COLUMNS = 1024, SPREAD_PLACE = K_PANEL_ROWS * PANEL_COLUMNS, SPREAD_STRIDE = SPREAD_COLUMNS + 16 };
// Up to so many tokens a panel is used so few times that it is better made in pieces which stay in the first-level cache.
enum { NARROW_COLUMNS = 256, NARROW_TOKENS = 24 };
// Bytes that are fetched beyond the next rows, with up to as many tokens: an instruction set's AHEAD, at most these.
enum { FETCH_AHEAD = 8192 };

#endif
