// A wave in a box: a seven-point stencil in three dimensions, single precision, three fields in turn.
#include "bench.h"

enum { kSide = 64 };
typedef float Field[kSide][kSide][kSide];
static Field fields[3];

BENCH_ROUND static void step(Field next, Field now, Field last) {
  for (int i = 1; i < kSide - 1; i++)
    for (int j = 1; j < kSide - 1; j++)
      for (int k = 1; k < kSide - 1; k++) {
        float around = now[i - 1][j][k] + now[i + 1][j][k] + now[i][j - 1][k] + now[i][j + 1][k] +
                       now[i][j][k - 1] + now[i][j][k + 1];
        next[i][j][k] = 2 * now[i][j][k] - last[i][j][k] + 0.125f * (around - 6 * now[i][j][k]);
      }
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  fields[0][20][30][40] = fields[1][20][30][40] = 64;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++)
    step(fields[(round + 2) % 3], fields[(round + 1) % 3], fields[round % 3]);
  double energy = 0;
  for (int i = 0; i < kSide; i++)
    for (int j = 0; j < kSide; j++)
      for (int k = 0; k < kSide; k++) energy += (double)(fields[0][i][j][k] * fields[0][i][j][k]);
  return bench_end((bench_rounded(energy) + 500) /
                   1000); // single precision and contraction: fewer digits agree
}
