// The Wasm functions on the stack when a guest traps: recorded as program counters where the trap happens,
// named later.
#pragma once

#include <vector>

#include "runtime/call/thread.h"

namespace swage {

/// Walks from here outward, through host functions and guests entered again, to the outermost entry of the
/// thread. Works in a signal handler: the interrupted code is a frame like any other.
void record_backtrace(TrapRecord& record);

/// Names and places of a record's frames, innermost first.
std::vector<Frame> frames_of(const TrapRecord& record);

/// The stack pointer that the innermost guest frame had when it called what runs now; null if it is more than
/// a few calls away.
const std::byte* innermost_guest_stack_pointer();

} // namespace swage
