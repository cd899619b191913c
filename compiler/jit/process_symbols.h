// What compiled code may ask of this process by name: the C functions that LLVM makes calls of its own to.
// Nothing else of the process is visible to it; the runtime is reached through the context alone.
#pragma once

#include <string_view>

namespace swage::jit {

/// The function's address, or null when the name is not on the list.
const void* process_symbol(std::string_view name);

} // namespace swage::jit
