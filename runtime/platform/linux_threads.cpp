// Linux. SIGURG, because nearly nobody uses it and ignoring it is its default.
#include <csignal>
#include <ctime>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/platform/threads.h"

namespace swage::platform {

const int kInterruptSignal = SIGURG;

namespace {

long membarrier(int command) { return syscall(SYS_membarrier, command, 0, 0); }

} // namespace

int32_t this_thread() { return static_cast<int32_t>(syscall(SYS_gettid)); }

void interrupt_thread(int32_t thread) { syscall(SYS_tgkill, getpid(), thread, kInterruptSignal); }

void unblock_interrupts() {
  sigset_t interrupts;
  sigemptyset(&interrupts);
  sigaddset(&interrupts, kInterruptSignal);
  pthread_sigmask(SIG_UNBLOCK, &interrupts, nullptr);
}

void order_all_threads() {
  static const bool is_registered = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
  if (is_registered && membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0) return;
  // A sandbox may not know the call. No processor keeps a store to itself for a millisecond.
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  timespec pause{0, 1'000'000};
  nanosleep(&pause, nullptr);
}

} // namespace swage::platform
