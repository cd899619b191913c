// Where a generator's choices come from: a fuzzer's bytes, which end (then every choice is the first one, so
// that a short input makes a small module), or a seed, which does not.
#pragma once

#include <cstdint>
#include <span>

namespace swage::fuzz {

class Choices {
public:
  explicit Choices(uint64_t seed) : state_(seed), is_endless_(true) {}
  explicit Choices(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  /// [0, count).
  uint32_t below(uint32_t count) {
    return count <= 1 ? 0 : static_cast<uint32_t>(take(count <= 256 ? 1 : 4) % count);
  }
  /// [low, high].
  uint32_t between(uint32_t low, uint32_t high) { return low + below(high - low + 1); }
  bool one_in(uint32_t count) { return below(count) + 1 == count; }
  uint64_t bits() { return take(8); }
  template<class T> decltype(auto) of(const T& choices) {
    return choices[below(static_cast<uint32_t>(std::size(choices)))];
  }

private:
  uint64_t take(unsigned count) {
    if (is_endless_) return count == 8 ? next() : next() >> 32;
    uint64_t value = 0;
    for (unsigned i = 0; i < count && !bytes_.empty(); ++i) {
      value = value << 8 | bytes_.front();
      bytes_ = bytes_.subspan(1);
    }
    return value;
  }

  // SplitMix64: https://prng.di.unimi.it/splitmix64.c
  uint64_t next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
  }

  std::span<const uint8_t> bytes_;
  uint64_t state_ = 0;
  bool is_endless_ = false;
};

} // namespace swage::fuzz
