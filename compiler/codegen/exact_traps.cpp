// A load that is volatile for a reason of its own (a vector in a shared memory) must not become plain, so
// ours are marked.
#include "compiler/codegen/exact_traps.h"

#include <llvm/IR/DebugLoc.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Metadata.h>

namespace swage::codegen {

namespace {
constexpr const char* kMark = "swage.trap";
} // namespace

void keep_traps(llvm::Function& function) {
  for (llvm::Instruction& instruction : llvm::instructions(function)) {
    auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
    if (!load || !load->isSimple() || !load->getDebugLoc() || load->getDebugLoc().getCol() == 0) continue;
    load->setVolatile(true);
    load->setMetadata(kMark, llvm::MDNode::get(function.getContext(), {}));
  }
}

void settle_traps(llvm::Function& function) {
  for (llvm::Instruction& instruction : llvm::instructions(function)) {
    if (!instruction.hasMetadata(kMark)) continue;
    instruction.setMetadata(kMark, nullptr);
    if (!instruction.use_empty()) llvm::cast<llvm::LoadInst>(instruction).setVolatile(false);
  }
}

} // namespace swage::codegen
