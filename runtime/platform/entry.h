// The border between C++ and guests that only assembly can cross: entering on a guest's stack, leaving it
// from the middle (a trap), and the checks that stand before host code that a guest calls. Shared by C++ and
// the .S files.
//
// A trap abandons the guest's frames: it sets the stack pointer to the one that swage_enter saved and
// continues at its landing. Nothing that needs a destructor may live on the abandoned part, so the C++
// between a guest and a trap keeps none.
#pragma once

// Offsets that assembly reads; call/entry.cpp asserts each of them.
#define SWAGE_CONTEXT_STORE 8 // of a HostContext as well
#define SWAGE_STORE_STACK_LIMIT 8
#define SWAGE_ACTIVATION_LANDING_SP 0

#ifndef __ASSEMBLER__

#include <cstddef>
#include <cstdint>

#include "runtime/abi/abi.h"

namespace swage {

struct Activation;

extern "C" {

/// Calls entry(code, context, values) on the stack that ends at `stack_top`, or on the current one when that
/// is null, and returns 0; or 1 when the call ended in a trap.
uint32_t swage_enter(abi::EntryFn entry, const void* code, abi::Context* context, abi::Value* values,
                     void* stack_top, Activation* activation);
/// The end of swage_enter's code, and the place in it where a trap continues.
extern const char swage_enter_end[];
extern const char swage_enter_landing[];
/// Continues at the landing of the swage_enter that saved `landing_sp`.
[[noreturn]] void swage_resume(void* landing_sp);

/// A trap instruction: where the stubs below go when a guest has left too little stack for the host.
extern const char swage_stack_exhausted[];
/// HostContext::entry of every host function: checks the stack, then goes on to swage_host_entry.
void swage_host_stub(abi::HostContext* host, abi::Value* values);
/// FuncRef::code of a host function until its first call from a guest: keeps the argument registers, asks
/// swage_bind_trampoline for a trampoline of the function's type, and goes on there.
extern const char swage_bind_stub[];
/// A word per runtime function: the stub that checks the stack, then goes on to swage_builtin_*.
#define BUILTIN(id, signature) extern const char swage_builtin_stub_##id[];
#include "runtime/abi/builtins.inc"

/// Continues with these registers (platform/registers.h) at their return address, a landing pad.
[[noreturn]] void swage_land(const uintptr_t* registers, void* exception);

// The C++ side of the stubs.
/// Returns an exception to be thrown where the host function was called, or null.
void* swage_host_entry(abi::HostContext* host, abi::Value* values);
/// Throws; `registers` are those of the frame that did, and may be changed.
[[noreturn]] void swage_throw(void* exception, uintptr_t* registers);
const void* swage_bind_trampoline(abi::HostContext* host);

} // extern "C"

/// Whether this is the code between the host and a guest's outermost frame.
inline bool is_in_entry(const std::byte* pc) {
  return pc >= reinterpret_cast<const std::byte*>(&swage_enter) &&
         pc < reinterpret_cast<const std::byte*>(swage_enter_end);
}

} // namespace swage

#endif
