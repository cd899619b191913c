// A depth-wise 3 x 3 convolution in single precision with a rectifier, as in a small neural network.
#include "bench.h"

enum { kChannels = 32, kSide = 64, kPadded = kSide + 2 };
static float input[kChannels][kPadded][kPadded], output[kChannels][kSide][kSide], weights[kChannels][3][3];

BENCH_ROUND static void convolve(void) {
  for (int channel = 0; channel < kChannels; channel++)
    for (int i = 0; i < kSide; i++)
      for (int j = 0; j < kSide; j++) {
        float sum = 0;
        for (int di = 0; di < 3; di++)
          for (int dj = 0; dj < 3; dj++) sum += weights[channel][di][dj] * input[channel][i + di][j + dj];
        output[channel][i][j] = sum > 0 ? sum : 0;
      }
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 9;
  for (int channel = 0; channel < kChannels; channel++) {
    for (int i = 0; i < 9; i++)
      weights[channel][i / 3][i % 3] = (float)(bench_random_real(&random) - 0.4) / 2;
    for (int i = 1; i <= kSide; i++)
      for (int j = 1; j <= kSide; j++) input[channel][i][j] = (float)bench_random_real(&random);
  }
  bench_begin();
  double sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    convolve();
    for (int channel = 0; channel < kChannels; channel++)
      for (int i = 0; i < kSide; i++)
        input[channel][i + 1][1 + round % kSide] =
            output[channel][i][(round * 7) % kSide] * 0.5f + 0.25f; // far from where numbers become subnormal
    sum += (double)output[round % kChannels][3][5];
  }
  return bench_end(bench_rounded(sum) / 1000); // single precision and contraction: fewer digits agree
}
