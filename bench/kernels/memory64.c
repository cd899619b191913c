// The native twin of memory64.wat.
#include "bench.h"

enum { kBytes = 1 << 24 };
static uint64_t big[kBytes / 8];

BENCH_ROUND static uint64_t sum(uint64_t from) {
  uint64_t total = 0;
  for (uint64_t at = from; at < from + 0x10000; at += 8) total += big[at / 8];
  return total;
}

BENCH_ROUND static void scatter(uint32_t count, uint64_t value) {
  do {
    value = value * 6364136223846793005u + 1442695040888963407u;
    big[(value >> 40 & 0xfffff8) / 8] ^= value;
  } while (--count);
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 34, checksum = 0;
  for (int i = 0; i < kBytes / 8; i++) big[i] = bench_random(&random);
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    scatter(4096, round);
    checksum = bench_mix(checksum, sum((round & 127) * (uint64_t)0x10000));
  }
  return bench_end(checksum);
}
