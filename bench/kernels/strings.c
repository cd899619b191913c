// Words of a text: split at spaces, measured, compared, found and copied with the C library's string
// functions, which natively are written in assembly, and in Wasm compiled with the program.
#include "bench.h"

enum { kLength = 1 << 16 };
static char text[kLength + 1], copy[kLength + 1];

static void make_text(void) {
  uint64_t random = 19;
  for (int at = 0; at < kLength; at++)
    text[at] = bench_random(&random) % 8 ? (char)('a' + bench_random(&random) % 20) : ' ';
  memcpy(text + kLength - 100, "a needle in it", 14);
}

BENCH_ROUND static uint64_t read_words(void) {
  uint64_t checksum = 0;
  const char* longest = "";
  memcpy(copy, text, sizeof copy);
  for (char* word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
    size_t length = strlen(word);
    checksum += length * length;
    if (strcmp(word, "moon") > 0) checksum++;
    if (strchr(word, 'q')) checksum += 3;
    if (length > strlen(longest)) longest = word;
  }
  const char* found = strstr(text, "a needle in it");
  checksum = bench_mix(checksum, (uint64_t)(found - text));
  found = memchr(text, 'z', kLength);
  return bench_mix(checksum, found ? 1 : strlen(longest));
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  make_text();
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    text[round % (kLength / 2)] = (char)('a' + round % 20);
    checksum = bench_mix(checksum, read_words());
  }
  return bench_end(checksum);
}
