// What a signal handler has to know of the processor: where the interrupted code was, which trap instruction
// stands there, and how to go on elsewhere. One file per system and architecture implements it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace swage::platform {

/// The interrupted code, in the form that the handler was given (a ucontext_t).
const std::byte* program_counter(const void* signal_context);
const std::byte* stack_pointer(const void* signal_context);
/// When the handler returns, execution continues at `pc` with this stack pointer.
void continue_at(void* signal_context, const char* pc, void* stack_pointer);
/// The operand of the llvm.ubsantrap at `pc`, if there is one.
std::optional<uint8_t> trap_operand(const std::byte* pc);

} // namespace swage::platform
