// A state machine whose states call each other as their last act (return_call): a scanner of numbers and
// words.
#include "bench.h"

enum { kLength = 1 << 16 };
static uint8_t text[kLength + 1];

struct Counts {
  uint32_t words, numbers, value;
};
#define NEXT __attribute__((musttail)) return

static uint32_t between(const uint8_t* at, struct Counts* counts, uint32_t hash);

static uint32_t in_word(const uint8_t* at, struct Counts* counts, uint32_t hash) {
  if (*at >= 'a') NEXT in_word(at + 1, counts, hash * 31 + *at);
  counts->words++;
  NEXT between(at, counts, hash);
}

static uint32_t in_number(const uint8_t* at, struct Counts* counts, uint32_t hash) {
  if (*at >= '0' && *at <= '9') {
    counts->value = counts->value * 10 + *at - '0';
    NEXT in_number(at + 1, counts, hash);
  }
  counts->numbers++;
  NEXT between(at, counts, hash ^ counts->value);
}

static uint32_t between(const uint8_t* at, struct Counts* counts, uint32_t hash) {
  if (*at == 0) return hash;
  if (*at >= 'a') NEXT in_word(at, counts, hash);
  if (*at >= '0' && *at <= '9') NEXT in_number(at, counts, hash);
  NEXT between(at + 1, counts, hash);
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 28, checksum = 0;
  struct Counts counts = {0, 0, 0};
  for (int i = 0; i < kLength; i++) text[i] = (uint8_t)"abcdxyz01279 .,"[bench_random(&random) % 15];
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    text[round % kLength] = ' ';
    checksum = bench_mix(checksum, between(text, &counts, round));
  }
  return bench_end(bench_mix(checksum, (uint64_t)counts.words << 32 | counts.numbers));
}
