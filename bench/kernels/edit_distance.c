// Edit distance of two texts by dynamic programming: each cell depends on the one before it.
#include "bench.h"

enum { kLength = 2000 };
static uint8_t left[kLength], right[kLength];
static int32_t row[kLength + 1];

static int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }

BENCH_ROUND static int32_t distance(void) {
  for (int j = 0; j <= kLength; j++) row[j] = j;
  for (int i = 0; i < kLength; i++) {
    int32_t diagonal = row[0];
    row[0] = i + 1;
    for (int j = 0; j < kLength; j++) {
      int32_t cost = least(diagonal + (left[i] != right[j]), least(row[j], row[j + 1]) + 1);
      diagonal = row[j + 1];
      row[j + 1] = cost;
    }
  }
  return row[kLength];
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 11, checksum = 0;
  for (int i = 0; i < kLength; i++) {
    left[i] = (uint8_t)('a' + bench_random(&random) % 4);
    right[i] = (uint8_t)('a' + bench_random(&random) % 4);
  }
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    left[round % kLength] = 'e';
    checksum = bench_mix(checksum, (uint32_t)distance());
  }
  return bench_end(checksum);
}
