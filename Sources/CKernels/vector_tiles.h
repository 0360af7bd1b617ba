// Tiles of a panel's groups of 16 rows and a few tokens: a part of vector_products.h.

// Quads of codes up to 15, 31 and 63 whose products have room in narrow sums: 16 products of 15 * 127 below 2^15.
enum { QUADS_15 = 8, QUADS_31 = NARROW ? 4 : 8, QUADS_63 = NARROW ? 2 : 4 };

// Inputs from the panel's first column on, of the tile's first token on.
typedef struct {
  const k_inputs *inputs;
  size_t token, column;
  uint32_t *words;  // room for the same, spread, for the formats that want them so
} place;

// A tile's place in the results: `tokens` rows of 16 lanes for each group. Handed over by address: a copy would wait for the
// words that were just written.
typedef struct {
  float *y;
  size_t stride;
  int goesOn;  // add to what is there
} target;

INLINE f32x16 results(const target *out, int t, int g) {
  return out->goesOn ? load(out->y + (size_t)t * out->stride + 16 * g) : (f32x16)0.0f;
}

INLINE void tile_32(int four, int groups, int tokens, const void *panel, size_t groupBytes, int blocks, const place *at,
                    const target *out) {
  const k_inputs *x = at->inputs;
  size_t columns = (size_t)x->columns, perRow = columns / 32, start = at->token * perRow + at->column / 32;
  const int isNarrow = NARROW && four;  // a block's 8 quads have room: 16 products of 15 * 127 below 2^15
  const int8_t *codes = x->codes + at->token * columns + at->column;
  const float *scales = x->scales + start;
  const int32_t *offsets = x->offsets + start;
  f32x16 y[TILE_GROUPS * TILE_TOKENS];
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int g = 0; g < groups; g++) y[t * groups + g] = results(out, t, g);
  for (int b = 0; b < blocks; b++, codes += 32, scales++, offsets++) {
    const block32 *w = (const block32 *)panel + b;
    i32x16 sums[TILE_GROUPS * TILE_TOKENS];
    narrow_sums narrow[TILE_GROUPS * TILE_TOKENS];
    UNROLL for (int t = 0; t < tokens; t++) {
      UNROLL for (int g = 0; g < groups; g++) {
        sums[t * groups + g] = BIAS ? (i32x16)offsets[(size_t)t * perRow] : (i32x16)0;
        narrow[t * groups + g] = 0;
      }
    }
    UNROLL for (int j = 0; j < 8; j++) {
      u32x16 q[TILE_GROUPS];
      UNROLL for (int g = 0; g < groups; g++) q[g] = ((const block32 *)((const uint8_t *)w + (size_t)g * groupBytes))->codes[j];
      UNROLL for (int t = 0; t < tokens; t++) {
        uint32_t input = k_load32(codes + (size_t)t * columns + 4 * j);
        UNROLL for (int g = 0; g < groups; g++) {
          int i = t * groups + g;
          if (isNarrow) {
            narrow[i] = dot4_narrow(narrow[i], q[g], input);
            HOLD(narrow[i]);
          } else {
            sums[i] = dot4(sums[i], q[g], input);
            HOLD(sums[i]);
          }
        }
      }
    }
    UNROLL for (int i = 0; i < tokens * groups; i++)
      if (isNarrow) sums[i] = add_scaled(offsets[(size_t)(i / groups) * perRow] >> 4, narrow[i], paired(1));
    UNROLL for (int g = 0; g < groups; g++) {
      f32x16 d = ((const block32 *)((const uint8_t *)w + (size_t)g * groupBytes))->d;
      UNROLL for (int t = 0; t < tokens; t++)
        y[t * groups + g] =
            fma16(__builtin_convertvector(sums[t * groups + g], f32x16), d * scales[(size_t)t * perRow], y[t * groups + g]);
    }
  }
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int g = 0; g < groups; g++) store(out->y + (size_t)t * out->stride + 16 * g, y[t * groups + g]);
}

INLINE void tile_q8_0(int groups, int tokens, const void *panel, size_t groupBytes, int blocks, const place *at, const target *out) {
  tile_32(0, groups, tokens, panel, groupBytes, blocks, at, out);
}

INLINE void tile_q4_0(int groups, int tokens, const void *panel, size_t groupBytes, int blocks, const place *at, const target *out) {
  tile_32(1, groups, tokens, panel, groupBytes, blocks, at, out);
}

INLINE void tile_q45_k(int quads, int groups, int tokens, const void *panel, size_t groupBytes, int blocks, const place *at,
                       const target *out) {
  const k_inputs *x = at->inputs;
  size_t columns = (size_t)x->columns, perRow = columns / 256;
  const int8_t *codes = x->codes + at->token * columns + at->column;
  const float *scales = x->scales + at->token * perRow + at->column / 256;
  const int16_t *totals = x->sums + (at->token * columns + at->column) / 32;
  f32x16 y[TILE_GROUPS * TILE_TOKENS];
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int g = 0; g < groups; g++) y[t * groups + g] = results(out, t, g);
  for (int b = 0; b < blocks; b++, codes += 256, scales++, totals += 8) {
    const block256 *w = (const block256 *)panel + b;
    i32x16 sums[TILE_GROUPS * TILE_TOKENS];
    UNROLL for (int i = 0; i < tokens * groups; i++) sums[i] = 0;
    for (int quad = 0; quad < 64; quad += quads) {
      int s = quad / 8;
      narrow_sums part[TILE_GROUPS * TILE_TOKENS];
      UNROLL for (int i = 0; i < tokens * groups; i++) part[i] = 0;
      UNROLL for (int j = 0; j < quads; j++) {
        u32x16 q[TILE_GROUPS];
        UNROLL for (int g = 0; g < groups; g++)
          q[g] = ((const block256 *)((const uint8_t *)w + (size_t)g * groupBytes))->codes[s][quad % 8 + j];
        UNROLL for (int t = 0; t < tokens; t++) {
          uint32_t input = k_load32(codes + (size_t)t * columns + 4 * (quad + j));
          UNROLL for (int g = 0; g < groups; g++) {
            part[t * groups + g] = dot4_narrow(part[t * groups + g], q[g], input);
            HOLD(part[t * groups + g]);
          }
        }
      }
      UNROLL for (int g = 0; g < groups; g++) {
        i32x16 scale = ((const block256 *)((const uint8_t *)w + (size_t)g * groupBytes))->scales[s];
        UNROLL for (int t = 0; t < tokens; t++)
          sums[t * groups + g] = add_scaled(sums[t * groups + g], part[t * groups + g], scale);
      }
    }
    UNROLL for (int g = 0; g < groups; g++) {
      const block256 *group = (const block256 *)((const uint8_t *)w + (size_t)g * groupBytes);
      UNROLL for (int t = 0; t < tokens; t++) {
        f32x16 scale = scales[(size_t)t * perRow];
        i32x16 minimum = 0;
        UNROLL for (int p = 0; p < 4; p++)
          minimum = dot2(minimum, group->minima[p], k_load32(totals + (size_t)t * (columns / 32) + 2 * p));
        f32x16 sum = fma16(__builtin_convertvector(sums[t * groups + g], f32x16), group->d * scale, y[t * groups + g]);
        y[t * groups + g] = fma16(__builtin_convertvector(minimum, f32x16), -(group->dmin * scale), sum);
      }
    }
  }
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int g = 0; g < groups; g++) store(out->y + (size_t)t * out->stride + 16 * g, y[t * groups + g]);
}

INLINE void tile_q4_k(int groups, int tokens, const void *panel, size_t groupBytes, int blocks, const place *at, const target *out) {
  tile_q45_k(QUADS_15, groups, tokens, panel, groupBytes, blocks, at, out);
}

INLINE void tile_q5_k(int groups, int tokens, const void *panel, size_t groupBytes, int blocks, const place *at, const target *out) {
  tile_q45_k(QUADS_31, groups, tokens, panel, groupBytes, blocks, at, out);
}

INLINE void tile_q6_k(int groups, int tokens, const void *panel, size_t groupBytes, int blocks, const place *at, const target *out) {
  const k_inputs *x = at->inputs;
  size_t columns = (size_t)x->columns, perRow = columns / 256;
  const int8_t *codes = x->codes + at->token * columns + at->column;
  const float *scales = x->scales + at->token * perRow + at->column / 256;
  const int32_t *offsets = x->offsets + (at->token * columns + at->column) / 16;
  f32x16 y[TILE_GROUPS * TILE_TOKENS];
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int g = 0; g < groups; g++) y[t * groups + g] = results(out, t, g);
  for (int b = 0; b < blocks; b++, codes += 256, scales++, offsets += 16) {
    const block256_16 *w = (const block256_16 *)panel + b;
    i32x16 sums[TILE_GROUPS * TILE_TOKENS];
    UNROLL for (int i = 0; i < tokens * groups; i++) sums[i] = 0;
    for (int s = 0; s < 16; s++) {
      i32x16 scale[TILE_GROUPS];
      UNROLL for (int g = 0; g < groups; g++)
        scale[g] = ((const block256_16 *)((const uint8_t *)w + (size_t)g * groupBytes))->scales[s];
      narrow_sums part[TILE_GROUPS * TILE_TOKENS];
      UNROLL for (int t = 0; t < tokens; t++) {
        int32_t offset = offsets[(size_t)t * (columns / 16) + (size_t)s];
        UNROLL for (int g = 0; g < groups; g++) {
          int i = t * groups + g;
          part[i] = BIAS ? (narrow_sums)offset : (narrow_sums)0;
          // -32 times the sum of the 16 inputs' codes, half of it in each of a lane's two sums.
          if (NARROW) sums[i] = add_scaled(sums[i], (narrow_sums)(int16_t)(offset >> 3), scale[g]);
        }
      }
      UNROLL for (int first = 0; first < 4; first += QUADS_63) {
        UNROLL for (int j = first; j < first + QUADS_63; j++) {
          u32x16 q[TILE_GROUPS];
          UNROLL for (int g = 0; g < groups; g++)
            q[g] = ((const block256_16 *)((const uint8_t *)w + (size_t)g * groupBytes))->codes[s][j];
          UNROLL for (int t = 0; t < tokens; t++) {
            uint32_t input = k_load32(codes + (size_t)t * columns + 16 * s + 4 * j);
            UNROLL for (int g = 0; g < groups; g++) {
              part[t * groups + g] = dot4_narrow(part[t * groups + g], q[g], input);
              HOLD(part[t * groups + g]);
            }
          }
        }
        UNROLL for (int t = 0; t < tokens; t++) {
          UNROLL for (int g = 0; g < groups; g++) {
            int i = t * groups + g;
            sums[i] = add_scaled(sums[i], part[i], scale[g]);
            part[i] = 0;
          }
        }
      }
    }
    UNROLL for (int g = 0; g < groups; g++) {
      f32x16 d = ((const block256_16 *)((const uint8_t *)w + (size_t)g * groupBytes))->d;
      UNROLL for (int t = 0; t < tokens; t++)
        y[t * groups + g] =
            fma16(__builtin_convertvector(sums[t * groups + g], f32x16), d * scales[(size_t)t * perRow], y[t * groups + g]);
    }
  }
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int g = 0; g < groups; g++) store(out->y + (size_t)t * out->stride + 16 * g, y[t * groups + g]);
}

INLINE void tile_bf16(int groups, int tokens, const void *panel, size_t groupBytes, int blocks, const place *at, const target *out) {
  size_t columns = (size_t)at->inputs->columns;
  const uint16_t *brains = at->inputs->brains + at->token * columns + at->column;
  f32x16 y[TILE_GROUPS * TILE_TOKENS];
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int g = 0; g < groups; g++) y[t * groups + g] = results(out, t, g);
  const uint8_t *w = panel;
  for (int b = 0; b < 4 * blocks; b++, brains += 8, w += 4 * sizeof(u32x16)) {
    UNROLL for (int j = 0; j < 4; j++) {
      u32x16 q[TILE_GROUPS];
      UNROLL for (int g = 0; g < groups; g++) q[g] = ((const u32x16 *)(w + (size_t)g * groupBytes))[j];
      UNROLL for (int t = 0; t < tokens; t++) {
        uint32_t input = k_load32(brains + (size_t)t * columns + 2 * j);
        UNROLL for (int g = 0; g < groups; g++) y[t * groups + g] = dot_brains(y[t * groups + g], q[g], input);
      }
    }
  }
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int g = 0; g < groups; g++) store(out->y + (size_t)t * out->stride + 16 * g, y[t * groups + g]);
}
