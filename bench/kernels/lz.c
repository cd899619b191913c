// Compression in the manner of LZ77, with a hash table of three-byte prefixes, and the way back: table
// look-ups, matching, and copies that overlap.
#include "bench.h"

enum { kLength = 1 << 18, kHashBits = 13, kWindow = 1 << 15, kShortest = 4, kLongest = 255 };
static uint8_t input[kLength], packed[2 * kLength], output[kLength + kLongest];
static int32_t heads[1 << kHashBits];

static void make_input(void) {
  static const char* const words[] = {"memory ", "table ",  "function ", "is ",  "the ",   "of ",
                                      "a ",      "module ", "instance ", "and ", "traps ", "returns ",
                                      "when ",   "value ",  "\n",        "0x"};
  uint64_t random = 6;
  for (uint32_t at = 0; at < kLength;) {
    const char* word = words[bench_random(&random) % 16];
    while (*word && at < kLength) input[at++] = (uint8_t)*word++;
    if (bench_random(&random) % 5 == 0 && at < kLength)
      input[at++] = (uint8_t)(bench_random(&random) % 26 + 'a');
  }
}

static uint32_t hash(const uint8_t* at) {
  return ((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16) * 2654435761u >> (32 - kHashBits);
}

// A token: 0 and a literal, or a length, and two bytes of distance.
BENCH_ROUND static uint32_t compress(void) {
  uint32_t to = 0;
  for (int i = 0; i < 1 << kHashBits; i++) heads[i] = -kWindow;
  for (int32_t at = 0; at < kLength;) {
    int32_t length = 0, found = 0;
    if (at + kShortest < kLength) {
      uint32_t slot = hash(input + at);
      found = heads[slot];
      heads[slot] = at;
      int32_t longest = kLength - at < kLongest ? kLength - at : kLongest;
      if (at - found < kWindow)
        while (length < longest && input[found + length] == input[at + length]) length++;
    }
    if (length < kShortest) {
      packed[to++] = 0;
      packed[to++] = input[at++];
      continue;
    }
    packed[to++] = (uint8_t)length;
    packed[to++] = (uint8_t)(at - found);
    packed[to++] = (uint8_t)((at - found) >> 8);
    at += length;
  }
  return to;
}

BENCH_ROUND static void decompress(uint32_t length) {
  uint8_t* to = output;
  for (uint32_t at = 0; at < length;) {
    uint32_t count = packed[at++];
    if (count == 0) {
      *to++ = packed[at++];
      continue;
    }
    const uint8_t* from = to - (packed[at] | packed[at + 1] << 8);
    at += 2;
    while (count--) *to++ = *from++;
  }
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  make_input();
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    input[round % kLength] = 'z';
    uint32_t length = compress();
    decompress(length);
    checksum = bench_mix(checksum, length);
    checksum = bench_mix(checksum, (uint64_t)memcmp(input, output, kLength));
  }
  return bench_end(checksum);
}
