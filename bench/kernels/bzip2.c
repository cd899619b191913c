// bzip2 (its own sources, from a package): a log sorted, coded and unpacked again.
#include "bzlib.h"
#include "compressors.h"

enum { kLength = 1 << 17 };
static char text[kLength], packed[kLength + 4096], unpacked[kLength];

void bz_internal_error(int code) {
  (void)code;
  abort();
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  make_log(text, kLength);
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    unsigned length = sizeof packed, back = kLength;
    text[round % kLength] ^= 1;
    if (BZ2_bzBuffToBuffCompress(packed, &length, text, kLength, 9, 0, 0) != BZ_OK) abort();
    if (BZ2_bzBuffToBuffDecompress(unpacked, &back, packed, length, 0, 0) != BZ_OK) abort();
    if (back != kLength || memcmp(text, unpacked, kLength) != 0) abort();
    checksum = bench_mix(checksum, length);
  }
  return bench_end(checksum);
}
