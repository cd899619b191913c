// A regular expression matched by backtracking over its syntax: recursion, and branches on characters.
#include "bench.h"

enum { kLength = 1 << 16 };
static char text[kLength + 1];

static int matches_one(const char* pattern, char character) {
  switch (*pattern) {
  case '.': return character != 0;
  case 'd': return character >= '0' && character <= '9';
  case 'w': return character >= 'a' && character <= 'z';
  default: return *pattern == character;
  }
}

static const char* match_here(const char* pattern, const char* at) {
  if (!*pattern) return at;
  if (pattern[1] == '*' || pattern[1] == '+') {
    const char* last = at;
    while (matches_one(pattern, *last)) last++;
    for (const char* least = at + (pattern[1] == '+'); last >= least; last--) {
      const char* end = match_here(pattern + 2, last);
      if (end) return end;
    }
    return NULL;
  }
  if (pattern[1] == '?') {
    const char* end = matches_one(pattern, *at) ? match_here(pattern + 2, at + 1) : NULL;
    return end ? end : match_here(pattern + 2, at);
  }
  return matches_one(pattern, *at) ? match_here(pattern + 1, at + 1) : NULL;
}

BENCH_ROUND static uint32_t count(const char* pattern) {
  uint32_t found = 0;
  for (const char* at = text; *at;) {
    const char* end = match_here(pattern, at);
    found += end != NULL;
    at = end && end > at ? end : at + 1;
  }
  return found;
}

int main(int argc, char** argv) {
  // d is a digit, w a small letter: a number, a mail address, a word twice quoted.
  static const char* const patterns[] = {"-?d+:d+", "w+@w+:w+", "\"w*d?w*\"", "w+ww d"};
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 20, checksum = 0;
  for (int at = 0; at < kLength; at++) text[at] = "abcdeet 0123-:@\" fgh"[bench_random(&random) % 20];
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    text[round % kLength] = 'a';
    for (int i = 0; i < 4; i++) checksum = bench_mix(checksum, count(patterns[i]));
  }
  return bench_end(checksum);
}
