// Blocks of each type unpacked in registers: a part of vector.h.
//
// NAME_open reads what a block's parts share (scales), NAME_part gives elements 32s ... 32s + 31. Layouts, and the order of
// the roundings, are those of dequantise.c.

INLINE f32x16 floats(u8x16 v) { return __builtin_convertvector(v, f32x16); }
INLINE f32x16 signed_floats(i8x16 v) { return __builtin_convertvector(v, f32x16); }

// A 4-bit quant's value is one of 16: looked up where the instruction set can, computed where not. Both round as
// `quant * scale + offset` in two steps, with quants from `first` on; an offset of -0.0 changes nothing.
#if defined(LOOKUP)
typedef f32x16 nibble_values;

INLINE nibble_values values_of(float scale, float offset, int first) {
  return __builtin_convertvector(iota() + first, f32x16) * scale + offset;
}

INLINE f32x16 low_nibbles(nibble_values values, u8x16 q) { return LOOKUP(values, __builtin_convertvector(q, u32x16)); }
INLINE f32x16 high_nibbles(nibble_values values, u8x16 q) { return LOOKUP(values, __builtin_convertvector(q, u32x16) >> 4); }
#else
typedef struct {
  float scale, offset;
  int first;
} nibble_values;

INLINE nibble_values values_of(float scale, float offset, int first) { return (nibble_values){scale, offset, first}; }

INLINE f32x16 nibbles(nibble_values v, u8x16 q) {
  return signed_floats(__builtin_bit_cast(i8x16, q) + (int8_t)v.first) * v.scale + v.offset;
}

INLINE f32x16 low_nibbles(nibble_values v, u8x16 q) { return nibbles(v, q & 15); }
INLINE f32x16 high_nibbles(nibble_values v, u8x16 q) { return nibbles(v, q >> 4); }
#endif

// ---- whole numbers of elements -------------------------------------------------------------------------------------

typedef struct {
  int unused;
} f32_head;
typedef f32_head f16_head;
typedef f32_head bf16_head;

INLINE f32_head f32_open(const uint8_t *b) { return (void)b, (f32_head){0}; }
INLINE f16_head f16_open(const uint8_t *b) { return f32_open(b); }
INLINE bf16_head bf16_open(const uint8_t *b) { return f32_open(b); }

INLINE pair f32_part(const f32_head *h, const uint8_t *b, int s) {
  (void)h, (void)s;
  pair out;
  memcpy(&out.low, b, 64);
  memcpy(&out.high, b + 64, 64);
  return out;
}

INLINE pair f16_part(const f16_head *h, const uint8_t *b, int s) {
  (void)h, (void)s;
  return (pair){halves16(b), halves16(b + 32)};
}

INLINE f32x16 brains16(const uint8_t *p) {
  u16x16 v;
  memcpy(&v, p, sizeof v);
  return __builtin_bit_cast(f32x16, __builtin_convertvector(v, u32x16) << 16);
}

INLINE pair bf16_part(const bf16_head *h, const uint8_t *b, int s) {
  (void)h, (void)s;
  return (pair){brains16(b), brains16(b + 32)};
}

// ---- blocks of 32 --------------------------------------------------------------------------------------------------

typedef struct {
  nibble_values values;
} q4_0_head;
typedef q4_0_head q4_1_head;

INLINE q4_0_head q4_0_open(const uint8_t *b) { return (q4_0_head){values_of(half(b), -0.0f, -8)}; }
INLINE q4_1_head q4_1_open(const uint8_t *b) { return (q4_1_head){values_of(half(b), half(b + 2), 0)}; }

INLINE pair q4_0_part(const q4_0_head *h, const uint8_t *b, int s) {
  (void)s;
  u8x16 q = bytes16(b + 2);
  return (pair){low_nibbles(h->values, q), high_nibbles(h->values, q)};
}

INLINE pair q4_1_part(const q4_1_head *h, const uint8_t *b, int s) {
  (void)s;
  u8x16 q = bytes16(b + 4);
  return (pair){low_nibbles(h->values, q), high_nibbles(h->values, q)};
}

typedef struct {
  float d, m;
} q5_head;
typedef q5_head q5_0_head;
typedef q5_head q5_1_head;

INLINE q5_0_head q5_0_open(const uint8_t *b) { return (q5_0_head){half(b), 0}; }
INLINE q5_1_head q5_1_open(const uint8_t *b) { return (q5_1_head){half(b), half(b + 2)}; }

// Quants of 16 elements with their fifth bits, as integers.
INLINE i32x16 fives(u8x16 low, uint32_t high) {
  u32x16 bits = (u32x16)high >> __builtin_convertvector(iota(), u32x16) & 1;
  return __builtin_convertvector(__builtin_convertvector(low, u32x16) | bits << 4, i32x16);
}

INLINE pair q5_0_part(const q5_0_head *h, const uint8_t *b, int s) {
  (void)s;
  uint32_t high = k_load32(b + 2);
  u8x16 q = bytes16(b + 6);
  return (pair){__builtin_convertvector(fives(q & 15, high) - 16, f32x16) * h->d,
                __builtin_convertvector(fives(q >> 4, high >> 16) - 16, f32x16) * h->d};
}

INLINE pair q5_1_part(const q5_1_head *h, const uint8_t *b, int s) {
  (void)s;
  uint32_t high = k_load32(b + 4);
  u8x16 q = bytes16(b + 8);
  return (pair){__builtin_convertvector(fives(q & 15, high), f32x16) * h->d + h->m,
                __builtin_convertvector(fives(q >> 4, high >> 16), f32x16) * h->d + h->m};
}

typedef struct {
  float d;
} q8_0_head;

INLINE q8_0_head q8_0_open(const uint8_t *b) { return (q8_0_head){half(b)}; }

INLINE pair q8_0_part(const q8_0_head *h, const uint8_t *b, int s) {
  (void)s;
  return (pair){signed_floats(__builtin_bit_cast(i8x16, bytes16(b + 2))) * h->d,
                signed_floats(__builtin_bit_cast(i8x16, bytes16(b + 18))) * h->d};
}

typedef q8_0_head iq4_nl_head;

INLINE iq4_nl_head iq4_nl_open(const uint8_t *b) { return (iq4_nl_head){half(b)}; }

// The values of 16 indices below 16.
INLINE f32x16 iq4_values(u8x16 index) {
  const i8x16 table = K_IQ4_VALUES;
  return signed_floats(look_up(table, index));
}

INLINE pair iq4_nl_part(const iq4_nl_head *h, const uint8_t *b, int s) {
  (void)s;
  u8x16 q = bytes16(b + 2);
  return (pair){iq4_values(q & 15) * h->d, iq4_values(q >> 4) * h->d};
}

// ---- blocks of 256 -------------------------------------------------------------------------------------------------

// Scales of the sub-blocks, the block's own multiplied in; minima likewise.
typedef struct {
  float scale[16], minimum[16];
} q2_k_head;

INLINE q2_k_head q2_k_open(const uint8_t *b) {
  q2_k_head h;
  u8x16 packed = bytes16(b);
  store(h.scale, floats(packed & 15) * half(b + 80));
  store(h.minimum, floats(packed >> 4) * half(b + 82));
  return h;
}

INLINE pair q2_k_part(const q2_k_head *h, const uint8_t *b, int s) {
  u8x32 q = bytes32(b + 16 + 32 * (s / 4)) >> (uint8_t)(2 * (s % 4)) & 3;
  return (pair){floats(q.lo) * h->scale[2 * s] - h->minimum[2 * s],
                floats(q.hi) * h->scale[2 * s + 1] - h->minimum[2 * s + 1]};
}

typedef struct {
  float scale[16];
} q3_k_head;
typedef q3_k_head q6_k_head;

INLINE q3_k_head q3_k_open(const uint8_t *b) {
  q3_k_head h;
  float d = half(b + 108);
  for (int s = 0; s < 16; s++) h.scale[s] = d * (float)(k_q3_k_scale(b + 96, s) - 32);
  return h;
}

INLINE pair q3_k_part(const q3_k_head *h, const uint8_t *b, int s) {
  u8x32 q = bytes32(b + 32 + 32 * (s / 4)) >> (uint8_t)(2 * (s % 4)) & 3;
  u8x32 high = (bytes32(b) >> (uint8_t)s & 1) << 2;  // 4 where the bit is set
  i8x32 value = __builtin_bit_cast(i8x32, q + high - 4);
  return (pair){signed_floats(value.lo) * h->scale[2 * s], signed_floats(value.hi) * h->scale[2 * s + 1]};
}

typedef struct {
  float scale[8], minimum[8];
} q4_k_head;
typedef q4_k_head q5_k_head;

INLINE void store_scaled(float *out, uint32_t low, uint32_t high, float d) {
  uint64_t bytes = (uint64_t)high << 32 | low;
  f32x8 scaled = __builtin_convertvector(__builtin_bit_cast(u8x8, bytes), f32x8) * d;
  memcpy(out, &scaled, sizeof scaled);
}

// All of k_q4_k_scale and k_q4_k_minimum at once, four 6-bit numbers in a word.
INLINE q4_k_head q4_k_open(const uint8_t *b) {
  q4_k_head h;
  uint32_t p = k_load32(b + 4), q = k_load32(b + 8), r = k_load32(b + 12);
  const uint32_t six = 0x3F3F3F3F, four = 0x0F0F0F0F, two = 0x03030303;
  store_scaled(h.scale, p & six, (r & four) | (p >> 6 & two) << 4, half(b));
  store_scaled(h.minimum, q & six, (r >> 4 & four) | (q >> 6 & two) << 4, half(b + 2));
  return h;
}

INLINE q5_k_head q5_k_open(const uint8_t *b) { return q4_k_open(b); }

INLINE pair q4_k_part(const q4_k_head *h, const uint8_t *b, int s) {
  const uint8_t *p = b + 16 + 32 * (s / 2);
  nibble_values values = values_of(h->scale[s], -h->minimum[s], 0);
  return s % 2 ? (pair){high_nibbles(values, bytes16(p)), high_nibbles(values, bytes16(p + 16))}
               : (pair){low_nibbles(values, bytes16(p)), low_nibbles(values, bytes16(p + 16))};
}

INLINE pair q5_k_part(const q5_k_head *h, const uint8_t *b, int s) {
  u8x32 low = bytes32(b + 48 + 32 * (s / 2)) >> (uint8_t)(4 * (s % 2)) & 15;
  u8x32 value = low | (bytes32(b + 16) >> (uint8_t)s & 1) << 4;
  return (pair){floats(value.lo) * h->scale[s] - h->minimum[s], floats(value.hi) * h->scale[s] - h->minimum[s]};
}

INLINE q6_k_head q6_k_open(const uint8_t *b) {
  q6_k_head h;
  store(h.scale, signed_floats(__builtin_bit_cast(i8x16, bytes16(b + 192))) * half(b + 208));
  return h;
}

INLINE pair q6_k_part(const q6_k_head *h, const uint8_t *b, int s) {
  int quarter = s % 4, part = s / 4;
  u8x32 low = bytes32(b + 64 * part + 32 * (quarter % 2)) >> (uint8_t)(4 * (quarter / 2)) & 15;
  u8x32 high = bytes32(b + 128 + 32 * part) >> (uint8_t)(2 * quarter) & 3;
  i8x32 value = __builtin_bit_cast(i8x32, (low | high << 4) - 32);
  return (pair){signed_floats(value.lo) * h->scale[2 * s], signed_floats(value.hi) * h->scale[2 * s + 1]};
}

typedef struct {
  float scale[8];
} iq4_xs_head;

INLINE iq4_xs_head iq4_xs_open(const uint8_t *b) {
  iq4_xs_head h;
  float d = half(b);
  for (int s = 0; s < 8; s++) h.scale[s] = d * (float)(k_iq4_xs_scale(b + 2, s) - 32);
  return h;
}

INLINE pair iq4_xs_part(const iq4_xs_head *h, const uint8_t *b, int s) {
  u8x16 q = bytes16(b + 8 + 16 * s);
  return (pair){iq4_values(q & 15) * h->scale[s], iq4_values(q >> 4) * h->scale[s]};
}
