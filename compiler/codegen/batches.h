// Which functions share an LLVM module, and at which level it is compiled. The fixed costs of a module (half
// a millisecond) ask for many functions in it, memory and parallelism for few. The plan depends on the module
// alone, never on the number of threads, so that the output does not either.
#pragma once

#include <vector>

#include "compiler/wasm/module.h"
#include "swage/compiler.h"

namespace swage::codegen {

struct Batch {
  std::vector<wasm::FuncIdx> functions; ///< ascending
  OptLevel level = OptLevel::O2;
  uint64_t weight = 0; ///< bytes of bodies: what it will cost
};

/// Every defined function, in order, in exactly one batch.
std::vector<Batch> plan_batches(const wasm::Module& module, OptLevel level);

} // namespace swage::codegen
