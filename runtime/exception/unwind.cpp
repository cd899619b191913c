// Throwing: a walk from the throw through the frames of compiled code, by the rules that their unwind tables
// give (frame_rules.h), to the first call with a landing pad. Nothing is asked of code that does not throw.
//
// Every pad takes every exception, so the first one ends the walk. Nothing but compiled code stands between a
// guest's throw and where the guest was entered, so no frame on the way has anything to clean up. The walk
// ends there: what the host does about an exception is its own affair.
#include <cstring>
#include <utility>

#include "runtime/call/call.h"
#include "runtime/exception/exception.h"
#include "runtime/exception/frame_rules.h"
#include "runtime/platform/entry.h"

namespace swage {

namespace {

/// Replaces a caller's registers by those at the innermost landing pad; false, with registers of nobody's,
/// when there is none up to where the guest was entered.
bool unwind_to_handler(uintptr_t* registers) {
  FrameRules& rules = FrameRules::of_this_thread();
  size_t count = platform::kRegisterNumbers.size();
  while (const FrameRule* rule =
             rules.find(reinterpret_cast<const std::byte*>(registers[platform::kReturnAddress]))) {
    if (rule->landing_pad != nullptr) {
      registers[platform::kReturnAddress] = reinterpret_cast<uintptr_t>(rule->landing_pad);
      return true;
    }
    uintptr_t frame = registers[rule->cfa_base] + rule->cfa_offset;
    registers[platform::kStackPointer] = frame;
    for (size_t i = platform::kReturnAddress; i < count; ++i)
      if (rule->saved[i] != 0)
        registers[i] = reinterpret_cast<const uintptr_t*>(frame)[-static_cast<ptrdiff_t>(rule->saved[i])];
  }
  return false;
}

} // namespace

void swage_throw(void* exception, uintptr_t* registers) {
  TrapRecord& record = t_thread.trap;
  if (unwind_to_handler(registers)) {
    platform::after_abandoning(t_thread.current->stack->bottom(),
                               reinterpret_cast<std::byte*>(registers[platform::kStackPointer]));
    // It was a host function's until now.
    delete std::exchange(record.host_trap, nullptr);
    swage_land(registers, exception);
  }
  raise_uncaught(exception);
}

void raise_uncaught(void* exception) {
  TrapRecord& record = t_thread.trap;
  if (record.host_trap != nullptr) raise_host_trap(record.host_trap);
  record.exception = exception;
  raise_trap(TrapCode::uncaught_exception);
}

} // namespace swage
