// A five-point stencil in double precision over two grids in turn, the core of many solvers.
#include "bench.h"

enum { kSide = 500 };
static double from[kSide][kSide], to[kSide][kSide];

BENCH_ROUND static void relax(double target[kSide][kSide], double source[kSide][kSide]) {
  for (int i = 1; i < kSide - 1; i++)
    for (int j = 1; j < kSide - 1; j++)
      target[i][j] =
          0.2 * (source[i][j] + source[i][j - 1] + source[i][j + 1] + source[i - 1][j] + source[i + 1][j]);
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 2;
  for (int i = 0; i < kSide; i++)
    for (int j = 0; j < kSide; j++) from[i][j] = to[i][j] = bench_random_real(&random);
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    relax(to, from);
    relax(from, to);
  }
  double sum = 0;
  for (int i = 0; i < kSide; i++)
    for (int j = 0; j < kSide; j++) sum += from[i][j];
  return bench_end(bench_rounded(sum));
}
