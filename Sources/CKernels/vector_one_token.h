// Products of quantised weights with a single token for instruction sets whose vectors hold one row's 32 codes at most: a part
// of the files that are compiled for them.
//
// A row's products lie in 8 lanes, which are added up at the end of a block, four rows at a time: the same sums of whole
// numbers as in a tile, scaled and added in the same order. Before it:
//
//   dot_biased(w, x)             8 lanes that add up to Σ w x, codes w as a panel has them
//   dot_halves(w, x, v, y)       Σ w x + Σ v y, of 16 codes in each half of 4 lanes; here and below w are 0 ... 63, v 0 ... 15
//   dot_scaled(sum, w, x, s)     sum with s Σ w x added, in any of the lanes
//                                the scale is as `paired` makes it
//   scales_of_row(p)             the 16 scales of 8 bits of a row's block
//   dot_scaled2(sum, w, x, s, i) sum with Σ w x added, with scale 2i for the first 16 columns and 2i + 1 for the others
//   dot_sums(s, n)               8 lanes that add up to Σ s n, with n the even ones, then the odd ones
//   add_neighbours(a, b)         in each half of 4 lanes: a0 + a1, a2 + a3, b0 + b1, b2 + b3

INLINE i8x32 codes32(const k_inputs *x, int column) {
  return __builtin_bit_cast(i8x32, bytes32((const uint8_t *)x->codes + column));
}

// The sums of the 4 lanes in each half of 4 vectors: of the low halves, then of the high halves.
INLINE i32x8 sums_of_4(const i32x8 *v) { return add_neighbours(add_neighbours(v[0], v[1]), add_neighbours(v[2], v[3])); }

// What sums_of_4 made of rows 4q ... 4q + 3 becomes a lane for each row.
INLINE i32x16 sums_of_rows(const i32x8 *q) {
  i32x8 sums[2];
  UNROLL for (int i = 0; i < 2; i++)
    sums[i] = __builtin_shufflevector(q[2 * i], q[2 * i + 1], 0, 1, 2, 3, 8, 9, 10, 11)
      + __builtin_shufflevector(q[2 * i], q[2 * i + 1], 4, 5, 6, 7, 12, 13, 14, 15);
  return __builtin_shufflevector(sums[0], sums[1], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

static void one_token_q8_0(const row_group *rows, int blocks, const k_inputs *x, const uint8_t **stream, float *y) {
  f32x16 sum = 0;
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * 34;
    fetch(stream, 16 * 34);
    i8x32 input = codes32(x, 32 * b);
    i32x8 quarters[4];
    UNROLL for (int q = 0; q < 4; q++) {
      i32x8 row[4];
      UNROLL for (int i = 0; i < 4; i++) row[i] = dot_biased(bytes32(rows->row[4 * q + i] + offset + 2) ^ (uint8_t)BIAS, input);
      quarters[q] = sums_of_4(row);
    }
    i32x16 whole = sums_of_rows(quarters) + (BIAS ? x->offsets[b] : 0);
    sum = fma16(__builtin_convertvector(whole, f32x16), half_scales(rows, offset) * x->scales[b], sum);
  }
  store(y, sum);
}

INLINE u8x32 both(u8x16 low, u8x16 high) {
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
                                 24, 25, 26, 27, 28, 29, 30, 31);
}

static void one_token_q4_0(const row_group *rows, int blocks, const k_inputs *x, const uint8_t **stream, float *y) {
  f32x16 sum = 0;
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * 18;
    fetch(stream, 16 * 18);
    u8x32 codes = __builtin_bit_cast(u8x32, codes32(x, 32 * b));
    i8x32 first = __builtin_bit_cast(i8x32, both(codes.lo, codes.lo));
    i8x32 second = __builtin_bit_cast(i8x32, both(codes.hi, codes.hi));
    i32x8 halves[2];
    UNROLL for (int q = 0; q < 2; q++) {
      i32x8 two[4];  // rows r and r + 8
      UNROLL for (int i = 0; i < 4; i++) {
        int r = 4 * q + i;
        u8x32 weights = both(bytes16(rows->row[r] + offset + 2), bytes16(rows->row[r + 8] + offset + 2));
        two[i] = dot_halves(weights & 15, first, weights >> 4, second);
      }
      halves[q] = sums_of_4(two);
    }
    // -128 times the sum of the inputs' codes; the weights' codes are 8 too large.
    i32x16 whole = __builtin_shufflevector(halves[0], halves[1], 0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15)
      + (x->offsets[b] >> 4);
    sum = fma16(__builtin_convertvector(whole, f32x16), half_scales(rows, offset) * x->scales[b], sum);
  }
  store(y, sum);
}

INLINE void one_token_q45_k(int five, const row_group *rows, int blocks, const k_inputs *x, const uint8_t **stream, float *y) {
  const size_t bytes = five ? 176 : 144, codes = five ? 48 : 16;
  f32x16 sum = 0;
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * bytes;
    block256 head;
    open_q45_k(rows, offset, &head);
    uint32_t scales[8][16];
    memcpy(scales, head.scales, sizeof scales);
    i32x8 quarters[4];
    for (int q = 0; q < 4; q++) {
      i32x8 row[4];
      fetch(stream, 4 * bytes);
      UNROLL for (int i = 0; i < 4; i++) {
        int r = 4 * q + i;
        const uint8_t *w = rows->row[r] + offset;
        u8x32 high = five ? bytes32(w + 16) : (u8x32)0;
        i32x8 total = 0;
        UNROLL for (int k = 0; k < 4; k++) {
          u8x32 packed = bytes32(w + codes + 32 * k), first = packed & 15, second = packed >> 4;
          if (five) {  // bits 2k and 2k + 1 of the bytes become bit 4
            first |= (high >> (uint8_t)(2 * k) & 1) << 4;
            second |= (high >> (uint8_t)(2 * k + 1) & 1) << 4;
          }
          total = dot_scaled(total, first, codes32(x, 256 * b + 64 * k), scales[2 * k][r]);
          total = dot_scaled(total, second, codes32(x, 256 * b + 64 * k + 32), scales[2 * k + 1][r]);
        }
        row[i] = total;
      }
      quarters[q] = sums_of_4(row);
    }
    i32x16 minimum = 0;
    UNROLL for (int p = 0; p < 4; p++) minimum = dot2(minimum, head.minima[p], k_load32(x->sums + 8 * b + 2 * p));
    f32x16 scale = x->scales[b];
    sum = fma16(__builtin_convertvector(sums_of_rows(quarters), f32x16), head.d * scale, sum);
    sum = fma16(__builtin_convertvector(minimum, f32x16), -(head.dmin * scale), sum);
  }
  store(y, sum);
}

static void one_token_q4_k(const row_group *rows, int blocks, const k_inputs *x, const uint8_t **stream, float *y) {
  one_token_q45_k(0, rows, blocks, x, stream, y);
}

static void one_token_q5_k(const row_group *rows, int blocks, const k_inputs *x, const uint8_t **stream, float *y) {
  one_token_q45_k(1, rows, blocks, x, stream, y);
}

// Minus the sums of each 16 codes of a block, in the order of row_scales.
INLINE i16x16 negative_sums(const int32_t *offsets) {
  i32x16 sums;
  memcpy(&sums, offsets, sizeof sums);
  i16x16 words = __builtin_convertvector(sums >> 7, i16x16);
  return __builtin_shufflevector(words, words, 0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
}

static void one_token_q6_k(const row_group *rows, int blocks, const k_inputs *x, const uint8_t **stream, float *y) {
  f32x16 sum = 0;
  for (int b = 0; b < blocks; b++) {
    size_t offset = (size_t)b * 210;
    i16x16 sums = negative_sums(x->offsets + 16 * b);
    i32x8 quarters[4];
    for (int q = 0; q < 4; q++) {
      i32x8 row[4];
      fetch(stream, 4 * 210);
      UNROLL for (int i = 0; i < 4; i++) {
        const uint8_t *w = rows->row[4 * q + i] + offset;
        row_scales scales = scales_of_row(w + 192);
        i32x8 total = dot_sums(scales, sums) << 5;  // the weights' codes are 32 too large
        UNROLL for (int n = 0; n < 2; n++) {
          u8x32 first = bytes32(w + 64 * n), second = bytes32(w + 64 * n + 32), high = bytes32(w + 128 + 32 * n);
          u8x32 codes[4] = {
            (first & 15) | (high & 3) << 4,
            (second & 15) | (high & 12) << 2,
            first >> 4 | (high & 48),
            second >> 4 | (high >> 2 & 48),
          };
          UNROLL for (int k = 0; k < 4; k++)
            total = dot_scaled2(total, codes[k], codes32(x, 256 * b + 128 * n + 32 * k), scales, 4 * n + k);
        }
        row[i] = total;
      }
      quarters[q] = sums_of_4(row);
    }
    i32x16 whole = sums_of_rows(quarters);
    sum = fma16(__builtin_convertvector(whole, f32x16), half_scales(rows, offset + 208) * x->scales[b], sum);
  }
  store(y, sum);
}
