// What instrumented code counts (docs/profile.md). An instance has Descriptor::counters plain counters of 8
// bytes, then Descriptor::target_sites groups of TargetCounts, one for each indirect call. Which counter
// means what is lowering's affair (compiler/lower/profile.h); the runtime adds up and writes down.
//
// A store belongs to one thread at a time and each instance has counters of its own, so counting is a plain
// addition and still exact.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

namespace swage::abi {

/// How often an indirect call led to a target.
struct TargetCount {
  uint64_t target = 0; ///< plus one; 0: none yet
  uint64_t count = 0;
};
inline constexpr uint32_t kTargetsPerSite = 8;
using TargetCounts = std::span<TargetCount, kTargetsPerSite>;

constexpr uint64_t add_saturating(uint64_t x, uint64_t y) {
  uint64_t sum = 0;
  return __builtin_add_overflow(x, y, &sum) ? ~uint64_t{0} : sum;
}

/// Counts `times` calls of a target, by Misra and Gries: a target of more than a ninth of all calls stays,
/// its count short by at most a ninth of them. The most frequent one comes to stand first, where compiled
/// code counts it by itself.
inline void count_target(TargetCounts site, uint64_t target, uint64_t times) {
  for (uint64_t wanted : {target, uint64_t{0}})
    for (TargetCount& known : site) {
      if (known.target != wanted) continue;
      known = {target, add_saturating(known.count, times)};
      if (known.count > site[0].count) std::swap(known, site[0]);
      return;
    }
  for (const TargetCount& known : site) times = std::min(times, known.count);
  for (TargetCount& known : site) {
    known.count -= times;
    if (known.count == 0) known = {};
  }
}

} // namespace swage::abi
