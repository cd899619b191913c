// Dense matrix product in double precision, the plain i-k-j loop: whether the inner loop vectorises is all.
#include "bench.h"

enum { kOrder = 240 };
static double a[kOrder][kOrder], b[kOrder][kOrder], c[kOrder][kOrder];

BENCH_ROUND static void multiply(void) {
  for (int i = 0; i < kOrder; i++) {
    for (int j = 0; j < kOrder; j++) c[i][j] = 0;
    for (int k = 0; k < kOrder; k++)
      for (int j = 0; j < kOrder; j++) c[i][j] += a[i][k] * b[k][j];
  }
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 1;
  for (int i = 0; i < kOrder; i++)
    for (int j = 0; j < kOrder; j++) {
      a[i][j] = bench_random_real(&random);
      b[i][j] = bench_random_real(&random) / kOrder * 2;
    }
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    multiply();
    memcpy(a, c, sizeof a);
    a[round % kOrder][0] = 1;
  }
  double trace = 0;
  for (int i = 0; i < kOrder; i++) trace += a[i][i];
  return bench_end(bench_rounded(trace));
}
