#include "compiler/codegen/context_register.h"

#include <algorithm>
#include <cassert>
#include <string_view>
#include <vector>

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/MapVector.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/MachineInstrBuilder.h>
#include <llvm/CodeGen/MachineRegisterInfo.h>
#include <llvm/CodeGen/MachineSSAUpdater.h>
#include <llvm/CodeGen/TargetInstrInfo.h>
#include <llvm/CodeGen/TargetLowering.h>
#include <llvm/CodeGen/TargetRegisterInfo.h>
#include <llvm/CodeGen/TargetSubtargetInfo.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Triple.h>

#include "compiler/lower/lower.h"

namespace swage::codegen {

namespace {

using llvm::MachineBasicBlock;
using llvm::MachineInstr;
using llvm::Register;

/// The registers that swifttailcc takes for itself.
struct Registers {
  const char* context;
  const char* unused; ///< another one that callees may change, for nothing; null where it does not matter
};
constexpr Registers kX86 = {"R13", "R14"}, kAArch64 = {"X20", nullptr};

/// One function's work.
class ContextRegister {
public:
  ContextRegister(llvm::MachineFunction& function, const Registers& names)
      : function_(function), values_(function.getRegInfo()),
        target_(*function.getSubtarget().getRegisterInfo()),
        opcodes_(*function.getSubtarget().getInstrInfo()), updater_(function),
        convention_(target_.getCallPreservedMask(function, llvm::CallingConv::SwiftTail)),
        context_(find(names.context)), unused_(names.unused ? find(names.unused) : llvm::MCPhysReg{}) {}

  void run() {
    const llvm::Function& function = function_.getFunction();
    if (function.getCallingConv() == llvm::CallingConv::SwiftTail) {
      save_registers();
      find_entry();
    }
    for (MachineBasicBlock& block : function_)
      for (MachineInstr& instruction : block) {
        if (instruction.isCall()) last_call_[&block] = &instruction;
        if (!is_internal_call(instruction)) continue;
        if (instruction.isReturn())
          tail_calls_.push_back(&instruction);
        else
          look_at_call(instruction);
      }
    for (MachineBasicBlock& block : function_)
      if (block.isEHPad()) look_at_pad(block);
    set_masks();
    if (!entry_) return;
    updater_.Initialize(entry_);
    for (MachineBasicBlock& block : function_) rewrite(block);
    for (MachineBasicBlock& block : function_)
      if (block.isEHPad() && !comes_back_to(block)) join_saved(block);
    for (llvm::MachineOperand* operand : uses_) updater_.RewriteUse(*operand);
  }

private:
  llvm::MCPhysReg find(std::string_view name) const {
    for (unsigned k = 1; k < target_.getNumRegs(); k++)
      if (name == target_.getName(k)) return static_cast<llvm::MCPhysReg>(k);
    assert(false && "LLVM has renamed a register");
    return {};
  }

  /// What changes the registers brings them back when it returns, and unwinding does so too. Not the context
  /// where a tail call may need another one in it.
  void save_registers() {
    llvm::SmallVector<llvm::MCPhysReg, 16> saved;
    for (const llvm::MCPhysReg* each = values_.getCalleeSavedRegs(); *each; each++) saved.push_back(*each);
    if (!function_.getFunction().hasFnAttribute(lower::kLosesContext)) saved.push_back(context_);
    if (unused_) saved.push_back(unused_);
    values_.setCalleeSavedRegs(saved);
  }

  Register new_value() { return values_.cloneVirtualRegister(entry_); }

  MachineInstr* copy(MachineBasicBlock& block, MachineBasicBlock::iterator before, Register to,
                     Register from) {
    return BuildMI(block, before, {}, opcodes_.get(llvm::TargetOpcode::COPY), to).addReg(from);
  }

  /// The context as the function is given it; none when it has no use for it.
  void find_entry() {
    for (MachineInstr& instruction : function_.front()) {
      if (!instruction.isCopy() || instruction.getOperand(1).getReg() != context_) continue;
      entry_ = instruction.getOperand(0).getReg();
      values_.clearKillFlags(entry_);
      return;
    }
  }

  bool is_internal_call(const MachineInstr& instruction) const {
    if (!instruction.isCall()) return false;
    return llvm::any_of(instruction.operands(), [&](const llvm::MachineOperand& operand) {
      return operand.isRegMask() && operand.getRegMask() == convention_;
    });
  }

  /// Whether the callee comes back with the context that it was given.
  bool is_kept_by(const MachineInstr& call) const {
    for (const llvm::MachineOperand& operand : call.operands()) {
      if (!operand.isGlobal()) continue;
      auto* callee = llvm::dyn_cast<llvm::Function>(operand.getGlobal());
      return callee && !callee->hasFnAttribute(lower::kLosesContext);
    }
    return !function_.getFunction().hasFnAttribute(lower::kLosesContextIndirectly);
  }

  /// Whether a value is the function's own context.
  bool is_own(Register value) const {
    while (value.isVirtual() && value != entry_) {
      const MachineInstr* definition = values_.getVRegDef(value);
      if (!definition || !definition->isCopy()) return false;
      value = definition->getOperand(1).getReg();
    }
    return value == entry_;
  }

  void look_at_call(MachineInstr& call) {
    calls_[&call] = After::lost;
    auto argument = std::next(call.getReverseIterator());
    while (!argument->modifiesRegister(context_, &target_)) ++argument;
    if (!entry_ || !argument->isCopy() || !is_own(argument->getOperand(1).getReg())) return;
    argument->getOperand(1).setReg(entry_);
    argument->getOperand(1).setIsKill(false);
    if (is_kept_by(call)) calls_[&call] = After::kept;
  }

  /// Whether all that lands here finds the context in its register.
  bool comes_back_to(MachineBasicBlock& pad) {
    return llvm::all_of(pad.predecessors(), [&](MachineBasicBlock* from) {
      return calls_.lookup(last_call_.lookup(from)) == After::kept;
    });
  }

  /// Where it is lost after one of the calls that land in a pad, it counts as lost after all.
  void look_at_pad(MachineBasicBlock& pad) {
    if (comes_back_to(pad)) return;
    for (MachineBasicBlock* from : pad.predecessors())
      if (auto call = calls_.find(last_call_.lookup(from)); call != calls_.end()) call->second = After::lost;
  }

  void set_masks() {
    auto mask_with = [&](std::initializer_list<llvm::MCPhysReg> kept) {
      uint32_t* mask = function_.allocateRegMask();
      std::copy_n(convention_, llvm::MachineOperand::getRegMaskSize(target_.getNumRegs()), mask);
      for (llvm::MCPhysReg reg : kept)
        if (reg)
          for (llvm::MCPhysReg part : target_.subregs_inclusive(reg))
            mask[part / 32] |= uint32_t{1} << part % 32;
      return mask;
    };
    const uint32_t *lost = mask_with({unused_}), *kept = mask_with({unused_, context_});
    auto set = [&](MachineInstr& call, const uint32_t* mask) {
      for (llvm::MachineOperand& operand : call.operands())
        if (operand.isRegMask()) operand.setRegMask(mask);
    };
    for (auto [call, after] : calls_) set(*call, after == After::kept ? kept : lost);
    // A tail call has its context from this function, whose caller knows what comes back.
    bool leaves = function_.getFunction().hasFnAttribute(lower::kLosesContext);
    for (MachineInstr* call : tail_calls_) set(*call, leaves ? lost : kept);
  }

  /// Puts a value into the register for a moment: what is before and what is after are then two values, which
  /// register allocation does not have to keep in one place.
  Register through_register(MachineBasicBlock& block, MachineBasicBlock::iterator before, Register value) {
    llvm::MachineOperand& source = copy(block, before, context_, value ? value : entry_)->getOperand(1);
    if (!value) uses_.push_back(&source);
    Register after = new_value();
    copy(block, before, after, context_);
    return after;
  }

  /// The internal call that a call sequence's begin belongs to, or null.
  MachineInstr* call_of(MachineInstr& setup) const {
    if (setup.getOpcode() != opcodes_.getCallFrameSetupOpcode()) return nullptr;
    auto call = std::next(setup.getIterator());
    while (call != setup.getParent()->end() && !call->isCall()) ++call;
    return call != setup.getParent()->end() && calls_.contains(&*call) ? &*call : nullptr;
  }

  MachineBasicBlock::iterator end_of_sequence(MachineInstr& call) const {
    auto at = std::next(call.getIterator());
    while (at->getOpcode() != opcodes_.getCallFrameDestroyOpcode()) ++at;
    return std::next(at);
  }

  /// Makes every use in a block one of the context that is current there: another value after each call,
  /// which comes in the register and can stay there until the next one.
  void rewrite(MachineBasicBlock& block) {
    Register current = &block == &function_.front() ? entry_ : Register();
    if (block.isEHPad()) {
      current = new_value();
      pad_values_[&block] = current;
      if (comes_back_to(block)) {
        block.addLiveIn(context_);
        copy(block, block.SkipPHIsLabelsAndDebug(block.begin()), current, context_);
      }
    }
    for (auto at = block.begin(); at != block.end(); ++at) {
      MachineInstr* call = call_of(*at);
      if (call && calls_.lookup(call) == After::lost)
        current = saved_[&block] = through_register(block, at, current);
      for (llvm::MachineOperand& operand : at->uses()) {
        if (!operand.isReg() || operand.getReg() != entry_) continue;
        if (current && !at->isPHI())
          operand.setReg(current);
        else
          uses_.push_back(&operand);
      }
      auto found = calls_.find(&*at);
      if (found == calls_.end()) continue;
      if (found->second == After::lost) {
        current = through_register(block, end_of_sequence(*at), current);
      } else {
        current = new_value();
        copy(block, end_of_sequence(*at), current, context_);
      }
    }
    if (current) updater_.AddAvailableValue(&block, current);
  }

  /// In a pad: what was saved before the call that landed here, or what a call of the runtime left alone.
  void join_saved(MachineBasicBlock& pad) {
    auto join =
        BuildMI(pad, pad.begin(), {}, opcodes_.get(llvm::TargetOpcode::PHI), pad_values_.lookup(&pad));
    for (MachineBasicBlock* from : pad.predecessors()) {
      bool is_saved = calls_.contains(last_call_.lookup(from));
      join.addReg(is_saved ? saved_.lookup(from) : updater_.GetValueAtEndOfBlock(from)).addMBB(from);
    }
  }

  /// What a call does to the register, beside what every call does.
  enum class After : uint8_t { none, kept, lost };

  llvm::MachineFunction& function_;
  llvm::MachineRegisterInfo& values_;
  const llvm::TargetRegisterInfo& target_;
  const llvm::TargetInstrInfo& opcodes_;
  llvm::MachineSSAUpdater updater_;
  const uint32_t* convention_; ///< by register: whether callees of the internal convention preserve it
  llvm::MCPhysReg context_, unused_;
  Register entry_;
  llvm::MapVector<MachineInstr*, After> calls_;                       ///< those in the internal convention
  std::vector<MachineInstr*> tail_calls_;                             ///< likewise
  llvm::DenseMap<const MachineBasicBlock*, MachineInstr*> last_call_; ///< in any convention
  llvm::DenseMap<const MachineBasicBlock*, Register> saved_;          ///< the context, across the last call
  llvm::DenseMap<const MachineBasicBlock*, Register> pad_values_;
  std::vector<llvm::MachineOperand*> uses_; ///< of a value that comes from other blocks
};

class ContextRegisterPass final : public llvm::MachineFunctionPass {
public:
  static char ID;
  ContextRegisterPass() : MachineFunctionPass(ID) {}
  llvm::StringRef getPassName() const override { return "swage context register"; }

private:
  bool runOnMachineFunction(llvm::MachineFunction& function) override {
    ContextRegister(function, function.getTarget().getTargetTriple().isX86() ? kX86 : kAArch64).run();
    return true;
  }
};
char ContextRegisterPass::ID = 0;

} // namespace

llvm::Pass* new_context_register_pass() { return new ContextRegisterPass; }

} // namespace swage::codegen
