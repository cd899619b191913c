// Conversions between floating point and integers, as in sound and colour: Wasm's checked and saturating ones
// cost more than the machine's.
#include "bench.h"

enum { kCount = 1 << 13 };
static float samples[kCount];
static int16_t shorts[kCount];
static uint8_t bytes[kCount];
static int32_t words[kCount];
static double reals[kCount];

BENCH_ROUND static void convert(float gain) {
  for (int i = 0; i < kCount; i++) {
    float scaled = samples[i] * gain;
    scaled = scaled > 1 ? 1 : scaled < -1 ? -1 : scaled;
    shorts[i] = (int16_t)(scaled * 32767);
  }
  for (int i = 0; i < kCount; i++) bytes[i] = (uint8_t)((samples[i] + 1) * 127);
  for (int i = 0; i < kCount; i++) words[i] = (int32_t)(reals[i] * 1000) + (int32_t)(uint32_t)samples[i];
  for (int i = 0; i < kCount; i++) reals[i] = (double)words[i] / 1001 + shorts[i] % 3;
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 23, checksum = 0;
  for (int i = 0; i < kCount; i++) {
    samples[i] = (float)(uint32_t)(bench_random(&random) % 1024) / 1024;
    reals[i] = bench_random_real(&random) * 1000;
  }
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    convert(1 + (float)(round % 3));
    checksum = bench_mix(checksum, (uint16_t)shorts[round % kCount]);
    checksum = bench_mix(checksum, bytes[round % kCount]);
    checksum = bench_mix(checksum, (uint32_t)words[round % kCount]);
  }
  return bench_end(checksum);
}
