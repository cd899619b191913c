// Memories never move. A 32-bit memory of 64 KiB pages reserves every byte that an access can reach (guard
// pages) where the process has the address space; others reserve what they may grow to, within a limit, and
// compiled code compares.
//
// https://webassembly.github.io/spec/core/exec/runtime.html#memory-instances
#include "runtime/memory/memory.h"

#include <algorithm>
#include <atomic>

#include "runtime/abi/abi.h"
#include "runtime/vocabulary/text.h"

namespace swage {

namespace {

constexpr uint8_t kUsualPageLog2 = 16;
constexpr uint64_t kIndexSpace32 = uint64_t{1} << 32;
/// What a 64-bit memory may grow to: enough for every program, little enough that many fit in an address
/// space.
constexpr uint64_t kMaxBytes64 = uint64_t{1} << 38;
/// Memories of this size are worth large pages; smaller ones would waste memory with them.
constexpr uint64_t kLargePageBytes = uint64_t{32} << 20;

/// The most bytes that a memory of this type can ever have here.
uint64_t max_bytes(const MemoryType& type) {
  uint64_t limit = type.address == AddressType::i32 ? kIndexSpace32 : kMaxBytes64;
  if (!type.limits.max) return limit;
  uint64_t pages = std::min(*type.limits.max, limit >> type.page_size_log2);
  return pages << type.page_size_log2;
}

bool can_be_guarded(const MemoryType& type) {
  return type.address == AddressType::i32 && type.page_size_log2 == kUsualPageLog2;
}

/// As much of `wanted` as the host gives, halving, but at least `needed`.
Slot reserve_what_there_is(uint64_t wanted, uint64_t needed) {
  for (;;) {
    Slot slot = reserve_slot(wanted, needed);
    if (slot.mapping != nullptr || wanted <= needed) return slot;
    wanted = std::max(platform::round_up_to_page(wanted / 2), needed);
  }
}

} // namespace

Expected<void> Memory::Impl::reserve(std::shared_ptr<Engine::Impl> memory_engine,
                                     const MemoryType& memory_type, NeedsGuard needs, uint64_t image) {
  engine = std::move(memory_engine);
  type = memory_type;
  uint64_t limit = max_bytes(type);
  if (type.limits.min > limit >> type.page_size_log2)
    return failure(ErrorCode::limit, {"memory of ", decimal(type.limits.min),
                                      " pages is larger than this implementation allows"});
  uint64_t bytes = type.limits.min << type.page_size_log2;
  uint64_t accessible = platform::round_up_to_page(bytes);

  bool is_allowed = engine->config.memory != MemoryStrategy::checked;
  if (is_allowed && can_be_guarded(type)) {
    slot = engine->slots.take_guarded(accessible, image);
    is_guarded = slot.mapping != nullptr;
    has_image = image != 0 && slot.image == image;
  }
  if (!is_guarded) {
    bool is_required =
        needs == NeedsGuard::yes || (engine->config.memory == MemoryStrategy::guard && can_be_guarded(type));
    if (is_required && is_allowed)
      return failure(ErrorCode::resource, {"no address space for a memory with guard pages (ulimit -v?)"},
                     "--memory checked");
    if (is_required)
      return failure(ErrorCode::resource,
                     {"the module's code relies on guard pages, but memories are to be checked"},
                     "to compile it with --memory checked");
    slot =
        reserve_what_there_is(std::max(platform::round_up_to_page(limit), platform::page_size()), accessible);
    if (slot.mapping == nullptr)
      return failure(ErrorCode::resource, {"no address space for a memory of ", decimal(bytes), " bytes"});
  }
  state.base = slot.mapping;
  state.size = bytes;
  state.reserved = is_guarded ? slot.bytes : 0;
  state.memory = this;
  return {};
}

Memory::Impl::~Impl() {
  if (slot.mapping == nullptr) return;
  if (is_guarded)
    engine->slots.give_back_guarded(slot);
  else
    release_slot(slot);
}

// https://webassembly.github.io/spec/core/exec/instructions.html#exec-memory-grow
std::optional<uint64_t> Memory::Impl::grow(uint64_t delta_pages) {
  std::lock_guard lock(growing);
  uint64_t old_pages = pages();
  uint64_t limit = std::min(max_bytes(type), is_guarded ? kIndexSpace32 : slot.bytes) >> type.page_size_log2;
  if (delta_pages > limit - old_pages) return std::nullopt;
  uint64_t bytes = (old_pages + delta_pages) << type.page_size_log2;
  uint64_t accessible = platform::round_up_to_page(bytes);
  if (accessible > slot.accessible) {
    std::byte* begin = slot.mapping + slot.accessible;
    if (!platform::protect(begin, accessible - slot.accessible, platform::Access::read_write))
      return std::nullopt;
    slot.accessible = accessible;
    if (accessible >= kLargePageBytes) platform::prefer_large_pages(slot.mapping, accessible);
  }
  std::atomic_ref(state.size).store(bytes, std::memory_order_release);
  return old_pages;
}

MemoryType Memory::Impl::current_type() const {
  MemoryType current = type;
  current.limits.min = pages();
  return current;
}

} // namespace swage
