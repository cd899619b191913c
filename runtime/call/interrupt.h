// Stopping a guest from another thread, at no cost to a guest that runs: nothing is compiled into it that
// looks for a request. A request is a flag, a signal to the thread, and a landing.
//
// The signal's handler abandons the guest when the program counter stands in compiled code: there the thread
// holds no lock and owns nothing that the host must free. Anywhere else (the runtime, the C library, a
// compilation) the handler does nothing, and the one who interrupts sends it again until it has met the guest
// in its own code. Where a guest spends nearly all its time in the runtime that could take long, so the store
// also gets a stack limit that no stack satisfies: the next call of a runtime function fails its check. A
// host function is not disturbed: the guest ends when it returns.
//
// Compiled code may be met between two writes that belong together, so a store that was interrupted never
// runs guests again.
#pragma once

#include <atomic>
#include <cstdint>

namespace swage {

struct Interruption {
  std::atomic<bool> is_requested = false;
  /// Which thread is where: its number while it runs the store's guests, minus that while one of them is in a
  /// host function, 0 when no thread is inside. Written by that thread alone.
  std::atomic<int32_t> thread = 0;

  /// By the thread: where it goes now. Tells whether the guest must not go on; the order of the two, write
  /// and read, is what order_all_threads() in interrupt() holds against.
  [[gnu::always_inline]] bool moves_to(int32_t place) {
    thread.store(place, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    return is_requested.load(std::memory_order_relaxed);
  }
};

} // namespace swage
