// The Wasm functions on the stack when a guest traps: recorded as program counters where the trap happens,
// named later.
#pragma once

#include "runtime/call/thread.h"

namespace swage {

/// Walks from here outward, through host functions and guests entered again, to the outermost entry of the
/// thread. Works in a signal handler: the interrupted code is a frame like any other.
void record_backtrace(TrapRecord& record);

/// Writes names and places of a record's frames into a trap that has none, innermost first.
void tell_frames(const TrapRecord& record, Trap& trap);

/// The stack pointer that the innermost guest frame had when it called what runs now; null if it is more than
/// a few calls away.
const std::byte* innermost_guest_stack_pointer();

} // namespace swage
