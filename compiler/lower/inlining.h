// Inlining by a profile: the calls that make up nearly all that runs, where the callee is small.
//
// Producers have inlined already, but without knowing what is hot. Whether a call is inlined must not be
// told: a trap inside names every function (codegen/inlined_places.h), and recursion still exhausts the
// stack, for every cycle of calls keeps a call: a function is inlined neither into itself nor into its own
// copies.
#pragma once

#include "compiler/lower/environment.h"

namespace swage::lower {

/// In these functions, which are lowered.
void inline_hot_calls(Environment& env, std::span<const wasm::FuncIdx> functions);

} // namespace swage::lower
