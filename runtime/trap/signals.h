// Guest faults that the processor reports: traps of compiled code, accesses beyond a memory, an exhausted
// stack.
#pragma once

namespace swage {

/// Once per process; later calls return at once. Handlers that were there before get every signal that is not
/// a guest's.
void install_signal_handlers();

} // namespace swage
