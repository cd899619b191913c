// Loops that run seldom beside others of their function stay as they are.
//
// A twin, vectors or unrolled rounds make several loops of one, which all passes behind work on. What that
// gives is lost where another loop of the function runs many times as often, such as a nested one next to
// one that fills its tables. How often a block runs a profile tells, or LLVM guesses it from how deep loops
// are nested and which way branches lead. Searches (search_loops.h) go first, since they cost little.
#pragma once

#include <llvm/IR/PassManager.h>

namespace swage::codegen {

/// Leaves them alone (loop_marks.h).
struct ColdLoops : llvm::PassInfoMixin<ColdLoops> {
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses);
};

} // namespace swage::codegen
