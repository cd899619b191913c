// Conjugate gradients on a sparse matrix in compressed rows, the Laplacian of a grid: indirect loads and
// reductions whose order of additions is fixed, so that nothing may vectorise them.
#include "bench.h"

enum { kSide = 120, kRows = kSide * kSide, kEntries = 5 * kRows };
static int32_t row_start[kRows + 1], column[kEntries];
static double entry[kEntries], x[kRows], residual[kRows], direction[kRows], product[kRows];

static void make_matrix(void) {
  int32_t count = 0;
  for (int32_t row = 0; row < kRows; row++) {
    row_start[row] = count;
    int32_t i = row / kSide, j = row % kSide;
    const int32_t neighbours[5] = {i > 0 ? row - kSide : -1, j > 0 ? row - 1 : -1, row,
                                   j < kSide - 1 ? row + 1 : -1, i < kSide - 1 ? row + kSide : -1};
    for (int32_t n = 0; n < 5; n++) {
      if (neighbours[n] < 0) continue;
      column[count] = neighbours[n];
      entry[count++] = n == 2 ? 4.01 : -1;
    }
  }
  row_start[kRows] = count;
}

BENCH_ROUND static double multiply(const double* from, double* to) {
  double dot = 0;
  for (int32_t row = 0; row < kRows; row++) {
    double sum = 0;
    for (int32_t at = row_start[row]; at < row_start[row + 1]; at++) sum += entry[at] * from[column[at]];
    to[row] = sum;
    dot += sum * from[row];
  }
  return dot;
}

BENCH_ROUND static double step(double square) {
  double alpha = square / multiply(direction, product), next = 0;
  for (int32_t i = 0; i < kRows; i++) {
    x[i] += alpha * direction[i];
    residual[i] -= alpha * product[i];
    next += residual[i] * residual[i];
  }
  for (int32_t i = 0; i < kRows; i++) direction[i] = residual[i] + next / square * direction[i];
  return next;
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 8;
  make_matrix();
  bench_begin();
  double sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    double square = 0;
    for (int32_t i = 0; i < kRows; i++) {
      x[i] = 0;
      residual[i] = direction[i] = bench_random_real(&random);
      square += residual[i] * residual[i];
    }
    for (int i = 0; i < 60; i++) square = step(square);
    for (int32_t i = 0; i < kRows; i += 97) sum += x[i];
  }
  return bench_end(bench_rounded(sum / 1000));
}
