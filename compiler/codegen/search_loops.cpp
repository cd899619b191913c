#include "compiler/codegen/search_loops.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <llvm/ADT/DenseMap.h>
#include <llvm/Analysis/AssumptionCache.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/ScalarEvolutionExpressions.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Transforms/Utils/LoopPeel.h>
#include <llvm/Transforms/Utils/ScalarEvolutionExpander.h>
#include <llvm/Transforms/Utils/ValueMapper.h>

#include "compiler/codegen/address_streams.h"

namespace swage::codegen {

namespace {

/// Reading as far as the end of a page that was read from cannot fault. Of any host.
constexpr uint64_t kPageBytes = 4096;
/// What a chunk loads at once, at most.
constexpr unsigned kMostChunkBytes = 32;
/// Fewer rounds than this are not worth a chunk.
constexpr unsigned kLeastLanes = 4;
/// What the loop looks at before its first chunk, one round after the other: most searches are short, and
/// what a chunk takes at the end pays only then.
constexpr uint64_t kFirstBytes = 8;
/// What a loop over two streams may load of one: who compares words has chosen his chunk. Nearly all such
/// loops are in compressors, by the hundred, and most matches end in the first rounds.
constexpr uint64_t kMostOfTwoStreams = 2;
constexpr unsigned kMostInstructions = 48;
/// Of the rounds before the first chunk together.
constexpr unsigned kMostCopied = 160;
/// Instructions that computing the number of rounds may take.
constexpr unsigned kMostToExpand = 16;

/// A way out of the loop. The blocks of the loop stand in a row, each with one at most.
struct Exit {
  llvm::Value* condition;
  bool leaves_when; ///< the condition is this
};

/// A load whose address goes one element further in each round.
struct Stream {
  llvm::LoadInst* load;
  llvm::Value* address; ///< of 32 bits, widened for the pointer; null when the pointer cannot wrap
  uint64_t width;       ///< bytes
};

/// A value that the head takes over from the round before.
struct Carried {
  llvm::PHINode* phi;
  llvm::Value* latest;         ///< what the latch hands on
  std::optional<int64_t> step; ///< what each round adds; without one, any value of the round before
};

/// What is known of a loop before anything changes.
struct Plan {
  llvm::Loop* loop = nullptr;
  std::vector<Exit> exits = {};                     ///< those that depend on what was loaded
  llvm::SmallVector<const llvm::SCEV*> bounds = {}; ///< rounds until each of the others
  llvm::Value* bound = nullptr;                     ///< the least of them, as i64; null when there are none
  std::vector<Stream> streams = {};
  std::vector<Carried> carried = {};
  unsigned lanes = 0;        ///< rounds in a chunk
  unsigned first_rounds = 0; ///< that stand before the loop
};

/// Finds a loop's plan, or that it has none.
class Planning {
public:
  Planning(llvm::Loop& loop, llvm::ScalarEvolution& scev, const llvm::TargetTransformInfo& costs)
      : loop_(loop), scev_(scev), costs_(costs) {}

  std::optional<Plan> run(uint64_t chunk_bytes) {
    plan_.loop = &loop_;
    if (!loop_.isLoopSimplifyForm() || !loop_.isInnermost() || !find_exits() || plan_.exits.empty())
      return std::nullopt;
    find_carried();
    for (const Exit& exit : plan_.exits)
      if (!has_lanes(exit.condition)) return std::nullopt;
    // A load that is skipped would take its trap along, so each must be in the chunk.
    if (plan_.streams.empty() || plan_.streams.size() != loads_) return std::nullopt;
    for (const Carried& each : plan_.carried)
      if (!each.step && !can_repeat(each.latest)) return std::nullopt;
    uint64_t widest = 1;
    for (const Stream& stream : plan_.streams) widest = std::max(widest, stream.width);
    if (plan_.streams.size() > 1 && widest > kMostOfTwoStreams) return std::nullopt;
    plan_.lanes = static_cast<unsigned>(chunk_bytes / widest);
    if (plan_.lanes < kLeastLanes) return std::nullopt;
    uint64_t first_rounds = std::min<uint64_t>(kFirstBytes / widest, kMostCopied / size_);
    plan_.first_rounds = static_cast<unsigned>(std::max<uint64_t>(first_rounds, 1));
    return std::move(plan_);
  }

private:
  /// Walks the row of blocks, which must do nothing but load and compute.
  bool find_exits() {
    llvm::BasicBlock* block = loop_.getHeader();
    for (size_t left = loop_.getNumBlocks(); left != 0; left--) {
      for (llvm::Instruction& instruction : *block) {
        if (++size_ > kMostInstructions || instruction.mayHaveSideEffects()) return false;
        if (llvm::isa<llvm::PHINode>(instruction) && block != loop_.getHeader()) return false;
        if (!instruction.mayReadFromMemory()) continue;
        auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
        if (!load || !load->isSimple()) return false;
        loads_++;
      }
      auto* end = llvm::dyn_cast<llvm::BranchInst>(block->getTerminator());
      if (!end) return false;
      llvm::BasicBlock* next = nullptr;
      for (llvm::BasicBlock* successor : end->successors()) {
        if (!loop_.contains(successor)) continue;
        if (next) return false;
        next = successor;
      }
      if (end->isConditional()) add_exit(*end, block, end->getSuccessor(0) != next);
      if ((next == loop_.getHeader()) != (left == 1)) return false;
      block = next;
    }
    return true;
  }

  void add_exit(llvm::BranchInst& end, llvm::BasicBlock* block, bool leaves_when) {
    const llvm::SCEV* count = scev_.getExitCount(&loop_, block);
    llvm::Instruction* place = loop_.getLoopPreheader()->getTerminator();
    llvm::SCEVExpander expander(scev_, "search");
    if (!llvm::isa<llvm::SCEVCouldNotCompute>(count) && scev_.getTypeSizeInBits(count->getType()) <= 64 &&
        expander.isSafeToExpandAt(count, place) &&
        !expander.isHighCostExpansion({count}, &loop_, kMostToExpand, &costs_, place))
      plan_.bounds.push_back(count);
    else
      plan_.exits.push_back({end.getCondition(), leaves_when});
  }

  /// What each round adds to the value, if it is always the same.
  std::optional<int64_t> step_of(llvm::Value* value) {
    const llvm::SCEVConstant* step = round_step(*value, loop_, scev_);
    return step ? std::optional(step->getAPInt().getSExtValue()) : std::nullopt;
  }

  void find_carried() {
    for (llvm::PHINode& phi : loop_.getHeader()->phis())
      plan_.carried.push_back({&phi, phi.getIncomingValueForBlock(loop_.getLoopLatch()), step_of(&phi)});
  }

  bool is_carried_sum(llvm::Value* value) {
    return std::ranges::any_of(plan_.carried,
                               [&](const Carried& each) { return each.phi == value && each.step; });
  }

  /// Whether a value can be computed for all rounds of a chunk at once; its loads become streams.
  bool has_lanes(llvm::Value* value) {
    auto* instruction = llvm::dyn_cast<llvm::Instruction>(value);
    if (!llvm::VectorType::isValidElementType(value->getType()) || value->getType()->isPointerTy())
      return false;
    if (!instruction || !loop_.contains(instruction)) return true;
    auto [found, is_new] = lanes_.try_emplace(instruction, false);
    if (!is_new) return found->second; // false while it is looked at: it depends on itself
    bool result = false;
    if (auto* load = llvm::dyn_cast<llvm::LoadInst>(instruction))
      result = add_stream(*load);
    else if (auto* phi = llvm::dyn_cast<llvm::PHINode>(instruction))
      result = is_carried_sum(phi) || has_lanes(phi->getIncomingValueForBlock(loop_.getLoopLatch()));
    else if (is_lanewise(*instruction))
      result =
          llvm::all_of(operands_of(*instruction), [&](llvm::Value* operand) { return has_lanes(operand); });
    lanes_[instruction] = result;
    return result;
  }

  static llvm::iterator_range<llvm::User::op_iterator> operands_of(llvm::Instruction& instruction) {
    if (auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction)) return call->args();
    return instruction.operands();
  }

  static bool is_lanewise(const llvm::Instruction& instruction) {
    if (instruction.isIntDivRem()) return false; // of a lane that no round would compute
    if (auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction)) {
      llvm::Intrinsic::ID id = call->getIntrinsicID();
      return llvm::isa<llvm::MinMaxIntrinsic>(call) || id == llvm::Intrinsic::fshl ||
             id == llvm::Intrinsic::fshr || id == llvm::Intrinsic::ctpop || id == llvm::Intrinsic::bswap;
    }
    return llvm::isa<llvm::BinaryOperator, llvm::CmpInst, llvm::CastInst, llvm::SelectInst, llvm::FreezeInst>(
        instruction);
  }

  bool add_stream(llvm::LoadInst& load) {
    llvm::Type* type = load.getType();
    uint64_t bits = type->getPrimitiveSizeInBits().getFixedValue();
    if (!type->isIntegerTy() || bits % 8 != 0 || !llvm::isPowerOf2_64(bits) || bits > 64) return false;
    uint64_t width = bits / 8;
    // What of the pointer changes must be one index.
    llvm::Value* varying = nullptr;
    llvm::Value* pointer = load.getPointerOperand();
    while (!loop_.isLoopInvariant(pointer)) {
      auto* sum = llvm::dyn_cast<llvm::GetElementPtrInst>(pointer);
      if (!sum || sum->getNumIndices() != 1 || !sum->getSourceElementType()->isIntegerTy(8)) return false;
      llvm::Value* index = sum->getOperand(1);
      if (!loop_.isLoopInvariant(index)) {
        if (varying || !index->getType()->isIntegerTy(64)) return false;
        varying = index;
      }
      pointer = sum->getPointerOperand();
    }
    if (!varying) return false;
    llvm::Value* address = nullptr;
    if (step_of(varying) != static_cast<int64_t>(width)) {
      auto* widening = llvm::dyn_cast<llvm::ZExtInst>(varying);
      if (!widening || !widening->getOperand(0)->getType()->isIntegerTy(32)) return false;
      address = widening->getOperand(0);
      if (step_of(address) != static_cast<int64_t>(width)) return false;
    }
    if (!can_repeat(load.getPointerOperand())) return false;
    plan_.streams.push_back({&load, address, width});
    return true;
  }

  /// Whether a value can be computed for any round of a chunk by itself, which is without others before it.
  bool can_repeat(llvm::Value* value) {
    auto* instruction = llvm::dyn_cast<llvm::Instruction>(value);
    if (!instruction || !loop_.contains(instruction)) return true;
    if (llvm::isa<llvm::PHINode>(instruction)) return is_carried_sum(instruction);
    auto [found, is_new] = repeats_.try_emplace(instruction, false);
    if (!is_new) return found->second;
    bool result =
        llvm::all_of(instruction->operands(), [&](llvm::Value* operand) { return can_repeat(operand); });
    return repeats_[instruction] = result;
  }

  llvm::Loop& loop_;
  llvm::ScalarEvolution& scev_;
  const llvm::TargetTransformInfo& costs_;
  Plan plan_;
  unsigned size_ = 0; ///< instructions
  size_t loads_ = 0;
  llvm::DenseMap<llvm::Instruction*, bool> lanes_, repeats_;
};

/// How often the loop can go back to its head before it comes to an end that is known beforehand.
llvm::Value* expand_bound(const Plan& plan, llvm::ScalarEvolution& scev) {
  llvm::Instruction* place = plan.loop->getLoopPreheader()->getTerminator();
  llvm::IRBuilder<> b(place);
  llvm::SCEVExpander expander(scev, "search");
  llvm::Value* least = nullptr;
  for (const llvm::SCEV* count : plan.bounds) {
    llvm::Value* each = expander.expandCodeFor(count, nullptr, place);
    each = b.CreateFreeze(b.CreateZExtOrTrunc(each, b.getInt64Ty()));
    least = least ? b.CreateBinaryIntrinsic(llvm::Intrinsic::umin, least, each) : each;
  }
  return least;
}

class Rewriting {
public:
  explicit Rewriting(Plan& plan)
      : plan_(plan), lanes_(plan.lanes), b_(plan.loop->getHeader()->getContext()) {}

  void run() {
    llvm::BasicBlock* head = plan_.loop->getHeader();
    llvm::BasicBlock* preheader = plan_.loop->getLoopPreheader();
    llvm::BasicBlock* latch = plan_.loop->getLoopLatch();
    b_.SetCurrentDebugLocation(plan_.streams.front().load->getDebugLoc());
    llvm::PHINode* left = plan_.bound ? count_rounds() : nullptr;
    auto new_block = [&](const char* name) {
      llvm::BasicBlock* block = llvm::BasicBlock::Create(head->getContext(), name, head->getParent());
      block->moveAfter(latch);
      return block;
    };
    llvm::BasicBlock* end = new_block("search.end");
    llvm::BasicBlock* chunk = new_block("search.chunk");
    llvm::BasicBlock* check = new_block("search.check");

    b_.SetInsertPoint(check);
    for (const Carried& each : plan_.carried) {
      llvm::PHINode* here = b_.CreatePHI(each.phi->getType(), 3);
      here->addIncoming(each.phi->getIncomingValueForBlock(preheader), preheader);
      here->addIncoming(each.latest, latch);
      here_[each.phi] = here;
      each.phi->removeIncomingValue(preheader, false);
      each.phi->setIncomingValue(0, here);
      each.phi->setIncomingBlock(0, check);
    }
    for (llvm::BasicBlock* from : {preheader, latch})
      from->getTerminator()->replaceSuccessorWith(head, check);
    Repeated now;
    llvm::Value* fits = b_.getTrue();
    for (const Stream& stream : plan_.streams) fits = b_.CreateAnd(fits, can_be_read(stream, now));
    b_.CreateCondBr(fits, chunk, head);

    b_.SetInsertPoint(chunk);
    for (const Stream& stream : plan_.streams) load(stream, now);
    llvm::Value* mask = b_.CreateBitCast(leaving_lanes(), b_.getIntNTy(lanes_));
    llvm::Value* goes_on = b_.CreateICmpEQ(mask, llvm::Constant::getNullValue(mask->getType()));
    llvm::Value* all = b_.getInt64(lanes_);
    if (left) goes_on = b_.CreateAnd(goes_on, b_.CreateICmpUGE(here_[left], all));
    // The next chunk does not wait for this one: the branch is foreseen, and the way is a constant.
    for (const Carried& each : plan_.carried)
      llvm::cast<llvm::PHINode>(here_[each.phi])->addIncoming(after(each, all), chunk);
    b_.CreateCondBr(goes_on, check, end);

    b_.SetInsertPoint(end);
    llvm::Value* skipped = b_.CreateZExt(
        b_.CreateIntrinsic(llvm::Intrinsic::cttz, {mask->getType()}, {mask, b_.getFalse()}), b_.getInt64Ty());
    if (left) skipped = b_.CreateBinaryIntrinsic(llvm::Intrinsic::umin, skipped, here_[left]);
    for (const Carried& each : plan_.carried) each.phi->addIncoming(after(each, skipped), end);
    b_.CreateBr(head);
  }

private:
  using Repeated = llvm::DenseMap<llvm::Value*, llvm::Value*>;

  /// How often the loop can still go back before it comes to the end that is known beforehand.
  llvm::PHINode* count_rounds() {
    llvm::BasicBlock* head = plan_.loop->getHeader();
    b_.SetInsertPoint(head, head->begin());
    llvm::PHINode* left = b_.CreatePHI(b_.getInt64Ty(), 2);
    left->addIncoming(plan_.bound, plan_.loop->getLoopPreheader());
    b_.SetInsertPoint(plan_.loop->getLoopLatch()->getTerminator());
    llvm::Value* next = b_.CreateSub(left, b_.getInt64(1));
    left->addIncoming(next, plan_.loop->getLoopLatch());
    plan_.carried.push_back({left, next, -1});
    return left;
  }

  /// Whether the chunk lies in one page with the element before it, which was read in the round before.
  llvm::Value* can_be_read(const Stream& stream, Repeated& now) {
    uint64_t bytes = lanes_ * stream.width;
    llvm::Value* pointer = repeat(stream.load->getPointerOperand(), now);
    llvm::Value* first = b_.CreateSub(b_.CreatePtrToInt(pointer, b_.getInt64Ty()), b_.getInt64(stream.width));
    llvm::Value* fits = b_.CreateICmpULE(b_.CreateAnd(first, b_.getInt64(kPageBytes - 1)),
                                         b_.getInt64(kPageBytes - bytes - stream.width));
    if (!stream.address) return fits;
    llvm::Value* before =
        b_.CreateSub(repeat(stream.address, now), b_.getInt32(static_cast<uint32_t>(stream.width)));
    return b_.CreateAnd(
        fits, b_.CreateICmpULE(before, b_.getInt32(static_cast<uint32_t>(-(bytes + stream.width)))));
  }

  void load(const Stream& stream, Repeated& now) {
    auto* type = llvm::FixedVectorType::get(stream.load->getType(), lanes_);
    llvm::LoadInst* wide =
        b_.CreateAlignedLoad(type, repeat(stream.load->getPointerOperand(), now), stream.load->getAlign());
    wide->copyMetadata(*stream.load, {llvm::LLVMContext::MD_alias_scope, llvm::LLVMContext::MD_noalias});
    vectors_[stream.load] = wide;
  }

  /// A value in the round that `round` stands for by the head's sums, which are those of the first one of the
  /// chunk unless it says otherwise.
  llvm::Value* repeat(llvm::Value* value, Repeated& round) {
    auto* instruction = llvm::dyn_cast<llvm::Instruction>(value);
    if (!instruction || !plan_.loop->contains(instruction)) return value;
    if (llvm::Value* known = round.lookup(value)) return known;
    if (llvm::Value* here = here_.lookup(value)) return here;
    llvm::Instruction* copy = instruction->clone();
    for (llvm::Use& operand : copy->operands()) operand = repeat(operand, round);
    copy->dropPoisonGeneratingAnnotations();
    copy->dropUBImplyingAttrsAndMetadata();
    b_.Insert(copy);
    return round[value] = copy;
  }

  llvm::Value* splat(llvm::Value* value) { return b_.CreateVectorSplat(lanes_, value); }

  /// A value in each round of the chunk.
  llvm::Value* lanes_of(llvm::Value* value) {
    auto* instruction = llvm::dyn_cast<llvm::Instruction>(value);
    if (!instruction || !plan_.loop->contains(instruction)) return splat(value);
    if (llvm::Value* known = vectors_.lookup(value)) return known;
    llvm::Value* result =
        llvm::isa<llvm::PHINode>(instruction) ? carried_lanes(instruction) : lanewise(*instruction);
    return vectors_[value] = result;
  }

  llvm::Value* carried_lanes(llvm::Value* phi) {
    const Carried& each =
        *std::ranges::find_if(plan_.carried, [&](const Carried& other) { return other.phi == phi; });
    llvm::Value* here = here_.lookup(phi);
    if (each.step) {
      llvm::SmallVector<llvm::Constant*, kMostChunkBytes> ways;
      for (uint64_t lane = 0; lane < lanes_; lane++)
        ways.push_back(llvm::ConstantInt::get(phi->getType(), static_cast<uint64_t>(*each.step) * lane,
                                              /*IsSigned=*/false, /*ImplicitTrunc=*/true));
      return b_.CreateAdd(splat(here), llvm::ConstantVector::get(ways));
    }
    // Each lane is what the one before has computed.
    llvm::Value* all = lanes_of(each.latest);
    llvm::SmallVector<int, kMostChunkBytes> order = {0};
    for (unsigned lane = 0; lane + 1 < lanes_; lane++) order.push_back(static_cast<int>(lanes_ + lane));
    return b_.CreateShuffleVector(splat(here), all, order);
  }

  llvm::Value* lanewise(llvm::Instruction& instruction) {
    llvm::SmallVector<llvm::Value*, 3> operands;
    bool is_call = llvm::isa<llvm::IntrinsicInst>(instruction);
    size_t count =
        is_call ? llvm::cast<llvm::CallBase>(instruction).arg_size() : instruction.getNumOperands();
    for (unsigned k = 0; k < count; k++) operands.push_back(lanes_of(instruction.getOperand(k)));
    auto* type = llvm::FixedVectorType::get(instruction.getType(), lanes_);
    if (auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction))
      return b_.CreateIntrinsic(call->getIntrinsicID(), {type}, operands);
    if (auto* compare = llvm::dyn_cast<llvm::CmpInst>(&instruction))
      return b_.CreateCmp(compare->getPredicate(), operands[0], operands[1]);
    if (auto* cast = llvm::dyn_cast<llvm::CastInst>(&instruction))
      return b_.CreateCast(cast->getOpcode(), operands[0], type);
    if (llvm::isa<llvm::SelectInst>(instruction))
      return b_.CreateSelect(operands[0], operands[1], operands[2]);
    if (llvm::isa<llvm::FreezeInst>(instruction)) return b_.CreateFreeze(operands[0]);
    auto op = llvm::cast<llvm::BinaryOperator>(instruction).getOpcode();
    return b_.CreateBinOp(op, operands[0], operands[1]);
  }

  /// The lanes of the rounds that may leave the loop.
  llvm::Value* leaving_lanes() {
    llvm::Value* leaving = nullptr;
    for (const Exit& exit : plan_.exits) {
      llvm::Value* lanes = lanes_of(exit.condition);
      if (!exit.leaves_when) lanes = b_.CreateNot(lanes);
      lanes = b_.CreateFreeze(lanes); // those after the first that leaves may be anything
      leaving = leaving ? b_.CreateOr(leaving, lanes) : lanes;
    }
    return leaving;
  }

  /// A value that is carried, after so many rounds of the chunk, none of them perhaps.
  llvm::Value* after(const Carried& each, llvm::Value* rounds) {
    llvm::Value* here = here_.lookup(each.phi);
    llvm::Type* type = here->getType();
    if (each.step) {
      llvm::Value* way = b_.CreateMul(b_.CreateZExtOrTrunc(rounds, type),
                                      llvm::ConstantInt::getSigned(type, *each.step, true));
      return b_.CreateAdd(here, way);
    }
    Repeated last; // of these rounds, or the chunk's first when there are none
    llvm::Value* is_none = b_.CreateICmpEQ(rounds, b_.getInt64(0));
    llvm::Value* before = b_.CreateSelect(is_none, rounds, b_.CreateSub(rounds, b_.getInt64(1)));
    for (const Carried& other : plan_.carried)
      if (other.step) last[other.phi] = after(other, before);
    return b_.CreateSelect(is_none, here, repeat(each.latest, last));
  }

  Plan& plan_;
  const unsigned lanes_;
  llvm::IRBuilder<> b_;
  Repeated here_;    ///< what is carried, before the chunk
  Repeated vectors_; ///< values in each round of the chunk
};

} // namespace

llvm::PreservedAnalyses SearchLoops::run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
  auto& loops = analyses.getResult<llvm::LoopAnalysis>(function);
  if (loops.empty() || function.hasOptSize() || function.hasFnAttribute(llvm::Attribute::Cold))
    return llvm::PreservedAnalyses::all();
  auto& scev = analyses.getResult<llvm::ScalarEvolutionAnalysis>(function);
  auto& costs = analyses.getResult<llvm::TargetIRAnalysis>(function);
  auto& dominators = analyses.getResult<llvm::DominatorTreeAnalysis>(function);
  auto& assumptions = analyses.getResult<llvm::AssumptionAnalysis>(function);
  uint64_t bits = costs.getRegisterBitWidth(llvm::TargetTransformInfo::RGK_FixedWidthVector).getFixedValue();
  uint64_t chunk_bytes = std::min<uint64_t>(bits / 8, kMostChunkBytes);
  std::vector<llvm::Loop*> peeled;
  for (llvm::Loop* loop : loops.getLoopsInPreorder()) {
    std::optional<Plan> plan = Planning(*loop, scev, costs).run(chunk_bytes);
    llvm::ValueToValueMapTy copies;
    if (plan && llvm::peelLoop(loop, plan->first_rounds, /*PeelLast=*/false, &loops, &scev, dominators,
                               &assumptions, /*PreserveLCSSA=*/true, copies))
      peeled.push_back(loop);
  }
  std::vector<Plan> plans; // all before the first change that SCEV is not told of
  for (llvm::Loop* loop : peeled)
    if (std::optional<Plan> plan = Planning(*loop, scev, costs).run(chunk_bytes)) {
      plan->bound = expand_bound(*plan, scev);
      plans.push_back(std::move(*plan));
    }
  for (Plan& plan : plans) Rewriting(plan).run();
  return peeled.empty() ? llvm::PreservedAnalyses::all() : llvm::PreservedAnalyses::none();
}

} // namespace swage::codegen
