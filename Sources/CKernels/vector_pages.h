// Blocks of pages and what is fetched ahead of them: a part of both kinds of attention.
#ifndef VECTOR_PAGES_H
#define VECTOR_PAGES_H

#include "kernels.h"
#include "lanes.h"

INLINE void fetch_line(const uint8_t *p) { __builtin_prefetch(p, 0, 2); }

// A block of pages, and those that lie where the next one is read.
typedef struct {
  const uint8_t *pages[K_BLOCK_PAGES], *next[K_BLOCK_PAGES];
  size_t pageBytes;
} page_block;

// Four pages from p on; past the end the first again, which is not used.
INLINE void open_block(const k_attend *a, int p, size_t elementBytes, const uint8_t **pages) {
  for (int i = 0; i < K_BLOCK_PAGES; i++) {
    int32_t page = a->pageTable[p + i < a->endPage ? p + i : p];
    pages[i] = (const uint8_t *)a->cache + k_page_place(page, a->pageStride, a->groupStride) * elementBytes;
  }
}

// Where in the later half of the next block's pages the byte at this offset lies. They are fetched in the order of their
// addresses, the earlier half with the scores, so that the processor sees one stream and runs ahead of it.
INLINE const uint8_t *half_of_next(const uint8_t *const *next, size_t pageBytes, size_t offset) {
  size_t page = K_BLOCK_PAGES / 2 + offset / pageBytes;
  return next[page < K_BLOCK_PAGES ? page : K_BLOCK_PAGES - 1] + offset % pageBytes;
}

#endif
