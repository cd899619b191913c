// Integer and float arithmetic whose results are exact by the standards, so that a native run and a Wasm run
// must print the same digits: 64-bit division and shifts, conversions, square roots, remainders, infinities,
// formatting of doubles.
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint64_t state = 0x9e3779b97f4a7c15u;

static uint64_t next_random(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static void integers(void) {
  uint64_t sum = 0;
  for (int i = 0; i < 200000; i++) {
    uint64_t a = next_random(), b = next_random() | 1;
    int64_t signed_a = (int64_t)a >> (b & 31), signed_b = (int64_t)(b >> (a & 62));
    sum += a / b + a % b;
    if (signed_b != 0 && signed_b != -1)
      sum ^= (uint64_t)(signed_a / signed_b) + (uint64_t)(signed_a % signed_b);
    sum += (uint64_t)__builtin_popcountll(a) * 3 + (uint64_t)__builtin_clzll(b) * 5 +
           (uint64_t)__builtin_ctzll(b << 7 | 1u << 20);
    sum = sum << 9 | sum >> 55;
    sum += (uint32_t)a / ((uint32_t)b | 1) + (uint64_t)(int8_t)a + (uint64_t)(int16_t)b;
  }
  printf("integers %016" PRIx64 "\n", sum);
  unsigned __int128 wide = 1;
  for (int i = 1; i <= 33; i++) wide *= (unsigned)i;
  printf("33! = %" PRIu64 ":%" PRIu64 "\n", (uint64_t)(wide / 1000000000000000000u),
         (uint64_t)(wide % 1000000000000000000u));
}

static uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static void floats(void) {
  double total = 0;
  float single = 0;
  for (int i = 1; i < 100000; i++) {
    double x = (double)(int64_t)next_random() / 1e9;
    total += sqrt(fabs(x)) + floor(x / 3) - ceil(x / 3) + trunc(x) * 1e-9 + nearbyint(x / 7) * 1e-8;
    single += sqrtf((float)i) / (float)(i + 1);
    total += fmod(x, 1000.0) + copysign(0.5, x) + fmin(x, 3) * 1e-12 + fmax(x, -3) * 1e-12;
  }
  printf("floats %016" PRIx64 " %.17g %.9g\n", bits_of(total), total, (double)single);
  volatile double zero = 0;
  printf("%g %g %g %d %d\n", 1 / zero, -1 / zero, -zero, isnan(zero / zero) != 0, signbit(-zero) != 0);
  printf("%.3f %.10e %a %g %g\n", 2.0 / 3, 1.0 / 3, 0.1, 1e300 * 1e10, 5e-324);
  printf("%d %d %u\n", (int)-2147483648.0, (int)2147483520.0f, (unsigned)4294967040.0f);
  printf("%" PRId64 " %" PRIu64 "\n", (int64_t)-9.2e18, (uint64_t)1.8e19);
}

// A matrix product in an order that LLVM vectorises; integers in doubles, so that the sum is exact in any
// order.
static void matrix(void) {
  enum { n = 96 };
  static double a[n][n], b[n][n], c[n][n];
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) a[i][j] = (i * 7 + j) % 13, b[i][j] = (i + j * 5) % 11;
  for (int i = 0; i < n; i++)
    for (int k = 0; k < n; k++)
      for (int j = 0; j < n; j++) c[i][j] += a[i][k] * b[k][j];
  double trace = 0, all = 0;
  for (int i = 0; i < n; i++) {
    trace += c[i][i];
    for (int j = 0; j < n; j++) all += c[i][j];
  }
  printf("matrix %.0f %.0f\n", trace, all);
}

int main(void) {
  integers();
  floats();
  matrix();
  return 0;
}
