// Five bodies under gravity: scalar floating point with divisions and square roots, all state in a few cache
// lines.
#include "bench.h"
#include <math.h>

enum { kBodies = 5 };
struct Body {
  double position[3], velocity[3], mass;
};

static struct Body bodies[kBodies] = {
    {{0, 0, 0}, {0, 0, 0}, 39.5},
    {{4.8, -1.2, -0.1}, {0.6, 2.8, -0.03}, 0.038},
    {{8.3, 4.1, -0.4}, {-1.0, 1.8, 0.008}, 0.011},
    {{12.9, -15.1, -0.2}, {1.1, 0.9, -0.01}, 0.0017},
    {{15.4, -25.9, 0.2}, {1.0, 0.6, -0.03}, 0.002},
};

BENCH_ROUND static void advance(double step) {
  for (int i = 0; i < kBodies; i++)
    for (int j = i + 1; j < kBodies; j++) {
      double delta[3], square = 0;
      for (int axis = 0; axis < 3; axis++) {
        delta[axis] = bodies[i].position[axis] - bodies[j].position[axis];
        square += delta[axis] * delta[axis];
      }
      double pull = step / (square * sqrt(square));
      for (int axis = 0; axis < 3; axis++) {
        bodies[i].velocity[axis] -= delta[axis] * bodies[j].mass * pull;
        bodies[j].velocity[axis] += delta[axis] * bodies[i].mass * pull;
      }
    }
  for (int i = 0; i < kBodies; i++)
    for (int axis = 0; axis < 3; axis++) bodies[i].position[axis] += step * bodies[i].velocity[axis];
}

static double energy(void) {
  double sum = 0;
  for (int i = 0; i < kBodies; i++) {
    for (int axis = 0; axis < 3; axis++)
      sum += 0.5 * bodies[i].mass * bodies[i].velocity[axis] * bodies[i].velocity[axis];
    for (int j = i + 1; j < kBodies; j++) {
      double square = 0;
      for (int axis = 0; axis < 3; axis++) {
        double delta = bodies[i].position[axis] - bodies[j].position[axis];
        square += delta * delta;
      }
      sum -= bodies[i].mass * bodies[j].mass / sqrt(square);
    }
  }
  return sum;
}

int main(int argc, char** argv) {
  uint32_t steps = bench_size(argc, argv) * 1000;
  bench_begin();
  for (uint32_t step = 0; step < steps; step++) advance(0.001);
  return bench_end(bench_rounded(energy()));
}
