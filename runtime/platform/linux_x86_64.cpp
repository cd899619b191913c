// Signals and registers on x86-64 Linux.
#include <ucontext.h>

#include "runtime/platform/machine.h"
#include "runtime/platform/registers.h"

namespace swage::platform {

const std::byte* program_counter(const void* signal_context) {
  const auto* context = static_cast<const ucontext_t*>(signal_context);
  return reinterpret_cast<const std::byte*>(context->uc_mcontext.gregs[REG_RIP]);
}

const std::byte* stack_pointer(const void* signal_context) {
  const auto* context = static_cast<const ucontext_t*>(signal_context);
  return reinterpret_cast<const std::byte*>(context->uc_mcontext.gregs[REG_RSP]);
}

void continue_at(void* signal_context, const char* pc, void* stack_pointer) {
  auto* context = static_cast<ucontext_t*>(signal_context);
  context->uc_mcontext.gregs[REG_RIP] = reinterpret_cast<greg_t>(pc);
  context->uc_mcontext.gregs[REG_RSP] = reinterpret_cast<greg_t>(stack_pointer);
}

// LLVM emits `ud1l N(%eax), %eax` for llvm.ubsantrap(N); for 0 the assembler leaves the displacement out.
std::optional<uint8_t> trap_operand(const std::byte* pc) {
  constexpr uint8_t kUd1[] = {0x67, 0x0f, 0xb9};
  for (size_t i = 0; i < sizeof kUd1; ++i)
    if (std::to_integer<uint8_t>(pc[i]) != kUd1[i]) return std::nullopt;
  constexpr uint8_t kNoDisplacement = 0x00,
                    kByteDisplacement = 0x40; // ModRM of (%eax) and N(%eax) with register 0
  uint8_t mode = std::to_integer<uint8_t>(pc[sizeof kUd1]);
  if (mode == kNoDisplacement) return uint8_t{0};
  if (mode != kByteDisplacement) return std::nullopt;
  return std::to_integer<uint8_t>(pc[sizeof kUd1 + 1]);
}

// rsp, the return address, rbp, rbx, r12 to r15.
// https://gitlab.com/x86-psABIs/x86-64-ABI (figure 3.36)
constexpr uint8_t kNumbers[] = {7, 16, 6, 3, 12, 13, 14, 15};
static_assert(std::size(kNumbers) <= kMostRegisters);
constinit const std::span<const uint8_t> kRegisterNumbers = kNumbers;

} // namespace swage::platform
