// Inlining by a profile: the calls that make up nearly all that runs, where the callee is small.
//
// Producers have inlined already, but without knowing what is hot. Whether a call is inlined must not be
// told: a trap inside names every function (codegen/inlined_places.h), and recursion still exhausts the
// stack, for every cycle of calls keeps a call: a function is inlined neither into itself nor into its own
// copies.
#pragma once

#include "compiler/lower/environment.h"

namespace swage::lower {

/// From this count on a call is worth some code. Less than hot: a call that is made a tenth as often as the
/// least hot counter still costs more than what it takes to inline it.
inline uint64_t busy_count(const Profile& profile) { return profile.hot_count() / 16 + 1; }

/// In these functions, which are lowered.
void inline_hot_calls(Environment& env, std::span<const wasm::FuncIdx> functions);

} // namespace swage::lower
