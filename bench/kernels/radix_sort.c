// A radix sort of 64-bit keys, eight bits at a time: counting and scattering, bound by loads and stores.
#include "bench.h"

enum { kCount = 1 << 17 };
static uint64_t keys[2][kCount];

BENCH_ROUND static void sort(void) {
  for (int pass = 0; pass < 8; pass++) {
    const uint64_t* from = keys[pass % 2];
    uint64_t* to = keys[(pass + 1) % 2];
    uint32_t starts[257] = {0};
    for (int i = 0; i < kCount; i++) starts[(from[i] >> (8 * pass) & 255) + 1]++;
    for (int i = 0; i < 256; i++) starts[i + 1] += starts[i];
    for (int i = 0; i < kCount; i++) to[starts[from[i] >> (8 * pass) & 255]++] = from[i];
  }
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 15, checksum = 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < kCount; i++) keys[0][i] = bench_random(&random);
    sort();
    for (int i = 0; i < kCount; i += 511) checksum = bench_mix(checksum, keys[0][i]);
  }
  return bench_end(checksum);
}
