// What a generated module does in one of swage's modes, as text: equal text is equal behaviour.
#pragma once

#include <string>
#include <vector>

#include "swage/engine.h"

namespace swage::fuzz {

struct Mode {
  const char* name;
  enum class Link : uint8_t { jit, aot } link;
  OptLevel opt;
  MemoryBounds bounds;
};

/// The traces of one module are compared with that of the first.
inline constexpr Mode kModes[] = {
    {"jit -O0", Mode::Link::jit, OptLevel::O0, MemoryBounds::automatic},
    {"jit -O2", Mode::Link::jit, OptLevel::O2, MemoryBounds::automatic},
    {"aot -O2", Mode::Link::aot, OptLevel::O2, MemoryBounds::automatic},
    {"aot -O2 --memory checked", Mode::Link::aot, OptLevel::O2, MemoryBounds::checked},
};

/// Calls every export in order. A line for each call with its results or its trap, and after it the globals,
/// tables and memories:
///
///   run0: 12 -1
///   run1: trap integer divide by zero
///   m0: 65536 bytes, 1f3c0a77
Expected<std::vector<std::string>> trace_of(std::span<const std::byte> wasm, const Mode& mode,
                                            CompileOptions options);

} // namespace swage::fuzz
