// A linear memory as the runtime keeps it.
#pragma once

#include <mutex>

#include "runtime/abi/abi.h"
#include "runtime/engine.h"
#include "runtime/memory/pool.h"
#include "swage/store.h"

namespace swage {

/// Whether the code that uses a memory relies on its guard pages.
enum class NeedsGuard : uint8_t { no, yes };

struct Memory::Impl {
  abi::MemoryState state{}; ///< compiled code points here
  std::shared_ptr<Engine::Impl> engine;
  MemoryType type;
  Slot slot;
  bool is_guarded = false;
  bool has_image = false; ///< the slot came with the image mapped that was asked for
  std::mutex growing;     ///< a shared memory is grown by several threads

  /// Once, before anything else: zero bytes, or the image's where has_image. `image` 0: none.
  Expected<void> reserve(std::shared_ptr<Engine::Impl> memory_engine, const MemoryType& memory_type,
                         NeedsGuard needs, uint64_t image);
  Impl() = default;
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  /// Bytes. Atomic for shared memories, whose other threads may be growing it.
  uint64_t size() const { return __atomic_load_n(&state.size, __ATOMIC_ACQUIRE); }
  uint64_t pages() const { return size() >> type.page_size_log2; }
  std::optional<uint64_t> grow(uint64_t delta_pages);
  /// The type with the current size as minimum, as import matching sees it.
  MemoryType current_type() const;
};

} // namespace swage
