// Valid modules out of choices, driven by the opcode table: an instruction with a signature is generated from
// its row, so that a new row is fuzzed without a line here; those with a rule of their own are written out.
//
// What a module does is the same wherever it runs, and it ends: loops and calls burn fuel from a global,
// memories and tables stay small. It shows what happened through exports without parameters and with integer
// results alone:
//
//   run0, run1, ...   a call of some function with constant arguments; results as bits
//   state             all globals, sizes of tables, which of their elements are null
//   m0, m1, ...       the memories
//
// It imports "env"."mix": (i32, i64) -> i32 and "env"."blend": (f64) -> f64; see expected behaviour in
// differential/.
#pragma once

#include <cstddef>
#include <vector>

#include "compiler/wasm/feature.h"
#include "tests/fuzz/generate/choices.h"

namespace swage::fuzz {

/// The bits of a NaN that an operation gives are the engine's choice: either the engine fixes them, or the
/// guest does, by code after each operation.
/// https://webassembly.github.io/spec/core/exec/numerics.html#nan-propagation
enum class Nans : uint8_t { of_the_engine, canonical };

struct GenerateOptions {
  wasm::FeatureSet features = wasm::FeatureSet::defaults();
  Nans nans = Nans::of_the_engine;
  uint32_t instructions = 400; ///< about as many in each function
};

std::vector<std::byte> generate_module(Choices& choices, const GenerateOptions& options);

} // namespace swage::fuzz
