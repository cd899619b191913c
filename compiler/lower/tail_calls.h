// Where tail calls lead: out of the module, or round and round inside it.
#pragma once

#include "compiler/lower/lower.h"

namespace swage::lower {

/// Fills in what Glue holds of tail calls from the rest of it. Reads the bodies only of a module that has
/// any.
void find_tail_calls(const wasm::Module& module, Glue& glue);

} // namespace swage::lower
