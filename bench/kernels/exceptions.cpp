// The native twin of exceptions.wat.
#include "bench.h"

namespace {

BENCH_ROUND uint32_t search(uint32_t depth, uint64_t value) {
  if (depth == 0) {
    if ((value & 63) == 0) throw static_cast<uint32_t>(value >> 6);
    return value & 7;
  }
  return search(depth - 1, value >> 3) + 1;
}

BENCH_ROUND uint32_t attempt(uint64_t value) {
  try {
    return search(value & 7, value);
  } catch (uint32_t found) {
    return found ^ 0x5555;
  }
}

} // namespace

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 35, checksum = 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++)
    checksum = bench_mix(checksum, attempt(bench_random(&random)));
  return bench_end(checksum);
}
