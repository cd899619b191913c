// Bytes -> Module. One pass, linear in time and memory; no allocation is sized by a number that the remaining
// bytes do not cover. https://webassembly.github.io/spec/core/binary/modules.html
#pragma once

#include "compiler/wasm/module.h"
#include "swage/error.h"

namespace swage::wasm {

/// Decodes a module's structure (bodies stay bytes, their instructions are decoded by validate). The module
/// borrows `bytes`. Errors: malformed, unsupported (a feature that is off, named with its flag), limit.
Expected<Module> decode(Bytes bytes, FeatureSet features);

} // namespace swage::wasm
