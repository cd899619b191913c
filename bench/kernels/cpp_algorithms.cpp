// Standard algorithms over vectors of structures, with lambdas: sort, partition, unique, accumulate, a heap.
#include "bench.h"
#include <algorithm>
#include <numeric>
#include <queue>
#include <vector>

namespace {

struct Order {
  uint32_t customer, amount;
  double price;
};

BENCH_ROUND uint64_t process(uint64_t seed) {
  std::vector<Order> orders(20000);
  uint64_t random = seed;
  for (Order& order : orders) {
    uint64_t bits = bench_random(&random);
    order = {static_cast<uint32_t>(bits % 997), static_cast<uint32_t>(bits >> 50),
             static_cast<double>(bits >> 40 & 1023)};
  }
  std::sort(orders.begin(), orders.end(), [](const Order& a, const Order& b) {
    return a.customer != b.customer ? a.customer < b.customer
           : a.amount != b.amount   ? a.amount < b.amount
                                    : a.price < b.price;
  });
  auto end = std::unique(orders.begin(), orders.end(), [](const Order& a, const Order& b) {
    return a.customer == b.customer && a.amount == b.amount;
  });
  orders.erase(end, orders.end());
  double sum = std::accumulate(orders.begin(), orders.end(), 0.0, [](double total, const Order& order) {
    return total + order.amount * order.price;
  });
  auto middle =
      std::partition(orders.begin(), orders.end(), [](const Order& order) { return order.price > 500; });
  std::priority_queue<uint32_t> largest;
  for (auto order = orders.begin(); order != middle; ++order) {
    largest.push(order->amount * 3 + order->customer);
    if (largest.size() > 100) largest.pop();
  }
  return bench_mix(static_cast<uint64_t>(sum), largest.top() + orders.size());
}

} // namespace

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) checksum = bench_mix(checksum, process(30 + round));
  return bench_end(checksum);
}
