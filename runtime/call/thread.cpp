#include "runtime/call/thread.h"

#include <csignal>
#include <new>

#include "runtime/platform/pages.h"
#include "runtime/platform/threads.h"
#include "runtime/trap/signals.h"

namespace swage {

constinit thread_local ThreadState t_thread;

namespace {

/// Room for a signal frame with every vector register, and for the unwinder.
constexpr size_t kSignalStackBytes = size_t{128} << 10;

/// Frees what the thread kept when it ends.
struct ThreadCleanup {
  std::byte* signal_stack = nullptr;

  ~ThreadCleanup() {
    while (GuestStack* stack = t_thread.unused_stacks) {
      t_thread.unused_stacks = stack->next;
      platform::release(stack->mapping,
                        static_cast<uint64_t>(stack->top() - stack->mapping) + platform::page_size());
    }
    t_thread.is_prepared = false;
    if (signal_stack == nullptr) return;
    // Only if nobody has put another one in its place.
    stack_t current{};
    if (sigaltstack(nullptr, &current) == 0 && current.ss_sp == signal_stack) {
      stack_t none{};
      none.ss_flags = SS_DISABLE;
      sigaltstack(&none, nullptr);
    }
    platform::release(signal_stack, kSignalStackBytes);
  }
};
thread_local ThreadCleanup t_cleanup;

void install_signal_stack() {
  stack_t current{};
  if (sigaltstack(nullptr, &current) != 0) return;
  if ((current.ss_flags & SS_DISABLE) == 0 && current.ss_size >= kSignalStackBytes) return;
  std::byte* memory = platform::reserve(kSignalStackBytes);
  if (memory == nullptr || !platform::protect(memory, kSignalStackBytes, platform::Access::read_write))
    return;
  stack_t ours{};
  ours.ss_sp = memory;
  ours.ss_size = kSignalStackBytes;
  if (sigaltstack(&ours, nullptr) == 0)
    t_cleanup.signal_stack = memory;
  else
    platform::release(memory, kSignalStackBytes);
}

} // namespace

void prepare_thread() {
  install_signal_handlers();
  if (t_cleanup.signal_stack == nullptr) install_signal_stack();
  platform::unblock_interrupts();
  t_thread.number = platform::this_thread();
  t_thread.is_prepared = true;
}

GuestStack* take_stack(uint64_t guest_bytes) {
  for (GuestStack** link = &t_thread.unused_stacks; *link != nullptr; link = &(*link)->next)
    if ((*link)->guest_bytes == guest_bytes) {
      GuestStack* stack = *link;
      *link = stack->next;
      return stack;
    }
  // The last page holds the GuestStack.
  uint64_t usable = kHostReserve + platform::round_up_to_page(guest_bytes);
  uint64_t total = kStackGuard + usable + platform::page_size();
  std::byte* mapping = platform::reserve(total);
  if (mapping == nullptr) return nullptr;
  if (!platform::protect(mapping + kStackGuard, total - kStackGuard, platform::Access::read_write)) {
    platform::release(mapping, total);
    return nullptr;
  }
  auto* stack = new (mapping + kStackGuard + usable) GuestStack;
  stack->mapping = mapping;
  stack->guest_bytes = guest_bytes;
  return stack;
}

void give_back_stack(GuestStack* stack) {
  stack->next = t_thread.unused_stacks;
  t_thread.unused_stacks = stack;
}

} // namespace swage
