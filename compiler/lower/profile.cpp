#include "compiler/lower/profile.h"

#include <algorithm>
#include <cassert>

#include "compiler/wasm/instruction.h"

namespace swage::lower {
namespace {

/// Of the counts' sum, what hot counters make up: the rest is worth no code size.
constexpr double kHotShare = 0.99;
constexpr uint32_t kMostValues = uint32_t{1} << 27;

struct Counts {
  uint32_t counters = 0;
  bool has_targets = false;
};

/// What an instruction counts.
Counts counts_of(const wasm::Instruction& instruction, const wasm::Module& module) {
  switch (instruction.op) {
  case wasm::Op::if_:
  case wasm::Op::br_if:
  case wasm::Op::br_on_null:
  case wasm::Op::br_on_non_null:
  case wasm::Op::br_on_cast:
  case wasm::Op::br_on_cast_fail:
  case wasm::Op::select_:
  case wasm::Op::select_t: return {2, false};
  case wasm::Op::br_table: return {static_cast<uint32_t>(instruction.labels.size()), false};
  case wasm::Op::call:
  case wasm::Op::return_call: return {module.is_imported({instruction.index[0]}) ? 0u : 1u, false};
  case wasm::Op::call_indirect:
  case wasm::Op::return_call_indirect:
  case wasm::Op::call_ref:
  case wasm::Op::return_call_ref: return {1, true};
  default: return {};
  }
}

/// Calls `visit` with each instruction that counts, and what.
template<class Visit> void for_each_site(const wasm::Module& module, const wasm::Body& body, Visit visit) {
  wasm::InstructionReader reader(body.code, body.offset, module);
  wasm::Instruction instruction;
  while (!reader.at_end()) {
    [[maybe_unused]] bool is_read = reader.read(instruction);
    assert(is_read && "the module is valid");
    Counts counts = counts_of(instruction, module);
    if (counts.counters != 0) visit(instruction.offset, counts);
  }
}

} // namespace

Expected<ProfileLayout> profile_layout(const wasm::Module& module) {
  ProfileLayout layout;
  uint64_t counters = 0, targets = 0;
  for (const wasm::Body& body : module.bodies) {
    layout.counters.push_back(static_cast<uint32_t>(counters));
    layout.targets.push_back(static_cast<uint32_t>(targets));
    counters++;
    for_each_site(module, body, [&](uint32_t, Counts counts) {
      counters += counts.counters;
      targets += counts.has_targets;
    });
    if (counters + targets * 2 * abi::kTargetsPerSite > kMostValues)
      return fail(ErrorCode::limit, "the module has too many branches and calls to count");
  }
  layout.counters.push_back(static_cast<uint32_t>(counters));
  layout.targets.push_back(static_cast<uint32_t>(targets));
  return layout;
}

std::vector<Site> profile_sites(const wasm::Module& module, wasm::FuncIdx function,
                                const ProfileLayout& layout) {
  uint32_t index = function.value - module.imported_functions;
  uint32_t counter = layout.counters[index] + 1, targets = layout.targets[index];
  std::vector<Site> sites;
  for_each_site(module, module.body(function), [&](uint32_t offset, Counts counts) {
    sites.push_back({offset, counter, counts.counters, counts.has_targets ? targets : Site::kNoTargets});
    counter += counts.counters;
    targets += counts.has_targets;
  });
  return sites;
}

Profile::Profile(const wasm::Module& module, ProfileLayout layout, std::vector<uint64_t> values)
    : imported_functions_(module.imported_functions), layout_(std::move(layout)), values_(std::move(values)) {
  sorted_.assign(values_.begin(), values_.begin() + layout_.all_counters());
  std::erase(sorted_, 0);
  std::sort(sorted_.begin(), sorted_.end(), std::greater<>());
  double all = 0, sum = 0;
  for (uint64_t count : sorted_) all += static_cast<double>(count);
  for (uint64_t count : sorted_) {
    hot_count_ = count;
    sum += static_cast<double>(count);
    if (sum >= all * kHotShare) break;
  }
  for (size_t k = 0; k + 1 < layout_.counters.size(); k++)
    most_entries_ = std::max(most_entries_, values_[layout_.counters[k]]);
}

std::span<const uint64_t> Profile::counters(wasm::FuncIdx function) const {
  uint32_t index = function.value - imported_functions_;
  uint32_t begin = layout_.counters[index];
  return std::span(values_).subspan(begin, layout_.counters[index + 1] - begin);
}

std::vector<abi::TargetCount> Profile::targets(const Site& site) const {
  size_t first = layout_.targets_offset(site.targets) / sizeof(uint64_t);
  std::vector<abi::TargetCount> targets;
  for (size_t k = first; k < first + 2 * abi::kTargetsPerSite; k += 2)
    if (values_[k] != 0) targets.push_back({values_[k], values_[k + 1]});
  std::ranges::stable_sort(targets, std::greater<>(), &abi::TargetCount::count);
  return targets;
}

Heat Profile::heat(wasm::FuncIdx function) const {
  std::span<const uint64_t> all = counters(function);
  uint64_t most = *std::ranges::max_element(all);
  if (most == 0) return Heat::never;
  return most >= hot_count_ ? Heat::hot : Heat::warm;
}

} // namespace swage::lower
