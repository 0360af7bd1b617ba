// Panels of 16 rows of weights, a lane each, made of the file's blocks: a part of vector_products.h.

#if !NARROW
typedef i32x16 narrow_sums;

INLINE narrow_sums dot4_narrow(narrow_sums sums, u32x16 weights, uint32_t inputs) { return dot4(sums, weights, inputs); }
INLINE i32x16 paired(i32x16 scales) { return scales; }
// sum + scales * sums, with scales as `paired` makes them.
INLINE i32x16 add_scaled(i32x16 sum, narrow_sums sums, i32x16 scales) { return sum + sums * scales; }
#endif

// 16 rows at one column.
typedef struct {
  const uint8_t *row[16];
} row_group;

INLINE u32x4 piece(const uint8_t *p) {
  u32x4 v;
  memcpy(&v, p, sizeof v);
  return v;
}

// Rows r, r + 4, r + 8, r + 12, 16 bytes each.
INLINE u32x16 four_pieces(const row_group *rows, int r, size_t offset) {
  u32x4 a = piece(rows->row[r] + offset), b = piece(rows->row[r + 4] + offset), c = piece(rows->row[r + 8] + offset),
        d = piece(rows->row[r + 12] + offset);
  u32x8 ab = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7), cd = __builtin_shufflevector(c, d, 0, 1, 2, 3, 4, 5, 6, 7);
  return __builtin_shufflevector(ab, cd, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

INLINE u32x16 low_pairs(u32x16 a, u32x16 b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
}
INLINE u32x16 high_pairs(u32x16 a, u32x16 b) {
  return __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
}
INLINE u32x16 low_halves(u32x16 a, u32x16 b) {
  return __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
}
INLINE u32x16 high_halves(u32x16 a, u32x16 b) {
  return __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
}

// 16 bytes of each row, transposed by fours: lane r of out[j] has bytes 4j ... 4j + 3 of row r.
INLINE void interleave(const row_group *rows, size_t offset, u32x16 *out) {
  u32x16 a = four_pieces(rows, 0, offset), b = four_pieces(rows, 1, offset), c = four_pieces(rows, 2, offset),
         d = four_pieces(rows, 3, offset);
  u32x16 ab = low_pairs(a, b), cd = low_pairs(c, d), ab2 = high_pairs(a, b), cd2 = high_pairs(c, d);
  out[0] = low_halves(ab, cd);
  out[1] = high_halves(ab, cd);
  out[2] = low_halves(ab2, cd2);
  out[3] = high_halves(ab2, cd2);
}

// A half of each row, as floats.
INLINE f32x16 half_scales(const row_group *rows, size_t offset) {
  uint16_t h[16];
  UNROLL for (int r = 0; r < 16; r++) h[r] = k_load16(rows->row[r] + offset);
  u16x16 v = {h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8], h[9], h[10], h[11], h[12], h[13], h[14], h[15]};
  return halves16(v);
}

INLINE u32x16 add_bytes(u32x16 v, int n) {
  return __builtin_bit_cast(u32x16, __builtin_bit_cast(u8x64, v) + (uint8_t)n);
}

// Fetches the next bytes of a stream in order, so that the processor sees one and runs ahead of it: into the second-level
// cache, which takes more fetches at once than the first.
INLINE void fetch(const uint8_t **stream, size_t bytes) {
  for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch(*stream + i, 0, 2);
  *stream += bytes;
}

typedef struct {
  u32x16 codes[8];
  f32x16 d;
} block32;  // Q8_0, Q4_0

typedef struct {
  u32x16 words[2][8];  // two codes of 16 bits a lane: the first and third of a quad, the second and fourth
  f32x16 d;
} block32_words;  // Q8_0

typedef struct {
  u32x16 codes[8][8];  // [sub-block][quad]
  i32x16 scales[8];  // paired
  u32x16 minima[4];  // lane r: those of sub-blocks 2p and 2p + 1, 16 bits each
  f32x16 d, dmin;
} block256;  // Q4_K, Q5_K

typedef struct {
  u32x16 codes[16][4];
  i32x16 scales[16];  // paired
  f32x16 d;
} block256_16;  // Q6_K

// A quad of Q8_0: where sums are narrow two words, else codes with the bias.
#if NARROW
typedef block32_words block_q8_0;

INLINE void put_quad(block_q8_0 *out, int j, u32x16 quad) {
  i16x32 codes = __builtin_bit_cast(i16x32, quad);
  out->words[0][j] = __builtin_bit_cast(u32x16, codes << 8 >> 8);
  out->words[1][j] = __builtin_bit_cast(u32x16, codes >> 8);
}
#else
typedef block32 block_q8_0;

INLINE void put_quad(block_q8_0 *out, int j, u32x16 quad) { out->codes[j] = BIAS ? quad ^ 0x80808080 : quad; }
#endif

// Each packs `blocks` blocks and fetches as many bytes of a stream.
static void pack_q8_0(const row_group *rows, int blocks, const uint8_t **stream, void *panel) {
  block_q8_0 *out = panel;
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * 34;
    fetch(stream, 16 * 34);
    u32x16 q[8];
    interleave(rows, offset + 2, q);
    interleave(rows, offset + 18, q + 4);
    UNROLL for (int j = 0; j < 8; j++) put_quad(&out[b], j, q[j]);
    out[b].d = half_scales(rows, offset);
  }
}

static void pack_q4_0(const row_group *rows, int blocks, const uint8_t **stream, void *panel) {
  block32 *out = panel;
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * 18;
    fetch(stream, 16 * 18);
    u32x16 q[4];
    interleave(rows, offset + 2, q);
    UNROLL for (int j = 0; j < 4; j++) {
      out[b].codes[j] = add_bytes(q[j] & 0x0F0F0F0F, NARROW ? 0 : BIAS - 8);
      out[b].codes[4 + j] = add_bytes(q[j] >> 4 & 0x0F0F0F0F, NARROW ? 0 : BIAS - 8);
    }
    out[b].d = half_scales(rows, offset);
  }
}

// Scales and minima of 16 rows from the block's first 16 bytes: d, dmin, and 12 bytes with 16 numbers of 6 bits.
INLINE void open_q45_k(const row_group *rows, size_t offset, block256 *out) {
  u32x16 head[4];
  interleave(rows, offset, head);
  out->d = halves16(__builtin_convertvector(head[0] & 0xFFFF, u16x16));
  out->dmin = halves16(__builtin_convertvector(head[0] >> 16, u16x16));
  u32x16 scales[2] = {head[1] & 0x3F3F3F3F, (head[3] & 0x0F0F0F0F) | (head[1] >> 2 & 0x30303030)};
  u32x16 minima[2] = {head[2] & 0x3F3F3F3F, (head[3] >> 4 & 0x0F0F0F0F) | (head[2] >> 2 & 0x30303030)};
  UNROLL for (int s = 0; s < 8; s++)
    out->scales[s] = paired(__builtin_bit_cast(i32x16, scales[s / 4] >> (uint32_t)(8 * (s % 4)) & 0xFF));
  UNROLL for (int p = 0; p < 4; p++) {
    u32x16 two = minima[p / 2] >> (uint32_t)(16 * (p % 2));
    out->minima[p] = (two & 0xFF) | (two & 0xFF00) << 8;
  }
}

static void pack_q4_k(const row_group *rows, int blocks, const uint8_t **stream, void *panel) {
  block256 *out = panel;
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * 144;
    open_q45_k(rows, offset, &out[b]);
    for (size_t i = 0; i < 4; i++) {
      fetch(stream, 4 * 144);
      u32x16 q[8];
      interleave(rows, offset + 16 + 32 * i, q);
      interleave(rows, offset + 32 + 32 * i, q + 4);
      UNROLL for (int j = 0; j < 8; j++) {
        out[b].codes[2 * i][j] = q[j] & 0x0F0F0F0F;
        out[b].codes[2 * i + 1][j] = q[j] >> 4 & 0x0F0F0F0F;
      }
    }
  }
}

static void pack_q5_k(const row_group *rows, int blocks, const uint8_t **stream, void *panel) {
  block256 *out = panel;
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * 176;
    open_q45_k(rows, offset, &out[b]);
    u32x16 high[8];
    interleave(rows, offset + 16, high);
    interleave(rows, offset + 32, high + 4);
    for (size_t i = 0; i < 4; i++) {
      fetch(stream, 4 * 176);
      u32x16 q[8];
      interleave(rows, offset + 48 + 32 * i, q);
      interleave(rows, offset + 64 + 32 * i, q + 4);
      UNROLL for (int j = 0; j < 8; j++) {
        u32x16 fifth = high[j] >> (uint32_t)(2 * i);
        out[b].codes[2 * i][j] = (q[j] & 0x0F0F0F0F) | (fifth & 0x01010101) << 4;
        out[b].codes[2 * i + 1][j] = (q[j] >> 4 & 0x0F0F0F0F) | (fifth >> 1 & 0x01010101) << 4;
      }
    }
  }
}

static void pack_q6_k(const row_group *rows, int blocks, const uint8_t **stream, void *panel) {
  block256_16 *out = panel;
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * 210;
    u32x16 scales[4];
    interleave(rows, offset + 192, scales);
    UNROLL for (int s = 0; s < 16; s++)
      out[b].scales[s] = paired(__builtin_bit_cast(i32x16, scales[s / 4] << (uint32_t)(24 - 8 * (s % 4))) >> 24);
    out[b].d = half_scales(rows, offset + 208);
    const int bias = NARROW ? 0 : BIAS - 32;
    for (size_t n = 0; n < 2; n++) {
      fetch(stream, 8 * 210);
      for (size_t k = 0; k < 2; k++) {  // halves of the 32 bytes
        u32x16 first[4], second[4], high[4];
        interleave(rows, offset + 64 * n + 16 * k, first);
        interleave(rows, offset + 64 * n + 32 + 16 * k, second);
        interleave(rows, offset + 128 + 32 * n + 16 * k, high);
        UNROLL for (int j = 0; j < 4; j++) {
          out[b].codes[8 * n + k][j] = add_bytes((first[j] & 0x0F0F0F0F) | (high[j] << 4 & 0x30303030), bias);
          out[b].codes[8 * n + 2 + k][j] = add_bytes((second[j] & 0x0F0F0F0F) | (high[j] << 2 & 0x30303030), bias);
          out[b].codes[8 * n + 4 + k][j] = add_bytes((first[j] >> 4 & 0x0F0F0F0F) | (high[j] & 0x30303030), bias);
          out[b].codes[8 * n + 6 + k][j] = add_bytes((second[j] >> 4 & 0x0F0F0F0F) | (high[j] >> 2 & 0x30303030), bias);
        }
      }
    }
  }
}

// Blocks of 32 columns: 16 vectors of pairs.
static void pack_bf16(const row_group *rows, int blocks, const uint8_t **stream, void *panel) {
  u32x16 *out = panel;
  for (int b = 0; b < blocks; b++, out += 16) {
    fetch(stream, 16 * 64);
    for (size_t i = 0; i < 4; i++) interleave(rows, (size_t)b * 64 + 16 * i, out + 4 * i);
  }
}
