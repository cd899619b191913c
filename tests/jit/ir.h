// Objects from IR text, for tests that link without a Wasm module behind.
#pragma once

#include <string>

#include "compiler/codegen/object.h"

namespace swage::jit {

/// The object of LLVM IR text in the host's own target.
codegen::Object compile_ir(const std::string& text);

} // namespace swage::jit
