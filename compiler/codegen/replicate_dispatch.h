// An interpreter's dispatch, a switch at the head of a loop, copied to the ends of the instructions that lead
// there: each then jumps from its own end to the next one, without the way back to the head, and the
// processor keeps a history for each. C programs get this with a computed goto, which Wasm lacks.
#pragma once

#include <llvm/IR/PassManager.h>

namespace llvm {
class Function;
}

namespace swage::codegen {

/// Copies the hot switches of a function that has a profile, and those that are an interpreter's in a small
/// function without one, to the blocks that go there often. After the last pass that would join the copies
/// again.
void replicate_dispatch(llvm::Function& function, llvm::FunctionAnalysisManager& analyses);

} // namespace swage::codegen
