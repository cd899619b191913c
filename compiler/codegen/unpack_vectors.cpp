#include "compiler/codegen/unpack_vectors.h"

#include <map>
#include <utility>

#include <llvm/ADT/SetVector.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/ValueHandle.h>

namespace swage::codegen {

namespace {

constexpr unsigned kVectorBits = 128;
/// More lanes than these are cheaper as a vector in any case.
constexpr unsigned kMostLanes = 4;
/// Operations on a vector that are followed; what a round does to its words is little.
constexpr size_t kMostMembers = 16;

bool is_vector(const llvm::Type* type) {
  auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(type);
  return vector && vector->getElementType()->isIntegerTy() &&
         vector->getPrimitiveSizeInBits().getFixedValue() == kVectorBits;
}

/// An operation on lanes that were not neighbours before it.
bool is_gathered(const llvm::Instruction& instruction) {
  return llvm::isa<llvm::BinaryOperator>(instruction) && is_vector(instruction.getType()) &&
         llvm::isa<llvm::InsertElementInst>(instruction.getOperand(0));
}

/// A vector of a loop, and the operations that it takes part in. At most one phi: a vector that the loop
/// carries.
class Web {
public:
  Web(llvm::Loop& loop, llvm::Instruction& first) : loop_(loop), first_(first) {}

  /// Whether the web is closed, and enough lanes go into and come out of it in each round.
  bool is_worth_it() {
    members_.insert(&first_);
    for (size_t i = 0; i < members_.size(); i++)
      if (members_.size() > kMostMembers || !follow_users(*members_[i]) || !follow_operands(*members_[i]))
        return false;
    if (lane_bits_ == 0 || kVectorBits / lane_bits_ > kMostLanes) return false;
    if (!llvm::isa<llvm::PHINode>(first_))
      return inserts_ + extracts_.size() >= members_.size() * (kVectorBits / lane_bits_);
    return inserts_ >= 2 && extracts_.size() >= 2;
  }

  void unpack() {
    if (auto* phi = llvm::dyn_cast<llvm::PHINode>(&first_)) carry_lanes(*phi);
    for (llvm::ExtractElementInst* extract : extracts_) {
      auto* index = llvm::cast<llvm::ConstantInt>(extract->getIndexOperand());
      extract->replaceAllUsesWith(
          lane(extract->getVectorOperand(), static_cast<unsigned>(index->getZExtValue())));
    }
    unsigned count = kVectorBits / lane_bits_;
    for (llvm::PHINode* whole : wholes_) put_together(*whole, count);
    for (llvm::LoadInst* load : loads_) { // whose last byte traps for all
      bool is_needed = lanes_.contains({load, count - 1});
      auto* last = llvm::cast<llvm::LoadInst>(lane(load, count - 1));
      if (!is_needed) last->setVolatile(true);
    }
    // In a circle: what is left has no other use.
    for (llvm::Instruction* member : members_)
      member->replaceAllUsesWith(llvm::PoisonValue::get(member->getType()));
    for (llvm::ExtractElementInst* extract : extracts_) extract->eraseFromParent();
    for (llvm::Instruction* member : members_) member->eraseFromParent();
    for (llvm::LoadInst* load : loads_) load->eraseFromParent();
  }

private:
  void carry_lanes(llvm::PHINode& phi) {
    unsigned count = kVectorBits / lane_bits_;
    llvm::IRBuilder<> b(&phi);
    llvm::Type* type = b.getIntNTy(lane_bits_);
    for (unsigned k = 0; k < count; k++) lanes_[{&phi, k}] = b.CreatePHI(type, 2);
    for (unsigned k = 0; k < count; k++) {
      auto* scalar = llvm::cast<llvm::PHINode>(lanes_[{&phi, k}]);
      for (llvm::BasicBlock* from : phi.blocks())
        scalar->addIncoming(lane(phi.getIncomingValueForBlock(from), k), from);
    }
  }

  /// Whether lanes of this length may be the web's.
  bool has_lanes_of(const llvm::Type* type) {
    unsigned bits = type->getScalarSizeInBits();
    if (lane_bits_ == 0) lane_bits_ = bits;
    return lane_bits_ == bits;
  }

  bool is_operation(llvm::Instruction& instruction) {
    if (!loop_.contains(&instruction) || !is_vector(instruction.getType())) return false;
    if (llvm::isa<llvm::BitCastInst>(instruction)) return is_vector(instruction.getOperand(0)->getType());
    if (!llvm::isa<llvm::BinaryOperator>(instruction) || instruction.isIntDivRem()) return false;
    return instruction.isBitwiseLogicOp() || has_lanes_of(instruction.getType());
  }

  bool follow_users(llvm::Instruction& member) {
    for (llvm::User* each : member.users()) {
      auto& user = *llvm::cast<llvm::Instruction>(each);
      if (auto* extract = llvm::dyn_cast<llvm::ExtractElementInst>(&user)) {
        if (!loop_.contains(extract) || !llvm::isa<llvm::ConstantInt>(extract->getIndexOperand()) ||
            !has_lanes_of(extract->getType()))
          return false;
        extracts_.insert(extract);
      } else if (auto* phi = llvm::dyn_cast<llvm::PHINode>(&user); phi && phi != &first_) {
        if (loop_.contains(phi) || phi->getNumIncomingValues() != 1) return false;
        wholes_.insert(phi);
      } else if (phi == nullptr) {
        if (!is_operation(user)) return false;
        members_.insert(&user);
      }
    }
    return true;
  }

  bool follow_operands(llvm::Instruction& member) {
    for (llvm::Value* operand : member.operands()) {
      auto* instruction = llvm::dyn_cast<llvm::Instruction>(operand);
      if (!instruction || !loop_.contains(instruction) || members_.contains(instruction)) continue;
      if (auto* load = llvm::dyn_cast<llvm::LoadInst>(instruction)) {
        if (!load->isSimple() || !load->hasOneUse()) return false;
        loads_.insert(load);
      } else if (llvm::isa<llvm::InsertElementInst>(instruction)) {
        if (!follow_inserts(instruction)) return false;
      } else {
        if (!is_operation(*instruction)) return false;
        members_.insert(instruction);
      }
    }
    return true;
  }

  /// Whether a vector is put together from lanes alone.
  bool follow_inserts(llvm::Value* value) {
    for (; !llvm::isa<llvm::Constant>(value); inserts_++) {
      auto* insert = llvm::dyn_cast<llvm::InsertElementInst>(value);
      if (!insert || !insert->hasOneUse() || !llvm::isa<llvm::ConstantInt>(insert->getOperand(2)) ||
          !has_lanes_of(insert->getType()))
        return false;
      value = insert->getOperand(0);
    }
    return true;
  }

  llvm::Value* lane(llvm::Value* value, unsigned k) {
    auto known = lanes_.find({value, k});
    if (known != lanes_.end()) return known->second;
    return lanes_[{value, k}] = make_lane(value, k);
  }

  llvm::Value* make_lane(llvm::Value* value, unsigned k) {
    auto* lanes = llvm::FixedVectorType::get(llvm::IntegerType::get(value->getContext(), lane_bits_),
                                             kVectorBits / lane_bits_);
    auto* instruction = llvm::dyn_cast<llvm::Instruction>(value);
    if (!instruction || !loop_.contains(instruction)) {
      llvm::IRBuilder<> b(loop_.getLoopPreheader()->getTerminator());
      return b.CreateExtractElement(b.CreateBitCast(value, lanes), b.getInt64(k));
    }
    if (auto* insert = llvm::dyn_cast<llvm::InsertElementInst>(instruction)) {
      bool is_this = llvm::cast<llvm::ConstantInt>(insert->getOperand(2))->getZExtValue() == k;
      return is_this ? insert->getOperand(1) : lane(insert->getOperand(0), k);
    }
    if (llvm::isa<llvm::BitCastInst>(instruction)) return lane(instruction->getOperand(0), k);
    llvm::IRBuilder<> b(instruction);
    if (auto* load = llvm::dyn_cast<llvm::LoadInst>(instruction)) {
      uint64_t offset = uint64_t{k} * lane_bits_ / 8;
      llvm::LoadInst* part = b.CreateAlignedLoad(
          lanes->getElementType(), b.CreatePtrAdd(load->getPointerOperand(), b.getInt64(offset)),
          llvm::commonAlignment(load->getAlign(), offset));
      part->copyMetadata(*load, {llvm::LLVMContext::MD_alias_scope, llvm::LLVMContext::MD_noalias});
      return part;
    }
    auto opcode = llvm::cast<llvm::BinaryOperator>(instruction)->getOpcode();
    llvm::Value* result =
        b.CreateBinOp(opcode, lane(instruction->getOperand(0), k), lane(instruction->getOperand(1), k));
    auto* made = llvm::dyn_cast<llvm::Instruction>(result);
    if (made && instruction->getType() == lanes) made->copyIRFlags(instruction);
    return result;
  }

  /// What leaves the loop whole.
  void put_together(llvm::PHINode& whole, unsigned count) {
    llvm::Value* member = whole.getIncomingValue(0);
    llvm::BasicBlock* from = whole.getIncomingBlock(0);
    llvm::IRBuilder<> at_start(&whole), b(whole.getParent(), whole.getParent()->getFirstInsertionPt());
    llvm::Type* lane_type = b.getIntNTy(lane_bits_);
    llvm::Value* all = llvm::PoisonValue::get(llvm::FixedVectorType::get(lane_type, count));
    for (unsigned k = 0; k < count; k++) {
      llvm::PHINode* scalar = at_start.CreatePHI(lane_type, 1);
      scalar->addIncoming(lane(member, k), from);
      all = b.CreateInsertElement(all, scalar, b.getInt64(k));
    }
    whole.replaceAllUsesWith(b.CreateBitCast(all, whole.getType()));
    whole.eraseFromParent();
  }

  llvm::Loop& loop_;
  llvm::Instruction& first_;
  unsigned lane_bits_ = 0, inserts_ = 0;
  llvm::SetVector<llvm::Instruction*> members_; ///< vectors that go
  llvm::SetVector<llvm::LoadInst*> loads_;
  llvm::SetVector<llvm::ExtractElementInst*> extracts_;
  llvm::SetVector<llvm::PHINode*> wholes_; ///< behind the loop
  std::map<std::pair<llvm::Value*, unsigned>, llvm::Value*> lanes_;
};

} // namespace

llvm::PreservedAnalyses UnpackVectors::run(llvm::Function& function,
                                           llvm::FunctionAnalysisManager& analyses) {
  auto& loops = analyses.getResult<llvm::LoopAnalysis>(function);
  bool changed = false;
  for (llvm::Loop* loop : loops.getLoopsInPreorder()) {
    if (!loop->isLoopSimplifyForm()) continue;
    llvm::SmallVector<llvm::WeakTrackingVH, 4> starts; // a web takes others with it
    for (llvm::PHINode& phi : loop->getHeader()->phis())
      if (is_vector(phi.getType())) starts.emplace_back(&phi);
    for (llvm::BasicBlock* block : loop->blocks())
      for (llvm::Instruction& instruction : *block)
        if (loops.getLoopFor(block) == loop && is_gathered(instruction)) starts.emplace_back(&instruction);
    for (llvm::WeakTrackingVH& start : starts) {
      auto* first = llvm::dyn_cast_or_null<llvm::Instruction>(start);
      if (!first) continue;
      if (Web web(*loop, *first); web.is_worth_it()) {
        web.unpack();
        changed = true;
      }
    }
  }
  if (!changed) return llvm::PreservedAnalyses::all();
  llvm::PreservedAnalyses kept;
  kept.preserveSet<llvm::CFGAnalyses>();
  return kept;
}

} // namespace swage::codegen
