// A radix-2 fast Fourier transform there and back, in place, double precision: strides that double, and a
// permutation.
#include "bench.h"
#include <math.h>

enum { kBits = 14, kLength = 1 << kBits };
static double real[kLength], imaginary[kLength], cosine[kLength / 2], sine[kLength / 2];

static void permute(void) {
  for (uint32_t i = 0, j = 0; i < kLength; i++) {
    if (i < j) {
      double swap = real[i];
      real[i] = real[j];
      real[j] = swap;
      swap = imaginary[i];
      imaginary[i] = imaginary[j];
      imaginary[j] = swap;
    }
    uint32_t bit = kLength >> 1;
    for (; bit && (j & bit); bit >>= 1) j ^= bit;
    j |= bit;
  }
}

BENCH_ROUND static void transform(double direction) {
  permute();
  for (uint32_t half = 1; half < kLength; half *= 2)
    for (uint32_t start = 0; start < kLength; start += 2 * half)
      for (uint32_t k = 0; k < half; k++) {
        uint32_t low = start + k, high = low + half, turn = k * (kLength / 2 / half);
        double re = real[high] * cosine[turn] - imaginary[high] * sine[turn] * direction;
        double im = imaginary[high] * cosine[turn] + real[high] * sine[turn] * direction;
        real[high] = real[low] - re;
        imaginary[high] = imaginary[low] - im;
        real[low] += re;
        imaginary[low] += im;
      }
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 14;
  for (int i = 0; i < kLength / 2; i++) {
    cosine[i] = cos(2 * 3.14159265358979323846 * i / kLength);
    sine[i] = sin(2 * 3.14159265358979323846 * i / kLength);
  }
  for (int i = 0; i < kLength; i++) real[i] = bench_random_real(&random);
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    transform(1);
    real[round % kLength] *= 0.5;
    transform(-1);
    for (int i = 0; i < kLength; i++) {
      real[i] /= kLength;
      imaginary[i] /= kLength;
    }
  }
  double sum = 0;
  for (int i = 0; i < kLength; i++) sum += real[i] * (i % 7) + imaginary[i];
  return bench_end(bench_rounded(sum));
}
