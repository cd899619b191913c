// rounds N: runs N rounds of the kernels and prints their checksum; fails where it is not the known one.
#include <stdio.h>
#include <stdlib.h>

#include "kernels.h"

static const struct {
  uint32_t rounds;
  uint32_t checksum;
} known[] = {{kShortRun, 2751643238u}, {kLongRun, 1679515025u}};

int main(int argc, char** argv) {
  uint32_t rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : kShortRun;
  uint32_t checksum = all_rounds(rounds);
  printf("%u rounds: checksum %u\n", (unsigned)rounds, (unsigned)checksum);
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (known[i].rounds != rounds || known[i].checksum == checksum) continue;
    fprintf(stderr, "expected %u\n", (unsigned)known[i].checksum);
    return 1;
  }
  return 0;
}
