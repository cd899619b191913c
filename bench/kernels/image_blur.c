// A picture blurred, sharpened and thresholded, plain C on bytes: what a compiler makes of narrow integers
// that widen.
#include "bench.h"

enum { kWidth = 640, kHeight = 360 };
static uint8_t picture[kHeight][kWidth], blurred[kHeight][kWidth], sharp[kHeight][kWidth];

BENCH_ROUND static void blur(void) {
  for (int y = 1; y < kHeight - 1; y++)
    for (int x = 1; x < kWidth - 1; x++) {
      int sum = picture[y - 1][x - 1] + 2 * picture[y - 1][x] + picture[y - 1][x + 1] +
                2 * picture[y][x - 1] + 4 * picture[y][x] + 2 * picture[y][x + 1] + picture[y + 1][x - 1] +
                2 * picture[y + 1][x] + picture[y + 1][x + 1];
      blurred[y][x] = (uint8_t)((sum + 8) >> 4);
    }
}

BENCH_ROUND static void sharpen(int threshold) {
  for (int y = 0; y < kHeight; y++)
    for (int x = 0; x < kWidth; x++) {
      int value = 2 * picture[y][x] - blurred[y][x];
      value = value < 0 ? 0 : value > 255 ? 255 : value;
      sharp[y][x] = (uint8_t)(value > threshold ? value : value / 2);
    }
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 26, checksum = 0;
  for (int y = 0; y < kHeight; y++)
    for (int x = 0; x < kWidth; x++)
      picture[y][x] = (uint8_t)(x * y / 64 + (int)(bench_random(&random) & 31));
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    blur();
    sharpen((int)(round & 127));
    memcpy(picture[round % kHeight], sharp[(round * 7) % kHeight], kWidth);
  }
  for (int y = 0; y < kHeight; y++)
    for (int x = 0; x < kWidth; x++) checksum = bench_mix(checksum, sharp[y][x]);
  return bench_end(checksum);
}
