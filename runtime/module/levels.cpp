// An artifact with code for several CPUs: the best one that this machine can run is chosen when it is loaded.
//
// Functions that exist once call the others through a jump (docs/abi.md), whose target stands in pages that
// are written here, once, and only read from then on. Every loading of the same file in a process finds the
// same pages: they are written again only when the choice is another one, which EngineConfig::cpu_level alone
// can make, and never to anything that this machine lacks.
#include <algorithm>
#include <mutex>
#include <ranges>

#include "runtime/artifact/artifact.h"
#include "runtime/module/module.h"
#include "runtime/platform/pages.h"
#include "runtime/vocabulary/text.h"

namespace swage {

namespace {

artifact::CpuFeatures needed_by(const abi::CpuLevelRow& level) {
  return {level.features_low, level.features_high};
}

std::unexpected<Error> no_level(const Module::Impl& module, const std::string& wanted) {
  std::string names;
  for (const abi::CpuLevelRow& level : module.elements<abi::CpuLevelRow>(module.descriptor.levels))
    names += join({names.empty() ? "" : ", ", module.text(level.cpu)});
  return failure(ErrorCode::usage, {"no code for the CPU \"", wanted, "\": the artifact has ",
                                    names.empty() ? "only one" : names});
}

/// The best level that this machine can run, or the one that is wanted.
Expected<const abi::CpuLevelRow*> find_level(const Module::Impl& module, const std::string& wanted) {
  artifact::CpuFeatures host = artifact::host_features();
  const abi::CpuLevelRow* found = nullptr;
  for (const abi::CpuLevelRow& level : module.elements<abi::CpuLevelRow>(module.descriptor.levels))
    if (wanted.empty() ? host.includes(needed_by(level)) : module.text(level.cpu) == wanted) found = &level;
  if (wanted.empty()) return found;
  if (found == nullptr) return no_level(module, wanted);
  if (!host.includes(needed_by(*found)))
    return failure(ErrorCode::incompatible,
                   {"the code for ", wanted, " needs ", artifact::missing_features(needed_by(*found), host),
                    ", which this machine lacks"});
  return found;
}

} // namespace

Expected<void> Module::Impl::choose_level() {
  if (descriptor.levels.count == 0 && engine.config().cpu_level.empty()) return {};
  level = SWAGE_TRY(find_level(*this, engine.config().cpu_level));
  std::span<const int32_t> targets = elements<int32_t>(level->code);
  if (targets.empty()) return {};

  auto* dispatch =
      reinterpret_cast<const void**>(const_cast<void*>(abi::code_address(descriptor, descriptor.dispatch)));
  static std::mutex one_at_a_time;
  std::lock_guard lock(one_at_a_time);
  if (dispatch[0] == code(targets[0]) &&
      std::equal(targets.begin(), targets.end(), dispatch,
                 [&](int32_t target, const void* written) { return code(target) == written; }))
    return {};
  uintptr_t page = platform::page_size();
  uintptr_t begin = reinterpret_cast<uintptr_t>(dispatch) & ~(page - 1);
  uintptr_t end = (reinterpret_cast<uintptr_t>(dispatch + targets.size()) + page - 1) & ~(page - 1);
  auto* pages = reinterpret_cast<std::byte*>(begin);
  if (!platform::protect(pages, end - begin, platform::Access::read_write))
    return failure(ErrorCode::resource, "cannot write the table of the functions for this CPU");
  for (size_t i = 0; i < targets.size(); ++i)
    __atomic_store_n(dispatch + i, code(targets[i]), __ATOMIC_RELAXED);
  if (!platform::protect(pages, end - begin, platform::Access::read))
    return failure(ErrorCode::resource, "cannot protect the table of the functions for this CPU");
  return {};
}

const void* Module::Impl::function_code(uint32_t index) const {
  if (level != nullptr) {
    std::span<const uint32_t> versioned = elements<uint32_t>(descriptor.versioned);
    auto found = std::ranges::lower_bound(versioned, index);
    if (found != versioned.end() && *found == index)
      return code(elements<int32_t>(level->code)[static_cast<size_t>(found - versioned.begin())]);
  }
  return code(elements<int32_t>(descriptor.code)[index - descriptor.imported_functions]);
}

} // namespace swage
