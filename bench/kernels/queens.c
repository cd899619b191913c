// All ways to put queens on a board, with one bit per column and diagonal: recursion over small integers.
#include "bench.h"

BENCH_ROUND static uint32_t place(uint32_t all, uint32_t columns, uint32_t left, uint32_t right) {
  if (columns == all) return 1;
  uint32_t count = 0;
  for (uint32_t open = all & ~(columns | left | right); open; open &= open - 1) {
    uint32_t bit = open & -open;
    count += place(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return count;
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++)
    checksum = bench_mix(checksum, place((1u << (8 + round % 3)) - 1, 0, 0, 0));
  return bench_end(checksum);
}
