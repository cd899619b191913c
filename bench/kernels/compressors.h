// The text that the packaged compressors work on: words of uneven frequency, as in a log.
#ifndef BENCH_COMPRESSORS_H
#define BENCH_COMPRESSORS_H

#include "bench.h"

static inline void make_log(char* text, uint32_t length) {
  static const char* const words[] = {
      "GET ", "/index", "/images/", "200 ", "404 ", "user=", "agent ", "time ", "0.", "\n", "error ", "ok "};
  uint64_t random = 38;
  for (uint32_t at = 0; at < length;) {
    uint64_t bits = bench_random(&random);
    for (const char* word = words[(bits & bits >> 8) % 12]; *word && at < length;) text[at++] = *word++;
    for (uint64_t digits = bits >> 20 & 3; digits-- && at < length; bits /= 10)
      text[at++] = (char)('0' + (bits >> 30) % 10);
  }
}

#endif
