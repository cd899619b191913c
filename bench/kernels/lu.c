// LU decomposition with partial pivoting in double precision, and a solution by it: triangular loops whose
// trip counts shrink, with a search and row swaps between them.
#include "bench.h"
#include <math.h>

enum { kOrder = 300 };
static double original[kOrder][kOrder], a[kOrder][kOrder], x[kOrder];

BENCH_ROUND static void solve(void) {
  for (int k = 0; k < kOrder; k++) {
    int pivot = k;
    for (int i = k + 1; i < kOrder; i++)
      if (fabs(a[i][k]) > fabs(a[pivot][k])) pivot = i;
    for (int j = 0; j < kOrder && pivot != k; j++) {
      double swap = a[k][j];
      a[k][j] = a[pivot][j];
      a[pivot][j] = swap;
    }
    double swap = x[k];
    x[k] = x[pivot];
    x[pivot] = swap;
    for (int i = k + 1; i < kOrder; i++) {
      double factor = a[i][k] / a[k][k];
      for (int j = k + 1; j < kOrder; j++) a[i][j] -= factor * a[k][j];
      x[i] -= factor * x[k];
    }
  }
  for (int i = kOrder - 1; i >= 0; i--) {
    for (int j = i + 1; j < kOrder; j++) x[i] -= a[i][j] * x[j];
    x[i] /= a[i][i];
  }
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 7;
  for (int i = 0; i < kOrder; i++)
    for (int j = 0; j < kOrder; j++) original[i][j] = bench_random_real(&random) - 0.5;
  bench_begin();
  double sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    memcpy(a, original, sizeof a);
    for (int i = 0; i < kOrder; i++) x[i] = i + round % 10;
    solve();
    sum += x[round % kOrder] / 1000;
  }
  return bench_end(bench_rounded(sum));
}
