// The C library's qsort on records, with two comparison functions: the library's own code and calls through a
// pointer.
#include "bench.h"

enum { kCount = 20000 };
struct Record {
  char name[12];
  uint32_t group, score;
};
static struct Record original[kCount], records[kCount];

static int by_name(const void* a, const void* b) {
  return memcmp(((const struct Record*)a)->name, ((const struct Record*)b)->name, sizeof original[0].name);
}

static int by_score(const void* a, const void* b) {
  const struct Record *left = a, *right = b;
  if (left->group != right->group) return left->group < right->group ? -1 : 1;
  if (left->score != right->score) return left->score < right->score ? -1 : 1;
  return by_name(a, b);
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 16, checksum = 0;
  for (int i = 0; i < kCount; i++) {
    for (int j = 0; j < 12; j++) original[i].name[j] = (char)('a' + bench_random(&random) % 26);
    original[i].group = (uint32_t)(bench_random(&random) % 50);
    original[i].score = (uint32_t)(bench_random(&random) % 1000);
  }
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    memcpy(records, original, sizeof records);
    records[round % kCount].score += round;
    qsort(records, kCount, sizeof *records, by_name);
    checksum = bench_mix(checksum, records[round % kCount].score);
    qsort(records, kCount, sizeof *records, by_score);
    checksum =
        bench_mix(checksum, records[round % kCount].group << 16 | (uint8_t)records[round % kCount].name[0]);
  }
  return bench_end(checksum);
}
