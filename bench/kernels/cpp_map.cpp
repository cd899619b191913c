// std::map, std::unordered_map and std::string at work: an index of words, as much of C++ uses them.
#include "bench.h"
#include <map>
#include <string>
#include <unordered_map>

namespace {

std::string word(uint64_t bits) {
  std::string text;
  for (int letters = 3 + static_cast<int>(bits % 12); letters > 0; letters--, bits /= 7)
    text.push_back(static_cast<char>('a' + bits % 26));
  return text;
}

BENCH_ROUND uint64_t count_words(uint64_t seed) {
  std::map<std::string, uint32_t> ordered;
  std::unordered_map<std::string, uint32_t> hashed;
  std::map<uint32_t, uint32_t> lengths;
  uint64_t random = seed, checksum = 0;
  for (int i = 0; i < 5000; i++) {
    std::string text = word(bench_random(&random) % 4000 * 977);
    ordered[text]++;
    hashed[text + "s"] += static_cast<uint32_t>(i);
    lengths[static_cast<uint32_t>(text.size())]++;
  }
  for (const auto& [text, count] : ordered) {
    auto found = hashed.find(text + "s");
    checksum = bench_mix(checksum, count + (found == hashed.end() ? 0 : found->second));
  }
  for (const auto& [length, count] : lengths) checksum = bench_mix(checksum, length * count);
  return checksum;
}

} // namespace

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) checksum = bench_mix(checksum, count_words(29 + round));
  return bench_end(checksum);
}
