#include "runtime/trap/unwind_tables.h"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <vector>

// The unwinder's registration of tables made at run time. libgcc takes a list of whole sections at once;
// LLVM's has a function of its own for a section, and is quick to find them.
extern "C" {
void __register_frame_table(void* sections);
void __deregister_frame(void* begin);
[[gnu::weak]] void __unw_add_dynamic_eh_frame_section(uintptr_t eh_frame);
[[gnu::weak]] void __unw_remove_dynamic_eh_frame_section(uintptr_t eh_frame);
}

namespace swage {

namespace {

struct Tables {
  std::shared_mutex mutex; ///< shared by those who walk
  std::vector<const std::byte*> sections;
  std::vector<const std::byte*> registered; ///< what libgcc has: it keeps the array, which ends with null

  void deregister() {
    if (!registered.empty()) __deregister_frame(registered.data());
    registered.clear();
  }
  bool is_current() const { return sections.empty() || !registered.empty(); }
};

/// Never destroyed: modules in static storage may end after it.
Tables& tables() {
  static Tables* instance = new Tables;
  return *instance;
}

} // namespace

void add_unwind_table(const std::byte* eh_frame) {
  if (__unw_add_dynamic_eh_frame_section != nullptr)
    return __unw_add_dynamic_eh_frame_section(reinterpret_cast<uintptr_t>(eh_frame));
  Tables& all = tables();
  std::lock_guard lock(all.mutex);
  all.deregister();
  all.sections.push_back(eh_frame);
}

void remove_unwind_table(const std::byte* eh_frame) {
  if (__unw_remove_dynamic_eh_frame_section != nullptr)
    return __unw_remove_dynamic_eh_frame_section(reinterpret_cast<uintptr_t>(eh_frame));
  Tables& all = tables();
  std::lock_guard lock(all.mutex);
  all.deregister();
  // A module's sections are removed in the order in which they were added.
  auto found = std::find(all.sections.begin(), all.sections.end(), eh_frame);
  *found = all.sections.back();
  all.sections.pop_back();
}

void begin_unwinding() {
  Tables& all = tables();
  all.mutex.lock_shared();
  while (!all.is_current()) {
    all.mutex.unlock_shared();
    {
      std::lock_guard lock(all.mutex);
      if (!all.is_current()) {
        all.registered = all.sections;
        all.registered.push_back(nullptr);
        __register_frame_table(all.registered.data());
      }
    }
    all.mutex.lock_shared();
  }
}

void end_unwinding() { tables().mutex.unlock_shared(); }

} // namespace swage
