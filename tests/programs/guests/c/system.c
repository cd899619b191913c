// What the host hands a guest: arguments, environment, clocks, random bytes, and the exit status that it
// hands back. Values that differ from run to run are checked here and printed as a verdict.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void check(const char* what, int holds) { printf("%s: %s\n", what, holds ? "yes" : "NO"); }

static double seconds(clockid_t clock) {
  struct timespec now;
  return clock_gettime(clock, &now) == 0 ? (double)now.tv_sec + (double)now.tv_nsec * 1e-9 : -1;
}

static void clocks(void) {
  double before = seconds(CLOCK_MONOTONIC);
  struct timespec pause = {0, 20000000}, resolution;
  check("nanosleep returns 0", nanosleep(&pause, NULL) == 0);
  double after = seconds(CLOCK_MONOTONIC);
  check("monotonic time passed", after - before >= 0.019 && after - before < 30);
  check("it is after 2024", seconds(CLOCK_REALTIME) > 1704067200.0);
  check("the clock has a resolution",
        clock_getres(CLOCK_MONOTONIC, &resolution) == 0 && resolution.tv_nsec > 0);
}

static void random_bytes(void) {
  unsigned char first[256] = {0}, second[256] = {0};
  check("getentropy", getentropy(first, sizeof first) == 0 && getentropy(second, sizeof second) == 0);
  int used[256] = {0}, different = 0;
  for (size_t i = 0; i < sizeof first; i++) different += used[first[i]]++ == 0;
  check("random bytes differ", memcmp(first, second, sizeof first) != 0 && different > 64);
}

static void at_exit(void) { printf("atexit ran\n"); }

int main(int argc, char** argv) {
  atexit(at_exit);
  for (int i = 1; i < argc; i++) printf("argument %d: [%s]\n", i, argv[i]);
  const char* greeting = getenv("GREETING");
  const char* empty = getenv("EMPTY");
  printf("GREETING=[%s] EMPTY=[%s]\n", greeting ? greeting : "(none)", empty ? empty : "(none)");
  check("nothing else of the host's environment", getenv("HOME") == NULL && getenv("PATH") == NULL);
  clocks();
  random_bytes();
  errno = 0;
  check("no file outside", fopen("/etc/passwd-that-is-not-there", "r") == NULL && errno != 0);
  return 42;
}
