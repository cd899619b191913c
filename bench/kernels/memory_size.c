// An arena that asks for the memory's size at each allocation, and grows it a page at a time: memory.size and
// memory.grow in loops. Natively the size is a variable, which is all that it has to be.
#include "bench.h"

enum { kPage = 65536 };
// Clang asks once for what nothing in its sight changes: what stands before each question may have.
static void forget(void) { __asm__ volatile("" ::: "memory"); }
#ifdef __wasm__
static uint32_t pages(void) { return forget(), (uint32_t)__builtin_wasm_memory_size(0); }
static void grow(void) { __builtin_wasm_memory_grow(0, 1); }
#else
uint32_t size = 16;
static uint32_t pages(void) { return forget(), size; }
static void grow(void) { size++; }
#endif

BENCH_ROUND static uint64_t fill(uint32_t start, uint32_t count) {
  uint64_t sum = 0;
  uint32_t first = pages(), at = start;
  for (uint32_t i = 0; i < count; i++) {
    at += 16 + (i & 63);
    if (at / kPage >= pages() - first + 4) at = start;
    sum += at ^ pages() - first;
  }
  return sum;
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    if (round % 64 == 0 && round < 64000) grow();
    checksum = bench_mix(checksum, fill(round % 512, 4096));
  }
  return bench_end(checksum);
}
