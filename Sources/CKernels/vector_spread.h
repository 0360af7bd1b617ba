// Tiles of inputs spread to words, for instruction sets of 16 registers: a part of vector_products.h.
//
// Where four 8-bit products take as many instructions as four of 16 bits and a sign's besides, Q8_0 is multiplied in 16 bits;
// where nothing multiplies bfloat16, it is in float32. The inputs of a tile are made so once for all its rows, in an order that
// takes no shuffle, and come from the first-level cache a word at a time.

_Static_assert(K_PANEL_ROWS / 16 * (SPREAD_COLUMNS / 32) * sizeof(block32_words) <= SPREAD_PLACE, "words lie behind a panel");

// Of 32 columns: a quad's first and third code, of 8 quads; their second and fourth.
INLINE void spread_codes(const k_inputs *x, size_t start, int columns, uint32_t *words) {
  for (int c = 0; c < columns; c += 32, words += 16) {
    i16x16 codes = __builtin_bit_cast(i16x16, bytes32((const uint8_t *)x->codes + start + c));
    i16x16 parts[2] = {codes << 8 >> 8, codes >> 8};
    memcpy(words, parts, sizeof parts);
  }
}

// Of 16 columns: the second of each of 8 pairs as a float; the first.
INLINE void spread_brains(const k_inputs *x, size_t start, int columns, uint32_t *words) {
  for (int c = 0; c < columns; c += 16, words += 16) {
    u32x8 pairs;
    memcpy(&pairs, x->brains + start + c, sizeof pairs);
    u32x8 parts[2] = {pairs & 0xFFFF0000, pairs << 16};
    memcpy(words, parts, sizeof parts);
  }
}

INLINE void tile_q8_0_words(int groups, int tokens, const void *panel, size_t groupBytes, int blocks, const place *at,
                            const target *out) {
  (void)groups, (void)groupBytes;  // one
  size_t perRow = (size_t)at->inputs->columns / 32;
  const float *scales = at->inputs->scales + at->token * perRow + at->column / 32;
  const uint32_t *words = at->words;
  f32x16 y[TILE_TOKENS];
  UNROLL for (int t = 0; t < tokens; t++) y[t] = results(out, t, 0);
  for (int b = 0; b < blocks; b++, words += 16, scales++) {
    const block32_words *w = (const block32_words *)panel + b;
    i32x16 sums[TILE_TOKENS];
    UNROLL for (int t = 0; t < tokens; t++) sums[t] = 0;
    UNROLL for (int j = 0; j < 16; j++) {
      u32x16 q = w->words[j / 8][j % 8];
      UNROLL for (int t = 0; t < tokens; t++) {
        sums[t] = dot2(sums[t], q, words[(size_t)t * SPREAD_STRIDE + (size_t)j]);
        HOLD(sums[t]);
      }
    }
    UNROLL for (int t = 0; t < tokens; t++)
      y[t] = fma16(__builtin_convertvector(sums[t], f32x16), w->d * scales[(size_t)t * perRow], y[t]);
  }
  UNROLL for (int t = 0; t < tokens; t++) store(out->y + (size_t)t * out->stride, y[t]);
}

INLINE void tile_bf16_words(int groups, int tokens, const void *panel, size_t groupBytes, int blocks, const place *at,
                            const target *out) {
  (void)groups, (void)groupBytes;  // one
  const uint32_t *words = at->words;
  f32x16 y[TILE_TOKENS];
  UNROLL for (int t = 0; t < tokens; t++) y[t] = results(out, t, 0);
  const u32x16 *w = panel;
  for (int b = 0; b < 2 * blocks; b++, words += 16, w += 8) {
    UNROLL for (int j = 0; j < 8; j++) {
      f32x16 second = __builtin_bit_cast(f32x16, w[j] & 0xFFFF0000), first = __builtin_bit_cast(f32x16, w[j] << 16);
      UNROLL for (int t = 0; t < tokens; t++) {
        y[t] = fma16(second, (f32x16)k_bits(words[(size_t)t * SPREAD_STRIDE + (size_t)j]), y[t]);
        HOLD(y[t]);
      }
      UNROLL for (int t = 0; t < tokens; t++) {
        y[t] = fma16(first, (f32x16)k_bits(words[(size_t)t * SPREAD_STRIDE + 8 + (size_t)j]), y[t]);
        HOLD(y[t]);
      }
    }
  }
  UNROLL for (int t = 0; t < tokens; t++) store(out->y + (size_t)t * out->stride, y[t]);
}
