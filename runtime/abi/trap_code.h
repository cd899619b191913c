// Trap codes, from the rows of traps.inc.
#pragma once

#include <cstdint>

namespace swage {

/// Why a guest stopped. https://webassembly.github.io/spec/core/intro/overview.html#trap
enum class TrapCode : uint8_t {
#define TRAP(id, message) id,
#include "runtime/abi/traps.inc"
};

} // namespace swage
