// Modular exponentiation of 512-bit numbers by Montgomery's method, the core of RSA: products of 32 by 32
// bits with two additions, in a loop of fixed length.
#include "bench.h"

enum { kLimbs = 16 };

static void montgomery(uint32_t* result, const uint32_t* a, const uint32_t* b, const uint32_t* modulus,
                       uint32_t inverse) {
  uint32_t t[kLimbs + 2] = {0};
  for (int i = 0; i < kLimbs; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < kLimbs; j++) {
      carry += (uint64_t)a[j] * b[i] + t[j];
      t[j] = (uint32_t)carry;
      carry >>= 32;
    }
    carry += t[kLimbs];
    t[kLimbs] = (uint32_t)carry;
    t[kLimbs + 1] = (uint32_t)(carry >> 32);
    uint32_t factor = t[0] * inverse;
    carry = ((uint64_t)factor * modulus[0] + t[0]) >> 32;
    for (int j = 1; j < kLimbs; j++) {
      carry += (uint64_t)factor * modulus[j] + t[j];
      t[j - 1] = (uint32_t)carry;
      carry >>= 32;
    }
    carry += t[kLimbs];
    t[kLimbs - 1] = (uint32_t)carry;
    t[kLimbs] = t[kLimbs + 1] + (uint32_t)(carry >> 32);
  }
  uint32_t reduced[kLimbs];
  int64_t borrow = 0;
  for (int j = 0; j < kLimbs; j++) {
    borrow += (int64_t)t[j] - modulus[j];
    reduced[j] = (uint32_t)borrow;
    borrow >>= 32;
  }
  memcpy(result, t[kLimbs] || borrow == 0 ? reduced : t, sizeof reduced);
}

BENCH_ROUND static void power(uint32_t* result, const uint32_t* base, const uint32_t* exponent,
                              const uint32_t* modulus) {
  uint32_t inverse = 1; // of -modulus[0] modulo 2^32, by Newton's method
  for (int i = 0; i < 5; i++) inverse *= 2 + modulus[0] * inverse;
  for (int i = 0; i < kLimbs; i++) result[i] = base[i];
  for (int bit = 32 * kLimbs - 2; bit >= 0; bit--) {
    montgomery(result, result, result, modulus, inverse);
    if (exponent[bit / 32] >> bit % 32 & 1) montgomery(result, result, base, modulus, inverse);
  }
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 22, checksum = 0;
  uint32_t base[kLimbs], exponent[kLimbs], modulus[kLimbs], result[kLimbs];
  for (int i = 0; i < kLimbs; i++) {
    base[i] = (uint32_t)bench_random(&random);
    exponent[i] = (uint32_t)bench_random(&random);
    modulus[i] = (uint32_t)bench_random(&random);
  }
  modulus[0] |= 1;
  modulus[kLimbs - 1] |= 1u << 31;
  base[kLimbs - 1] = 1;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    power(result, base, exponent, modulus);
    exponent[0] ^= result[0];
    for (int i = 0; i < kLimbs; i++) checksum = bench_mix(checksum, result[i]);
  }
  return bench_end(checksum);
}
