// Copies in the pieces that were stored.
//
// Producers move 28 bytes as three times eight and four, natively a good choice. But a processor brings what
// was just stored to a load only where one store wrote all that the load reads; a load that spans two stores,
// or one and what lay there before, waits until they are in the cache. A loop that shifts an array by one
// element in each round, or changes a field and copies the whole, waits in every round. There this pass
// copies four bytes at a time.
#pragma once

#include <llvm/IR/PassManager.h>

namespace swage::codegen {

/// Splits copies of a function's innermost loops. Behind all passes that would join the pieces again; they
/// are volatile for the same reason.
void split_copies(llvm::Function& function, llvm::FunctionAnalysisManager& analyses);

} // namespace swage::codegen
