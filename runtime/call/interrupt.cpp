#include "runtime/call/interrupt.h"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <mutex>

#include "runtime/builtins/builtins.h"
#include "runtime/call/thread.h"
#include "runtime/platform/entry.h"
#include "runtime/platform/machine.h"
#include "runtime/platform/threads.h"
#include "runtime/store/store.h"
#include "runtime/trap/code_ranges.h"

namespace swage {

namespace {

struct sigaction g_previous;

std::byte* const kNoStack = reinterpret_cast<std::byte*>(UINTPTR_MAX);

/// A request that was sent to this thread and meets its guest in compiled code ends the guest.
bool ends_guest(void* context) {
  ThreadState& thread = t_thread;
  Activation* activation = thread.current;
  if (activation == nullptr || !activation->store->interruption.is_requested.load(std::memory_order_relaxed))
    return false;
  const std::byte* pc = platform::program_counter(context);
  if (!find_code(pc)) return false;
  // Between two instructions the unwind tables need not hold, so the backtrace is this one frame.
  thread.trap.code = TrapCode::interrupted;
  thread.trap.frames = 1;
  thread.trap.pcs[0] = pc;
  thread.trap.omitted = 0;
  platform::continue_at(context, swage_enter_landing, activation->landing_sp);
  return true;
}

void on_interrupt(int signal, siginfo_t* info, void* context) {
  int saved_errno = errno;
  if (!ends_guest(context)) {
    if ((g_previous.sa_flags & SA_SIGINFO) != 0)
      g_previous.sa_sigaction(signal, info, context);
    else if (g_previous.sa_handler != SIG_DFL && g_previous.sa_handler != SIG_IGN)
      g_previous.sa_handler(signal);
  }
  errno = saved_errno;
}

/// Only in a process that interrupts guests. Without SA_RESTART: a host function that waits in a system call
/// shall see EINTR.
void install_handler() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action{};
    action.sa_sigaction = on_interrupt;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(platform::kInterruptSignal, &action, &g_previous);
  });
}

} // namespace

bool Store::interrupt() {
  Interruption& interruption = impl_->interruption;
  install_handler();
  interruption.is_requested.store(true, std::memory_order_seq_cst);
  // From here on every thread that goes into this store's guests sees the request, or is seen by us.
  platform::order_all_threads();
  constexpr long kFirstPause = 20'000, kLongestPause = 1'000'000; // nanoseconds
  for (long pause = kFirstPause;; pause = pause * 2 < kLongestPause ? pause * 2 : kLongestPause) {
    int32_t thread = interruption.thread.load(std::memory_order_acquire);
    if (thread == 0) return true;
    platform::interrupt_thread(thread < 0 ? -thread : thread);
    if (thread < 0) return false;
    __atomic_store_n(&impl_->state.stack_limit, kNoStack, __ATOMIC_RELAXED);
    interrupt_waits(*impl_);
    timespec time{0, pause};
    nanosleep(&time, nullptr);
  }
}

} // namespace swage
