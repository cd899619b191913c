// Takes vectors apart that a loop builds lane by lane and looks at lane by lane.
//
// Producers gather four words into a vector to do one `xor`, as natively they would; but the next round wants
// the words, often a byte of each as an address (a cipher by tables), and the way into the vector and out of
// it is longer than three more instructions. Here a vector that a loop carries becomes as many scalars if all
// its uses are lanes, or operations whose uses are; so does one that is done with in its round, if the lanes
// that move into and out of it are as many as the scalar operations. What needs it whole behind the loop gets
// it put together there.
#pragma once

#include <llvm/IR/PassManager.h>

namespace swage::codegen {

/// Wants loops in simplified and LCSSA form.
struct UnpackVectors : llvm::PassInfoMixin<UnpackVectors> {
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses);
};

} // namespace swage::codegen
