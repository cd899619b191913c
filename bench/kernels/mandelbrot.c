// The Mandelbrot set in double precision: a short loop of floating point whose end cannot be predicted.
#include "bench.h"

// A contracted multiplication and addition would colour some points differently.
#pragma STDC FP_CONTRACT OFF

enum { kSide = 128, kLimit = 256 };

BENCH_ROUND static uint64_t draw(double left, double top, double width) {
  uint64_t checksum = 0;
  for (int i = 0; i < kSide; i++)
    for (int j = 0; j < kSide; j++) {
      double re = left + width * j / kSide, im = top + width * i / kSide, x = 0, y = 0;
      int count = 0;
      while (count < kLimit && x * x + y * y < 4) {
        double next = x * x - y * y + re;
        y = 2 * x * y + im;
        x = next;
        count++;
      }
      checksum = bench_mix(checksum, (uint32_t)count);
    }
  return checksum;
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) checksum ^= draw(-2 + round * 0.001, -1.25, 2.5);
  return bench_end(checksum);
}
