// Virtual calls on a list of mixed shapes: the receiver's type changes from call to call, as in
// object-oriented code.
#include "bench.h"
#include <memory>
#include <vector>

namespace {

struct Shape {
  virtual ~Shape() = default;
  virtual int32_t area() const = 0;
  virtual void grow(int32_t by) = 0;
};

struct Square final : Shape {
  explicit Square(int32_t side) : side(side) {}
  int32_t area() const override { return side * side; }
  void grow(int32_t by) override { side = (side + by) & 255; }
  int32_t side;
};

struct Rectangle final : Shape {
  explicit Rectangle(int32_t side) : width(side), height(side / 2) {}
  int32_t area() const override { return width * height; }
  void grow(int32_t by) override { width = (width + by) & 127, height = (height ^ by) & 127; }
  int32_t width, height;
};

struct Triangle final : Shape {
  explicit Triangle(int32_t side) : base(side) {}
  int32_t area() const override { return base * base / 2; }
  void grow(int32_t by) override { base = (base - by) & 255; }
  int32_t base;
};

BENCH_ROUND int32_t visit_all(const std::vector<std::unique_ptr<Shape>>& shapes) {
  int32_t total = 0;
  for (const std::unique_ptr<Shape>& shape : shapes) {
    total += shape->area();
    shape->grow(total & 15);
  }
  return total;
}

} // namespace

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 4, checksum = 0;
  std::vector<std::unique_ptr<Shape>> shapes;
  for (int i = 0; i < 1000; i++) {
    int32_t side = static_cast<int32_t>(bench_random(&random) & 255);
    switch (bench_random(&random) % 3) {
    case 0: shapes.push_back(std::make_unique<Square>(side)); break;
    case 1: shapes.push_back(std::make_unique<Rectangle>(side)); break;
    default: shapes.push_back(std::make_unique<Triangle>(side)); break;
    }
  }
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++)
    checksum = bench_mix(checksum, static_cast<uint32_t>(visit_all(shapes)));
  return bench_end(checksum);
}
