// Does several rounds of a loop of 128-bit vectors at once, where the processor has wider ones.
//
// Wasm's vectors have 128 bits, those of AVX2 and AVX-512 two and four times as many, and LLVM's vectorisers
// leave a loop alone that its producer has already vectorised. To this pass rounds are what lanes are to a
// vectoriser: k rounds of <4 x float> become one of <4k x float> with round r in lanes [4r, 4r + 4), so that
// each instruction has one wide counterpart: sums stay sums, a shuffle repeats its mask, neighbouring loads
// become one. The parts of a round that its producer has unrolled are rounds too. The loop itself stays
// behind for the rounds that are left over, and for when LLVM's run-time checks find that what the rounds
// store overlaps what they load.
#pragma once

#include <llvm/IR/PassManager.h>

namespace swage::codegen {

/// Over innermost loops of one block. Wants loops in simplified form.
struct WidenVectors : llvm::PassInfoMixin<WidenVectors> {
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses);
};

} // namespace swage::codegen
