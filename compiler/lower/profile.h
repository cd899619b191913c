// Which counters instrumented code has, and what they say when it is compiled again.
//
// The numbering follows from a module's bytes alone, so a profile needs nothing but the values: function by
// function, its entries, then instruction by instruction
//
//   if, br_if, br_on_*, select   two: the condition held, it did not
//   br_table                     one for each label, the default last
//   a call                       one; of an indirect call also its targets (abi::TargetCounts)
//
// The targets of a call through a closed table are the elements' indices, those of other indirect calls are
// indices of functions of the same instance, or kForeign.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compiler/wasm/module.h"
#include "runtime/abi/profile.h"
#include "swage/error.h"

namespace swage::lower {

/// An instruction that counts.
struct Site {
  static constexpr uint32_t kNoTargets = ~uint32_t{0};
  uint32_t offset = 0;  ///< of the instruction, from the body's first one
  uint32_t counter = 0; ///< the first of its counters, in the module
  uint32_t count = 0;   ///< of its counters
  uint32_t targets = kNoTargets;
};

/// Bytes of Wasm up to which a callee is inlined where a profile says that it is worth it.
inline constexpr size_t kLargestInlined = 160;

/// A target that is no function of the same instance.
inline constexpr uint64_t kForeign = ~uint32_t{0};

/// Where each function's counters begin.
struct ProfileLayout {
  std::vector<uint32_t> counters; ///< by defined function, and behind the last one
  std::vector<uint32_t> targets;

  uint32_t all_counters() const { return counters.back(); }
  uint32_t all_targets() const { return targets.back(); }
  /// Where TargetCounts of a site stand, in bytes from the first counter.
  uint64_t targets_offset(uint32_t site) const {
    return uint64_t{all_counters()} * sizeof(uint64_t) +
           uint64_t{site} * sizeof(abi::TargetCount) * abi::kTargetsPerSite;
  }
};

/// Of a valid module. Reads every body once. Errors: limit, more counters than can be numbered.
Expected<ProfileLayout> profile_layout(const wasm::Module& module);
/// The sites of a defined function, in order.
std::vector<Site> profile_sites(const wasm::Module& module, wasm::FuncIdx function,
                                const ProfileLayout& layout);

/// How much of what runs a function is.
enum class Heat : uint8_t { hot, warm, never };

/// What ran.
class Profile {
public:
  /// `values`: artifact::Profile::values of the same layout.
  Profile(const wasm::Module& module, ProfileLayout layout, std::vector<uint64_t> values);

  const ProfileLayout& layout() const { return layout_; }
  uint64_t entries(wasm::FuncIdx function) const { return counters(function)[0]; }
  std::span<const uint64_t> counters(wasm::FuncIdx function) const;
  std::span<const uint64_t> counters(const Site& site) const {
    return std::span(values_).subspan(site.counter, site.count);
  }
  /// Of an indirect call, the most frequent ones in front.
  std::vector<abi::TargetCount> targets(const Site& site) const;
  Heat heat(wasm::FuncIdx function) const;
  /// From this count on a counter belongs to the ones that make up nearly all of what runs.
  uint64_t hot_count() const { return hot_count_; }
  /// All plain counters, the largest first: for LLVM's summary.
  const std::vector<uint64_t>& sorted() const { return sorted_; }
  uint64_t most_entries() const { return most_entries_; }

private:
  uint32_t imported_functions_;
  ProfileLayout layout_;
  std::vector<uint64_t> values_;
  std::vector<uint64_t> sorted_;
  uint64_t hot_count_ = 1;
  uint64_t most_entries_ = 0;
};

} // namespace swage::lower
