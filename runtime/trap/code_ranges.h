// Where compiled code lies in this process: from a program counter to its module, function and place in the
// source.
//
// Looked up in a signal handler, so reading takes no lock: it reads a sorted snapshot that writers replace as
// a whole. A writer frees the old snapshot only when no reader is inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runtime/abi/descriptor.h"
#include "swage/trap.h"

namespace swage {

/// One contiguous piece of machine code; see abi::CodeRange.
struct RegisteredCode {
  const std::byte* begin = nullptr;
  const std::byte* end = nullptr;
  std::span<const abi::AddressRow> addresses;
  std::span<const uint8_t> traps;
  std::span<const abi::InlinedRow> inlined;
  const abi::Descriptor* descriptor = nullptr;
  uint32_t uses = 1; ///< the same artifact may be loaded more than once
};

void register_code(std::span<const RegisteredCode> pieces);
/// By their first bytes, once for each registration; the last one forgets the code.
void unregister_code(std::span<const std::byte* const> begins);

/// Changes whenever code is unregistered: what somebody knows of its addresses may be wrong from then on.
uint64_t code_generation();

/// Safe in a signal handler. A copy, because the registry may change right after; what it points to lives as
/// long as the code is registered.
std::optional<RegisteredCode> find_code(const std::byte* pc);

/// The trap of a fault at exactly this instruction, by the address table.
std::optional<TrapCode> trap_at(const RegisteredCode& code, const std::byte* pc);

/// The Wasm function and instruction that this code was compiled from, and then those that the function was
/// inlined into, up to the one whose frame it is; nothing for glue (entries, trampolines). Allocates: not for
/// signal handlers.
std::vector<Frame> frames_at(const RegisteredCode& code, const std::byte* pc);

} // namespace swage
