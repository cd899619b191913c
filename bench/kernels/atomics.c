// Atomic counters, a lock taken and released, and a list pushed to with compare-and-exchange, on one thread:
// what the instructions cost when nobody contends.
#include "bench.h"
#include <stdatomic.h>

enum { kNodes = 1024 };
static atomic_uint counters[64];
static _Atomic uint64_t total;
static atomic_int lock;
static atomic_uint head;
static uint32_t next[kNodes];

BENCH_ROUND static void work(uint32_t round) {
  for (uint32_t i = 1; i < kNodes; i++) {
    atomic_fetch_add(&counters[(i * round) % 64], i);
    int open = 0;
    while (!atomic_compare_exchange_weak(&lock, &open, 1)) open = 0;
    atomic_store(&total, atomic_load(&total) + i);
    atomic_store(&lock, 0);
    uint32_t old = atomic_load(&head);
    do next[i] = old;
    while (!atomic_compare_exchange_weak(&head, &old, i));
  }
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) work(round);
  for (int i = 0; i < 64; i++) checksum = bench_mix(checksum, atomic_load(&counters[i]));
  checksum = bench_mix(checksum, atomic_load(&total));
  return bench_end(bench_mix(checksum, atomic_load(&head)));
}
