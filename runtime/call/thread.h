// What a thread needs to run guests: stacks, the chain of running activations, an alternate signal stack, and
// room for the record of a trap. Stacks are kept for the next call, so that repeated calls map nothing.
//
// A guest's stack, from low to high addresses: guard pages; a reserve that only the host may use (a host
// function starts with all of it left); the guest's own part; the GuestStack itself. Entering a guest again
// from a host function stays on the same stack.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/abi/abi.h"
#include "runtime/platform/sanitizer.h"
#include "swage/store.h"
#include "swage/trap.h"

namespace swage {

/// What a host function finds at least, and faults behind.
inline constexpr uint64_t kHostReserve = uint64_t{256} << 10;
/// Wider than the frames that compiled code touches without probing.
inline constexpr uint64_t kStackGuard = uint64_t{64} << 10;

struct GuestStack {
  GuestStack* next = nullptr;   ///< of the thread's unused ones
  std::byte* mapping = nullptr; ///< the guard's first byte
  uint64_t guest_bytes = 0;     ///< the engine's max_wasm_stack
  platform::Fiber fiber;        ///< for sanitizers

  std::byte* bottom() const { return mapping + kStackGuard; }
  std::byte* limit() const { return bottom() + kHostReserve; }
  /// Where the first frame begins: right below this object.
  std::byte* top() const { return reinterpret_cast<std::byte*>(const_cast<GuestStack*>(this)); }
  bool contains(const void* address) const { return address >= bottom() && address < top(); }
  bool guards(const void* address) const { return address >= mapping && address < bottom(); }
};

/// One entry into a guest, on the stack of the host that entered.
struct Activation {
  void* landing_sp = nullptr; ///< first: swage_enter writes it
  Activation* previous = nullptr;
  Store::Impl* store = nullptr;
  GuestStack* stack = nullptr;
};

/// Where a trap was: filled on the guest's stack or in a signal handler, read after the landing.
struct TrapRecord {
  TrapCode code = TrapCode::unreachable;
  Trap* host_trap = nullptr; ///< owned: what a host function returned
  void* exception = nullptr; ///< that nobody caught, unless it is in host_trap
  uint32_t frames = 0;
  uint64_t omitted = 0;
  const std::byte* pcs[Trap::kMaxFrames] = {}; ///< an address inside of each frame's instruction
};

struct ThreadState {
  Activation* current = nullptr;
  GuestStack* unused_stacks = nullptr;
  bool is_prepared = false;
  int32_t number = 0; ///< platform::this_thread()
  TrapRecord trap;
};

/// Constant-initialised, so that reading it in a signal handler runs no code.
extern constinit thread_local ThreadState t_thread;

/// Signal handlers, this thread's signal stack and its number. Once per thread before its first entry.
void prepare_thread();

/// A stack with room for `guest_bytes`; null when the host has no memory left.
GuestStack* take_stack(uint64_t guest_bytes);
void give_back_stack(GuestStack* stack);

} // namespace swage
