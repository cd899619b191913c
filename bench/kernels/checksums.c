// CRC-32 by table (four bytes a step), Adler-32, and a 64-bit string hash over one buffer: narrow loads and
// long chains of integer operations.
#include "bench.h"

enum { kLength = 1 << 18 };
static uint8_t buffer[kLength];
static uint32_t table[4][256];

static void make_table(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; bit++) value = value >> 1 ^ (value & 1 ? 0xedb88320u : 0);
    table[0][i] = value;
  }
  for (uint32_t i = 0; i < 256; i++)
    for (int next = 1; next < 4; next++)
      table[next][i] = table[next - 1][i] >> 8 ^ table[0][table[next - 1][i] & 255];
}

BENCH_ROUND static uint32_t crc32(void) {
  uint32_t crc = ~0u;
  for (int at = 0; at < kLength; at += 4) {
    crc ^= (uint32_t)buffer[at] | (uint32_t)buffer[at + 1] << 8 | (uint32_t)buffer[at + 2] << 16 |
           (uint32_t)buffer[at + 3] << 24;
    crc = table[3][crc & 255] ^ table[2][crc >> 8 & 255] ^ table[1][crc >> 16 & 255] ^ table[0][crc >> 24];
  }
  return ~crc;
}

BENCH_ROUND static uint32_t adler32(void) {
  uint32_t low = 1, high = 0;
  for (int start = 0; start < kLength; start += 4096) {
    for (int at = start; at < start + 4096; at++) {
      low += buffer[at];
      high += low;
    }
    low %= 65521;
    high %= 65521;
  }
  return high << 16 | low;
}

BENCH_ROUND static uint64_t fnv1a(void) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (int at = 0; at < kLength; at++) hash = (hash ^ buffer[at]) * 0x100000001b3u;
  return hash;
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 18, checksum = 0;
  for (int i = 0; i < kLength; i++) buffer[i] = (uint8_t)bench_random(&random);
  make_table();
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    buffer[round % kLength]++;
    checksum = bench_mix(checksum, crc32());
    checksum = bench_mix(checksum, adler32());
    checksum = bench_mix(checksum, fnv1a());
  }
  return bench_end(checksum);
}
