// Four kernels that stress different parts of a compiler: a sieve (memory), queens (recursion and bits), a
// matrix product (floating point, vectorisable) and a hash (64-bit integers). No libc, so that wasm-interp
// can run this file alone.
#include "kernels.h"

enum { kPrimes = 200000, kQueens = 8, kSide = 80, kWords = 100000 };

static uint8_t composite[kPrimes];
static double left[kSide][kSide], right[kSide][kSide], product[kSide][kSide];

static uint32_t sieve(void) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < kPrimes; i++) composite[i] = i < 2;
  for (uint32_t i = 2; i < kPrimes; i++) {
    if (composite[i]) continue;
    count++;
    for (uint64_t k = (uint64_t)i * i; k < kPrimes; k += i) composite[k] = 1;
  }
  return count;
}

static uint32_t queens(uint32_t columns, uint32_t rising, uint32_t falling) {
  const uint32_t all = (1u << kQueens) - 1;
  if (columns == all) return 1;
  uint32_t solutions = 0;
  for (uint32_t open = all & ~(columns | rising | falling); open != 0; open &= open - 1) {
    uint32_t place = open & -open;
    solutions += queens(columns | place, (rising | place) << 1, (falling | place) >> 1);
  }
  return solutions;
}

// Small integers in doubles: the sum is exact in whatever order it is taken.
static uint32_t matrices(uint32_t seed) {
  for (uint32_t i = 0; i < kSide; i++) {
    for (uint32_t j = 0; j < kSide; j++) {
      left[i][j] = (i * 7 + j + seed) % 13;
      right[i][j] = (i + j * 5) % 11;
      product[i][j] = 0;
    }
  }
  for (uint32_t i = 0; i < kSide; i++)
    for (uint32_t k = 0; k < kSide; k++)
      for (uint32_t j = 0; j < kSide; j++) product[i][j] += left[i][k] * right[k][j];
  double trace = 0;
  for (uint32_t i = 0; i < kSide; i++) trace += product[i][i];
  return (uint32_t)trace;
}

static uint32_t hashes(uint64_t state) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < kWords; i++) {
    state += 0x9e3779b97f4a7c15u;
    uint64_t word = (state ^ state >> 30) * 0xbf58476d1ce4e5b9u;
    word = (word ^ word >> 27) * 0x94d049bb133111ebu;
    sum = (sum << 7 | sum >> 57) ^ (word ^ word >> 31);
  }
  return (uint32_t)(sum ^ sum >> 32);
}

static uint32_t one_round(uint32_t seed) {
  return sieve() * 31 + queens(0, 0, 0) * 37 + matrices(seed) * 41 + hashes(seed);
}

uint32_t all_rounds(uint32_t rounds) {
  uint32_t checksum = 0;
  for (uint32_t i = 1; i <= rounds; i++) checksum = checksum * 33 + one_round(i);
  return checksum;
}

// An export for interpreters that have no WASI and pass no arguments.
uint32_t short_run(void) { return all_rounds(kShortRun); }
