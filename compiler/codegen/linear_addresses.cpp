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
#include <llvm/Transforms/Utils/ScalarEvolutionExpander.h>

namespace swage::codegen {

namespace {

constexpr unsigned kAddressBits = 32;
/// Metadata of the branch that chooses between a twin and the loop as it was.
constexpr const char* kChoice = "swage.twin";
/// Metadata that a load of a twin shares with the one of the loop as it was, and with no other.
constexpr const char* kPair = "swage.pair";
constexpr const char* kNoUnrolling = "llvm.loop.unroll.disable";
/// What a twin may cost: no loop of more instructions has one, and no loop of more kinds of pointers.
constexpr unsigned kMostInstructions = 400;
constexpr size_t kMostStreams = 12;
/// Bytes between the first and the last address of a stream. What lies farther apart is another row or array;
/// in one stream with this one, LLVM would take all that is between them for accessed too.
constexpr int64_t kMostSpan = 1024;
/// Instructions that computing a start, a step or the number of rounds may take.
constexpr unsigned kMostToExpand = 16;

/// One widened sum of the loop: `offset` beyond the first address of its stream.
struct Address {
  llvm::ZExtInst* widening;
  int64_t offset;
};

/// Addresses that step alike and lie at fixed distances from each other.
struct Stream {
  const llvm::SCEV* start; ///< of the one whose offset is least, before the first iteration
  const llvm::SCEV* step;
  std::vector<Address> addresses;
  int64_t span = 0; ///< the greatest offset
};

bool is_safe_to_clone(const llvm::Loop& loop) {
  unsigned size = 0;
  for (llvm::BasicBlock* block : loop.blocks())
    for (llvm::Instruction& instruction : *block) {
      if (++size > kMostInstructions || instruction.mayThrow()) return false;
      auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction);
      if (call && !llvm::isa<llvm::IntrinsicInst>(call)) return false;
    }
  return loop.isSafeToClone();
}

/// The address becomes part of the stream that it belongs to.
void add_address(std::vector<Stream>& streams, llvm::ZExtInst* widening, const llvm::SCEVAddRecExpr* sum,
                 llvm::ScalarEvolution& scev) {
  const llvm::SCEV* start = sum->getStart();
  const llvm::SCEV* step = sum->getStepRecurrence(scev);
  for (Stream& stream : streams) {
    if (stream.step != step) continue;
    std::optional<llvm::APInt> distance = scev.computeConstantDifference(start, stream.start);
    if (!distance) continue;
    int64_t offset = distance->getSExtValue();
    int64_t span = std::max(offset, stream.span) - std::min<int64_t>(offset, 0);
    if (span > kMostSpan) continue;
    stream.span = span;
    if (offset < 0) {
      for (Address& other : stream.addresses) other.offset -= offset;
      stream.start = start;
      offset = 0;
    }
    stream.addresses.push_back({widening, offset});
    return;
  }
  streams.push_back({start, step, {{widening, 0}}, 0});
}

/// What steps through a loop, and how often that goes round.
struct Plan {
  llvm::Loop* loop;
  const llvm::SCEV* rounds = nullptr;                               ///< of its back edge, if
  llvm::SmallVector<const llvm::SCEVPredicate*, 4> predicates = {}; ///< these hold
  std::vector<Stream> streams = {};
  bool may_wrap = false; ///< as far as LLVM knows
};

/// The pointers that step through the plan's loop. None if they are too many.
void find_streams(Plan& plan, llvm::ScalarEvolution& scev) {
  const llvm::Loop& loop = *plan.loop;
  for (llvm::BasicBlock* block : loop.blocks())
    for (llvm::Instruction& instruction : *block) {
      auto* widening = llvm::dyn_cast<llvm::ZExtInst>(&instruction);
      if (!widening || !widening->getType()->isIntegerTy(64) ||
          !widening->getOperand(0)->getType()->isIntegerTy(kAddressBits))
        continue;
      auto* sum = llvm::dyn_cast<llvm::SCEVAddRecExpr>(scev.getSCEV(widening->getOperand(0)));
      if (!sum || sum->getLoop() != &loop || !sum->isAffine()) continue;
      if (!llvm::isa<llvm::SCEVAddRecExpr>(scev.getSCEV(widening))) plan.may_wrap = true;
      add_address(plan.streams, widening, sum, scev);
      if (plan.streams.size() > kMostStreams) return plan.streams.clear();
    }
}

/// Whether the loop loads and stores at addresses of its streams alone.
bool is_all_linear(const Plan& plan) {
  auto is_ours = [&](const llvm::Value* pointer) {
    auto* sum = llvm::dyn_cast<llvm::GetElementPtrInst>(pointer);
    while (sum && sum->hasAllConstantIndices()) {
      pointer = sum->getPointerOperand();
      sum = llvm::dyn_cast<llvm::GetElementPtrInst>(pointer);
    }
    if (plan.loop->isLoopInvariant(pointer)) return true;
    return sum && llvm::any_of(plan.streams, [&](const Stream& stream) {
             return llvm::any_of(stream.addresses, [&](const Address& address) {
               return sum->getOperand(1) == address.widening;
             });
           });
  };
  for (llvm::BasicBlock* block : plan.loop->blocks())
    for (llvm::Instruction& instruction : *block)
      if (const llvm::Value* pointer = llvm::getLoadStorePointerOperand(&instruction);
          pointer && !is_ours(pointer))
        return false;
  return true;
}

/// Whether a twin is worth its check even without vectors: in loops that are known to go round often (sha256)
/// or whose addresses all become simpler (a sum of long numbers); not where most lead elsewhere (a sparse
/// matrix).
bool pays_without_vectors(const Plan& plan) {
  return llvm::isa<llvm::SCEVConstant>(plan.rounds) || is_all_linear(plan);
}

/// Whether a loop that stores at addresses from elsewhere as well could become vectors: never, since nobody
/// knows what these overlap.
bool may_get_vectors(const Plan& plan) {
  return is_all_linear(plan) || llvm::none_of(plan.loop->blocks(), [](const llvm::BasicBlock* block) {
           return llvm::any_of(*block, [](const llvm::Instruction& each) { return each.mayWriteToMemory(); });
         });
}

class Rewriting {
public:
  Rewriting(Plan& plan, llvm::ScalarEvolution& scev, llvm::DominatorTree& dominators, llvm::LoopInfo& loops)
      : plan_(plan), scev_(scev), dominators_(dominators), loops_(loops) {}

  void run() {
    llvm::Value* fits = check();
    if (plan_.may_wrap) split(fits);
    for (size_t i = 0; i < plan_.streams.size(); i++) make_linear(plan_.streams[i], starts_[i], steps_[i]);
  }

private:
  /// Whether no address leaves [0, 2^32), computed in 64 bits, which hold every sum: a start has 32, and so
  /// do step and rounds.
  llvm::Value* check() {
    llvm::Instruction* place = plan_.loop->getLoopPreheader()->getTerminator();
    llvm::SCEVExpander expander(scev_, "linear");
    llvm::IRBuilder<> b(place);
    llvm::Type* i64 = b.getInt64Ty();
    llvm::Value* rounds = b.CreateZExtOrTrunc(expander.expandCodeFor(plan_.rounds, nullptr, place), i64);
    llvm::Value* fits = b.getTrue();
    if (scev_.getUnsignedRangeMax(plan_.rounds).getActiveBits() > kAddressBits)
      fits = b.CreateICmpULT(rounds, b.getInt64(uint64_t{1} << kAddressBits));
    for (const llvm::SCEVPredicate* predicate : plan_.predicates)
      fits = b.CreateAnd(fits, b.CreateNot(expander.expandCodeForPredicate(predicate, place)));
    for (const Stream& stream : plan_.streams) {
      llvm::Value* start = b.CreateZExt(expander.expandCodeFor(stream.start, nullptr, place), i64);
      llvm::Value* step = b.CreateSExt(expander.expandCodeFor(stream.step, nullptr, place), i64);
      llvm::Value* room = b.getInt64((uint64_t{1} << kAddressBits) - static_cast<uint64_t>(stream.span));
      llvm::Value* last = b.CreateAdd(start, b.CreateMul(step, rounds));
      fits = b.CreateAnd(fits, b.CreateICmpULT(last, room));
      if (!scev_.isKnownPositive(stream.step)) fits = b.CreateAnd(fits, b.CreateICmpULT(start, room));
      starts_.push_back(start);
      steps_.push_back(step);
    }
    return b.CreateFreeze(fits);
  }

  /// Makes the loop run only when `fits`, and a copy of it otherwise.
  void split(llvm::Value* fits) {
    llvm::Loop* loop = plan_.loop;
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
    if (!pays_without_vectors(plan_))
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
    // Nobody should spend time on the copy.
    llvm::addStringMetadataToLoop(copy, "llvm.loop.vectorize.enable", 0);
    llvm::addStringMetadataToLoop(copy, kNoUnrolling, 1);
  }

  static void mark_pairs(llvm::Loop& loop) {
    for (llvm::BasicBlock* block : loop.blocks())
      for (llvm::Instruction& instruction : *block)
        if (llvm::isa<llvm::LoadInst>(instruction))
          instruction.setMetadata(kPair, llvm::MDNode::getDistinct(block->getContext(), {}));
  }

  /// How far the stream has come, in 64 bits, and every address at its distance from the start.
  void make_linear(const Stream& stream, llvm::Value* start, llvm::Value* step) {
    llvm::Loop* loop = plan_.loop;
    bool goes_up = scev_.isKnownPositive(stream.step);
    llvm::IRBuilder<> b(loop->getHeader(), loop->getHeader()->begin());
    llvm::PHINode* way = b.CreatePHI(start->getType(), 2, "way");
    b.SetInsertPoint(loop->getLoopLatch()->getTerminator());
    way->addIncoming(b.getInt64(0), loop->getLoopPreheader());
    way->addIncoming(b.CreateAdd(way, step, "", goes_up, true), loop->getLoopLatch());

    llvm::GEPNoWrapFlags flags = llvm::GEPNoWrapFlags::noUnsignedSignedWrap();
    if (goes_up) flags |= llvm::GEPNoWrapFlags::noUnsignedWrap();
    llvm::DenseMap<llvm::Value*, llvm::Value*> origins; // of the stream in each memory, by the memory's base
    for (const Address& address : stream.addresses) {
      for (llvm::User* user : llvm::make_early_inc_range(address.widening->users())) {
        llvm::Value* base = base_of(user, address.widening);
        if (!base) continue;
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

  /// The memory's base, if `user` makes a pointer of it and the address.
  llvm::Value* base_of(llvm::User* user, llvm::Value* address) const {
    auto* pointer = llvm::dyn_cast<llvm::GetElementPtrInst>(user);
    if (!pointer || pointer->getNumIndices() != 1 || pointer->getOperand(1) != address ||
        !pointer->getSourceElementType()->isIntegerTy(8) ||
        !plan_.loop->isLoopInvariant(pointer->getPointerOperand()))
      return nullptr;
    return pointer->getPointerOperand();
  }

  /// Through an integer: LLVM takes pointers with one base for one array, and compares each store of the loop
  /// with its neighbours at run time unless they are known to be the same stream.
  static llvm::Value* origin_of(llvm::IRBuilder<>& b, llvm::Value* base, llvm::Value* start) {
    return b.CreateIntToPtr(b.CreateAdd(b.CreatePtrToInt(base, start->getType()), start), base->getType(),
                            "origin");
  }

  Plan& plan_;
  llvm::ScalarEvolution& scev_;
  llvm::DominatorTree& dominators_;
  llvm::LoopInfo& loops_;
  std::vector<llvm::Value*> starts_, steps_; ///< of each stream, in 64 bits
};

std::optional<Plan> plan_for(llvm::Loop& loop, llvm::ScalarEvolution& scev,
                             const llvm::TargetTransformInfo& costs) {
  if (!loop.isLoopSimplifyForm() || !loop.isInnermost() || !is_safe_to_clone(loop)) return std::nullopt;
  Plan plan = {};
  plan.loop = &loop;
  // Not the most that they can be: a loop that what it loads may end gets no vectors.
  plan.rounds = scev.getPredicatedBackedgeTakenCount(&loop, plan.predicates);
  if (llvm::isa<llvm::SCEVCouldNotCompute>(plan.rounds)) return std::nullopt;
  find_streams(plan, scev);
  bool has_neighbours =
      plan.streams.size() > 1 &&
      std::ranges::any_of(plan.streams, [](const Stream& stream) { return stream.addresses.size() > 1; });
  if (plan.streams.empty() || (!plan.may_wrap && !has_neighbours)) return std::nullopt;
  if (plan.may_wrap && !pays_without_vectors(plan) && !may_get_vectors(plan)) return std::nullopt;
  llvm::SCEVExpander expander(scev, "linear");
  llvm::Instruction* place = loop.getLoopPreheader()->getTerminator();
  auto is_cheap = [&](const llvm::SCEV* value) {
    return expander.isSafeToExpandAt(value, place) &&
           !expander.isHighCostExpansion({value}, &loop, kMostToExpand, &costs, place);
  };
  bool all_cheap = is_cheap(plan.rounds) && std::ranges::all_of(plan.streams, [&](const Stream& stream) {
                     return is_cheap(stream.start) && is_cheap(stream.step);
                   });
  return all_cheap ? std::optional(std::move(plan)) : std::nullopt;
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
  bool changed = false;
  for (llvm::Loop* loop : loops.getLoopsInPreorder()) {
    std::optional<Plan> plan = plan_for(*loop, scev, costs);
    if (!plan) continue;
    Rewriting(*plan, scev, dominators, loops).run();
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
