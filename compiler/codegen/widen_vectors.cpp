// The wide body is made on demand: loads and stores in their order, and before a store what it stores. What
// has no wide counterpart, or waits for a value of its own round before, leaves the loop as it was; the
// blocks are connected only once they are complete and cheaper than the rounds that they stand for.
#include "compiler/codegen/widen_vectors.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/Analysis/LoopAccessAnalysis.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/ScalarEvolutionExpressions.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/Analysis/VectorUtils.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicsX86.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/Local.h>
#include <llvm/Transforms/Utils/LoopUtils.h>
#include <llvm/Transforms/Utils/ScalarEvolutionExpander.h>

#include "compiler/codegen/loop_marks.h"
#include "compiler/codegen/vector_parts.h"

namespace swage::codegen {

namespace {

/// The longest vector of Wasm, in bits.
constexpr unsigned kVectorBits = 128;
/// No longer loop is widened.
constexpr size_t kMostInstructions = 400;
/// Comparisons of two ranges of addresses in front of the loop.
constexpr unsigned kMostChecks = 8;
/// Instructions that computing the number of rounds may take.
constexpr unsigned kMostToExpand = 16;
/// What a wide round costs at most, in percent of the rounds that it stands for.
constexpr int64_t kMostCost = 80;

/// Instructions of x86-64 that treat each 128 bits of a longer vector alone, as rounds are.
struct LaneIntrinsic {
  llvm::Intrinsic::ID bits128, bits256, bits512;
};
constexpr LaneIntrinsic kLaneIntrinsics[] = {
    {llvm::Intrinsic::x86_sse2_packsswb_128, llvm::Intrinsic::x86_avx2_packsswb,
     llvm::Intrinsic::x86_avx512_packsswb_512},
    {llvm::Intrinsic::x86_sse2_packssdw_128, llvm::Intrinsic::x86_avx2_packssdw,
     llvm::Intrinsic::x86_avx512_packssdw_512},
    {llvm::Intrinsic::x86_sse2_packuswb_128, llvm::Intrinsic::x86_avx2_packuswb,
     llvm::Intrinsic::x86_avx512_packuswb_512},
    {llvm::Intrinsic::x86_sse41_packusdw, llvm::Intrinsic::x86_avx2_packusdw,
     llvm::Intrinsic::x86_avx512_packusdw_512},
    {llvm::Intrinsic::x86_ssse3_pshuf_b_128, llvm::Intrinsic::x86_avx2_pshuf_b,
     llvm::Intrinsic::x86_avx512_pshuf_b_512},
    {llvm::Intrinsic::x86_ssse3_pmadd_ub_sw_128, llvm::Intrinsic::x86_avx2_pmadd_ub_sw,
     llvm::Intrinsic::x86_avx512_pmaddubs_w_512},
    {llvm::Intrinsic::x86_ssse3_pmul_hr_sw_128, llvm::Intrinsic::x86_avx2_pmul_hr_sw,
     llvm::Intrinsic::x86_avx512_pmul_hr_sw_512},
};

unsigned lanes_of(const llvm::Type* type) {
  auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(type);
  return vector ? vector->getNumElements() : 1;
}

/// Whether values of the type can be lanes, and lie in memory without padding.
bool is_dense(const llvm::Type* type) {
  const llvm::Type* lane = type->getScalarType();
  bool is_number = lane->isIntegerTy(8) || lane->isIntegerTy(16) || lane->isIntegerTy(32) ||
                   lane->isIntegerTy(64) || lane->isFloatTy() || lane->isDoubleTy();
  return is_number && type->getPrimitiveSizeInBits().getFixedValue() <= kVectorBits;
}

/// As is_dense, and what comparisons give.
bool can_be_lanes(const llvm::Type* type) {
  return type->getScalarType()->isIntegerTy(1) ? lanes_of(type) <= kVectorBits / 8 : is_dense(type);
}

/// How what a loop carries from round to round is carried by the wide one.
enum class Carried {
  progression, ///< a scalar that grows by a constant: the first round's
  lanes,       ///< a vector that grows by a constant: all rounds'
  sum,         ///< over all rounds, in any order: as many sums as rounds
  last,        ///< what the round before computed, without need of the one before that
};

struct Phi {
  llvm::PHINode* narrow;
  Carried carried;
  llvm::PHINode* wide;
  llvm::Instruction* operation = nullptr; ///< of a sum
};

class Widening {
public:
  Widening(llvm::Loop& loop, unsigned rounds, const VectorParts& parts, llvm::ScalarEvolution& scev)
      : loop_(loop), rounds_(rounds), parts_(parts), scev_(scev), narrow_(loop.getHeader()),
        layout_(narrow_->getModule()->getDataLayout()), b_(narrow_->getContext()),
        ahead_builder_(narrow_->getContext()) {
    auto add_block = [&](const char* name) {
      return llvm::BasicBlock::Create(b_.getContext(), name, narrow_->getParent(), narrow_);
    };
    ahead_ = add_block("wide.ahead");
    body_ = add_block("wide");
    after_ = add_block("wide.after");
    ahead_builder_.SetInsertPoint(ahead_);
    b_.SetInsertPoint(body_);
  }

  /// Whether every instruction of the loop has a wide counterpart; they then stand in blocks that nothing
  /// leads to yet.
  bool build() {
    for (llvm::Instruction& instruction : *narrow_)
      if (parts_.others.contains(&instruction)) {
        continue; // as its counterpart in the first part
      } else if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction)) {
        if (!widen_load(*load)) return false;
      } else if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction)) {
        if (!widen_store(*store)) return false;
      } else if (instruction.mayHaveSideEffects()) {
        return false;
      }
    for (llvm::PHINode& phi : narrow_->phis())
      if (!first(&phi) && !wide(&phi)) return false;
    for (size_t i = 0; i < phis_.size(); i++) // what one carries may need another
      if (!close(phis_[i])) return false;
    return true;
  }

  bool is_cheaper(const llvm::TargetTransformInfo& costs) const {
    auto cost_of = [&](const llvm::BasicBlock& block) {
      llvm::InstructionCost sum = 0;
      for (const llvm::Instruction& instruction : block)
        sum += costs.getInstructionCost(&instruction, llvm::TargetTransformInfo::TCK_RecipThroughput);
      return sum;
    };
    llvm::InstructionCost wide = cost_of(*body_), narrow = cost_of(*narrow_) * narrow_rounds();
    return wide.isValid() && narrow.isValid() && wide * 100 < narrow * kMostCost;
  }

  void discard() {
    for (llvm::BasicBlock* block : {ahead_, body_, after_}) block->dropAllReferences();
    for (llvm::BasicBlock* block : {ahead_, body_, after_}) block->eraseFromParent();
  }

  /// Puts the wide loop in front of the narrow one, which goes round `last` + 1 times.
  void connect(const llvm::SCEV* last, const llvm::RuntimePointerChecking& ranges,
               llvm::DominatorTree& dominators, llvm::LoopInfo& loops) {
    llvm::BasicBlock* fork = loop_.getLoopPreheader();
    llvm::BasicBlock* exit = loop_.getExitBlock();
    llvm::BasicBlock* rest =
        llvm::SplitBlock(fork, fork->getTerminator(), &dominators, &loops, nullptr, "rest");
    b_.SetCurrentDebugLocation(narrow_->getTerminator()->getDebugLoc());
    ahead_builder_.SetCurrentDebugLocation(b_.getCurrentDebugLocation());

    b_.SetInsertPoint(after_);
    llvm::SmallVector<llvm::Value*, 4> results;
    for (llvm::PHINode& phi : exit->phis())
      results.push_back(value_at_end(phi.getIncomingValueForBlock(narrow_)));
    bool may_end = !llvm::is_contained(results, nullptr); // or the narrow loop does the last round

    llvm::Instruction* end = fork->getTerminator();
    llvm::SCEVExpander expander(scev_, "wide");
    llvm::IRBuilder<> b(end);
    llvm::Value* count = b.CreateZExt(expander.expandCodeFor(last, nullptr, end), b.getInt64Ty());
    if (may_end) count = b.CreateAdd(count, b.getInt64(1)); // 0 for 2^64
    llvm::Value* fits = b.CreateICmpUGE(count, b.getInt64(narrow_rounds()));
    if (ranges.Need)
      if (llvm::Value* overlap = llvm::addRuntimeChecks(end, &loop_, ranges.getChecks(), expander, true))
        fits = b.CreateAnd(fits, b.CreateNot(b.CreateFreeze(overlap)));
    branch(b, fits, ahead_, rest);
    end->eraseFromParent();

    llvm::Value* wide_count = ahead_builder_.CreateUDiv(count, b_.getInt64(narrow_rounds()));
    ahead_builder_.CreateBr(body_);
    llvm::PHINode* done = add_phi(b_.getInt64Ty());
    b_.SetInsertPoint(body_);
    llvm::Value* next = b_.CreateAdd(done, b_.getInt64(1), "", true, true);
    done->addIncoming(b_.getInt64(0), ahead_);
    done->addIncoming(next, body_);
    b_.CreateCondBr(b_.CreateICmpEQ(next, wide_count), after_, body_);

    b_.SetInsertPoint(after_);
    for (const Phi& phi : phis_) {
      llvm::PHINode* resumed = llvm::PHINode::Create(phi.narrow->getType(), 2, "", rest->begin());
      resumed->addIncoming(phi.narrow->getIncomingValueForBlock(rest), fork);
      resumed->addIncoming(value_after(phi), after_);
      phi.narrow->setIncomingValueForBlock(rest, resumed);
    }
    if (may_end) {
      llvm::Value* left = b_.CreateURem(count, b_.getInt64(narrow_rounds()));
      branch(b_, b_.CreateICmpEQ(left, b_.getInt64(0)), exit, rest);
      for (auto [phi, result] : llvm::zip(exit->phis(), results)) phi.addIncoming(result, after_);
    } else {
      b_.CreateBr(rest);
    }
    for (llvm::BasicBlock* block : {fork, after_})
      if (!llvm::is_contained(llvm::successors(block), rest)) rest->removePredecessor(block, true);
    enter_loop(loops);
    dominators.recalculate(*narrow_->getParent());
    llvm::addStringMetadataToLoop(&loop_, kNoUnrolling, 1);
  }

private:
  /// Without a condition where the loop's length is known.
  static void branch(llvm::IRBuilder<>& b, llvm::Value* condition, llvm::BasicBlock* yes,
                     llvm::BasicBlock* no) {
    if (auto* known = llvm::dyn_cast<llvm::ConstantInt>(condition); known && known->isOne())
      b.CreateBr(yes);
    else
      b.CreateCondBr(condition, yes, no);
  }

  llvm::FixedVectorType* wide_type(llvm::Type* type) const {
    return llvm::FixedVectorType::get(type->getScalarType(), rounds_ * lanes_of(type));
  }

  llvm::PHINode* add_phi(llvm::Type* type) const {
    return llvm::PHINode::Create(type, 2, "", body_->begin());
  }

  const llvm::SCEVAddRecExpr* progression(llvm::Value* value) const {
    if (!scev_.isSCEVable(value->getType())) return nullptr;
    auto* sum = llvm::dyn_cast<llvm::SCEVAddRecExpr>(scev_.getSCEV(value));
    bool is_ours = sum && sum->getLoop() == &loop_ && sum->isAffine();
    return is_ours && llvm::isa<llvm::SCEVConstant>(sum->getStepRecurrence(scev_)) ? sum : nullptr;
  }

  /// How much a progression grows in each round.
  int64_t step_of(const llvm::SCEVAddRecExpr* progression) const {
    return llvm::cast<llvm::SCEVConstant>(progression->getStepRecurrence(scev_))->getAPInt().getSExtValue();
  }

  /// A value of a progression some rounds after the one whose value is given.
  llvm::Value* advance(llvm::Value* value, int64_t distance) {
    if (distance == 0) return value;
    if (value->getType()->isPointerTy())
      return b_.CreatePtrAdd(value, b_.getInt64(static_cast<uint64_t>(distance)));
    return b_.CreateAdd(value, llvm::ConstantInt::getSigned(value->getType(), distance, true));
  }

  /// The scalar as the first of the rounds has it, or null if it is none that addresses are made of.
  llvm::Value* first(llvm::Value* value) {
    auto* instruction = llvm::dyn_cast<llvm::Instruction>(value);
    if (!instruction || !loop_.contains(instruction)) return value;
    if (auto found = firsts_.find(value); found != firsts_.end()) return found->second;
    if (auto* phi = llvm::dyn_cast<llvm::PHINode>(value)) {
      const llvm::SCEVAddRecExpr* sum = progression(phi);
      if (!sum) return nullptr;
      phis_.push_back({phi, Carried::progression, add_phi(phi->getType())});
      return firsts_[value] = phis_.back().wide;
    }
    if (value->getType()->isVectorTy() || instruction->mayReadOrWriteMemory() ||
        llvm::isa<llvm::ExtractElementInst>(instruction))
      return nullptr;
    llvm::SmallVector<llvm::Value*, 4> operands;
    for (llvm::Value* operand : instruction->operands()) {
      operands.push_back(first(operand));
      if (!operands.back()) return nullptr;
    }
    llvm::Instruction* copy = instruction->clone();
    for (unsigned i = 0; i < operands.size(); i++) copy->setOperand(i, operands[i]);
    b_.Insert(copy);
    return firsts_[value] = copy;
  }

  /// The value as all rounds have it, one after the other, or null if it has no wide counterpart.
  llvm::Value* wide(llvm::Value* value) {
    if (auto found = wides_.find(value); found != wides_.end()) return found->second;
    if (!can_be_lanes(value->getType())) return nullptr;
    auto* instruction = llvm::dyn_cast<llvm::Instruction>(value);
    if (!instruction || !loop_.contains(instruction)) return wides_[value] = repeated(ahead_builder_, value);
    wides_[value] = nullptr; // for who comes here again before the value is known
    llvm::Value* result = widen(*instruction);
    return wides_[value] = result;
  }

  llvm::Value* repeated(llvm::IRBuilder<>& b, llvm::Value* value) const {
    unsigned lanes = lanes_of(value->getType());
    if (!value->getType()->isVectorTy()) return b.CreateVectorSplat(rounds_, value);
    return b.CreateShuffleVector(value, lanes_by_round(lanes, [](unsigned, unsigned i) { return i; }));
  }

  /// A mask of `length` lanes for each round.
  template<class Lane> llvm::SmallVector<int, 64> lanes_by_round(unsigned length, Lane lane) const {
    llvm::SmallVector<int, 64> mask;
    for (unsigned round = 0; round < rounds_; round++)
      for (unsigned i = 0; i < length; i++) mask.push_back(static_cast<int>(lane(round, i)));
    return mask;
  }

  /// One round's value.
  llvm::Value* part(llvm::Value* all, llvm::Type* type, unsigned round) {
    if (!type->isVectorTy()) return b_.CreateExtractElement(all, b_.getInt64(round));
    unsigned lanes = lanes_of(type);
    return b_.CreateShuffleVector(all, llvm::createSequentialMask(round * lanes, lanes, 0));
  }

  llvm::Value* join(llvm::IRBuilder<>& b, llvm::ArrayRef<llvm::Value*> parts) const {
    if (parts[0]->getType()->isVectorTy()) return llvm::concatenateVectors(b, parts);
    llvm::Value* all = llvm::PoisonValue::get(wide_type(parts[0]->getType()));
    for (unsigned round = 0; round < rounds_; round++)
      all = b.CreateInsertElement(all, parts[round], b.getInt64(round));
    return all;
  }

  llvm::Value* widen(llvm::Instruction& instruction) {
    if (parts_.count != 1 && (llvm::isa<llvm::PHINode>(instruction) || progression(&instruction)))
      return nullptr; // the parts of a round have it all alike
    if (auto* phi = llvm::dyn_cast<llvm::PHINode>(&instruction)) return widen_phi(*phi);
    if (const llvm::SCEVAddRecExpr* sum = progression(&instruction))
      return widen_progression(instruction, sum);
    if (auto* shuffle = llvm::dyn_cast<llvm::ShuffleVectorInst>(&instruction)) return widen_shuffle(*shuffle);
    if (auto* extract = llvm::dyn_cast<llvm::ExtractElementInst>(&instruction))
      return widen_extract(*extract);
    if (auto* insert = llvm::dyn_cast<llvm::InsertElementInst>(&instruction)) return widen_insert(*insert);
    if (auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction)) return widen_call(*call);
    if (instruction.mayReadOrWriteMemory()) return nullptr;
    if (auto* extension = llvm::dyn_cast<llvm::ZExtInst>(&instruction))
      if (llvm::Value* result = widen_extension(*extension)) return result;
    return widen_lanewise(instruction);
  }

  /// Some lanes of a vector made longer, if they fill it again: zeros shuffled in between stay inside each
  /// round's 128 bits, where a wide extension would have to bring the lanes together first. Null if it is
  /// something else.
  llvm::Value* widen_extension(llvm::ZExtInst& extension) {
    auto* shuffle = llvm::dyn_cast<llvm::ShuffleVectorInst>(extension.getOperand(0));
    if (!shuffle || !loop_.contains(shuffle)) return nullptr;
    llvm::Type* source = shuffle->getOperand(0)->getType();
    if (source->getPrimitiveSizeInBits() != extension.getType()->getPrimitiveSizeInBits()) return nullptr;
    unsigned lanes = lanes_of(source);
    unsigned times = lanes / lanes_of(extension.getType());
    llvm::SmallVector<int, 16> taken(shuffle->getShuffleMask());
    llvm::Value* all = nullptr;
    if (llvm::all_of(taken, [&](int lane) { return lane < static_cast<int>(lanes); })) {
      all = wide(shuffle->getOperand(0));
    } else if (llvm::Value* short_vectors = wide(shuffle)) {
      all =
          b_.CreateShuffleVector(short_vectors, lanes_by_round(lanes, [&](unsigned round, unsigned i) {
                                   return i < taken.size() ? static_cast<int>(round * taken.size() + i) : -1;
                                 }));
      std::iota(taken.begin(), taken.end(), 0);
    }
    if (!all) return nullptr;
    b_.SetCurrentDebugLocation(extension.getDebugLoc());
    llvm::Value* spread = b_.CreateShuffleVector(
        all, llvm::Constant::getNullValue(all->getType()),
        lanes_by_round(lanes, [&](unsigned round, unsigned i) {
          if (i % times != 0) return static_cast<int>(rounds_ * lanes);
          return taken[i / times] < 0 ? -1 : static_cast<int>(round * lanes) + taken[i / times];
        }));
    return b_.CreateBitCast(spread, wide_type(extension.getType()));
  }

  /// Whatever does the same to each lane, and bit casts, which stay inside a round.
  llvm::Value* widen_lanewise(llvm::Instruction& instruction) {
    if (!llvm::isa<llvm::UnaryOperator, llvm::BinaryOperator, llvm::CastInst, llvm::CmpInst, llvm::SelectInst,
                   llvm::FreezeInst>(instruction))
      return nullptr;
    llvm::SmallVector<llvm::Value*, 3> operands;
    for (llvm::Value* operand : instruction.operands()) {
      operands.push_back(wide(operand));
      if (!operands.back()) return nullptr;
    }
    b_.SetCurrentDebugLocation(instruction.getDebugLoc());
    llvm::Value* result = nullptr;
    if (auto* cast = llvm::dyn_cast<llvm::CastInst>(&instruction)) {
      result = b_.CreateCast(cast->getOpcode(), operands[0], wide_type(cast->getType()));
    } else if (auto* compare = llvm::dyn_cast<llvm::CmpInst>(&instruction)) {
      result = b_.CreateCmp(compare->getPredicate(), operands[0], operands[1]);
    } else if (llvm::isa<llvm::FreezeInst>(instruction)) {
      result = b_.CreateFreeze(operands[0]);
    } else if (llvm::isa<llvm::SelectInst>(instruction)) {
      unsigned lanes = lanes_of(instruction.getType());
      if (lanes_of(instruction.getOperand(0)->getType()) != lanes) // one choice for all lanes of a round
        operands[0] = b_.CreateShuffleVector(
            operands[0], lanes_by_round(lanes, [](unsigned round, unsigned) { return round; }));
      result = b_.CreateSelect(operands[0], operands[1], operands[2]);
    } else {
      result = b_.CreateNAryOp(instruction.getOpcode(), operands);
    }
    if (auto* made = llvm::dyn_cast<llvm::Instruction>(result); made && !partial_.contains(&instruction))
      made->copyIRFlags(&instruction);
    return result;
  }

  llvm::Value* widen_call(llvm::IntrinsicInst& call) {
    llvm::Intrinsic::ID id = call.getIntrinsicID();
    auto lane_row = std::ranges::find(kLaneIntrinsics, id, &LaneIntrinsic::bits128);
    bool is_of_lanes = lane_row != std::end(kLaneIntrinsics);
    if (!is_of_lanes && !llvm::isTriviallyVectorizable(id)) return nullptr;
    if (is_of_lanes) {
      if (rounds_ > 4 || rounds_ == 3) return nullptr;
      id = rounds_ == 2 ? lane_row->bits256 : lane_row->bits512;
    }
    llvm::SmallVector<llvm::Value*, 3> operands;
    llvm::SmallVector<llvm::Type*, 2> overloads;
    auto is_overload = [&](int i) { return llvm::isVectorIntrinsicWithOverloadTypeAtArg(id, i, nullptr); };
    if (!is_of_lanes && is_overload(-1)) overloads.push_back(wide_type(call.getType()));
    for (unsigned i = 0; i < call.arg_size(); i++) {
      llvm::Value* operand = call.getArgOperand(i);
      bool is_scalar = !is_of_lanes && llvm::isVectorIntrinsicWithScalarOpAtArg(id, i, nullptr);
      if (is_scalar && !loop_.isLoopInvariant(operand)) return nullptr;
      operands.push_back(is_scalar ? operand : wide(operand));
      if (!operands.back()) return nullptr;
      if (!is_of_lanes && is_overload(static_cast<int>(i))) overloads.push_back(operands.back()->getType());
    }
    b_.SetCurrentDebugLocation(call.getDebugLoc());
    llvm::CallInst* made = b_.CreateIntrinsic(id, overloads, operands);
    made->copyIRFlags(&call);
    return made;
  }

  llvm::Value* widen_progression(llvm::Instruction& instruction, const llvm::SCEVAddRecExpr* sum) {
    llvm::Value* start = first(&instruction);
    if (!start) return nullptr;
    b_.SetCurrentDebugLocation(instruction.getDebugLoc());
    llvm::SmallVector<llvm::Constant*, 4> distances;
    for (unsigned round = 0; round < rounds_; round++)
      distances.push_back(llvm::ConstantInt::getSigned(start->getType(), step_of(sum) * round, true));
    return b_.CreateAdd(b_.CreateVectorSplat(rounds_, start), llvm::ConstantVector::get(distances));
  }

  llvm::Value* widen_shuffle(llvm::ShuffleVectorInst& shuffle) {
    llvm::Value* left = wide(shuffle.getOperand(0));
    llvm::Value* right = wide(shuffle.getOperand(1));
    if (!left || !right) return nullptr;
    b_.SetCurrentDebugLocation(shuffle.getDebugLoc());
    int lanes = static_cast<int>(lanes_of(shuffle.getOperand(0)->getType()));
    int others = static_cast<int>(rounds_ - 1) * lanes; // of the left operand, of other rounds
    llvm::ArrayRef<int> narrow = shuffle.getShuffleMask();
    auto lane = [&](unsigned round, unsigned i) {
      if (narrow[i] < 0) return narrow[i];
      return narrow[i] + static_cast<int>(round) * lanes + (narrow[i] < lanes ? 0 : others);
    };
    return b_.CreateShuffleVector(left, right, lanes_by_round(static_cast<unsigned>(narrow.size()), lane));
  }

  llvm::Value* widen_extract(llvm::ExtractElementInst& extract) {
    auto* lane = llvm::dyn_cast<llvm::ConstantInt>(extract.getIndexOperand());
    llvm::Value* all = lane ? wide(extract.getVectorOperand()) : nullptr;
    if (!all) return nullptr;
    b_.SetCurrentDebugLocation(extract.getDebugLoc());
    uint64_t lanes = lanes_of(extract.getVectorOperandType());
    auto from = [&](unsigned round, unsigned) { return round * lanes + lane->getZExtValue(); };
    return b_.CreateShuffleVector(all, lanes_by_round(1, from));
  }

  llvm::Value* widen_insert(llvm::InsertElementInst& insert) {
    auto* lane = llvm::dyn_cast<llvm::ConstantInt>(insert.getOperand(2));
    llvm::Value* all = lane ? wide(insert.getOperand(0)) : nullptr;
    llvm::Value* scalars = all ? wide(insert.getOperand(1)) : nullptr;
    if (!scalars) return nullptr;
    b_.SetCurrentDebugLocation(insert.getDebugLoc());
    unsigned lanes = lanes_of(insert.getType());
    auto is_new = [&](unsigned i) { return lane->getZExtValue() == i; };
    llvm::Value* spread =
        b_.CreateShuffleVector(scalars, lanes_by_round(lanes, [&](unsigned round, unsigned i) {
                                 return is_new(i) ? static_cast<int>(round) : -1;
                               }));
    return b_.CreateShuffleVector(all, spread, lanes_by_round(lanes, [&](unsigned round, unsigned i) {
                                    return round * lanes + i + (is_new(i) ? rounds_ * lanes : 0);
                                  }));
  }

  /// Where the first round's value lies, if those of the other rounds lie right behind; null if they do not.
  /// Rounds apart would have to be put together lane by lane: a product of matrices that its producer has
  /// unrolled took 1.16 times as long with that.
  llvm::Value* place_of(llvm::Value* pointer, llvm::Type* type) {
    const llvm::SCEVAddRecExpr* sum =
        can_be_lanes(type) && !type->getScalarType()->isIntegerTy(1) ? progression(pointer) : nullptr;
    bool is_dense = sum && step_of(sum) == static_cast<int64_t>(
                                               parts_.count * layout_.getTypeStoreSize(type).getFixedValue());
    return is_dense ? first(pointer) : nullptr;
  }

  static void copy_metadata(llvm::Instruction& made, const llvm::Instruction& from) {
    made.copyMetadata(
        from, {llvm::LLVMContext::MD_alias_scope, llvm::LLVMContext::MD_noalias, llvm::LLVMContext::MD_tbaa});
  }

  bool widen_load(llvm::LoadInst& load) {
    b_.SetCurrentDebugLocation(load.getDebugLoc());
    llvm::Type* type = load.getType();
    auto load_from = [&](llvm::Value* address, llvm::Type* loaded) {
      llvm::LoadInst* made = b_.CreateAlignedLoad(loaded, address, load.getAlign());
      copy_metadata(*made, load);
      return made;
    };
    if (loop_.isLoopInvariant(load.getPointerOperand())) {
      llvm::Value* once = load_from(load.getPointerOperand(), type);
      if (!type->isVectorTy()) firsts_[&load] = once;
      wides_[&load] = can_be_lanes(type) ? repeated(b_, once) : nullptr;
      return true;
    }
    llvm::Value* place = place_of(load.getPointerOperand(), type);
    if (!place) return false;
    wides_[&load] = load_from(place, wide_type(type));
    return true;
  }

  bool widen_store(llvm::StoreInst& store) {
    llvm::Value* place = place_of(store.getPointerOperand(), store.getValueOperand()->getType());
    llvm::Value* all = place ? wide(store.getValueOperand()) : nullptr;
    if (!all) return false;
    b_.SetCurrentDebugLocation(store.getDebugLoc());
    copy_metadata(*b_.CreateAlignedStore(all, place, store.getAlign()), store);
    return true;
  }

  llvm::Value* widen_phi(llvm::PHINode& phi) {
    if (const llvm::SCEVAddRecExpr* sum = progression(&phi)) return widen_progression(phi, sum);
    llvm::Value* next = phi.getIncomingValueForBlock(narrow_);
    llvm::PHINode* all = add_phi(wide_type(phi.getType()));
    if (step_of_lanes(phi)) {
      phis_.push_back({&phi, Carried::lanes, all});
      return all;
    }
    if (llvm::Instruction* operation = operation_of_sum(phi)) {
      phis_.push_back({&phi, Carried::sum, all, operation});
      return all;
    }
    phis_.push_back({&phi, Carried::last, all});
    llvm::Value* nexts = wide(next); // null if it needs this very value
    if (!nexts) return nullptr;
    b_.SetCurrentDebugLocation(phi.getDebugLoc());
    unsigned shift = (rounds_ - 1) * lanes_of(phi.getType());
    unsigned lanes = lanes_of(phi.getType());
    return b_.CreateShuffleVector(all, nexts, lanes_by_round(lanes, [&](unsigned round, unsigned i) {
                                    return shift + round * lanes + i;
                                  }));
  }

  /// What is added to a vector in each round, in the type of the sum, if nothing else happens to it.
  llvm::Constant* step_of_lanes(llvm::PHINode& phi) const {
    auto* sum = llvm::dyn_cast<llvm::BinaryOperator>(without_casts(next_of(phi)));
    if (!sum || sum->getOpcode() != llvm::Instruction::Add) return nullptr;
    return without_casts(sum->getOperand(0)) == &phi ? llvm::dyn_cast<llvm::Constant>(sum->getOperand(1))
                                                     : nullptr;
  }

  static llvm::Value* without_casts(llvm::Value* value) {
    while (auto* cast = llvm::dyn_cast<llvm::BitCastInst>(value)) value = cast->getOperand(0);
    return value;
  }

  /// The last of the operations that lead from the value to the next round's, if they are all the same, may
  /// be done in any order, and nothing else looks at what is between them.
  llvm::Instruction* operation_of_sum(llvm::PHINode& phi) {
    llvm::Value* next = phi.getIncomingValueForBlock(narrow_);
    llvm::Instruction* operation = nullptr;
    llvm::SmallVector<llvm::Value*, 4> chain = {&phi};
    for (llvm::Value* value = &phi; value != next;) {
      if (!value->hasOneUse()) return nullptr;
      auto* user = llvm::dyn_cast<llvm::Instruction>(*value->user_begin());
      if (!user || user->getParent() != narrow_ || llvm::isa<llvm::PHINode>(user)) return nullptr;
      if (!llvm::isa<llvm::BitCastInst>(user)) {
        if (!user->isAssociative() || !user->isCommutative() || !user->getType()->isIntOrIntVectorTy())
          return nullptr;
        if (operation && (!operation->isSameOperationAs(user) || llvm::isa<llvm::CallInst>(user)))
          return nullptr;
        if (!identity_of(*user)) return nullptr;
        operation = user;
      }
      chain.push_back(user);
      value = user;
    }
    for (llvm::User* user : next->users())
      if (user != &phi && loop_.contains(llvm::cast<llvm::Instruction>(user))) return nullptr;
    if (operation) partial_.insert(chain.begin(), chain.end());
    return operation;
  }

  static llvm::Constant* identity_of(llvm::Instruction& operation) {
    if (llvm::isa<llvm::BinaryOperator>(operation))
      return llvm::ConstantExpr::getBinOpIdentity(operation.getOpcode(), operation.getType());
    auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&operation);
    return call ? llvm::ConstantExpr::getIntrinsicIdentity(call->getIntrinsicID(), operation.getType())
                : nullptr;
  }

  /// Gives what a wide round carries to the next its start and its next value.
  bool close(Phi phi) {
    llvm::Value* start = phi.narrow->getIncomingValueForBlock(loop_.getLoopPreheader());
    llvm::Value* next = nullptr;
    llvm::SmallVector<llvm::Value*, 4> starts(rounds_, llvm::PoisonValue::get(start->getType()));
    switch (phi.carried) {
    case Carried::progression:
      next = advance(phi.wide, step_of(progression(phi.narrow)) * narrow_rounds());
      break;
    case Carried::lanes: {
      llvm::Constant* step = step_of_lanes(*phi.narrow);
      auto times = [&](unsigned rounds) {
        return b_.CreateMul(step, llvm::ConstantInt::get(step->getType(), rounds));
      };
      llvm::Value* first = ahead_builder_.CreateBitCast(start, step->getType());
      for (unsigned round = 0; round < rounds_; round++)
        starts[round] =
            ahead_builder_.CreateBitCast(ahead_builder_.CreateAdd(first, times(round)), start->getType());
      start = join(ahead_builder_, starts);
      next = b_.CreateBitCast(phi.wide, wide_type(step->getType()));
      next = b_.CreateBitCast(b_.CreateAdd(next, repeated(b_, times(rounds_))), phi.wide->getType());
      break;
    }
    case Carried::sum:
      std::ranges::fill(starts,
                        llvm::ConstantExpr::getBitCast(identity_of(*phi.operation), start->getType()));
      starts.front() = start;
      start = join(ahead_builder_, starts);
      next = wide(next_of(*phi.narrow));
      break;
    case Carried::last:
      starts.back() = start;
      start = join(ahead_builder_, starts);
      next = wide(next_of(*phi.narrow));
      break;
    }
    if (!next) return false;
    phi.wide->addIncoming(start, ahead_);
    phi.wide->addIncoming(next, body_);
    return true;
  }

  llvm::Value* next_of(llvm::PHINode& phi) const { return phi.getIncomingValueForBlock(narrow_); }

  /// What the narrow loop goes on with.
  llvm::Value* value_after(const Phi& phi) {
    llvm::Value* next = phi.wide->getIncomingValueForBlock(body_);
    switch (phi.carried) {
    case Carried::progression: return next;
    case Carried::lanes: return part(next, phi.narrow->getType(), 0);
    case Carried::sum: return total(next, phi);
    case Carried::last: break;
    }
    return part(next, phi.narrow->getType(), rounds_ - 1);
  }

  llvm::Value* total(llvm::Value* sums, const Phi& phi) {
    llvm::Type* type = phi.operation->getType();
    llvm::Value* all = nullptr;
    for (unsigned round = 0; round < rounds_; round++) {
      llvm::Value* sum = b_.CreateBitCast(part(sums, phi.narrow->getType(), round), type);
      if (!all)
        all = sum;
      else if (auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(phi.operation))
        all = b_.CreateIntrinsic(call->getIntrinsicID(), {type}, {all, sum});
      else
        all = b_.CreateBinOp(llvm::cast<llvm::BinaryOperator>(phi.operation)->getOpcode(), all, sum);
    }
    return b_.CreateBitCast(all, phi.narrow->getType());
  }

  /// A value of the last round, or null if only the narrow loop can compute it.
  llvm::Value* value_at_end(llvm::Value* value) {
    auto* instruction = llvm::dyn_cast<llvm::Instruction>(value);
    if (!instruction || !loop_.contains(instruction)) return value;
    for (const Phi& phi : phis_)
      if (phi.carried == Carried::sum && next_of(*phi.narrow) == value) return value_after(phi);
    if (partial_.contains(value)) return nullptr;
    if (llvm::Value* all = wides_.lookup(value)) return part(all, value->getType(), rounds_ - 1);
    llvm::Value* start = firsts_.lookup(value);
    const llvm::SCEVAddRecExpr* sum = start ? progression(value) : nullptr;
    return sum ? advance(start, step_of(sum) * (narrow_rounds() - 1)) : nullptr;
  }

  void enter_loop(llvm::LoopInfo& loops) {
    llvm::Loop* parent = loop_.getParentLoop();
    llvm::Loop* wide = loops.AllocateLoop();
    if (parent)
      parent->addChildLoop(wide);
    else
      loops.addTopLevelLoop(wide);
    wide->addBasicBlockToLoop(body_, loops);
    if (!parent) return;
    parent->addBasicBlockToLoop(ahead_, loops);
    parent->addBasicBlockToLoop(after_, loops);
  }

  /// Rounds of the narrow loop that one of the wide loop does.
  int64_t narrow_rounds() const { return rounds_ / parts_.count; }

  llvm::Loop& loop_;
  const unsigned rounds_; ///< that one wide round does, were each part a round
  const VectorParts& parts_;
  llvm::ScalarEvolution& scev_;
  llvm::BasicBlock* narrow_;
  const llvm::DataLayout& layout_;
  llvm::IRBuilder<> b_;             ///< in the wide body, later after it
  llvm::IRBuilder<> ahead_builder_; ///< before it
  llvm::BasicBlock *ahead_, *body_, *after_;
  llvm::DenseMap<llvm::Value*, llvm::Value*> firsts_; ///< scalars of the first round
  llvm::DenseMap<llvm::Value*, llvm::Value*> wides_;  ///< values of all rounds; null if not (yet) known
  std::vector<Phi> phis_;
  llvm::SmallPtrSet<llvm::Value*, 8> partial_; ///< of sums: what no single round has in the wide loop
};

/// Bits of the longest vector that the loop computes with; 0 if it cannot be widened at all.
unsigned vector_bits(const llvm::Loop& loop) {
  llvm::BasicBlock* block = loop.getHeader();
  if (is_left_alone(loop) || !loop.isInnermost() || loop.getNumBlocks() != 1 || !loop.isLoopSimplifyForm() ||
      !loop.getExitBlock() || block->size() > kMostInstructions)
    return 0;
  uint64_t most = 0;
  for (llvm::Instruction& instruction : *block)
    if (auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(instruction.getType()))
      most = std::max<uint64_t>(most, vector->getPrimitiveSizeInBits().getFixedValue());
  return most <= kVectorBits ? static_cast<unsigned>(most) : 0;
}

/// Whether rounds may run side by side, the checks that the analysis names aside.
bool are_independent(const llvm::LoopAccessInfo& accesses, unsigned bits) {
  return accesses.canVectorizeMemory() && accesses.getPSE().getPredicate().isAlwaysTrue() &&
         accesses.getNumRuntimePointerChecks() <= kMostChecks &&
         accesses.getDepChecker().getMaxSafeVectorWidthInBits() >= bits;
}

} // namespace

llvm::PreservedAnalyses WidenVectors::run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
  auto& costs = analyses.getResult<llvm::TargetIRAnalysis>(function);
  auto register_kind = llvm::TargetTransformInfo::RGK_FixedWidthVector;
  auto register_bits = static_cast<unsigned>(costs.getRegisterBitWidth(register_kind).getFixedValue());
  auto& loops = analyses.getResult<llvm::LoopAnalysis>(function);
  if (register_bits <= kVectorBits || loops.empty()) return llvm::PreservedAnalyses::all();
  auto& scev = analyses.getResult<llvm::ScalarEvolutionAnalysis>(function);
  auto& dominators = analyses.getResult<llvm::DominatorTreeAnalysis>(function);
  auto& accesses = analyses.getResult<llvm::LoopAccessAnalysis>(function);
  bool changed = false;
  for (llvm::Loop* loop : loops.getLoopsInPreorder()) {
    unsigned bits = vector_bits(*loop);
    unsigned rounds = bits ? register_bits / bits : 0;
    if (rounds < 2) continue;
    VectorParts parts = find_vector_parts(*loop, rounds, scev);
    rounds = std::lcm(rounds, parts.count);
    const llvm::SCEV* last = scev.getBackedgeTakenCount(loop);
    if (llvm::isa<llvm::SCEVCouldNotCompute>(last) ||
        scev.getUnsignedRangeMax(last).ult(rounds / parts.count - 1))
      continue;
    llvm::SCEVExpander expander(scev, "wide");
    llvm::Instruction* place = loop->getLoopPreheader()->getTerminator();
    if (!expander.isSafeToExpandAt(last, place) ||
        expander.isHighCostExpansion({last}, loop, kMostToExpand, &costs, place))
      continue;
    const llvm::LoopAccessInfo& access = accesses.getInfo(*loop);
    if (!are_independent(access, rounds * bits)) continue;
    changed |= llvm::formLCSSA(*loop, dominators, &loops, &scev);
    Widening widening(*loop, rounds, parts, scev);
    if (!widening.build() || !widening.is_cheaper(costs)) {
      widening.discard();
      continue;
    }
    widening.connect(last, *access.getRuntimePointerChecking(), dominators, loops);
    scev.forgetTopmostLoop(loop);
    accesses.clear();
    changed = true;
  }
  if (!changed) return llvm::PreservedAnalyses::all();
  llvm::removeUnreachableBlocks(function); // narrow loops with nothing left over
  return llvm::PreservedAnalyses::none();
}

} // namespace swage::codegen
