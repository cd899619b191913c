// Which functions share an LLVM module, and at which level it is compiled. The fixed costs of a module (half
// a millisecond) ask for many functions in it, memory and parallelism for few. The plan depends on the module
// and its profile alone, never on the number of threads, so that the output does not either.
//
// Batches become code in their order. With a profile what is hot stands together in front, what never ran at
// the end, where it is compiled for size.
#pragma once

#include <vector>

#include "compiler/lower/profile.h"
#include "compiler/wasm/module.h"
#include "swage/compiler.h"

namespace swage::codegen {

struct Batch {
  std::vector<wasm::FuncIdx> functions; ///< ascending
  OptLevel level = OptLevel::O2;
  uint64_t weight = 0; ///< bytes of bodies: what it will cost
};

/// Every defined function but those left out in exactly one batch, in order but for its heat.
std::vector<Batch> plan_batches(const wasm::Module& module, OptLevel level,
                                const lower::Profile* profile = nullptr,
                                const std::vector<bool>& left_out = {});
/// One function alone.
Batch batch_of(const wasm::Module& module, wasm::FuncIdx function, OptLevel level);

} // namespace swage::codegen
