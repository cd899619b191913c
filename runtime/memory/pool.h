// Address space for memories, and slots of it that are used again: mapping 6 GiB costs microseconds and a
// page table, handing a used slot to the next instance costs one madvise, none when both have the same image.
//
// A slot that comes back is made clean at once: no byte that a guest wrote survives. Pages of a copy-on-write
// image fall back to the image, so such a slot remembers whose image it holds and goes first to an instance
// of the same module.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "runtime/platform/pages.h"

namespace swage {

/// Reserved bytes: [base, base + accessible) can be read and written, the rest faults.
struct Slot {
  std::byte* mapping = nullptr; ///< what the system gave
  uint64_t bytes = 0;           ///< of the mapping
  uint64_t accessible = 0;      ///< from the mapping's begin, whole pages
  uint64_t image = 0; ///< the image that is mapped in it (Module::Impl::image_ids); 0: all of it is anonymous
};

/// Bytes that a guard-page memory of 32-bit addresses reserves: every index, every unchecked offset, and an
/// access's width.
uint64_t guard_reservation();

/// Thread-safe.
class SlotPool {
public:
  SlotPool() = default;
  ~SlotPool();
  SlotPool(const SlotPool&) = delete;
  SlotPool& operator=(const SlotPool&) = delete;

  /// A slot of guard_reservation() bytes whose first `accessible` bytes are zero or, where slot.image ==
  /// image, the image's. Without a mapping when the host has none left.
  Slot take_guarded(uint64_t accessible, uint64_t image);
  void give_back_guarded(Slot slot);

private:
  std::mutex mutex_;
  std::vector<Slot> unused_;
};

/// A slot outside of the pool. Without a mapping when the host refuses.
Slot reserve_slot(uint64_t bytes, uint64_t accessible);
void release_slot(const Slot& slot);
/// Makes all bytes of a slot below `accessible` zero again, whatever was mapped there (an image never reaches
/// further).
bool clear_slot(Slot& slot);

} // namespace swage
