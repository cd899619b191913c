// The native twin of gc_records.wat, with counted references, as C++ has no collector.
#include "bench.h"
#include <memory>
#include <vector>

namespace {

struct Value {
  explicit Value(uint32_t key) : key(key) {}
  virtual ~Value() = default;
  uint32_t key;
};
using Reference = std::shared_ptr<Value>;

struct Number final : Value {
  Number(uint32_t key, double amount) : Value(key), amount(amount) {}
  double amount;
};

struct Pair final : Value {
  Pair(uint32_t key, Reference first, Reference second)
      : Value(key), first(std::move(first)), second(std::move(second)) {}
  Reference first, second;
};

Reference make(uint64_t bits, const std::vector<Reference>& table) {
  uint32_t key = bits & 1023;
  if ((bits >> 10 & 3) == 0) return std::make_shared<Pair>(key, table[(key + 1) & 1023], nullptr);
  return std::make_shared<Number>(key, static_cast<double>(bits >> 54));
}

double worth(const Value* value, int depth) {
  if (!value || depth == 0) return 0;
  if (const Number* number = dynamic_cast<const Number*>(value)) return number->amount;
  return 1 + worth(static_cast<const Pair*>(value)->first.get(), depth - 1);
}

BENCH_ROUND double pass(std::vector<Reference>& table, uint64_t* random) {
  double sum = 0;
  for (uint32_t i = 0; i < 1024; i++) {
    Reference made = make(bench_random(random), table);
    uint32_t key = made->key;
    table[key] = std::move(made);
    sum += worth(table[i].get(), 4);
  }
  return sum;
}

} // namespace

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 36, checksum = 0;
  std::vector<Reference> table(1024);
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++)
    checksum = bench_mix(checksum, static_cast<uint64_t>(pass(table, &random)));
  return bench_end(checksum);
}
