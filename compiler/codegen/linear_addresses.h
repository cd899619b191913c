// Lets a loop's pointers step through memory as native ones do.
//
// A Wasm address is a 32-bit sum that may wrap, and the pointer made of it is 64 bits wide: base + zext(sum).
// Because of the wrap LLVM does not know that the element after this one lies beside it. It gathers where it
// could load a vector, leaves loops scalar, and computes every address anew. Almost no address wraps, though,
// and how far each one steps is known before a counted loop begins. So the loop gets a twin whose pointers
// are 64-bit, and a check in front that takes the twin if none of them leaves [0, 2^32); otherwise the loop
// runs as it was. A loop that only copies, or adds up its own sum, gets chunks instead (copy_loops.h,
// sum_loops.h), and one that cannot gain - a rest, a field of long records - is left alone.
#pragma once

#include <llvm/IR/PassManager.h>

namespace swage::codegen {

/// Over innermost loops that call nothing and whose rounds are known before. Wants loops in simplified and
/// LCSSA form.
struct LinearAddresses : llvm::PassInfoMixin<LinearAddresses> {
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses);
};

/// Takes the twins away that got no vectors: their check costs more than the shorter addresses give, where a
/// loop goes round a few times only. Wants to stand right behind the vectoriser, so that later passes spend
/// nothing on them.
struct IdleTwins : llvm::PassInfoMixin<IdleTwins> {
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses);
};

} // namespace swage::codegen
