#include "compiler/codegen/cold_loops.h"

#include <algorithm>
#include <cstdint>

#include <llvm/ADT/SmallVector.h>
#include <llvm/Analysis/BlockFrequencyInfo.h>
#include <llvm/Analysis/LoopInfo.h>

#include "compiler/codegen/loop_marks.h"

namespace swage::codegen {

namespace {

/// A loop whose rounds are fewer than the hottest one's by this factor is cold. LLVM guesses 32 for each
/// level of nesting.
constexpr uint64_t kFewerRounds = 5;

} // namespace

llvm::PreservedAnalyses ColdLoops::run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
  llvm::SmallVector<llvm::Loop*> loops =
      analyses.getResult<llvm::LoopAnalysis>(function).getLoopsInPreorder();
  llvm::erase_if(loops, [](const llvm::Loop* loop) { return !loop->isInnermost(); });
  if (loops.size() < 2) return llvm::PreservedAnalyses::all();
  auto& frequencies = analyses.getResult<llvm::BlockFrequencyAnalysis>(function);
  auto rounds = [&](const llvm::Loop* loop) {
    return frequencies.getBlockFreq(loop->getHeader()).getFrequency();
  };
  uint64_t most = 0;
  for (const llvm::Loop* loop : loops) most = std::max(most, rounds(loop));
  for (llvm::Loop* loop : loops)
    if (rounds(loop) < most / kFewerRounds) leave_alone(*loop);
  return llvm::PreservedAnalyses::all(); // metadata alone
}

} // namespace swage::codegen
