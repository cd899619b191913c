// SHA-256 (FIPS 180-4) of a buffer, over and over: rotations and additions in a long dependency chain.
// The round constants are computed, as the standard defines them: fractions of the cube roots of the first
// primes.
#include "bench.h"
#include <math.h>

enum { kLength = 1 << 16 };
static uint32_t constants[64];
static uint8_t buffer[kLength];

static uint32_t rotate(uint32_t value, int count) { return value >> count | value << (32 - count); }

static uint32_t fraction(double value) { return (uint32_t)((value - floor(value)) * 0x1p32); }

static void start(uint32_t state[8]) {
  int found = 0;
  for (int number = 2; found < 64; number++) {
    int prime = 1;
    for (int divisor = 2; divisor * divisor <= number; divisor++) prime &= number % divisor != 0;
    if (!prime) continue;
    if (found < 8) state[found] = fraction(sqrt(number));
    constants[found++] = fraction(cbrt(number));
  }
}

BENCH_ROUND static void compress(uint32_t state[8], const uint8_t* block) {
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
           block[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t a = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
    uint32_t b = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + a + w[i - 7] + b;
  }
  memcpy(s, state, sizeof s);
  for (int i = 0; i < 64; i++) {
    uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
    uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
    uint32_t first =
        s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) + choice + constants[i] + w[i];
    uint32_t second = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) + majority;
    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += first;
    s[0] = first + second;
  }
  for (int i = 0; i < 8; i++) state[i] += s[i];
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv), state[8];
  for (int i = 0; i < kLength; i++) buffer[i] = (uint8_t)(i * 7);
  start(state);
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++)
    for (int at = 0; at < kLength; at += 64) compress(state, buffer + at);
  return bench_end((uint64_t)state[0] << 32 | state[7]);
}
