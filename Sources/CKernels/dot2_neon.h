// Products of 16 bits, two a lane, for 64-bit Arm: a part of the files that are compiled for it. sum + the lane's two products.
INLINE i32x16 dot2(i32x16 sum, u32x16 weights, uint32_t inputs) {
  i32x16 w = __builtin_bit_cast(i32x16, weights);
  int first = (int16_t)(inputs & 0xFFFF), second = (int16_t)(inputs >> 16);
  return sum + (w << 16 >> 16) * first + (w >> 16) * second;
}

#define HOLD(sum)
