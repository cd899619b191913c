// Tells where LLVM's SLP vectoriser is worth its time.
//
// It looks at every block for neighbouring stores, lanes, phis and sums that could be one vector, and in code
// with many phis, which SSA from Wasm has, it looks for long: a fifth of the time that a decompressor takes
// to compile. What it finds pays in loops that do the same to neighbours in each round, as a producer without
// SIMD makes of vectors; elsewhere vectors are loaded from what single stores have just written, and carried
// through chains that are longer than those of the scalars.
#pragma once

#include <llvm/IR/PassManager.h>

namespace swage::codegen {

/// Whether a round of an innermost loop stores to four neighbouring places, or makes four lanes of a vector.
bool has_vector_seeds(llvm::Function& function, llvm::FunctionAnalysisManager& analyses);

} // namespace swage::codegen
