// Colours to grey, and two pictures blended, written with vectors of 16 bytes as a hand would: for Wasm's
// SIMD they are its instructions, for the machine its own, and without SIMD what the compiler makes of them.
#include "bench.h"

enum { kPixels = 1 << 16 };
typedef uint8_t Bytes __attribute__((vector_size(16)));
typedef uint16_t Shorts __attribute__((vector_size(16)));
typedef uint8_t HalfBytes __attribute__((vector_size(8)));
static uint8_t red[kPixels], green[kPixels], blue[kPixels], grey[kPixels], other[kPixels];

static Shorts widen(const uint8_t* from) {
  HalfBytes bytes;
  memcpy(&bytes, from, sizeof bytes);
  return __builtin_convertvector(bytes, Shorts);
}

static void narrow(uint8_t* to, Shorts value) {
  HalfBytes bytes = __builtin_convertvector(value, HalfBytes);
  memcpy(to, &bytes, sizeof bytes);
}

BENCH_ROUND static void to_grey(void) {
  for (int i = 0; i < kPixels; i += 8) {
    Shorts sum = widen(red + i) * 77 + widen(green + i) * 150 + widen(blue + i) * 29;
    narrow(grey + i, sum >> 8);
  }
}

BENCH_ROUND static void blend(uint16_t share) {
  for (int i = 0; i < kPixels; i += 8)
    narrow(other + i, (widen(grey + i) * share + widen(other + i) * (uint16_t)(256 - share)) >> 8);
}

BENCH_ROUND static void mirror(void) {
  for (int i = 0; i < kPixels; i += 512)
    for (int x = 0; x < 256; x += 16) {
      Bytes left, right;
      memcpy(&left, other + i + x, sizeof left);
      memcpy(&right, other + i + 496 - x, sizeof right);
      left = __builtin_shufflevector(left, left, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
      right = __builtin_shufflevector(right, right, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
      Bytes brighter = left > right;
      left = (left & brighter) | (right & ~brighter);
      memcpy(other + i + x, &right, sizeof right);
      memcpy(other + i + 496 - x, &left, sizeof left);
    }
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 27, checksum = 0;
  for (int i = 0; i < kPixels; i++) {
    red[i] = (uint8_t)bench_random(&random);
    green[i] = (uint8_t)(i * 3);
    blue[i] = (uint8_t)(i >> 8);
  }
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    red[round % kPixels] = (uint8_t)round;
    to_grey();
    blend((uint16_t)(round & 255));
    mirror();
  }
  for (int i = 0; i < kPixels; i++) checksum = bench_mix(checksum, other[i]);
  return bench_end(checksum);
}
