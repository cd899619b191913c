// Ahead of time: a module's bytes -> an artifact's bytes.
#pragma once

#include <span>
#include <vector>

#include "swage/compiler.h"

namespace swage::codegen {

/// See Compiler::compile. The same input and options give the same bytes, whatever `jobs` says.
Expected<std::vector<std::byte>> compile(std::span<const std::byte> wasm, const CompileOptions& options,
                                         Emit emit);

} // namespace swage::codegen
