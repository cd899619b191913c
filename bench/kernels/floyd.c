// All shortest paths of a graph (Floyd and Warshall): a minimum per cell, rows that may alias for all that a
// compiler knows.
#include "bench.h"

enum { kNodes = 256 };
static int32_t original[kNodes][kNodes], paths[kNodes][kNodes];

BENCH_ROUND static void relax(int32_t (*distance)[kNodes]) {
  for (int k = 0; k < kNodes; k++)
    for (int i = 0; i < kNodes; i++) {
      int32_t through = distance[i][k];
      for (int j = 0; j < kNodes; j++) {
        int32_t sum = through + distance[k][j];
        if (sum < distance[i][j]) distance[i][j] = sum;
      }
    }
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 13, checksum = 0;
  for (int i = 0; i < kNodes; i++)
    for (int j = 0; j < kNodes; j++)
      original[i][j] = i == j                           ? 0
                       : bench_random(&random) % 8 == 0 ? (int32_t)(bench_random(&random) % 1000)
                                                        : 1 << 20;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    memcpy(paths, original, sizeof paths);
    paths[round % kNodes][5] = 1;
    relax(paths);
    checksum = bench_mix(checksum, (uint32_t)paths[round % kNodes][(round * 17 + 9) % kNodes]);
  }
  return bench_end(checksum);
}
