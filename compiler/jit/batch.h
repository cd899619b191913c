// Which functions are compiled together. A call inside a batch is direct, and the fixed costs of an LLVM
// module (half a millisecond) are paid once; but a guest waits for the whole batch, and what it never calls
// is compiled in vain. So a batch is a function that is needed now and those that it calls by name, nearest
// first, as long as they are small.
#pragma once

#include <span>
#include <vector>

#include <llvm/ADT/STLFunctionalExtras.h>

#include "compiler/wasm/module.h"

namespace swage::jit {

/// What a batch may hold besides its roots, of which only the first is always taken.
struct BatchLimits {
  size_t functions = 0;
  size_t bytes = 0;        ///< of Wasm bodies, all together
  size_t callee_bytes = 0; ///< of one callee's body
};

struct Batch {
  std::vector<wasm::FuncIdx> functions;
  std::vector<wasm::FuncIdx> frontier; ///< likely to be needed next: roots and callees that did not fit
  size_t bytes = 0;                    ///< of Wasm bodies
};

/// Walks the calls of a valid module breadth-first from `roots`, through defined functions that are `wanted`.
/// Empty when no root is wanted. Linear in the bodies that it takes.
Batch choose_batch(const wasm::Module& module, std::span<const wasm::FuncIdx> roots,
                   const BatchLimits& limits, llvm::function_ref<bool(wasm::FuncIdx)> wanted);

} // namespace swage::jit
