// The copies need phis wherever values of the switch's block are used. Those values go to stack slots for a
// moment, the block is copied as it is, and LLVM makes values of the slots again.
#include "compiler/codegen/replicate_dispatch.h"

#include <algorithm>

#include <llvm/Analysis/AssumptionCache.h>
#include <llvm/Analysis/BlockFrequencyInfo.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/ProfDataUtils.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/Cloning.h>
#include <llvm/Transforms/Utils/Local.h>
#include <llvm/Transforms/Utils/PromoteMemToReg.h>

namespace swage::codegen {

namespace {

/// A dispatch has many cases and little code before it.
constexpr unsigned kFewestCases = 6, kMostInstructions = 16;
/// Less often than this part of the switch's own frequency a block keeps its jump.
constexpr uint64_t kLeastPart = 512;
constexpr size_t kMostCopies = 256, kLongestApproach = 6;
/// Without a profile: of the function, since copies in a large one leave register allocation no way out, and
/// of the instructions of the interpreted code, which come back to the dispatch.
constexpr unsigned kMostUnprofiled = 1'500, kFewestReturns = 4;

/// Code before a switch that may be executed in another block as well.
bool is_copyable(llvm::BasicBlock& block) {
  unsigned count = 0;
  for (llvm::Instruction& instruction : block) {
    if (llvm::isa<llvm::PHINode>(instruction) || instruction.isTerminator()) continue;
    if (llvm::isa<llvm::CallBase>(instruction) || instruction.isEHPad() || ++count > kMostInstructions)
      return false;
  }
  return true;
}

/// Whether a switch is a loop's: most of its cases come back to it. Weights say nothing of that without a
/// profile: lowering gives them to each switch whose default traps.
bool is_interpreter(llvm::BasicBlock& block) {
  llvm::SmallPtrSet<llvm::BasicBlock*, 32> cases(llvm::succ_begin(&block), llvm::succ_end(&block));
  ptrdiff_t returns = llvm::count_if(cases, [&](llvm::BasicBlock* target) {
    return llvm::any_of(llvm::successors(target), [&](llvm::BasicBlock* next) {
      return next == &block || next->getUniqueSuccessor() == &block;
    });
  });
  return returns >= kFewestReturns && 2 * returns >= std::ssize(cases);
}

bool is_dispatch(llvm::BasicBlock& block) {
  auto* instruction = llvm::dyn_cast<llvm::SwitchInst>(block.getTerminator());
  bool is_profiled = block.getParent()->hasProfileData();
  return instruction && instruction->getNumCases() >= kFewestCases && is_copyable(block) &&
         ((is_profiled && llvm::hasBranchWeightMD(*instruction)) || is_interpreter(block));
}

/// Whether values can be stored at the ends of all blocks before this one: not behind an invoke that gives
/// one.
bool has_plain_ways(llvm::BasicBlock& block) {
  return llvm::all_of(llvm::predecessors(&block), [](llvm::BasicBlock* before) {
    return llvm::isa<llvm::BranchInst, llvm::SwitchInst>(before->getTerminator());
  });
}

/// The blocks that end in a jump to `block` and often take it.
std::vector<llvm::BasicBlock*> frequent_ways(llvm::BasicBlock& block, llvm::BlockFrequencyInfo& frequencies) {
  uint64_t least = frequencies.getBlockFreq(&block).getFrequency() / kLeastPart;
  std::vector<llvm::BasicBlock*> ways;
  for (llvm::BasicBlock* before : llvm::predecessors(&block)) {
    auto* jump = llvm::dyn_cast<llvm::BranchInst>(before->getTerminator());
    if (jump == nullptr || jump->isConditional() || before == &block) continue;
    if (frequencies.getBlockFreq(before).getFrequency() > least) ways.push_back(before);
  }
  return ways;
}

/// Values that leave their block, and phis here and behind, as stack slots.
std::vector<llvm::AllocaInst*> demote(llvm::BasicBlock& block) {
  std::vector<llvm::AllocaInst*> slots;
  llvm::SmallSetVector<llvm::BasicBlock*, 16> joins;
  joins.insert(&block);
  for (llvm::BasicBlock* after : llvm::successors(&block)) joins.insert(after);
  for (llvm::BasicBlock* join : joins)
    for (llvm::PHINode& phi : llvm::make_early_inc_range(join->phis()))
      slots.push_back(llvm::DemotePHIToStack(&phi));
  std::vector<llvm::Instruction*> leaving;
  for (llvm::Instruction& instruction : block)
    if (instruction.isUsedOutsideOfBlock(&block)) leaving.push_back(&instruction);
  for (llvm::Instruction* instruction : leaving) slots.push_back(llvm::DemoteRegToStack(*instruction));
  std::erase(slots, nullptr); // of values without uses
  return slots;
}

void copy_to(llvm::BasicBlock& block, llvm::BasicBlock& way) {
  llvm::ValueToValueMapTy map;
  llvm::Instruction* jump = way.getTerminator();
  for (llvm::Instruction& instruction : block) {
    llvm::Instruction* copy = instruction.clone();
    copy->insertBefore(jump->getIterator());
    map[&instruction] = copy;
    llvm::RemapInstruction(copy, map, llvm::RF_IgnoreMissingLocals | llvm::RF_NoModuleLevelChanges);
  }
  jump->eraseFromParent();
}

void replicate(llvm::BasicBlock& block, const std::vector<llvm::BasicBlock*>& ways) {
  llvm::Function& function = *block.getParent();
  std::vector<llvm::AllocaInst*> slots = demote(block);
  for (llvm::BasicBlock* way : ways) copy_to(block, *way);
  if (llvm::pred_empty(&block)) llvm::DeleteDeadBlock(&block);
  llvm::DominatorTree dominators(function);
  llvm::PromoteMemToReg(slots, dominators);
}

/// What most ways to a dispatch go through before it, from the last to the first: where they join, and
/// conditions of the loop.
std::vector<llvm::BasicBlock*> approach(llvm::BasicBlock& dispatch, llvm::BlockFrequencyInfo& frequencies) {
  uint64_t most = frequencies.getBlockFreq(&dispatch).getFrequency() / 2;
  std::vector<llvm::BasicBlock*> blocks;
  for (llvm::BasicBlock* block = &dispatch; blocks.size() < kLongestApproach;) {
    auto main_way = llvm::find_if(llvm::predecessors(block), [&](llvm::BasicBlock* before) {
      llvm::BasicBlock* only = before->getSinglePredecessor();
      return frequencies.getBlockFreq(before).getFrequency() >= most && before != &dispatch &&
             llvm::isa<llvm::BranchInst>(before->getTerminator()) && is_copyable(*before) &&
             !llvm::pred_empty(before) && !llvm::is_contained(blocks, before) &&
             (only == nullptr || llvm::isa<llvm::BranchInst>(only->getTerminator()));
    });
    if (main_way == llvm::pred_end(block)) break;
    blocks.push_back(block = *main_way);
  }
  while (!blocks.empty() && blocks.back()->getSinglePredecessor()) blocks.pop_back(); // nothing joins there
  return blocks;
}

/// Gives each way to a block that is one of two from its block a block of its own.
void split_ways(llvm::BasicBlock& block) {
  std::vector<llvm::BasicBlock*> ways(llvm::pred_begin(&block), llvm::pred_end(&block));
  for (llvm::BasicBlock* way : ways) {
    auto* branch = llvm::dyn_cast<llvm::BranchInst>(way->getTerminator());
    if (branch && branch->isConditional() && branch->getSuccessor(0) != branch->getSuccessor(1))
      llvm::SplitEdge(way, &block);
  }
}

/// Copies a block to the ends of the blocks that often jump there, where that can be and is worth it.
void replicate_if_frequent(llvm::BasicBlock& block, llvm::FunctionAnalysisManager& analyses) {
  llvm::Function& function = *block.getParent();
  bool can_demote =
      has_plain_ways(block) &&
      llvm::all_of(llvm::successors(&block), [](llvm::BasicBlock* after) { return has_plain_ways(*after); });
  if (!can_demote) return;
  split_ways(block);
  analyses.invalidate(function, llvm::PreservedAnalyses::none());
  std::vector<llvm::BasicBlock*> ways =
      frequent_ways(block, analyses.getResult<llvm::BlockFrequencyAnalysis>(function));
  if (ways.size() < 2 || ways.size() > kMostCopies) return;
  replicate(block, ways);
  analyses.invalidate(function, llvm::PreservedAnalyses::none());
}

} // namespace

void replicate_dispatch(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
  bool is_worth_it = function.hasProfileData()
                         ? function.hasFnAttribute(llvm::Attribute::Hot)
                         : !function.hasOptSize() && function.getInstructionCount() <= kMostUnprofiled;
  if (!is_worth_it) return;
  std::vector<llvm::BasicBlock*> dispatches;
  for (llvm::BasicBlock& block : function)
    if (is_dispatch(block)) dispatches.push_back(&block);
  for (llvm::BasicBlock* dispatch : dispatches) {
    analyses.invalidate(function, llvm::PreservedAnalyses::none());
    std::vector<llvm::BasicBlock*> before =
        approach(*dispatch, analyses.getResult<llvm::BlockFrequencyAnalysis>(function));
    for (llvm::BasicBlock* block : llvm::reverse(before)) replicate_if_frequent(*block, analyses);
    replicate_if_frequent(*dispatch, analyses);
  }
}

} // namespace swage::codegen
