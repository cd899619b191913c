// Conway's game of life on bytes: a stencil on the narrowest integers, where many lanes fit into a vector.
#include "bench.h"

enum { kSide = 512 };
static uint8_t cells[2][kSide][kSide];

BENCH_ROUND static void step(uint8_t to[kSide][kSide], uint8_t from[kSide][kSide]) {
  for (int i = 1; i < kSide - 1; i++)
    for (int j = 1; j < kSide - 1; j++) {
      uint8_t neighbours =
          (uint8_t)(from[i - 1][j - 1] + from[i - 1][j] + from[i - 1][j + 1] + from[i][j - 1] +
                    from[i][j + 1] + from[i + 1][j - 1] + from[i + 1][j] + from[i + 1][j + 1]);
      to[i][j] = (neighbours == 3) | ((neighbours == 2) & from[i][j]);
    }
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 10, checksum = 0;
  for (int i = 1; i < kSide - 1; i++)
    for (int j = 1; j < kSide - 1; j++) cells[0][i][j] = bench_random(&random) % 3 == 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    step(cells[1], cells[0]);
    step(cells[0], cells[1]);
  }
  for (int i = 0; i < kSide; i++)
    for (int j = 0; j < kSide; j++) checksum = bench_mix(checksum, cells[0][i][j]);
  return bench_end(checksum);
}
