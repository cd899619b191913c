// Zstandard (its own sources, from a package): a log compressed at level 3 and unpacked again.
#include "zstd.h"
#include "compressors.h"

enum { kLength = 1 << 19 };
static char text[kLength], packed[kLength + 4096], unpacked[kLength];

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  make_log(text, kLength);
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    text[round % kLength] ^= 1;
    size_t length = ZSTD_compress(packed, sizeof packed, text, kLength, 3);
    if (ZSTD_decompress(unpacked, kLength, packed, length) != kLength || memcmp(text, unpacked, kLength) != 0)
      abort();
    checksum = bench_mix(checksum, length);
  }
  return bench_end(checksum);
}
