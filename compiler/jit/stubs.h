// One stub per defined function: `jmp *slot`. It is the function's address for everyone outside of its batch:
// the descriptor's code table, function references, and calls from other batches. A slot first leads to the
// second half of its stub, which asks for the function to be compiled, and from then on to the code. Slots
// can be patched again: that is how a better compiled version will take over.
//
// The layout is that of ELF's procedure linkage table, which solves the same problem; the code is written by
// stubs_<architecture>.cpp, and the way into C++ that keeps the arguments is lazy_entry_<architecture>.S.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "compiler/jit/slab.h"
#include "runtime/abi/descriptor.h"

namespace swage::jit {

/// Compiles function number `index` if that was not done yet, and gives its address. Called by the lazy
/// entry, on the guest's stack, with the arguments of the guest's call saved.
using ResolveFn = const void* (*)(void* module, uint32_t index);

/// What stubs jump to and read, writable and never executable. The layout is known to
/// lazy_entry_<architecture>.S.
struct SlotTable {
  SlotTable* self;
  void* module;
  ResolveFn resolve;
  const void* lazy_entry;
  std::atomic<const void*> slots[]; // one per stub
};

class Stubs final {
public:
  /// Writes `count` unresolved stubs into the slab. `module` is handed to `resolve`. Errors: resource.
  static Expected<Stubs> create(Slab& slab, uint32_t count, void* module, ResolveFn resolve);

  const void* stub(uint32_t index) const;
  /// Calls through the stub reach `code` from now on.
  void patch(uint32_t index, const void* code) {
    slots_->slots[index].store(code, std::memory_order_release);
  }
  const void* target(uint32_t index) const { return slots_->slots[index].load(std::memory_order_acquire); }

  std::span<const std::byte> code() const { return code_; }
  /// .eh_frame of the stubs, for backtraces that begin in one.
  const std::byte* eh_frame() const { return eh_frame_; }
  /// The stubs' address table: wherever a stub faults it ran out of stack.
  std::span<const abi::AddressRow> addresses() const;
  std::span<const uint8_t> traps() const;

private:
  std::span<const std::byte> code_;
  const std::byte* eh_frame_ = nullptr;
  SlotTable* slots_ = nullptr;
};

// By architecture.

/// Bytes of the code that all stubs share, and of each stub.
extern const size_t kStubHeadSize;
extern const size_t kStubSize;
/// Writes head and stubs at `code`, and points every slot to its stub's second half.
void write_stubs(std::byte* code, SlotTable& slots, uint32_t count);

/// The call frame information of head and stubs, with what DWARF wants to be told of distances filled in by
/// the caller.
struct StubFrames {
  std::span<const uint8_t> common;     ///< the common entry (CIE) behind its length and identity
  std::span<const uint8_t> head_rules; ///< the instructions of the head's entry (FDE)
  std::span<const uint8_t> stub_rules; ///< of the stubs'
};
StubFrames stub_frames();

extern "C" void swage_jit_lazy_entry();

} // namespace swage::jit
