// Inlining of what producers leave: calls that a profile finds hot, where the callee is small; small
// functions that call themselves, into themselves; and small ones that lead round by tail calls into one.
//
// Producers have inlined already, but without knowing what is hot, and they never unroll recursion nor join
// what calls each other last of all. Yet most
// of a call's cost, the registers saved and the context read again, is paid once for all the calls that are
// inlined. Whether a call is must not be told: a trap inside names every function (codegen/inlined_places.h),
// and recursion still exhausts the stack, for every cycle of calls keeps a call. A private copy is never
// inlined into itself.
#pragma once

#include "compiler/lower/environment.h"

namespace swage::lower {

/// From this count on a call is worth some code. Less than hot: a call that is made a tenth as often as the
/// least hot counter still costs more than what it takes to inline it.
inline uint64_t busy_count(const Profile& profile) { return profile.hot_count() / 16 + 1; }

/// Metadata of calls to what an indirect call may lead to.
inline constexpr const char* kOneOfFew = "swage.few";

/// Column of the place in a function where another one was joined to it that had been called last of all: no
/// caller is left to tell.
inline constexpr unsigned kJumpColumn = 0xffff;

/// In these functions, which are lowered.
void inline_hot_calls(Environment& env, std::span<const wasm::FuncIdx> functions);
/// Calls that have kOneOfFew, of small functions, in these functions, which are lowered.
void inline_few_targets(Environment& env, std::span<const wasm::FuncIdx> functions);
/// Those of these functions, which are lowered, that a cycle of tail calls is entered through (Glue).
void join_tail_cycles(Environment& env, std::span<const wasm::FuncIdx> functions);
/// Those of these functions, which are lowered, that call themselves.
void unroll_recursion(Environment& env, std::span<const wasm::FuncIdx> functions);

} // namespace swage::lower
