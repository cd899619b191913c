// Signals and registers on AArch64 Linux.
#include <cstring>
#include <ucontext.h>

#include "runtime/platform/machine.h"
#include "runtime/platform/registers.h"

namespace swage::platform {

const std::byte* program_counter(const void* signal_context) {
  const auto* context = static_cast<const ucontext_t*>(signal_context);
  return reinterpret_cast<const std::byte*>(context->uc_mcontext.pc);
}

const std::byte* stack_pointer(const void* signal_context) {
  const auto* context = static_cast<const ucontext_t*>(signal_context);
  return reinterpret_cast<const std::byte*>(context->uc_mcontext.sp);
}

void continue_at(void* signal_context, const char* pc, void* stack_pointer) {
  auto* context = static_cast<ucontext_t*>(signal_context);
  context->uc_mcontext.pc = reinterpret_cast<uintptr_t>(pc);
  context->uc_mcontext.sp = reinterpret_cast<uintptr_t>(stack_pointer);
}

// LLVM emits `brk #0x5500 + N` for llvm.ubsantrap(N).
std::optional<uint8_t> trap_operand(const std::byte* pc) {
  uint32_t instruction;
  memcpy(&instruction, pc, sizeof instruction);
  constexpr uint32_t kBrk = 0xd4200000 | 0x5500 << 5;
  if ((instruction & ~uint32_t{0xff << 5}) != kBrk) return std::nullopt;
  return static_cast<uint8_t>(instruction >> 5);
}

// sp, x30, x19 to x28, d8 to d15, x29.
// https://github.com/ARM-software/abi-aa/blob/main/aadwarf64/aadwarf64.rst
constexpr uint8_t kNumbers[] = {31, 30, 19, 20, 21, 22, 23, 24, 25, 26, 27,
                                28, 72, 73, 74, 75, 76, 77, 78, 79, 29};
static_assert(std::size(kNumbers) <= kMostRegisters);
constinit const std::span<const uint8_t> kRegisterNumbers = kNumbers;

} // namespace swage::platform
