#include "compiler/codegen/split_copies.h"

#include <vector>

#include <llvm/ADT/STLExtras.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/PatternMatch.h>

#include "compiler/codegen/offset_pointer.h"

namespace swage::codegen {

namespace {

constexpr int64_t kPiece = 4;
constexpr int64_t kMostBytes = 16;
/// Accesses of a loop that are compared with each other.
constexpr size_t kMostAccesses = 64;

/// Bytes from a value that other addresses have, too. Only as good as a guess: addresses may wrap.
struct Range {
  const llvm::Value* root;
  int64_t first, end;
};

Range range_of(const llvm::Value* pointer, llvm::Type* type, const llvm::DataLayout& layout) {
  using namespace llvm::PatternMatch;
  auto [root, first] = split_offset(pointer, layout);
  const llvm::Value* index = nullptr;
  const llvm::APInt* more = nullptr;
  auto* sum = llvm::dyn_cast<llvm::GetElementPtrInst>(root);
  if (sum && sum->getNumIndices() == 1 && match(sum->getOperand(1), m_ZExt(m_Value(index)))) {
    root = index;
    while (match(root, m_Add(m_Value(index), m_APInt(more))) ||
           match(root, m_Or(m_Value(index), m_APInt(more)))) {
      root = index;
      first += more->getSExtValue();
    }
  }
  return {root, first, first + static_cast<int64_t>(layout.getTypeStoreSize(type).getFixedValue())};
}

struct Copy {
  llvm::LoadInst* load;
  llvm::StoreInst* store;
};

bool is_long(llvm::Type* type, const llvm::DataLayout& layout) {
  if (!type->isIntegerTy(64) && !llvm::isa<llvm::FixedVectorType>(type)) return false;
  auto size = static_cast<int64_t>(layout.getTypeStoreSize(type).getFixedValue());
  return size > kPiece && size <= kMostBytes && size % kPiece == 0;
}

class Splitting {
public:
  Splitting(const llvm::Loop& loop, const llvm::DataLayout& layout) : layout_(layout) {
    for (llvm::BasicBlock* block : loop.blocks())
      for (llvm::Instruction& instruction : *block) {
        if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction)) {
          stores_.push_back(
              range_of(store->getPointerOperand(), store->getValueOperand()->getType(), layout));
        } else if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction)) {
          if (!load->isSimple() || !load->hasOneUse() || !is_long(load->getType(), layout)) continue;
          auto* user = llvm::dyn_cast<llvm::StoreInst>(*load->user_begin());
          if (user && user->isSimple() && user->getValueOperand() == load &&
              user->getParent() == load->getParent())
            copies_.push_back({load, user});
        }
      }
  }

  void run() {
    if (stores_.size() > kMostAccesses || copies_.size() > kMostAccesses) return;
    for (const Copy& copy : copies_) {
      Range read = range_of(copy.load->getPointerOperand(), copy.load->getType(), layout_);
      if (llvm::any_of(stores_, [&](const Range& written) { return is_torn(read, written); })) split(copy);
    }
  }

private:
  /// Whether a store writes a part of what is read, in whole pieces.
  static bool is_torn(const Range& read, const Range& written) {
    bool overlaps = written.root == read.root && written.first < read.end && read.first < written.end;
    bool covers = written.first <= read.first && read.end <= written.end;
    return overlaps && !covers && (written.first - read.first) % kPiece == 0 &&
           (written.end - written.first) % kPiece == 0;
  }

  /// The last piece is stored first: where memory ends inside, nothing is stored.
  void split(const Copy& copy) {
    auto size = static_cast<int64_t>(layout_.getTypeStoreSize(copy.load->getType()).getFixedValue());
    llvm::SmallVector<llvm::Value*, 4> pieces;
    llvm::IRBuilder<> b(copy.load);
    auto place = [&](llvm::Value* pointer, int64_t offset) {
      return b.CreatePtrAdd(pointer, b.getInt64(static_cast<uint64_t>(offset)));
    };
    for (int64_t offset = 0; offset < size; offset += kPiece) {
      auto* piece = b.CreateAlignedLoad(b.getInt32Ty(), place(copy.load->getPointerOperand(), offset),
                                        llvm::Align(1), /*isVolatile=*/true);
      piece->setAAMetadata(copy.load->getAAMetadata());
      pieces.push_back(piece);
    }
    b.SetInsertPoint(copy.store);
    for (int64_t offset = size - kPiece; offset >= 0; offset -= kPiece) {
      auto* piece = b.CreateAlignedStore(pieces[static_cast<size_t>(offset / kPiece)],
                                         place(copy.store->getPointerOperand(), offset), llvm::Align(1),
                                         /*isVolatile=*/true);
      piece->setAAMetadata(copy.store->getAAMetadata());
    }
    copy.store->eraseFromParent();
    copy.load->eraseFromParent();
  }

  const llvm::DataLayout& layout_;
  std::vector<Range> stores_;
  std::vector<Copy> copies_;
};

} // namespace

void split_copies(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
  const llvm::DataLayout& layout = function.getDataLayout();
  for (llvm::Loop* loop : analyses.getResult<llvm::LoopAnalysis>(function).getLoopsInPreorder())
    if (loop->isInnermost()) Splitting(*loop, layout).run();
}

} // namespace swage::codegen
