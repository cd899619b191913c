// The sieve of Eratosthenes on bytes: stores with a stride that no compiler knows.
#include "bench.h"

enum { kLimit = 1 << 18 };
static uint8_t composite[kLimit];

BENCH_ROUND static uint32_t sieve(uint32_t limit) {
  uint32_t count = 0;
  memset(composite, 0, sizeof composite);
  for (uint32_t i = 2; i < limit; i++) {
    if (composite[i]) continue;
    count++;
    for (uint32_t j = 2 * i; j < limit; j += i) composite[j] = 1;
  }
  return count;
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++)
    checksum = bench_mix(checksum, sieve(kLimit - round % 100));
  return bench_end(checksum);
}
