// A ray tracer of spheres and a plane behind virtual functions: scalar floating point, square roots,
// branches, recursion.
#include "bench.h"
#include <cmath>
#include <memory>
#include <vector>

// A contracted multiplication and addition could change which object a ray meets.
#pragma STDC FP_CONTRACT OFF

namespace {

struct Vector {
  double x, y, z;
};
Vector operator+(Vector a, Vector b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
Vector operator-(Vector a, Vector b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
Vector operator*(Vector a, double by) { return {a.x * by, a.y * by, a.z * by}; }
double dot(Vector a, Vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
Vector normal(Vector a) { return a * (1 / std::sqrt(dot(a, a))); }

struct Object {
  explicit Object(double mirror) : mirror(mirror) {}
  virtual ~Object() = default;
  virtual double meet(Vector from, Vector along) const = 0;
  virtual Vector normal_at(Vector point) const = 0;
  virtual double shade_at(Vector point) const = 0;
  double mirror;
};

struct Sphere final : Object {
  Sphere(Vector centre, double radius, double mirror) : Object(mirror), centre(centre), radius(radius) {}
  double meet(Vector from, Vector along) const override {
    Vector offset = from - centre;
    double half = dot(offset, along), root = half * half - dot(offset, offset) + radius * radius;
    if (root < 0) return -1;
    double distance = -half - std::sqrt(root);
    return distance > 1e-6 ? distance : -half + std::sqrt(root);
  }
  Vector normal_at(Vector point) const override { return normal(point - centre); }
  double shade_at(Vector) const override { return 0.8; }
  Vector centre;
  double radius;
};

struct Floor final : Object {
  Floor() : Object(0.2) {}
  double meet(Vector from, Vector along) const override { return along.y < 0 ? -from.y / along.y : -1; }
  Vector normal_at(Vector) const override { return {0, 1, 0}; }
  double shade_at(Vector point) const override {
    return (static_cast<int64_t>(std::floor(point.x)) + static_cast<int64_t>(std::floor(point.z))) & 1 ? 0.9
                                                                                                       : 0.3;
  }
};

using Scene = std::vector<std::unique_ptr<Object>>;

const Object* nearest(const Scene& scene, Vector from, Vector along, double& distance) {
  const Object* found = nullptr;
  for (const std::unique_ptr<Object>& object : scene) {
    double here = object->meet(from, along);
    if (here > 1e-6 && (!found || here < distance)) {
      found = object.get();
      distance = here;
    }
  }
  return found;
}

double trace(const Scene& scene, Vector from, Vector along, int depth) {
  double distance = 0;
  const Object* object = nearest(scene, from, along, distance);
  if (!object) return 0.5 + 0.5 * along.y;
  Vector point = from + along * distance, up = object->normal_at(point), light = normal({1, 2, -1});
  double unused = 0, lit = dot(up, light);
  if (lit < 0 || nearest(scene, point, light, unused)) lit = 0;
  double shade = object->shade_at(point) * (0.2 + 0.8 * lit);
  if (depth == 0) return shade;
  Vector mirrored = along - up * (2 * dot(along, up));
  return shade * (1 - object->mirror) + object->mirror * trace(scene, point, mirrored, depth - 1);
}

BENCH_ROUND uint64_t draw(const Scene& scene, double turn) {
  uint64_t checksum = 0;
  for (int y = 0; y < 60; y++)
    for (int x = 0; x < 80; x++) {
      Vector along = normal({(x - 40) / 40.0 + turn, (30 - y) / 40.0, 1});
      checksum = bench_mix(checksum, static_cast<uint64_t>(trace(scene, {0, 1.5, -4}, along, 3) * 255 + 0.5));
    }
  return checksum;
}

} // namespace

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 31, checksum = 0;
  Scene scene;
  scene.push_back(std::make_unique<Floor>());
  for (int i = 0; i < 12; i++) {
    double x = bench_random_real(&random) * 6 - 3, z = bench_random_real(&random) * 6;
    scene.push_back(std::make_unique<Sphere>(Vector{x, 0.5, z}, 0.5, 0.5));
  }
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) checksum = bench_mix(checksum, draw(scene, round * 0.01));
  return bench_end(checksum);
}
