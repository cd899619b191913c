// AES-128 (FIPS 197) by four tables of 256 words, which are computed from the field's arithmetic: loads whose
// addresses are bytes of the state.
#include "bench.h"

enum { kBlocks = 1024, kRounds = 10 };
static uint8_t box[256];
static uint32_t tables[4][256], keys[4 * (kRounds + 1)], data[4 * kBlocks];

static uint32_t rotate(uint32_t value, int count) { return value << count | value >> (32 - count); }

static uint8_t twice(uint8_t value) { return (uint8_t)(value << 1 ^ (value & 0x80 ? 0x1b : 0)); }

static void make_tables(void) {
  uint8_t power = 1, inverse = 1; // powers of 3 and of its inverse
  do {
    power = (uint8_t)(power ^ twice(power));
    for (int shift = 1; shift <= 4; shift *= 2) inverse = (uint8_t)(inverse ^ inverse << shift);
    if (inverse & 0x80) inverse ^= 0x09;
    uint8_t mixed = inverse;
    for (int turn = 1; turn <= 4; turn++) mixed ^= (uint8_t)(inverse << turn | inverse >> (8 - turn));
    box[power] = mixed ^ 0x63;
  } while (power != 1);
  box[0] = 0x63;
  for (int i = 0; i < 256; i++) {
    uint8_t s = box[i], d = twice(s);
    tables[0][i] = (uint32_t)d | (uint32_t)s << 8 | (uint32_t)s << 16 | (uint32_t)(s ^ d) << 24;
    for (int next = 1; next < 4; next++) tables[next][i] = rotate(tables[next - 1][i], 8);
  }
}

static uint32_t substitute(uint32_t word) {
  return (uint32_t)box[word & 255] | (uint32_t)box[word >> 8 & 255] << 8 |
         (uint32_t)box[word >> 16 & 255] << 16 | (uint32_t)box[word >> 24] << 24;
}

static void expand_key(void) {
  uint8_t factor = 1;
  for (uint32_t i = 0; i < 4; i++) keys[i] = 0x03020100u + i * 0x04040404u;
  for (uint32_t i = 4; i < 4 * (kRounds + 1); i++) {
    uint32_t word = keys[i - 1];
    if (i % 4 == 0) {
      word = substitute(rotate(word, 24)) ^ factor;
      factor = twice(factor);
    }
    keys[i] = keys[i - 4] ^ word;
  }
}

BENCH_ROUND static void encipher(uint32_t* block) {
  uint32_t s[4], t[4];
  for (int i = 0; i < 4; i++) s[i] = block[i] ^ keys[i];
  for (int round = 1; round < kRounds; round++) {
    for (int i = 0; i < 4; i++)
      t[i] = tables[0][s[i] & 255] ^ tables[1][s[(i + 1) % 4] >> 8 & 255] ^
             tables[2][s[(i + 2) % 4] >> 16 & 255] ^ tables[3][s[(i + 3) % 4] >> 24] ^ keys[4 * round + i];
    memcpy(s, t, sizeof s);
  }
  for (int i = 0; i < 4; i++)
    block[i] = substitute((s[i] & 0xffu) | (s[(i + 1) % 4] & 0xff00u) | (s[(i + 2) % 4] & 0xff0000u) |
                          (s[(i + 3) % 4] & 0xff000000u)) ^
               keys[4 * kRounds + i];
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  make_tables();
  expand_key();
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++)
    for (int block = 0; block < kBlocks; block++) encipher(data + 4 * block);
  for (int i = 0; i < 4 * kBlocks; i++) checksum = bench_mix(checksum, data[i]);
  return bench_end(checksum);
}
