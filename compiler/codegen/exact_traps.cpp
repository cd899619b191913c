// A load that is volatile for a reason of its own (a vector in a shared memory) must not become plain, so
// ours are marked.
#include "compiler/codegen/exact_traps.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <llvm/Analysis/DemandedBits.h>
#include <llvm/Analysis/VectorUtils.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/DebugLoc.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Metadata.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/PassInstrumentation.h>
#include <llvm/IR/ValueHandle.h>
#include <llvm/Transforms/Utils/Cloning.h>

namespace swage::codegen {

namespace {

constexpr const char* kMark = "swage.trap";

/// A load that LLVM may delete (plain, or unordered in a shared memory) and that lowering gave a trap, or
/// null.
llvm::LoadInst* plain_load(llvm::Instruction& instruction) {
  auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
  bool is_plain = load && load->isUnordered() && !load->isVolatile();
  return is_plain && load->getDebugLoc() && load->getDebugLoc().getCol() != 0 ? load : nullptr;
}

/// Which lanes of vectors somebody needs, as instruction selection finds out: it looks through what works
/// lane by lane.
class NeededLanes {
public:
  /// `bits` tells which bits of the integers are needed that masks of lanes become; without it all are.
  explicit NeededLanes(llvm::DemandedBits* bits = nullptr) : bits_(bits) {}

  /// Whether some use of a vector may need this lane.
  bool contains(llvm::Value& vector, unsigned lane) {
    if (!seen_.insert({&vector, lane}).second) return false; // known, or asked for right now
    if (seen_.size() > kMostLanes) return true;
    return std::any_of(vector.user_begin(), vector.user_end(),
                       [&](llvm::User* user) { return is_needed_by(*user, vector, lane); });
  }

  bool contains_last(llvm::Value& vector) { return contains(vector, lanes_of(vector) - 1); }

  /// Whether some use of a scalar may need its last byte as far as vectors are made of it.
  bool contains_scalar(llvm::Value& scalar) {
    return std::any_of(scalar.user_begin(), scalar.user_end(), [&](llvm::User* user) {
      if (auto* insert = llvm::dyn_cast<llvm::InsertElementInst>(user)) {
        auto* lane = llvm::dyn_cast<llvm::ConstantInt>(insert->getOperand(2));
        return lane == nullptr || contains(*insert, static_cast<unsigned>(lane->getZExtValue()));
      }
      auto* cast = llvm::dyn_cast<llvm::BitCastInst>(user);
      return cast == nullptr || !cast->getType()->isVectorTy() || contains_last(*cast);
    });
  }

private:
  static constexpr size_t kMostLanes = 256;

  static unsigned lanes_of(const llvm::Value& vector) {
    return llvm::cast<llvm::FixedVectorType>(vector.getType())->getNumElements();
  }

  bool is_needed_by(llvm::User& user, llvm::Value& vector, unsigned lane) {
    if (auto* cast = llvm::dyn_cast<llvm::BitCastInst>(&user))
      return cast->getType()->isVectorTy() ? is_needed_by_cast(*cast, lanes_of(vector), lane)
                                           : is_needed_by_scalar(*cast, lanes_of(vector), lane);
    if (auto* extract = llvm::dyn_cast<llvm::ExtractElementInst>(&user)) {
      auto* index = llvm::dyn_cast<llvm::ConstantInt>(extract->getIndexOperand());
      return index == nullptr || index->getZExtValue() == lane;
    }
    if (auto* insert = llvm::dyn_cast<llvm::InsertElementInst>(&user)) {
      auto* index = llvm::dyn_cast<llvm::ConstantInt>(insert->getOperand(2));
      return index == nullptr || (index->getZExtValue() != lane && contains(user, lane));
    }
    if (auto* shuffle = llvm::dyn_cast<llvm::ShuffleVectorInst>(&user)) {
      llvm::ArrayRef<int> mask = shuffle->getShuffleMask();
      const unsigned lanes = lanes_of(vector);
      for (unsigned k = 0; k < mask.size(); k++) {
        if (mask[k] < 0) continue;
        auto taken = static_cast<unsigned>(mask[k]);
        if (taken % lanes == lane && shuffle->getOperand(taken / lanes) == &vector && contains(user, k))
          return true;
      }
      return false;
    }
    if (auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&user); call && call->getType()->isVectorTy())
      return llvm::isTriviallyVectorizable(call->getIntrinsicID()) ? contains(user, lane)
                                                                   : contains_all(user);
    return !llvm::isa<llvm::UnaryOperator, llvm::BinaryOperator, llvm::CmpInst, llvm::CastInst,
                      llvm::SelectInst, llvm::FreezeInst>(user) ||
           contains(user, lane);
  }

  /// What a machine's own instruction makes of a lane may be in any lane.
  bool contains_all(llvm::Value& vector) {
    for (unsigned lane = 0; lane < lanes_of(vector); lane++)
      if (!contains(vector, lane)) return false;
    return true;
  }

  bool is_needed_by_scalar(llvm::BitCastInst& cast, unsigned lanes, unsigned lane) {
    if (!bits_ || !cast.getType()->isIntegerTy()) return true;
    unsigned width = cast.getType()->getIntegerBitWidth() / lanes;
    return !bits_->getDemandedBits(&cast).extractBits(width, lane * width).isZero();
  }

  bool is_needed_by_cast(llvm::Value& cast, unsigned lanes, unsigned lane) {
    unsigned count = lanes_of(cast);
    if (count <= lanes) return contains(cast, lane * count / lanes);
    for (unsigned k = 0; k < count / lanes; k++)
      if (contains(cast, lane * (count / lanes) + k)) return true;
    return false;
  }

  llvm::DemandedBits* bits_;
  std::set<std::pair<const llvm::Value*, unsigned>> seen_;
};

/// Loads what a bit cast makes of the value, if that is all that is done with it. InstCombine would do so
/// later, by a new load in place of the one that TrapWitnesses watches.
void settle_type(llvm::LoadInst& load) {
  bool is_candidate = load.isSimple() && load.hasOneUse(); // vectors cannot be atomic
  auto* cast = is_candidate ? llvm::dyn_cast<llvm::BitCastInst>(*load.user_begin()) : nullptr;
  if (!cast) return;
  load.mutateType(cast->getType());
  cast->replaceAllUsesWith(&load);
}

} // namespace

void keep_traps(llvm::Function& function) {
  for (llvm::Instruction& instruction : llvm::instructions(function)) {
    llvm::LoadInst* load = plain_load(instruction);
    if (!load) continue;
    load->setVolatile(true);
    load->setMetadata(kMark, llvm::MDNode::get(function.getContext(), {}));
  }
}

void settle_traps(llvm::Function& function) {
  for (llvm::Instruction& instruction : llvm::instructions(function)) {
    if (!instruction.hasMetadata(kMark)) continue;
    instruction.setMetadata(kMark, nullptr);
    bool is_whole = !instruction.getType()->isVectorTy() || NeededLanes().contains_last(instruction);
    if (instruction.use_empty() || !is_whole) continue;
    auto& load = llvm::cast<llvm::LoadInst>(instruction);
    load.setVolatile(false);
    settle_type(load);
  }
}

void keep_widths(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
  auto& demanded = analyses.getResult<llvm::DemandedBitsAnalysis>(function);
  for (llvm::Instruction& instruction : llvm::instructions(function)) {
    llvm::LoadInst* load = plain_load(instruction);
    if (!load) continue;
    bool is_whole = !demanded.isInstructionDead(load);
    NeededLanes lanes(&demanded);
    is_whole = is_whole &&
               (load->getType()->isVectorTy() ? lanes.contains_last(*load) : lanes.contains_scalar(*load));
    if (load->getType()->isIntegerTy())
      is_whole = is_whole && demanded.getDemandedBits(load).countl_zero() < 8;
    if (!is_whole) load->setVolatile(true);
  }
}

PassWatch::PassWatch(llvm::PassInstrumentationCallbacks& callbacks) {
  // A vector or wider load takes the place of several, or loads of lanes that of a vector's; the scalar or
  // narrow loop may go.
  constexpr llvm::StringLiteral kReplacing[] = {"AggressiveInstCombinePass",
                                                "SLPVectorizerPass",
                                                "VectorCombinePass",
                                                "LoopVectorizePass",
                                                "swage::codegen::UnpackVectors",
                                                "swage::codegen::WidenVectors"};
  callbacks.registerBeforeNonSkippedPassCallback([this, kReplacing](llvm::StringRef pass, llvm::Any) {
    replaces_loads_ = std::ranges::find(kReplacing, pass) != std::end(kReplacing);
  });
}

class TrapWitnesses::Witness final : public llvm::CallbackVH {
public:
  Witness(llvm::LoadInst& load, llvm::LoadInst& copy, const PassWatch& watch)
      : CallbackVH(&load), copy_(&copy), watch_(watch) {}
  void deleted() override {
    is_lost_ = !is_replaced_ && !watch_.replaces_loads();
    CallbackVH::deleted();
  }
  /// An equal load is watched from now on: nobody may find the value useless later and delete both.
  void allUsesReplacedWith(llvm::Value* value) override {
    while (auto* cast = llvm::dyn_cast<llvm::BitCastInst>(value)) value = cast->getOperand(0);
    if (llvm::isa<llvm::LoadInst>(value))
      setValPtr(value);
    else
      is_replaced_ = true;
  }
  bool is_lost() const { return is_lost_; }
  llvm::LoadInst& copy() const { return *copy_; }

private:
  llvm::LoadInst* copy_;
  const PassWatch& watch_;
  bool is_replaced_ = false; ///< by what was stored there, a merge of loads, poison
  bool is_lost_ = false;
};

TrapWitnesses::TrapWitnesses(llvm::Function& function, const PassWatch& watch)
    : function_(function), watch_(watch) {
  watch_loads();
}

TrapWitnesses::~TrapWitnesses() {
  witnesses_.clear();
  if (copy_) copy_->eraseFromParent();
}

void TrapWitnesses::watch_loads() {
  witnesses_.clear();
  copy_ = nullptr;
  llvm::SmallVector<llvm::LoadInst*, 64> loads;
  for (llvm::Instruction& instruction : llvm::instructions(function_))
    if (llvm::LoadInst* load = plain_load(instruction)) loads.push_back(load);
  if (loads.empty()) return;
  llvm::ValueToValueMapTy map;
  copy_ = llvm::CloneFunction(&function_, map);
  for (llvm::LoadInst* load : loads)
    witnesses_.push_back(std::make_unique<Witness>(*load, *llvm::cast<llvm::LoadInst>(map[load]), watch_));
}

bool TrapWitnesses::has_lost() const {
  return std::ranges::any_of(witnesses_, [](const auto& witness) { return witness->is_lost(); });
}

bool TrapWitnesses::roll_back() {
  if (!has_lost()) return false;
  for (const std::unique_ptr<Witness>& witness : witnesses_)
    if (witness->is_lost()) witness->copy().setVolatile(true);

  witnesses_.clear();
  function_.dropAllReferences(); // the body, and what hangs on the function
  while (!function_.empty()) function_.begin()->eraseFromParent();
  for (unsigned k = 0; k < function_.arg_size(); ++k)
    copy_->getArg(k)->replaceAllUsesWith(function_.getArg(k));
  function_.splice(function_.begin(), copy_);
  function_.copyMetadata(copy_, 0);
  if (copy_->hasPersonalityFn()) function_.setPersonalityFn(copy_->getPersonalityFn());
  copy_->eraseFromParent();
  watch_loads();
  return true;
}

} // namespace swage::codegen
