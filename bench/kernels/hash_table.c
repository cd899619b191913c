// A hash table with open addressing under insertions, look-ups and removals: loads that miss the nearest
// caches.
#include "bench.h"

enum { kSlots = 1 << 17, kKeys = 60000 };
static uint64_t keys[kSlots]; // 0: free
static uint32_t counts[kSlots];

static uint32_t slot_of(uint64_t key) { return (uint32_t)((key * 0x9e3779b97f4a7c15u) >> 47); }

static void add(uint64_t key) {
  uint32_t slot = slot_of(key);
  while (keys[slot] && keys[slot] != key) slot = (slot + 1) % kSlots;
  keys[slot] = key;
  counts[slot]++;
}

static uint32_t count_of(uint64_t key) {
  for (uint32_t slot = slot_of(key); keys[slot]; slot = (slot + 1) % kSlots)
    if (keys[slot] == key) return counts[slot];
  return 0;
}

// Knuth's algorithm R: later entries of the run move up, so that none is cut off.
static void remove_key(uint64_t key) {
  uint32_t hole = slot_of(key);
  while (keys[hole] != key) {
    if (!keys[hole]) return;
    hole = (hole + 1) % kSlots;
  }
  for (uint32_t at = (hole + 1) % kSlots; keys[at]; at = (at + 1) % kSlots) {
    uint32_t home = slot_of(keys[at]);
    if ((at - home) % kSlots < (at - hole) % kSlots) continue;
    keys[hole] = keys[at];
    counts[hole] = counts[at];
    hole = at;
  }
  keys[hole] = 0;
  counts[hole] = 0;
}

BENCH_ROUND static uint64_t churn(uint64_t seed) {
  uint64_t random = seed, checksum = 0;
  for (int i = 0; i < kKeys; i++) add(bench_random(&random) % (2 * kKeys) + 1);
  for (int i = 0; i < kKeys; i++) checksum += count_of(bench_random(&random) % (2 * kKeys) + 1);
  for (int i = 0; i < kKeys; i++) remove_key(bench_random(&random) % (2 * kKeys) + 1);
  return checksum;
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) checksum = bench_mix(checksum, churn(17 + round));
  return bench_end(checksum);
}
