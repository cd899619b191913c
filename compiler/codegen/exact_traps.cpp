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

#include "compiler/codegen/offset_pointer.h"

namespace swage::codegen {

namespace {

constexpr const char* kMark = "swage.trap";
/// Stores before a store that it may overwrite. Instruction selection follows fewer.
constexpr size_t kMostStores = 256;

/// A load that LLVM may delete (plain, or unordered in a shared memory) and that lowering gave a trap, or
/// null.
llvm::LoadInst* plain_load(llvm::Instruction& instruction) {
  auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
  bool is_plain = load && load->isUnordered() && !load->isVolatile();
  return is_plain && load->getDebugLoc() && load->getDebugLoc().getCol() != 0 ? load : nullptr;
}

/// Which bytes of values somebody needs, as instruction selection finds out: it looks through what works lane
/// by lane. Lanes of one bit count as a byte each. In doubt a byte is not needed.
class NeededBytes {
public:
  /// `bits` tells which bits of integers are needed; without it all are.
  explicit NeededBytes(llvm::DemandedBits* bits = nullptr) : bits_(bits) {}

  /// Whether some use of a vector or a scalar may need this byte.
  bool contains(llvm::Value& value, unsigned byte) {
    if (!seen_.insert({&value, byte}).second) return false; // known, or asked for right now
    if (seen_.size() > kMostBytes) return true;
    return has_needed_bits(value, byte) && std::any_of(value.user_begin(), value.user_end(), [&](auto* user) {
             return is_needed_by(*user, value, byte);
           });
  }

  bool contains_last(llvm::Value& value) {
    unsigned bytes = static_cast<unsigned>(value.getType()->getPrimitiveSizeInBits().getFixedValue() / 8);
    return bytes == 0 || contains(value, bytes - 1); // references have no size here
  }

private:
  static constexpr size_t kMostBytes = 1024;

  static unsigned lanes_of(const llvm::Value& value) {
    auto* type = llvm::dyn_cast<llvm::FixedVectorType>(value.getType());
    return type ? type->getNumElements() : 1;
  }
  /// Of a lane.
  static unsigned bytes_of(const llvm::Value& value) {
    return std::max(value.getType()->getScalarSizeInBits() / 8, 1u);
  }

  bool has_needed_bits(llvm::Value& value, unsigned byte) {
    auto* instruction = llvm::dyn_cast<llvm::Instruction>(&value);
    if (!bits_ || !instruction || !value.getType()->isIntOrIntVectorTy()) return true;
    llvm::APInt demanded = bits_->getDemandedBits(instruction);
    unsigned first = byte % bytes_of(value) * 8;
    return !demanded.extractBits(std::min(8u, demanded.getBitWidth() - first), first).isZero();
  }

  bool contains_lane(llvm::Value& value, unsigned lane) {
    unsigned size = bytes_of(value);
    for (unsigned byte = size; byte-- > 0;)
      if (contains(value, lane * size + byte)) return true;
    return false;
  }

  /// What a machine's own instruction makes of a lane may be in any lane.
  bool contains_all_lanes(llvm::Value& value) {
    for (unsigned lane = 0; lane < lanes_of(value); lane++)
      if (!contains_lane(value, lane)) return false;
    return true;
  }

  bool is_needed_by(llvm::User& user, llvm::Value& value, unsigned byte) {
    const unsigned size = bytes_of(value), lane = byte / size, inner = byte % size;
    if (auto* cast = llvm::dyn_cast<llvm::CastInst>(&user)) return is_needed_by_cast(*cast, value, byte);
    if (auto* extract = llvm::dyn_cast<llvm::ExtractElementInst>(&user)) {
      auto* index = llvm::dyn_cast<llvm::ConstantInt>(extract->getIndexOperand());
      return !index || (index->getZExtValue() == lane && contains(user, inner));
    }
    if (auto* insert = llvm::dyn_cast<llvm::InsertElementInst>(&user)) {
      auto* index = llvm::dyn_cast<llvm::ConstantInt>(insert->getOperand(2));
      if (!index) return true;
      auto replaced = static_cast<unsigned>(index->getZExtValue());
      if (insert->getOperand(1) == &value) return contains(user, replaced * size + byte);
      return replaced != lane && contains(user, byte);
    }
    if (auto* shuffle = llvm::dyn_cast<llvm::ShuffleVectorInst>(&user)) {
      llvm::ArrayRef<int> mask = shuffle->getShuffleMask();
      const unsigned lanes = lanes_of(value);
      for (unsigned k = 0; k < mask.size(); k++) {
        if (mask[k] < 0) continue;
        auto taken = static_cast<unsigned>(mask[k]);
        bool is_taken = taken % lanes == lane && shuffle->getOperand(taken / lanes) == &value;
        if (is_taken && contains(user, k * size + inner)) return true;
      }
      return false;
    }
    if (!value.getType()->isVectorTy()) return true; // has_needed_bits knows the rest
    if (auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&user); call && call->getType()->isVectorTy())
      return llvm::isTriviallyVectorizable(call->getIntrinsicID()) ? contains_lane(user, lane)
                                                                   : contains_all_lanes(user);
    if (auto* operation = llvm::dyn_cast<llvm::BinaryOperator>(&user);
        operation && operation->isBitwiseLogicOp())
      return !is_masked(*operation, lane, inner) && contains(user, byte);
    if (llvm::isa<llvm::FreezeInst>(user)) return contains(user, byte);
    if (auto* select = llvm::dyn_cast<llvm::SelectInst>(&user); select && select->getCondition() != &value)
      return contains(user, byte);
    return !llvm::isa<llvm::UnaryOperator, llvm::BinaryOperator, llvm::CmpInst, llvm::SelectInst>(user) ||
           contains_lane(user, lane);
  }

  bool is_needed_by_cast(llvm::CastInst& cast, llvm::Value& value, unsigned byte) {
    const unsigned size = bytes_of(value), lane = byte / size, inner = byte % size;
    bool is_mask = value.getType()->isVectorTy() && value.getType()->getScalarSizeInBits() == 1;
    switch (cast.getOpcode()) {
    case llvm::Instruction::BitCast:
      if (!is_mask) return contains(cast, byte);
      return !bits_ || !cast.getType()->isIntegerTy() || bits_->getDemandedBits(&cast)[lane];
    case llvm::Instruction::Trunc:
      return inner < bytes_of(cast) && contains(cast, lane * bytes_of(cast) + inner);
    case llvm::Instruction::ZExt: return contains(cast, lane * bytes_of(cast) + inner);
    default: return contains_lane(cast, lane);
    }
  }

  /// Whether a constant decides about a byte.
  static bool is_masked(const llvm::BinaryOperator& operation, unsigned lane, unsigned inner) {
    auto* constant = llvm::dyn_cast<llvm::Constant>(operation.getOperand(1));
    auto* element =
        constant ? llvm::dyn_cast_or_null<llvm::ConstantInt>(constant->getAggregateElement(lane)) : nullptr;
    if (!element || element->getBitWidth() < 8) return false;
    llvm::APInt bits = element->getValue().extractBits(8, inner * 8);
    return (operation.getOpcode() == llvm::Instruction::And && bits.isZero()) ||
           (operation.getOpcode() == llvm::Instruction::Or && bits.isAllOnes());
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

/// Whether InstCombine could move the load to where its one user is, a phi behind its block.
bool may_sink(const llvm::Value* value, const llvm::BasicBlock* block) {
  auto* load = llvm::dyn_cast<llvm::LoadInst>(value);
  if (!load || load->getParent() != block || !load->hasOneUser() || !load->isSimple()) return false;
  return std::none_of(std::next(load->getIterator()), block->end(),
                      [](const llvm::Instruction& after) { return after.mayWriteToMemory(); });
}

/// A phi of loads alone becomes one load, which those miss that leave a block another way: such a load stays
/// volatile, which keeps all of them. TrapWitnesses would find out later, for a second run of all passes.
void keep_from_sinking(llvm::PHINode& phi) {
  for (unsigned k = 0; k < phi.getNumIncomingValues(); k++)
    if (!may_sink(phi.getIncomingValue(k), phi.getIncomingBlock(k))) return;
  for (unsigned k = 0; k < phi.getNumIncomingValues(); k++)
    if (phi.getIncomingBlock(k)->getTerminator()->getNumSuccessors() > 1)
      if (llvm::LoadInst* load = plain_load(*llvm::cast<llvm::Instruction>(phi.getIncomingValue(k))))
        load->setVolatile(true);
}

/// A store, and the bytes that it writes, from a pointer that others share.
struct Written {
  llvm::StoreInst* store;
  const llvm::Value* base;
  int64_t first, end;
};

/// Instruction selection knows pointers as equal that are worked out alike.
bool are_same(const llvm::Value* left, const llvm::Value* right) {
  if (left == right) return true;
  auto *one = llvm::dyn_cast<llvm::Instruction>(left), *other = llvm::dyn_cast<llvm::Instruction>(right);
  return one && other && one->isIdenticalTo(other);
}

/// Makes stores volatile that a later one of the block overwrites: instruction selection drops such a store,
/// and what it stores may hang on a load that nobody else needs.
void keep_overwritten(llvm::BasicBlock& block) {
  const llvm::DataLayout& layout = block.getModule()->getDataLayout();
  llvm::SmallVector<Written, 16> before;
  for (llvm::Instruction& instruction : block) {
    auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
    if (!store || !store->isSimple()) continue;
    auto [base, first] = split_offset<const llvm::Value>(store->getPointerOperand(), layout);
    auto size =
        static_cast<int64_t>(layout.getTypeStoreSize(store->getValueOperand()->getType()).getFixedValue());
    Written now = {store, base, first, first + size};
    llvm::erase_if(before, [&](const Written& row) {
      bool is_covered = now.first <= row.first && row.end <= now.end && are_same(row.base, now.base);
      if (is_covered) row.store->setVolatile(true);
      return is_covered;
    });
    if (llvm::isa<llvm::Instruction>(store->getValueOperand())) before.push_back(now);
    if (before.size() > kMostStores) before.erase(before.begin());
  }
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
  bool has_kept = false;
  for (llvm::Instruction& instruction : llvm::instructions(function)) {
    if (!instruction.hasMetadata(kMark)) continue;
    instruction.setMetadata(kMark, nullptr);
    has_kept = true;
    if (instruction.use_empty() || !NeededBytes().contains_last(instruction)) continue;
    auto& load = llvm::cast<llvm::LoadInst>(instruction);
    load.setVolatile(false);
    settle_type(load);
  }
  if (!has_kept) return; // traps are relaxed, or there are none
  for (llvm::BasicBlock& block : function)
    for (llvm::PHINode& phi : block.phis()) keep_from_sinking(phi);
}

void keep_widths(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
  auto& demanded = analyses.getResult<llvm::DemandedBitsAnalysis>(function);
  for (llvm::Instruction& instruction : llvm::instructions(function)) {
    // What vector-combine makes of a vector's load has another place.
    auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
    if (!load || !load->isUnordered() || load->isVolatile()) continue;
    if (!plain_load(*load) && !load->hasMetadata(llvm::LLVMContext::MD_alias_scope)) continue;
    bool is_whole = !demanded.isInstructionDead(load) && NeededBytes(&demanded).contains_last(*load);
    if (!is_whole) load->setVolatile(true);
  }
  for (llvm::BasicBlock& block : function) keep_overwritten(block);
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
  // With its debug information the function would be searched for what of that to copy: nothing.
  llvm::DISubprogram* program = function_.getSubprogram();
  function_.setSubprogram(nullptr);
  copy_ = llvm::CloneFunction(&function_, map);
  function_.setSubprogram(program);
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
  llvm::DISubprogram* program = function_.getSubprogram();
  function_.dropAllReferences(); // the body, and what hangs on the function
  while (!function_.empty()) function_.begin()->eraseFromParent();
  for (unsigned k = 0; k < function_.arg_size(); ++k)
    copy_->getArg(k)->replaceAllUsesWith(function_.getArg(k));
  function_.splice(function_.begin(), copy_);
  function_.copyMetadata(copy_, 0);
  function_.setSubprogram(program);
  if (copy_->hasPersonalityFn()) function_.setPersonalityFn(copy_->getPersonalityFn());
  copy_->eraseFromParent();
  watch_loads();
  return true;
}

} // namespace swage::codegen
