#include "compiler/codegen/inlined_places.h"

#include <algorithm>

#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

#include "compiler/lower/inlining.h"

namespace swage::codegen {

namespace {

class Flattener {
public:
  uint32_t place_of(const llvm::DILocation& location) {
    // From the function whose code it is inwards.
    llvm::SmallVector<const llvm::DILocation*, 4> chain;
    for (const llvm::DILocation* at = &location; at; at = at->getInlinedAt()) chain.push_back(at);
    const llvm::DILocation* outermost = chain.pop_back_val();
    uint32_t place = outermost->getColumn() == lower::kJumpColumn ? abi::kNone : offset_of(*outermost);
    for (const llvm::DILocation* at : llvm::reverse(chain)) {
      auto [found, is_new] =
          places_.try_emplace(at, static_cast<uint32_t>(rows_.size()) | abi::kInlinedPlace);
      if (is_new) rows_.push_back({offset_of(*at), place});
      place = found->second;
    }
    return place;
  }
  std::vector<abi::InlinedRow> take() { return std::move(rows_); }

private:
  static uint32_t offset_of(const llvm::DILocation& location) {
    return location.getLine() == 0 ? 0 : location.getLine() - 1;
  }

  llvm::DenseMap<const llvm::DILocation*, uint32_t> places_;
  std::vector<abi::InlinedRow> rows_;
};

/// The back end makes one instruction of a load and the operation that needs its value, and gives it the
/// operation's place. Where only the load was inlined its function would be lost, so the operation, which
/// cannot trap itself, gets the load's place.
void place_with_load(llvm::Instruction& instruction) {
  auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
  if (load == nullptr || !load->hasOneUse() || !load->getDebugLoc()) return;
  auto* user = llvm::cast<llvm::Instruction>(*load->user_begin());
  bool is_plain = !user->isTerminator() && !user->mayReadOrWriteMemory() &&
                  !llvm::isa<llvm::CallBase>(user) && !user->isIntDivRem() &&
                  !llvm::isa<llvm::PHINode>(user) && user->getDebugLoc();
  if (is_plain && user->getDebugLoc().getInlinedAt() != load->getDebugLoc().getInlinedAt())
    user->setDebugLoc(load->getDebugLoc());
}

} // namespace

std::vector<abi::InlinedRow> flatten_inlined_places(llvm::Module& module) {
  Flattener flattener;
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function)) place_with_load(instruction);
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      const llvm::DILocation* location = instruction.getDebugLoc();
      if (location == nullptr || location->getInlinedAt() == nullptr) continue;
      // Code of no instruction in particular stays so.
      uint32_t line = location->getLine() == 0 ? 0 : flattener.place_of(*location) + 1;
      instruction.setDebugLoc(
          llvm::DILocation::get(module.getContext(), line, location->getColumn(), function.getSubprogram()));
    }
  return flattener.take();
}

} // namespace swage::codegen
