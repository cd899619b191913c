// Small recursive functions: what a call, its frame and its stack check cost.
#include "bench.h"

static uint32_t fibonacci(uint32_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

static uint32_t takeuchi(int32_t x, int32_t y, int32_t z) {
  if (y >= x) return (uint32_t)z;
  return takeuchi((int32_t)takeuchi(x - 1, y, z), (int32_t)takeuchi(y - 1, z, x),
                  (int32_t)takeuchi(z - 1, x, y));
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    checksum = bench_mix(checksum, fibonacci(27 + round % 2));
    checksum = bench_mix(checksum, takeuchi(14 + (int32_t)(round % 2), 8, 2));
  }
  return bench_end(checksum);
}
