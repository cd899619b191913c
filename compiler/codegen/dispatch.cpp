#include "compiler/codegen/dispatch.h"

#include <vector>

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SetVector.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/PromoteMemToReg.h>

namespace swage::codegen {

namespace {

/// Jumps times values that they carry, so that hostile functions stay cheap.
constexpr size_t kMostWork = 1 << 18;

/// A block of nothing but phis and a switch on one of them.
struct Dispatcher {
  llvm::BasicBlock* block;
  llvm::SwitchInst* table;
  llvm::PHINode* selector;
};

bool find_dispatcher(llvm::BasicBlock& block, Dispatcher& found) {
  auto* table = llvm::dyn_cast<llvm::SwitchInst>(block.getTerminator());
  if (!table || &*block.getFirstNonPHIOrDbg() != table) return false;
  auto* selector = llvm::dyn_cast<llvm::PHINode>(table->getCondition());
  if (!selector || selector->getParent() != &block) return false;
  found = {&block, table, selector};
  return true;
}

/// A block of its own on the edge or edges between two blocks.
llvm::BasicBlock* split_jump(llvm::BasicBlock* from, llvm::BasicBlock* to) {
  llvm::BasicBlock* jump = llvm::BasicBlock::Create(from->getContext(), "jump", from->getParent(), to);
  llvm::BranchInst::Create(to, jump)->setDebugLoc(from->getTerminator()->getDebugLoc());
  auto edges = llvm::count(llvm::successors(from), to);
  from->getTerminator()->replaceSuccessorWith(to, jump);
  for (llvm::PHINode& phi : to->phis()) {
    for (auto left = edges; left > 1; left--) phi.removeIncomingValue(from, /*DeletePHIIfEmpty=*/false);
    phi.replaceIncomingBlockWith(from, jump);
  }
  return jump;
}

/// The values of dispatchers have several definitions once some jumps go past them, so they live in memory
/// meanwhile.
class Bypass {
public:
  explicit Bypass(llvm::Function& function) : function_(function) {}

  void run(const Dispatcher& dispatcher) {
    auto phis = llvm::to_vector(llvm::make_pointer_range(dispatcher.block->phis()));
    llvm::SmallSetVector<llvm::BasicBlock*, 16> from(llvm::from_range, llvm::predecessors(dispatcher.block));
    work_ += from.size() * phis.size();
    bool is_useful = llvm::any_of(dispatcher.selector->incoming_values(), llvm::IsaPred<llvm::ConstantInt>);
    if (!is_useful || work_ > kMostWork) return;
    llvm::IRBuilder<> b(&function_.getEntryBlock(), function_.getEntryBlock().begin());
    for (llvm::PHINode* phi : phis) slots_[phi] = b.CreateAlloca(phi->getType());
    for (llvm::BasicBlock* block : from) redirect(dispatcher, phis, split_jump(block, dispatcher.block));
    for (llvm::PHINode* phi : phis) load_before_uses(phi);
    for (llvm::PHINode* phi : phis) {
      phi->replaceAllUsesWith(llvm::PoisonValue::get(phi->getType())); // in others of them, which go too
      memory_.push_back(slots_[phi]);
    }
    for (llvm::PHINode* phi : phis) phi->eraseFromParent();
    slots_.clear();
  }

  void finish() {
    if (memory_.empty()) return;
    llvm::EliminateUnreachableBlocks(function_);
    llvm::DominatorTree dominators(function_);
    llvm::PromoteMemToReg(memory_, dominators);
  }

private:
  llvm::Value* value_at(llvm::IRBuilder<>& b, llvm::Value* value) {
    auto* phi = llvm::dyn_cast<llvm::PHINode>(value);
    return phi && slots_.count(phi) ? b.CreateLoad(phi->getType(), slots_[phi]) : value;
  }

  /// Stores what the jump carries, all read before any is written, and leads it past the table if it can.
  void redirect(const Dispatcher& dispatcher, llvm::ArrayRef<llvm::PHINode*> phis, llvm::BasicBlock* jump) {
    llvm::IRBuilder<> b(jump->getTerminator());
    auto* constant = llvm::dyn_cast<llvm::ConstantInt>(dispatcher.selector->getIncomingValueForBlock(jump));
    llvm::DenseMap<llvm::Value*, llvm::Value*> carried;
    for (llvm::PHINode* phi : phis) carried[phi] = value_at(b, phi->getIncomingValueForBlock(jump));
    for (llvm::PHINode* phi : phis) b.CreateStore(carried[phi], slots_[phi]);
    if (!constant) return;
    llvm::BasicBlock* target = dispatcher.table->findCaseValue(constant)->getCaseSuccessor();
    if (target == dispatcher.block) return;
    for (llvm::PHINode& phi : target->phis()) {
      llvm::Value* value = phi.getIncomingValueForBlock(dispatcher.block);
      auto found = carried.find(value);
      phi.addIncoming(found == carried.end() ? value : found->second, jump);
    }
    jump->getTerminator()->replaceSuccessorWith(dispatcher.block, target);
  }

  void load_before_uses(llvm::PHINode* phi) {
    for (llvm::Use& use : llvm::make_early_inc_range(phi->uses())) {
      auto* user = llvm::cast<llvm::Instruction>(use.getUser());
      auto* merge = llvm::dyn_cast<llvm::PHINode>(user);
      if (merge && slots_.count(merge)) continue; // stored at the jump
      llvm::IRBuilder<> b(merge ? merge->getIncomingBlock(use)->getTerminator() : user);
      use.set(value_at(b, phi));
    }
  }

  llvm::Function& function_;
  llvm::DenseMap<llvm::PHINode*, llvm::AllocaInst*> slots_; ///< of the dispatcher at hand
  std::vector<llvm::AllocaInst*> memory_;                   ///< of all
  size_t work_ = 0;
};

} // namespace

void jump_past_dispatchers(llvm::Function& function) {
  std::vector<llvm::BasicBlock*> blocks;
  for (llvm::BasicBlock& block : function)
    if (Dispatcher found; find_dispatcher(block, found)) blocks.push_back(&block);
  Bypass bypass(function);
  for (llvm::BasicBlock* block : blocks) // one dispatcher's values may have moved into another
    if (Dispatcher found; find_dispatcher(*block, found)) bypass.run(found);
  bypass.finish();
}

} // namespace swage::codegen
