// Products of 16 bits, two a lane, for AVX-512 with VNNI: a part of the files that are compiled for it. sum + the lane's two
// products. As assembly: of the intrinsic clang 21 makes a product and an addition, to shorten a chain that is not too long.
INLINE __m512i dot2_lanes(__m512i sum, __m512i a, __m512i b) {
  __asm__("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
  return sum;
}

INLINE i32x16 dot2(i32x16 sum, u32x16 weights, uint32_t inputs) {
  return (i32x16)dot2_lanes((__m512i)sum, (__m512i)weights, _mm512_set1_epi32((int)inputs));
}

#define HOLD(sum)
