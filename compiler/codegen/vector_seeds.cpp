#include "compiler/codegen/vector_seeds.h"

#include <cstdint>
#include <utility>

#include <llvm/ADT/MapVector.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>

#include "compiler/codegen/offset_pointer.h"

namespace swage::codegen {

namespace {

constexpr unsigned kLeastNeighbours = 4;

/// A store of what is worked out, so that working out several at once saves something.
struct Store {
  int64_t place; ///< bytes from a pointer that others share
  llvm::Instruction* value;
};
using Stores = llvm::SmallVector<Store, 8>;

bool is_computed(const llvm::Value* value) {
  return llvm::isa<llvm::BinaryOperator, llvm::UnaryOperator, llvm::CastInst, llvm::SelectInst,
                   llvm::IntrinsicInst>(value);
}

/// Whether two values could be lanes of one: not so where one is a sum with the other, nor where both are
/// sums of one value and constants, which cost no more than lanes.
bool are_alike(const llvm::Instruction& left, const llvm::Instruction& right) {
  auto differ = [](const llvm::Value* a, const llvm::Value* b) {
    return a != b && !(llvm::isa<llvm::Constant>(a) && llvm::isa<llvm::Constant>(b));
  };
  return left.getOpcode() == right.getOpcode() && !llvm::is_contained(left.operands(), &right) &&
         !llvm::is_contained(right.operands(), &left) &&
         llvm::any_of(llvm::zip(left.operands(), right.operands()),
                      [&](auto pair) { return differ(std::get<0>(pair), std::get<1>(pair)); });
}

bool are_neighbours(Stores& stores, int64_t size) {
  llvm::stable_sort(stores, [](const Store& a, const Store& b) { return a.place < b.place; });
  unsigned run = 1;
  for (size_t k = 1; k < stores.size() && run < kLeastNeighbours; k++) {
    bool is_next = stores[k].place - stores[k - 1].place == size;
    run = is_next && are_alike(*stores[k].value, *stores[k - 1].value) ? run + 1 : 1;
  }
  return run >= kLeastNeighbours;
}

bool has_seeds(llvm::BasicBlock& block, const llvm::Loop& loop, const llvm::DataLayout& layout) {
  auto is_lane = [&](const llvm::Value* value) { return is_computed(value) && !loop.isLoopInvariant(value); };
  unsigned lanes = 0;
  llvm::SmallMapVector<std::pair<const llvm::Value*, llvm::Type*>, Stores, 8> stores; // by pointer and type
  for (llvm::Instruction& instruction : block) {
    if (auto* lane = llvm::dyn_cast<llvm::InsertElementInst>(&instruction)) {
      if (is_lane(lane->getOperand(1)) && ++lanes >= kLeastNeighbours) return true;
      continue;
    }
    auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
    if (!store || !store->isSimple() || !is_lane(store->getValueOperand())) continue;
    llvm::Type* type = store->getValueOperand()->getType();
    if (!type->isIntegerTy() && !type->isFloatingPointTy()) continue;
    auto [root, offset] = split_offset<const llvm::Value>(store->getPointerOperand(), layout);
    stores[{root, type}].push_back({offset, llvm::cast<llvm::Instruction>(store->getValueOperand())});
  }
  return llvm::any_of(stores, [&](auto& row) {
    auto size = static_cast<int64_t>(layout.getTypeStoreSize(row.first.second).getFixedValue());
    return are_neighbours(row.second, size);
  });
}

/// Whether it is what LLVM made of a loop, or the rest of it, which goes round a few times.
bool is_vectorised(const llvm::Loop& loop) {
  return llvm::getBooleanLoopAttribute(&loop, "llvm.loop.isvectorized");
}

} // namespace

bool has_vector_seeds(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
  auto& loops = analyses.getResult<llvm::LoopAnalysis>(function);
  return llvm::any_of(function, [&](llvm::BasicBlock& block) {
    const llvm::Loop* loop = loops.getLoopFor(&block);
    return loop && loop->isInnermost() && !is_vectorised(*loop) &&
           has_seeds(block, *loop, function.getDataLayout());
  });
}

} // namespace swage::codegen
