// What every kernel in C and C++ shares: its size from the command line, random numbers, and the talk with
// the runner.
//
// A kernel says `begin` once its input is made, and `end` after its checksum, and waits for a line each time.
// While it waits, the runner reads the process's CPU clock, so the work is measured exactly and alike in
// every engine, without a clock in the guest. With standard input closed nothing waits, so a kernel also runs
// by hand:
// `./kernel 100 </dev/null`.
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// Of the function that is called once a round: inlined into main it would be entered only once, and an
/// engine that replaces code at calls could never use its better code.
#define BENCH_ROUND __attribute__((noinline))

static inline void bench_await(const char* text) {
  char byte = 0;
  ssize_t done = write(1, text, strlen(text));
  while (done > 0 && byte != '\n') done = read(0, &byte, 1);
}

/// The first argument as a number; a kernel has no other.
static inline uint32_t bench_size(int argc, char** argv) {
  return argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1;
}

static inline void bench_begin(void) { bench_await("begin\n"); }

/// Prints the checksum. Returns main's status.
static inline int bench_end(uint64_t checksum) {
  char text[] = "0000000000000000\nend\n";
  for (int digit = 15; digit >= 0; digit--, checksum >>= 4) text[digit] = "0123456789abcdef"[checksum & 15];
  bench_await(text);
  return 0;
}

/// A floating-point result as a checksum: six decimals, since native code may contract a multiplication and
/// an addition into one operation, and Wasm may not.
static inline uint64_t bench_rounded(double value) {
  return (uint64_t)(int64_t)(value * 1e6 + (value < 0 ? -0.5 : 0.5));
}

/// Splitmix64: the same numbers everywhere.
static inline uint64_t bench_random(uint64_t* state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// In [0, 1).
static inline double bench_random_real(uint64_t* state) {
  return (double)(bench_random(state) >> 11) * 0x1p-53;
}

/// One step of a checksum over many values.
static inline uint64_t bench_mix(uint64_t checksum, uint64_t value) {
  return (checksum ^ value) * 0x100000001b3u + (checksum >> 29);
}

#endif
