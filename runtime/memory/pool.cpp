#include "runtime/memory/pool.h"

#include <algorithm>

#include "runtime/abi/abi.h"

namespace swage {

namespace {

using platform::Access;

/// More would only hold address space that nobody asks for.
constexpr size_t kMaxUnused = 64;
/// The widest access, rounded up to any host's page.
constexpr uint64_t kAccessBytes = uint64_t{64} << 10;

/// Makes exactly the first `wanted` bytes accessible.
bool set_accessible(Slot& slot, uint64_t wanted) {
  bool is_done =
      wanted >= slot.accessible
          ? platform::protect(slot.mapping + slot.accessible, wanted - slot.accessible, Access::read_write)
          : platform::protect(slot.mapping + wanted, slot.accessible - wanted, Access::none);
  if (is_done) slot.accessible = wanted;
  return is_done;
}

/// Every page as it was before a guest wrote: zero, or its image's.
bool clean(Slot& slot) {
  if (platform::discard(slot.mapping, slot.accessible)) return true;
  // Locked pages cannot be discarded.
  return clear_slot(slot);
}

} // namespace

uint64_t guard_reservation() { return abi::kGuardIndexBytes + abi::kGuardOffsetBytes + kAccessBytes; }

Slot reserve_slot(uint64_t bytes, uint64_t accessible) {
  Slot slot;
  slot.mapping = platform::reserve(bytes);
  if (slot.mapping == nullptr) return slot;
  slot.bytes = bytes;
  if (set_accessible(slot, accessible)) return slot;
  release_slot(slot);
  return {};
}

void release_slot(const Slot& slot) { platform::release(slot.mapping, slot.bytes); }

bool clear_slot(Slot& slot) {
  slot.image = 0;
  return platform::map_zero(slot.mapping, slot.accessible, Access::read_write);
}

SlotPool::~SlotPool() {
  for (const Slot& slot : unused_) release_slot(slot);
}

Slot SlotPool::take_guarded(uint64_t accessible, uint64_t image) {
  auto rank = [&](const Slot& slot) { // higher is cheaper to use
    if (slot.image != image && slot.image != 0) return 0;
    return 1 + (slot.image == image ? 2 : 0) + (slot.accessible == accessible ? 1 : 0);
  };
  Slot slot;
  {
    std::lock_guard lock(mutex_);
    auto best = std::max_element(unused_.begin(), unused_.end(),
                                 [&](const Slot& a, const Slot& b) { return rank(a) < rank(b); });
    if (best != unused_.end()) {
      slot = *best;
      *best = unused_.back();
      unused_.pop_back();
    }
  }
  if (slot.mapping == nullptr) return reserve_slot(guard_reservation(), accessible);
  bool is_foreign_image = slot.image != 0 && slot.image != image;
  if ((!is_foreign_image || clear_slot(slot)) && set_accessible(slot, accessible)) return slot;
  release_slot(slot);
  return reserve_slot(guard_reservation(), accessible);
}

void SlotPool::give_back_guarded(Slot slot) {
  if (!clean(slot)) return release_slot(slot);
  std::lock_guard lock(mutex_);
  if (unused_.size() < kMaxUnused)
    unused_.push_back(slot);
  else
    release_slot(slot);
}

} // namespace swage
