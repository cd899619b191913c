#include "compiler/codegen/linear_addresses.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <llvm/ADT/DenseMap.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/ScalarEvolutionExpressions.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/Cloning.h>
#include <llvm/Transforms/Utils/Local.h>
#include <llvm/Transforms/Utils/LoopUtils.h>

#include "compiler/codegen/address_streams.h"
#include "compiler/codegen/copy_loops.h"
#include "compiler/codegen/loop_marks.h"
#include "compiler/codegen/sum_loops.h"

namespace swage::codegen {

namespace {

/// Metadata of the branch that chooses between a twin and the loop as it was.
constexpr const char* kChoice = "swage.twin";
/// Metadata that a load of a twin shares with the one of the loop as it was, and with no other.
constexpr const char* kPair = "swage.pair";
/// A loop that goes round this often at most is what an unrolled one has left over.
constexpr uint64_t kMostLeftOver = 16;
/// A stream that accesses less than one byte of so many is not worth vectors: each lane is a load of its own.
constexpr uint64_t kLeastDensity = 6;
/// What the copying of a loop that only copies loads at once, at most.
constexpr uint64_t kMostChunkBytes = 32;

/// Whether a loop does what an unrolled one has left over: producers count its rounds by a mask, which is
/// zero in no loop that they enter.
bool is_remainder(const CountedLoop& counted, llvm::ScalarEvolution& scev) {
  if (llvm::isa<llvm::SCEVConstant>(counted.rounds)) return false;
  auto is_small = [&](const llvm::SCEV* count) { return scev.getUnsignedRangeMax(count).ult(kMostLeftOver); };
  const llvm::SCEV* count = scev.getAddExpr(counted.rounds, scev.getOne(counted.rounds->getType()));
  if (is_small(count)) return true;
  auto* value = llvm::dyn_cast<llvm::SCEVUnknown>(count);
  auto* phi = value ? llvm::dyn_cast<llvm::PHINode>(value->getValue()) : nullptr;
  return phi && llvm::any_of(phi->incoming_values(), [&](llvm::Value* each) {
           return !llvm::isa<llvm::Constant>(each) && is_small(scev.getSCEV(each));
         });
}

/// Whether most of what a stream steps over is not accessed: a field of records that are long.
bool is_sparse(const AddressStream& stream) {
  auto* step = llvm::dyn_cast<llvm::SCEVConstant>(stream.step);
  if (!step) return false;
  uint64_t accessed = 0;
  for (const StreamAddress& address : stream.addresses)
    for (llvm::User* pointer : address.widening->users())
      for (llvm::User* user : pointer->users())
        if (llvm::getLoadStorePointerOperand(user) == pointer)
          accessed += llvm::getLoadStoreType(user)->getPrimitiveSizeInBits().getFixedValue() / 8;
  return accessed != 0 && kLeastDensity * accessed <= step->getAPInt().abs().getZExtValue();
}

/// Whether the loop loads and stores at addresses of its streams alone.
bool is_all_linear(const CountedLoop& counted) {
  auto is_ours = [&](const llvm::Value* pointer) {
    auto* sum = llvm::dyn_cast<llvm::GetElementPtrInst>(pointer);
    while (sum && sum->hasAllConstantIndices()) {
      pointer = sum->getPointerOperand();
      sum = llvm::dyn_cast<llvm::GetElementPtrInst>(pointer);
    }
    if (counted.loop->isLoopInvariant(pointer)) return true;
    return sum && llvm::any_of(counted.streams, [&](const AddressStream& stream) {
             return llvm::any_of(stream.addresses, [&](const StreamAddress& address) {
               return sum->getOperand(1) == address.widening;
             });
           });
  };
  for (llvm::BasicBlock* block : counted.loop->blocks())
    for (llvm::Instruction& instruction : *block)
      if (const llvm::Value* pointer = llvm::getLoadStorePointerOperand(&instruction);
          pointer && !is_ours(pointer))
        return false;
  return true;
}

/// Whether a twin is worth its check even without vectors: in loops all of whose addresses become simpler,
/// and that are known to go round often (sha256) or step through several places (a sum of long numbers).
bool pays_without_vectors(const CountedLoop& counted) {
  return is_all_linear(counted) &&
         (llvm::isa<llvm::SCEVConstant>(counted.rounds) || counted.streams.size() > 1);
}

/// Whether a loop that stores at addresses from elsewhere as well could become vectors: never, since nobody
/// knows what these overlap.
bool may_get_vectors(const CountedLoop& counted) {
  return is_all_linear(counted) || llvm::none_of(counted.loop->blocks(), [](const llvm::BasicBlock* block) {
           return llvm::any_of(*block, [](const llvm::Instruction& each) { return each.mayWriteToMemory(); });
         });
}

class Rewriting {
public:
  Rewriting(const CountedLoop& counted, llvm::ScalarEvolution& scev, llvm::DominatorTree& dominators,
            llvm::LoopInfo& loops)
      : counted_(counted), scev_(scev), dominators_(dominators), loops_(loops) {}

  void run() {
    known_ = expand_starts(counted_, scev_);
    if (counted_.may_wrap) split(known_.fits);
    for (size_t i = 0; i < counted_.streams.size(); i++)
      make_linear(counted_.streams[i], known_.starts[i], known_.steps[i]);
  }

private:
  /// Makes the loop run only when `fits`, and a copy of it otherwise.
  void split(llvm::Value* fits) {
    llvm::Loop* loop = counted_.loop;
    llvm::BasicBlock* fork = loop->getLoopPreheader();
    llvm::BasicBlock* preheader =
        llvm::SplitBlock(fork, fork->getTerminator(), &dominators_, &loops_, nullptr, "linear");
    mark_pairs(*loop); // before they are copied
    llvm::ValueToValueMapTy copies;
    llvm::SmallVector<llvm::BasicBlock*, 8> blocks;
    llvm::Loop* copy = llvm::cloneLoopWithPreheader(preheader, fork, loop, copies, ".wrapping", &loops_,
                                                    &dominators_, blocks);
    llvm::remapInstructionsInBlocks(blocks, copies);
    llvm::Instruction* old_end = fork->getTerminator();
    llvm::BranchInst* choice =
        llvm::BranchInst::Create(preheader, copy->getLoopPreheader(), fits, old_end->getIterator());
    if (!pays_without_vectors(counted_))
      choice->setMetadata(kChoice, llvm::MDNode::get(choice->getContext(), {}));
    old_end->eraseFromParent();

    llvm::SmallVector<llvm::BasicBlock*, 4> exits;
    loop->getUniqueExitBlocks(exits);
    for (llvm::BasicBlock* exit : exits)
      for (llvm::PHINode& phi : exit->phis())
        for (unsigned i = 0, n = phi.getNumIncomingValues(); i < n; i++) {
          auto* from = llvm::cast<llvm::BasicBlock>(copies[phi.getIncomingBlock(i)]);
          llvm::Value* value = phi.getIncomingValue(i);
          llvm::Value* copied = copies.lookup(value);
          phi.addIncoming(copied ? copied : value, from);
        }
    // What a block of the loop dominated, both of them now lead to.
    for (llvm::BasicBlock* block : loop->blocks()) {
      auto children = llvm::to_vector(dominators_.getNode(block)->children());
      for (llvm::DomTreeNode* child : children)
        if (!loop->contains(child->getBlock()))
          dominators_.changeImmediateDominator(child, dominators_.getNode(fork));
    }
    for (llvm::Loop* each : {loop, copy})
      llvm::formDedicatedExitBlocks(each, &dominators_, &loops_, nullptr, true);
    leave_alone(*copy);
  }

  static void mark_pairs(llvm::Loop& loop) {
    for (llvm::BasicBlock* block : loop.blocks())
      for (llvm::Instruction& instruction : *block)
        if (llvm::isa<llvm::LoadInst>(instruction))
          instruction.setMetadata(kPair, llvm::MDNode::getDistinct(block->getContext(), {}));
  }

  /// How far the stream has come, in 64 bits, and every address at its distance from the start.
  void make_linear(const AddressStream& stream, llvm::Value* start, llvm::Value* step) {
    llvm::Loop* loop = counted_.loop;
    bool goes_up = scev_.isKnownPositive(stream.step);
    llvm::IRBuilder<> b(loop->getHeader(), loop->getHeader()->begin());
    llvm::PHINode* way = b.CreatePHI(start->getType(), 2, "way");
    b.SetInsertPoint(loop->getLoopLatch()->getTerminator());
    way->addIncoming(b.getInt64(0), loop->getLoopPreheader());
    way->addIncoming(b.CreateAdd(way, step, "", goes_up, true), loop->getLoopLatch());

    llvm::GEPNoWrapFlags flags = llvm::GEPNoWrapFlags::noUnsignedSignedWrap();
    if (goes_up) flags |= llvm::GEPNoWrapFlags::noUnsignedWrap();
    llvm::DenseMap<llvm::Value*, llvm::Value*> origins; // of the stream in each memory, by the memory's base
    for (const StreamAddress& address : stream.addresses) {
      for (llvm::User* user : llvm::make_early_inc_range(address.widening->users())) {
        if (!is_pointer_of(user, address.widening, *loop)) continue;
        llvm::Value* base = llvm::cast<llvm::GetElementPtrInst>(user)->getPointerOperand();
        llvm::Value*& origin = origins[base];
        b.SetInsertPoint(loop->getLoopPreheader()->getTerminator());
        if (!origin) origin = origin_of(b, base, start);
        auto* pointer = llvm::cast<llvm::Instruction>(user);
        b.SetInsertPoint(pointer);
        llvm::Value* linear = b.CreatePtrAdd(origin, way, "", flags);
        if (address.offset != 0)
          linear = b.CreatePtrAdd(linear, b.getInt64(static_cast<uint64_t>(address.offset)), "", flags);
        pointer->replaceAllUsesWith(linear);
        pointer->eraseFromParent();
      }
      if (!address.widening->use_empty()) {
        b.SetInsertPoint(address.widening);
        llvm::Value* first =
            b.CreateAdd(start, b.getInt64(static_cast<uint64_t>(address.offset)), "", true, true);
        address.widening->replaceAllUsesWith(b.CreateAdd(first, way, "", goes_up, true));
      }
      address.widening->eraseFromParent();
    }
  }

  /// Through an integer: LLVM takes pointers with one base for one array, and compares each store of the loop
  /// with its neighbours at run time unless they are known to be the same stream.
  static llvm::Value* origin_of(llvm::IRBuilder<>& b, llvm::Value* base, llvm::Value* start) {
    return b.CreateIntToPtr(b.CreateAdd(b.CreatePtrToInt(base, start->getType()), start), base->getType(),
                            "origin");
  }

  const CountedLoop& counted_;
  llvm::ScalarEvolution& scev_;
  llvm::DominatorTree& dominators_;
  llvm::LoopInfo& loops_;
  StreamStarts known_ = {};
};

bool may_pay(const CountedLoop& counted) {
  if (counted.may_wrap) return pays_without_vectors(counted) || may_get_vectors(counted);
  bool has_neighbours = std::ranges::any_of(
      counted.streams, [](const AddressStream& stream) { return stream.addresses.size() > 1; });
  return counted.streams.size() > 1 && has_neighbours;
}

/// Hands the loads of a twin that goes over to the loop as it was, so that those who watch them
/// (exact_traps.h) do not take them for lost and watch that loop from now on.
void replace_loads(llvm::ArrayRef<llvm::BasicBlock*> twin, llvm::ArrayRef<llvm::BasicBlock*> loop) {
  llvm::SmallDenseMap<llvm::MDNode*, llvm::Instruction*> staying;
  for (llvm::BasicBlock* block : loop)
    for (llvm::Instruction& instruction : *block)
      if (llvm::MDNode* pair = instruction.getMetadata(kPair)) staying[pair] = &instruction;
  for (llvm::BasicBlock* block : twin)
    for (llvm::Instruction& instruction : *block)
      if (llvm::Instruction* other = staying.lookup(instruction.getMetadata(kPair)))
        if (other->getType() == instruction.getType()) instruction.replaceAllUsesWith(other);
}

bool has_vectors(const llvm::BasicBlock& block) {
  return llvm::any_of(block, [](const llvm::Instruction& instruction) {
    return instruction.getType()->isVectorTy() ||
           llvm::any_of(instruction.operands(),
                        [](const llvm::Use& use) { return use->getType()->isVectorTy(); });
  });
}

} // namespace

llvm::PreservedAnalyses LinearAddresses::run(llvm::Function& function,
                                             llvm::FunctionAnalysisManager& analyses) {
  auto& loops = analyses.getResult<llvm::LoopAnalysis>(function);
  if (loops.empty()) return llvm::PreservedAnalyses::all();
  auto& scev = analyses.getResult<llvm::ScalarEvolutionAnalysis>(function);
  auto& dominators = analyses.getResult<llvm::DominatorTreeAnalysis>(function);
  auto& costs = analyses.getResult<llvm::TargetIRAnalysis>(function);
  const bool counts_size = function.hasOptSize() || function.hasFnAttribute(llvm::Attribute::Cold);
  const uint64_t vector_bits =
      costs.getRegisterBitWidth(llvm::TargetTransformInfo::RGK_FixedWidthVector).getFixedValue();
  const uint64_t chunk_bytes = std::min<uint64_t>(vector_bits / 8, kMostChunkBytes);
  bool changed = false;
  for (llvm::Loop* loop : loops.getLoopsInPreorder()) {
    std::optional<CountedLoop> counted = find_counted_loop(*loop, scev, costs);
    if (!counted) continue;
    if (is_remainder(*counted, scev) || std::ranges::any_of(counted->streams, is_sparse)) {
      leave_alone(*loop);
      continue;
    }
    std::optional<CopyLoop> copy;
    std::optional<SumLoop> sum;
    if (!counts_size) copy = find_copy_loop(*counted, scev, chunk_bytes);
    if (!counts_size && !copy) sum = find_sum_loop(*counted, scev);
    if (copy && copy->has_vectors()) {
      leave_alone(*loop);
      continue;
    }
    if (copy)
      copy_in_chunks(*copy, *counted, chunk_bytes, scev, dominators, loops);
    else if (sum)
      sum_in_chunks(*sum, *counted, vector_bits, scev, dominators, loops);
    else if (may_pay(*counted))
      Rewriting(*counted, scev, dominators, loops).run();
    else
      continue;
    scev.forgetTopmostLoop(loop);
    changed = true;
  }
  return changed ? llvm::PreservedAnalyses::none() : llvm::PreservedAnalyses::all();
}

llvm::PreservedAnalyses IdleTwins::run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
  auto& dominators = analyses.getResult<llvm::DominatorTreeAnalysis>(function);
  auto& loops = analyses.getResult<llvm::LoopAnalysis>(function);
  bool changed = false;
  for (llvm::BasicBlock& block : function) {
    auto* choice = llvm::dyn_cast<llvm::BranchInst>(block.getTerminator());
    if (!choice || !choice->getMetadata(kChoice) || choice->isUnconditional()) continue;
    llvm::SmallVector<llvm::BasicBlock*, 16> twin;
    dominators.getDescendants(choice->getSuccessor(0), twin);
    if (llvm::any_of(twin, [](llvm::BasicBlock* each) { return has_vectors(*each); })) continue;
    llvm::LLVMContext& context = function.getContext();
    choice->setCondition(llvm::ConstantInt::getFalse(context));
    llvm::SmallVector<llvm::BasicBlock*, 16> staying;
    dominators.getDescendants(choice->getSuccessor(1), staying);
    replace_loads(twin, staying);
    for (llvm::Loop* loop : loops.getLoopsInPreorder())
      if (dominators.dominates(choice->getSuccessor(1), loop->getHeader()))
        loop->setLoopID(llvm::makePostTransformationMetadata(context, loop->getLoopID(), {kNoUnrolling}, {}));
    llvm::ConstantFoldTerminator(&block); // uses in the twin are not dominated any more
    changed = true;
  }
  return changed ? llvm::PreservedAnalyses::none() : llvm::PreservedAnalyses::all();
}

} // namespace swage::codegen
