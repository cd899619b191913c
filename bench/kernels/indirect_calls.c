// Calls through a table of functions, picked by data: what call_indirect's checks cost.
#include "bench.h"

typedef uint32_t Function(uint32_t, uint32_t);

static uint32_t add(uint32_t a, uint32_t b) { return a + b; }
static uint32_t subtract(uint32_t a, uint32_t b) { return a - b; }
static uint32_t exclusive_or(uint32_t a, uint32_t b) { return a ^ b; }
static uint32_t shift_add(uint32_t a, uint32_t b) { return (a << 3) + b; }
static uint32_t rotate(uint32_t a, uint32_t b) { return (a << (b & 31)) | (a >> (-b & 31)); }
static uint32_t average(uint32_t a, uint32_t b) { return (a & b) + ((a ^ b) >> 1); }
static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }
static uint32_t both(uint32_t a, uint32_t b) { return a * 2 + b * 3; }

static Function* functions[] = {add, subtract, exclusive_or, shift_add, rotate, average, larger, both};
enum { kSteps = 4096 };
static uint8_t program[kSteps];

BENCH_ROUND static uint32_t execute(uint32_t value) {
  for (uint32_t i = 0; i < kSteps; i++) value = functions[program[i]](value, i);
  return value;
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 24, checksum = 0;
  for (int i = 0; i < kSteps; i++)
    program[i] = (uint8_t)(bench_random(&random) % 4 + (uint64_t)(i / 2048) * 4);
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    // The table changes, so that no compiler may take it for constant.
    Function* first = functions[0];
    functions[0] = functions[round % 8];
    functions[round % 8] = first;
    checksum = bench_mix(checksum, execute(round));
  }
  return bench_end(checksum);
}
