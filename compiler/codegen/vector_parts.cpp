#include "compiler/codegen/vector_parts.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

#include <llvm/ADT/DenseMap.h>
#include <llvm/Analysis/ScalarEvolutionExpressions.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>

namespace swage::codegen {

namespace {

/// More parts than these are no unrolled loop but a long one.
constexpr int64_t kMostParts = 8;

struct Access {
  llvm::Instruction* instruction;
  const llvm::SCEV* pointer;
};

class Parts {
public:
  Parts(const llvm::Loop& loop, llvm::ScalarEvolution& scev) : loop_(loop), scev_(scev) {}

  std::optional<VectorParts> find(unsigned vectors) {
    if (!find_accesses() || count_ < 2) return std::nullopt;
    for (const Access& store : stores_)
      if (!store_behind(store, -1) && !follow(store)) return std::nullopt;
    VectorParts parts = {static_cast<unsigned>(count_), {}};
    for (const std::vector<Access>* accesses : {&stores_, &loads_})
      for (const Access& access : *accesses) {
        auto found = parts_.find(access.instruction);
        if (found == parts_.end()) return std::nullopt;
        if (found->second != 0) parts.others.insert(access.instruction);
      }
    if (has_results() || !are_apart(std::lcm(vectors, parts.count))) return std::nullopt;
    return parts;
  }

private:
  /// Whether everything that steps through memory is a vector, and steps over the same number of them.
  bool find_accesses() {
    for (llvm::Instruction& instruction : *loop_.getHeader()) {
      if (auto* phi = llvm::dyn_cast<llvm::PHINode>(&instruction)) {
        if (phi->getType()->isVectorTy() || phi->getType()->isFloatingPointTy()) return false;
        continue;
      }
      if (!instruction.mayReadOrWriteMemory()) continue;
      const llvm::Value* pointer = llvm::getLoadStorePointerOperand(&instruction);
      auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
      auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
      if (!pointer || !(store ? store->isSimple() : load->isSimple())) return false;
      if (load && loop_.isLoopInvariant(pointer)) continue;
      auto* steps = llvm::dyn_cast<llvm::SCEVAddRecExpr>(scev_.getSCEV(const_cast<llvm::Value*>(pointer)));
      if (!steps || steps->getLoop() != &loop_ || !steps->isAffine()) return false;
      auto* step = llvm::dyn_cast<llvm::SCEVConstant>(steps->getStepRecurrence(scev_));
      auto* type = llvm::dyn_cast<llvm::FixedVectorType>(llvm::getLoadStoreType(&instruction));
      if (!step || !type) return false;
      int64_t bytes = static_cast<int64_t>(type->getPrimitiveSizeInBits().getFixedValue() / 8);
      int64_t count = step->getAPInt().getSExtValue() / bytes;
      if (bytes_ == 0) bytes_ = bytes, count_ = count;
      if (bytes != bytes_ || count != count_ || count * bytes != step->getAPInt().getSExtValue() ||
          count > kMostParts)
        return false;
      (store ? stores_ : loads_).push_back({&instruction, steps});
    }
    return true;
  }

  /// Bytes from one place to the other, if that is always the same.
  std::optional<int64_t> distance(const llvm::SCEV* from, const llvm::SCEV* to) {
    auto* difference = llvm::dyn_cast<llvm::SCEVConstant>(scev_.getMinusSCEV(to, from));
    if (!difference) return std::nullopt;
    return difference->getAPInt().getSExtValue();
  }

  /// Whether a store, and those of the other parts, store what is alike.
  bool follow(const Access& store) {
    parts_[store.instruction] = 0;
    for (int64_t part = 1; part < count_; part++) {
      llvm::Instruction* other = store_behind(store, part);
      if (!other || !parts_.try_emplace(other, part).second ||
          !are_alike(store.instruction->getOperand(0), other->getOperand(0), part))
        return false;
    }
    return true;
  }

  llvm::Instruction* store_behind(const Access& store, int64_t parts) {
    for (const Access& other : stores_)
      if (distance(store.pointer, other.pointer) == parts * bytes_) return other.instruction;
    return nullptr;
  }

  /// Whether a value is to a part what `first` is to the first one.
  bool are_alike(llvm::Value* first, llvm::Value* other, int64_t part) {
    auto* one = llvm::dyn_cast<llvm::Instruction>(first);
    auto* another = llvm::dyn_cast<llvm::Instruction>(other);
    if (!one || !loop_.contains(one)) return first == other;
    if (!another || !loop_.contains(another)) return false;
    auto [known, is_new] = others_[part].try_emplace(one, another);
    if (!is_new) return known->second == another;
    if (!one->isSameOperationAs(another)) return false;
    if (llvm::isa<llvm::LoadInst>(one)) {
      if (loop_.isLoopInvariant(one->getOperand(0))) return one->getOperand(0) == another->getOperand(0);
      auto far = distance(scev_.getSCEV(one->getOperand(0)), scev_.getSCEV(another->getOperand(0)));
      return far == part * bytes_ && parts_.try_emplace(one, 0).first->second == 0 &&
             parts_.try_emplace(another, part).first->second == part;
    }
    if (llvm::isa<llvm::PHINode>(one) || one->mayReadOrWriteMemory()) return false;
    return llvm::all_of(llvm::zip_equal(one->operands(), another->operands()), [&](auto pair) {
      return are_alike(std::get<0>(pair).get(), std::get<1>(pair).get(), part);
    });
  }

  /// Whether a vector is wanted behind the loop.
  bool has_results() const {
    return llvm::any_of(*loop_.getHeader(), [&](const llvm::Instruction& instruction) {
      return instruction.getType()->isVectorTy() &&
             llvm::any_of(instruction.users(), [&](const llvm::User* user) {
               return !loop_.contains(llvm::cast<llvm::Instruction>(user));
             });
    });
  }

  /// Whether a store and another access to the same array, as far as LLVM's checks at run time do not tell
  /// them apart, meet in one part, or lie so far from each other that they do not meet in what is done at
  /// once.
  bool are_apart(unsigned vectors) {
    auto may_meet = [&](const Access& store, const Access& access) {
      if (parts_[store.instruction] != 0 || parts_[access.instruction] != 0) return false; // as the first do
      std::optional<int64_t> far = distance(store.pointer, access.pointer);
      return far && *far != 0 && std::abs(*far) < vectors * bytes_;
    };
    for (const Access& store : stores_)
      for (const std::vector<Access>* accesses : {&stores_, &loads_})
        for (const Access& access : *accesses)
          if (may_meet(store, access)) return false;
    return true;
  }

  const llvm::Loop& loop_;
  llvm::ScalarEvolution& scev_;
  std::vector<Access> loads_, stores_;
  int64_t bytes_ = 0, count_ = 0;
  llvm::DenseMap<int64_t, llvm::DenseMap<llvm::Instruction*, llvm::Instruction*>> others_; ///< by part
  llvm::DenseMap<llvm::Instruction*, int64_t> parts_; ///< of loads and stores
};

} // namespace

VectorParts find_vector_parts(const llvm::Loop& loop, unsigned vectors, llvm::ScalarEvolution& scev) {
  return Parts(loop, scev).find(vectors).value_or(VectorParts{});
}

} // namespace swage::codegen
