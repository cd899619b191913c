// Leaving a running guest from the runtime's own code.
#pragma once

#include "runtime/call/thread.h"

namespace swage {

/// Ends the running guest with a trap at this place. Called on the guest's stack; the caller's locals are
/// abandoned.
[[noreturn]] void raise_trap(TrapCode code);

/// The same with a host function's trap, which is taken over (made with `new`). A backtrace that it has
/// already is kept.
[[noreturn]] void raise_host_trap(Trap* trap);

} // namespace swage
