// The stream cipher ChaCha20 (RFC 8439): additions, exclusive ors and rotations on sixteen words.
#include "bench.h"

enum { kLength = 1 << 14 };
static uint32_t buffer[kLength / 4];

static uint32_t rotate(uint32_t value, int count) { return value << count | value >> (32 - count); }

static void quarter(uint32_t* s, int a, int b, int c, int d) {
  s[a] += s[b];
  s[d] = rotate(s[d] ^ s[a], 16);
  s[c] += s[d];
  s[b] = rotate(s[b] ^ s[c], 12);
  s[a] += s[b];
  s[d] = rotate(s[d] ^ s[a], 8);
  s[c] += s[d];
  s[b] = rotate(s[b] ^ s[c], 7);
}

BENCH_ROUND static void encipher(uint32_t state[16]) {
  for (int at = 0; at < kLength / 4; at += 16) {
    uint32_t s[16];
    memcpy(s, state, sizeof s);
    for (int round = 0; round < 10; round++) {
      quarter(s, 0, 4, 8, 12);
      quarter(s, 1, 5, 9, 13);
      quarter(s, 2, 6, 10, 14);
      quarter(s, 3, 7, 11, 15);
      quarter(s, 0, 5, 10, 15);
      quarter(s, 1, 6, 11, 12);
      quarter(s, 2, 7, 8, 13);
      quarter(s, 3, 4, 9, 14);
    }
    for (int i = 0; i < 16; i++) buffer[at + i] ^= s[i] + state[i];
    state[12]++;
  }
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv), state[16];
  uint64_t checksum = 0;
  memcpy(state, "expand 32-byte k", 16);
  for (uint32_t i = 4; i < 16; i++) state[i] = i * 0x01010101u;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) encipher(state);
  for (int i = 0; i < kLength / 4; i++) checksum = bench_mix(checksum, buffer[i]);
  return bench_end(checksum);
}
