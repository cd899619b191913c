#include "compiler/codegen/dispatch_pages.h"

#include <algorithm>
#include <cstdint>

#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/MachineJumpTableInfo.h>
#include <llvm/IR/Function.h>
#include <llvm/Support/Alignment.h>
#include <llvm/Support/MathExtras.h>
#include <llvm/Target/TargetMachine.h>

namespace swage::codegen {

namespace {

/// Of a function that need not share a page's end: a larger one would leave too much of a page empty, and few
/// of its jumps would cross.
constexpr uint64_t kMostBytes = 1024;
/// What an instruction takes, about: the code is not there yet.
constexpr uint64_t kInstructionBytes = 5;

uint64_t estimated_size(const llvm::MachineFunction& function) {
  uint64_t count = 0;
  for (const llvm::MachineBasicBlock& block : function)
    count += static_cast<uint64_t>(std::ranges::count_if(
        block, [](const llvm::MachineInstr& each) { return !each.isMetaInstruction() && !each.isPHI(); }));
  return count * kInstructionBytes;
}

class DispatchPagesPass final : public llvm::MachineFunctionPass {
public:
  static char ID;
  DispatchPagesPass() : MachineFunctionPass(ID) {}
  llvm::StringRef getPassName() const override { return "swage dispatch pages"; }

private:
  bool runOnMachineFunction(llvm::MachineFunction& function) override {
    if (function.getTarget().getOptLevel() == llvm::CodeGenOptLevel::None) return false;
    if (function.getFunction().hasOptSize() || function.getFunction().hasFnAttribute(llvm::Attribute::Cold))
      return false;
    const llvm::MachineJumpTableInfo* tables = function.getJumpTableInfo();
    if (!tables || tables->isEmpty()) return false;
    uint64_t room = llvm::PowerOf2Ceil(estimated_size(function));
    if (room > kMostBytes) return false;
    function.ensureAlignment(llvm::Align(room));
    return true;
  }
};
char DispatchPagesPass::ID = 0;

} // namespace

llvm::Pass* new_dispatch_pages_pass() { return new DispatchPagesPass; }

} // namespace swage::codegen
