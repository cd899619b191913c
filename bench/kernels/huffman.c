// Huffman coding and decoding of a skewed text: a heap, a tree walked bit by bit, and a bit stream.
#include "bench.h"

enum { kLength = 1 << 16, kSymbols = 64, kNodes = 2 * kSymbols };
static uint8_t input[kLength], output[kLength], packed[kLength];
static uint32_t weight[kNodes], code[kSymbols], code_length[kSymbols];
static int32_t child[kNodes][2];

static int32_t take_lightest(int32_t* open, int32_t* count) {
  int32_t lightest = 0;
  for (int32_t i = 1; i < *count; i++)
    if (weight[open[i]] < weight[open[lightest]]) lightest = i;
  int32_t node = open[lightest];
  open[lightest] = open[--*count];
  return node;
}

static void name_codes(int32_t node, uint32_t bits, uint32_t length) {
  if (node < kSymbols) {
    code[node] = bits;
    code_length[node] = length;
    return;
  }
  name_codes(child[node][0], bits, length + 1);
  name_codes(child[node][1], bits | 1u << length, length + 1);
}

static int32_t make_tree(void) {
  int32_t open[kSymbols], count = kSymbols, next = kSymbols;
  for (int i = 0; i < kSymbols; i++) {
    open[i] = i;
    weight[i] = 1;
  }
  for (int i = 0; i < kLength; i++) weight[input[i]]++;
  while (count > 1) {
    child[next][0] = take_lightest(open, &count);
    child[next][1] = take_lightest(open, &count);
    weight[next] = weight[child[next][0]] + weight[child[next][1]];
    open[count++] = next++;
  }
  name_codes(next - 1, 0, 0);
  return next - 1;
}

static uint32_t encode(void) {
  uint64_t bits = 0;
  uint32_t held = 0, to = 0;
  for (int i = 0; i < kLength; i++) {
    bits |= (uint64_t)code[input[i]] << held;
    for (held += code_length[input[i]]; held >= 8; held -= 8, bits >>= 8) packed[to++] = (uint8_t)bits;
  }
  packed[to++] = (uint8_t)bits;
  return to;
}

static void decode(int32_t root) {
  uint32_t at = 0;
  for (int i = 0; i < kLength; i++) {
    int32_t node = root;
    for (; node >= kSymbols; at++) node = child[node][packed[at / 8] >> at % 8 & 1];
    output[i] = (uint8_t)node;
  }
}

BENCH_ROUND static uint64_t round_trip(void) {
  int32_t root = make_tree();
  uint32_t length = encode();
  decode(root);
  return length + (uint64_t)memcmp(input, output, kLength);
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 21, checksum = 0;
  for (int i = 0; i < kLength; i++) {
    uint64_t bits = bench_random(&random);
    input[i] = (uint8_t)__builtin_ctzll(bits | 1ull << 60);
    if (bits >> 60 == 0) input[i] = (uint8_t)(bits >> 50 & 63);
  }
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    input[round % kLength] = (uint8_t)(round % kSymbols);
    checksum = bench_mix(checksum, round_trip());
  }
  return bench_end(checksum);
}
