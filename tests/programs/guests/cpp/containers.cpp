// The parts of the C++ library that programs lean on, without exceptions (Debian's libc++abi for Wasm has
// none): containers, algorithms, streams, strings, smart pointers, virtual calls, lambdas, variants, static
// constructors and destructors.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <functional>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <queue>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

namespace {

struct Announcer {
  Announcer() { std::puts("static constructor"); }
  ~Announcer() { std::puts("static destructor"); }
} announcer;

struct Shape {
  virtual ~Shape() = default;
  virtual double area() const = 0;
  virtual std::string name() const { return "shape"; }
};
struct Square final : Shape {
  explicit Square(double s) : side(s) {}
  double area() const override { return side * side; }
  std::string name() const override { return "square"; }
  double side;
};
struct Triangle final : Shape {
  Triangle(double b, double h) : base(b), height(h) {}
  double area() const override { return base * height / 2; }
  double base, height;
};

void virtual_calls() {
  std::vector<std::unique_ptr<Shape>> shapes;
  for (int i = 1; i <= 1000; i++) {
    if (i % 3)
      shapes.push_back(std::make_unique<Square>(i));
    else
      shapes.push_back(std::make_unique<Triangle>(i, i + 1));
  }
  std::map<std::string, double> by_name;
  for (const auto& shape : shapes) by_name[shape->name()] += shape->area();
  for (const auto& [name, area] : by_name)
    std::cout << name << " " << std::fixed << std::setprecision(2) << area << "\n";
}

void maps_and_sorting() {
  std::unordered_map<std::string, std::uint64_t> counts;
  std::uint64_t seed = 42;
  for (int i = 0; i < 50000; i++) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    counts["key" + std::to_string(seed >> 52)] += seed & 0xff;
  }
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return std::tie(b.second, a.first) < std::tie(a.second, b.first);
  });
  std::cout << sorted.size() << " keys, first " << sorted.front().first << "=" << sorted.front().second
            << ", last " << sorted.back().first << "=" << sorted.back().second << "\n";
}

// Debian's libc++ for Wasm is built without <filesystem> and so without std::fstream: files go through stdio.
void streams(const std::string& dir) {
  const std::string path = dir + "/table.csv";
  std::ostringstream table;
  for (int i = 0; i < 20; i++)
    table << i << "," << i * i << "," << std::hex << std::setw(4) << std::setfill('0') << i * 4097 << std::dec
          << "\n";
  std::FILE* out = std::fopen(path.c_str(), "w");
  std::fputs(table.str().c_str(), out);
  std::fclose(out);

  std::FILE* in = std::fopen(path.c_str(), "r");
  std::array<char, 64> line{};
  long sum = 0;
  while (std::fgets(line.data(), static_cast<int>(line.size()), in)) {
    std::istringstream fields(line.data());
    std::string first, second, third;
    std::getline(fields, first, ',');
    std::getline(fields, second, ',');
    std::getline(fields, third, ',');
    sum += std::stol(first) + std::stol(second) + std::stol(third, nullptr, 16);
  }
  std::fclose(in);
  std::cout << "table sum " << sum << "\n";
}

struct Dijkstra {
  std::vector<std::vector<std::pair<int, int>>> edges;
  std::vector<int> run(int from) const {
    std::vector<int> distance(edges.size(), 1 << 30);
    std::priority_queue<std::pair<int, int>, std::vector<std::pair<int, int>>, std::greater<>> open;
    distance[static_cast<std::size_t>(from)] = 0;
    open.push({0, from});
    while (!open.empty()) {
      auto [cost, node] = open.top();
      open.pop();
      if (cost > distance[static_cast<std::size_t>(node)]) continue;
      for (auto [next, weight] : edges[static_cast<std::size_t>(node)]) {
        if (cost + weight >= distance[static_cast<std::size_t>(next)]) continue;
        distance[static_cast<std::size_t>(next)] = cost + weight;
        open.push({cost + weight, next});
      }
    }
    return distance;
  }
};

void graph() {
  Dijkstra graph;
  graph.edges.resize(2000);
  std::uint32_t seed = 7;
  for (std::size_t i = 0; i < graph.edges.size(); i++)
    for (int k = 0; k < 5; k++) {
      seed = seed * 1103515245u + 12345u;
      graph.edges[i].push_back({static_cast<int>(seed >> 8) % 2000, static_cast<int>(seed >> 4 & 63) + 1});
    }
  const std::vector<int> distance = graph.run(0);
  std::vector<long long> reached;
  std::copy_if(distance.begin(), distance.end(), std::back_inserter(reached),
               [](int d) { return d != 1 << 30; });
  std::cout << "graph " << reached.size() << " nodes, "
            << std::accumulate(reached.begin(), reached.end(), 0LL) << " in all, "
            << *std::max_element(reached.begin(), reached.end()) << " at most\n";
}

using Value = std::variant<int, double, std::string>;

void variants_and_functions() {
  std::vector<Value> values{1, 2.5, std::string("three"), 4};
  for (const Value& value : values) std::visit([](const auto& v) { std::cout << "[" << v << "]"; }, value);
  std::cout << "\n";
  std::vector<std::function<int(int)>> steps;
  for (int i = 0; i < 5; i++) steps.push_back([i](int x) { return x * 3 + i; });
  std::cout << "composed "
            << std::accumulate(steps.begin(), steps.end(), 1, [](int x, const auto& f) { return f(x); })
            << "\n";
  std::optional<std::string> maybe;
  std::cout << maybe.value_or("nothing") << "\n";
  std::deque<int> queue{3, 1, 2};
  std::list<int> list(queue.rbegin(), queue.rend());
  list.sort();
  std::set<int> set(list.begin(), list.end());
  std::cout << set.size() << *set.begin() << list.back() << queue.front() << "\n";
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  virtual_calls();
  maps_and_sorting();
  streams(argv[1]);
  graph();
  variants_and_functions();
  return 3;
}
