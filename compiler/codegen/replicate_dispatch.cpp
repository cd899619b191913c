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
constexpr size_t kMostCopies = 256;

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

bool is_dispatch(llvm::BasicBlock& block) {
  auto* instruction = llvm::dyn_cast<llvm::SwitchInst>(block.getTerminator());
  return instruction && instruction->getNumCases() >= kFewestCases && llvm::hasBranchWeightMD(*instruction) &&
         is_copyable(block);
}

/// Whether values can be stored at the ends of all blocks before this one: not behind an invoke that gives
/// one.
bool has_plain_ways(llvm::BasicBlock& block) {
  return llvm::all_of(llvm::predecessors(&block), [](llvm::BasicBlock* before) {
    return llvm::isa<llvm::BranchInst, llvm::SwitchInst>(before->getTerminator());
  });
}

/// A block with nothing but phis on the way to `block`, as loops have one for all ways back.
llvm::BasicBlock* funnel_of(llvm::BasicBlock& block) {
  for (llvm::BasicBlock* before : llvm::predecessors(&block))
    if (before->getSingleSuccessor() == &block &&
        &*before->getFirstNonPHIOrDbg() == before->getTerminator() && !before->phis().empty() &&
        before != &block)
      return before;
  return nullptr;
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

/// Copies a block to the ends of the blocks that often jump there; false when that cannot be, or is not worth
/// it.
bool replicate_if_frequent(llvm::BasicBlock& block, llvm::FunctionAnalysisManager& analyses) {
  llvm::Function& function = *block.getParent();
  while (llvm::BasicBlock* funnel = funnel_of(block))
    if (!llvm::TryToSimplifyUncondBranchFromEmptyBlock(funnel)) break;
  bool can_demote =
      has_plain_ways(block) &&
      llvm::all_of(llvm::successors(&block), [](llvm::BasicBlock* after) { return has_plain_ways(*after); });
  analyses.invalidate(function, llvm::PreservedAnalyses::none());
  if (!can_demote) return false;
  std::vector<llvm::BasicBlock*> ways =
      frequent_ways(block, analyses.getResult<llvm::BlockFrequencyAnalysis>(function));
  if (ways.size() < 2 || ways.size() > kMostCopies) return false;
  replicate(block, ways);
  analyses.invalidate(function, llvm::PreservedAnalyses::none());
  return true;
}

/// The loop's own condition, where it stands between the ways back and the switch.
llvm::BasicBlock* condition_before(llvm::BasicBlock& block) {
  llvm::BasicBlock* before = block.getSinglePredecessor();
  auto* branch = before ? llvm::dyn_cast<llvm::BranchInst>(before->getTerminator()) : nullptr;
  return branch && branch->isConditional() && before != &before->getParent()->getEntryBlock() &&
                 is_copyable(*before)
             ? before
             : nullptr;
}

} // namespace

void replicate_dispatch(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
  if (!function.hasProfileData() || !function.hasFnAttribute(llvm::Attribute::Hot)) return;
  std::vector<llvm::BasicBlock*> dispatches;
  for (llvm::BasicBlock& block : function)
    if (is_dispatch(block)) dispatches.push_back(&block);
  for (llvm::BasicBlock* block : dispatches) {
    if (llvm::BasicBlock* condition = condition_before(*block)) {
      if (!replicate_if_frequent(*condition, analyses)) continue;
      // Each copy of the condition then leads to the switch by a block of its own.
      std::vector<llvm::BasicBlock*> copies(llvm::pred_begin(block), llvm::pred_end(block));
      for (llvm::BasicBlock* copy : copies) llvm::SplitEdge(copy, block);
    }
    replicate_if_frequent(*block, analyses);
  }
}

} // namespace swage::codegen
