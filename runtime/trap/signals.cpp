// A signal is a guest's trap only when its program counter lies in compiled code (or in one of the runtime's
// trap stubs) of a guest that runs on this thread, and when the fault itself is one that compiled code may
// have: a trap instruction, an address in one of the store's memories, the stack's guard, or a place for
// which the address table expects a fault. Everything else is a crash and goes to the handlers that were
// installed before.
//
// The handler runs on the thread's alternate stack, records the backtrace, and makes the interrupted context
// continue at the landing of the innermost entry. The unwinder may take locks and allocate, which a handler
// must not do in general; here the fault is synchronous and in guest code, which holds neither
// (ThreadSanitizer cannot know that: TSAN_OPTIONS=report_signal_unsafe=0).
#include "runtime/trap/signals.h"

#include <cerrno>
#include <csignal>
#include <mutex>

#include "runtime/call/thread.h"
#include "runtime/platform/entry.h"
#include "runtime/platform/machine.h"
#include "runtime/store/store.h"
#include "runtime/trap/backtrace.h"
#include "runtime/trap/code_ranges.h"

namespace swage {

namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
constexpr size_t kTrapCodes = static_cast<size_t>(TrapCode::exit) + 1;

struct sigaction g_previous[std::size(kSignals)];

bool is_memory_fault(int signal) { return signal == SIGSEGV || signal == SIGBUS; }

/// Whether an access at this address ran out of one of the store's memories.
bool is_in_reservation(const Store::Impl& store, const std::byte* address) {
  for (const Memory::Impl* memory : store.guarded_memories) {
    const abi::MemoryState& state = memory->state;
    if (address >= state.base && static_cast<uint64_t>(address - state.base) < state.reserved) return true;
  }
  return false;
}

std::optional<TrapCode> classify(int signal, const siginfo_t& info, const void* context,
                                 const Activation& activation) {
  const std::byte* pc = platform::program_counter(context);
  if (reinterpret_cast<const char*>(pc) == swage_stack_exhausted) {
    bool is_interrupted = activation.store->interruption.is_requested.load(std::memory_order_relaxed);
    return is_interrupted ? TrapCode::interrupted : TrapCode::stack_exhausted;
  }
  auto* address = static_cast<const std::byte*>(info.si_addr);
  std::optional<RegisteredCode> code = find_code(pc);

  if (is_memory_fault(signal) && activation.stack->guards(address)) {
    if (code) return TrapCode::stack_exhausted;
    // A leaf of the C library that compiled code called (floor, memset). Host functions never start below the
    // limit, so when the guest's frame is below it, what faulted is such a leaf, and it may be abandoned.
    const std::byte* guest = innermost_guest_stack_pointer();
    if (guest != nullptr && guest < activation.stack->limit()) return TrapCode::stack_exhausted;
    return std::nullopt;
  }
  if (!code) return std::nullopt;
  if (is_memory_fault(signal)) {
    if (is_in_reservation(*activation.store, address)) return TrapCode::memory_out_of_bounds;
  } else if (std::optional<uint8_t> operand = platform::trap_operand(pc)) {
    if (*operand < kTrapCodes) return static_cast<TrapCode>(*operand);
    return std::nullopt;
  }
  return trap_at(*code, pc);
}

void chain(int signal, siginfo_t* info, void* context) {
  size_t index = 0;
  while (kSignals[index] != signal) ++index;
  const struct sigaction& previous = g_previous[index];
  if ((previous.sa_flags & SA_SIGINFO) != 0) return previous.sa_sigaction(signal, info, context);
  if (previous.sa_handler == SIG_IGN && info->si_code <= 0) return;
  if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) return previous.sa_handler(signal);
  // Back at the fault, the default action ends the process; a signal that somebody sent has to be sent again.
  struct sigaction by_default{};
  by_default.sa_handler = SIG_DFL;
  sigaction(signal, &by_default, nullptr);
  if (info->si_code <= 0) raise(signal);
}

void on_signal(int signal, siginfo_t* info, void* context) {
  int saved_errno = errno;
  ThreadState& thread = t_thread;
  Activation* activation = thread.current;
  std::optional<TrapCode> code;
  bool is_fault = info->si_code > 0; // not sent by kill() and the like
  if (is_fault && activation != nullptr) code = classify(signal, *info, context, *activation);
  if (code) {
    thread.trap.code = *code;
    record_backtrace(thread.trap);
    platform::continue_at(context, swage_enter_landing, activation->landing_sp);
  } else {
    chain(signal, info, context);
  }
  errno = saved_errno;
}

} // namespace

void install_signal_handlers() {
  static std::once_flag once;
  std::call_once(once, [] {
    for (size_t i = 0; i < std::size(kSignals); ++i) {
      struct sigaction action{};
      action.sa_sigaction = on_signal;
      action.sa_flags = SA_SIGINFO | SA_ONSTACK;
      sigaction(kSignals[i], &action, &g_previous[i]);
    }
  });
}

} // namespace swage
