// Copies and fills of 8 bytes to 64 KiB, overlapping or not: memory.copy and memory.fill.
#include "bench.h"

enum { kLength = 1 << 18 };
static uint8_t buffer[kLength];

BENCH_ROUND static void shuffle(uint64_t seed, uint32_t longest) {
  uint64_t random = seed;
  for (int i = 0; i < 64; i++) {
    uint64_t bits = bench_random(&random);
    uint32_t length = (uint32_t)(bits >> 40) % longest + 1;
    uint32_t from = (uint32_t)(bits & 0xffff) * 2, to = (uint32_t)(bits >> 16 & 0xffff) * 2;
    switch (bits >> 62) {
    case 0: memset(buffer + to, (int)(bits >> 32 & 255), length); break;
    case 1: memmove(buffer + from + 5, buffer + from, length); break;
    default: memmove(buffer + to, buffer + from, length); break;
    }
  }
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 25, checksum = 0;
  for (int i = 0; i < kLength; i++) buffer[i] = (uint8_t)bench_random(&random);
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++)
    for (uint32_t longest = 8; longest <= 65536; longest *= 8) shuffle(round, longest);
  for (int i = 0; i < kLength; i++) checksum = bench_mix(checksum, buffer[i]);
  return bench_end(checksum);
}
