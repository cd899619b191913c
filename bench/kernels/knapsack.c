// The 0-1 knapsack by dynamic programming, row by row: maxima of integers, which vectorise.
#include "bench.h"

enum { kItems = 100, kCapacity = 20000 };
static uint32_t best[2][kCapacity + 1];
static uint32_t weights[kItems], values[kItems];

BENCH_ROUND static uint32_t fill(void) {
  memset(best, 0, sizeof best);
  for (int item = 0; item < kItems; item++) {
    const uint32_t* from = best[item % 2];
    uint32_t *to = best[(item + 1) % 2], weight = weights[item], value = values[item];
    for (uint32_t room = 0; room < weight; room++) to[room] = from[room];
    for (uint32_t room = weight; room <= kCapacity; room++) {
      uint32_t with = from[room - weight] + value;
      to[room] = from[room] > with ? from[room] : with;
    }
  }
  return best[kItems % 2][kCapacity];
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 12, checksum = 0;
  for (int i = 0; i < kItems; i++) {
    weights[i] = 50 + (uint32_t)(bench_random(&random) % 1000);
    values[i] = 10 + (uint32_t)(bench_random(&random) % 500);
  }
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    values[round % kItems] ^= 5;
    checksum = bench_mix(checksum, fill());
  }
  return bench_end(checksum);
}
