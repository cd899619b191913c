// Threads of this process as one of them sees the others, for what few guests ever need: to be stopped from
// outside.
#pragma once

#include <cstdint>

namespace swage::platform {

/// Sent to a thread that shall stop a guest. Its default action is to do nothing, so one that comes late is
/// harmless.
extern const int kInterruptSignal;

/// The calling thread's number in this process; never 0, and never negative.
int32_t this_thread();
/// Sends kInterruptSignal. A thread that has ended is no error.
void interrupt_thread(int32_t thread);
/// Lets the calling thread's kInterruptSignal through.
void unblock_interrupts();

/// Puts a full memory barrier into every thread of the process, so that those need none of their own: what
/// they wrote before is visible to the caller afterwards, and what the caller wrote before to them.
void order_all_threads();

} // namespace swage::platform
