#include "compiler/codegen/zero_extensions.h"

#include <algorithm>
#include <array>
#include <vector>

#include <llvm/ADT/BitVector.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/MachineRegisterInfo.h>
#include <llvm/CodeGen/TargetInstrInfo.h>
#include <llvm/CodeGen/TargetLowering.h>
#include <llvm/CodeGen/TargetRegisterInfo.h>
#include <llvm/CodeGen/TargetSubtargetInfo.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Triple.h>

namespace swage::codegen {

namespace {

using llvm::MachineInstr;
using llvm::Register;

/// What writes a 32-bit register and may leave its upper half as it was, or fill it: searches for a bit of 0,
/// and small constants that go over the stack where code shall be short.
constexpr std::array<llvm::StringRef, 6> kUnclear = {"BSF32rr", "BSF32rm",        "BSR32rr",
                                                     "BSR32rm", "MOV32ImmSExti8", "MOV64ImmSExti8"};

/// Instructions of x86-64, whose numbers LLVM keeps to itself.
struct Opcodes {
  explicit Opcodes(const llvm::TargetInstrInfo& all) : is_unclear(all.getNumOpcodes()) {
    for (unsigned opcode = 0; opcode < all.getNumOpcodes(); opcode++) {
      llvm::StringRef name = all.getName(opcode);
      if (name == "MOV32rr") move = opcode;
      // What every target has is no instruction of the machine: nothing is known of what it becomes.
      if (llvm::isTargetSpecificOpcode(opcode) && !llvm::is_contained(kUnclear, name)) continue;
      is_unclear.set(opcode);
    }
  }

  unsigned move = 0;
  llvm::BitVector is_unclear;
};

class ZeroExtensions {
public:
  ZeroExtensions(llvm::MachineFunction& function, const Opcodes& known)
      : function_(function), values_(function.getRegInfo()),
        opcodes_(*function.getSubtarget().getInstrInfo()), known_(known),
        words_(function.getSubtarget().getTargetLowering()->getRegClassFor(llvm::MVT::i32)),
        is_unclear_(values_.getNumVirtRegs()) {}

  bool run() {
    std::vector<MachineInstr*> extensions;
    for (llvm::MachineBasicBlock& block : function_)
      for (MachineInstr& instruction : block)
        if (instruction.getOpcode() == known_.move) extensions.push_back(&instruction);
    if (extensions.empty()) return false;
    find_unclear();
    bool has_changed = false;
    for (MachineInstr* extension : extensions) {
      const llvm::MachineOperand& source = extension->getOperand(1);
      if (!is_word(source) || is_unclear_[source.getReg().virtRegIndex()]) continue;
      extension->setDesc(opcodes_.get(llvm::TargetOpcode::COPY));
      has_changed = true;
    }
    return has_changed;
  }

private:
  bool is_word(const llvm::MachineOperand& operand) const {
    return operand.isReg() && operand.getReg().isVirtual() && !operand.getSubReg() &&
           words_->hasSubClassEq(values_.getRegClass(operand.getReg()));
  }

  /// Whether an operand is the low half of a value that has been extended.
  bool is_extended(const llvm::MachineOperand& operand) const {
    if (!operand.getReg().isVirtual()) return false;
    const MachineInstr* definition = values_.getUniqueVRegDef(operand.getReg());
    return definition && definition->isSubregToReg() && definition->getOperand(1).getImm() == 0 &&
           definition->getOperand(3).getImm() == operand.getSubReg() && is_word(definition->getOperand(2));
  }

  /// Finds every value whose upper half may not be clear: first those that an instruction leaves so, then
  /// what is copied from them.
  void find_unclear() {
    std::vector<Register> found;
    auto add = [&](Register value) {
      if (is_unclear_[value.virtRegIndex()]) return;
      is_unclear_.set(value.virtRegIndex());
      found.push_back(value);
    };
    for (unsigned k = 0; k < values_.getNumVirtRegs(); k++)
      if (Register value = Register::index2VirtReg(k); !is_clear_but_for_copies(value)) add(value);
    while (!found.empty()) {
      Register value = found.back();
      found.pop_back();
      for (const MachineInstr& user : values_.use_nodbg_instructions(value)) {
        if (!user.isPHI() && !(user.isCopy() && is_word(user.getOperand(1)))) continue;
        if (Register copy = user.getOperand(0).getReg(); copy.isVirtual()) add(copy);
      }
    }
  }

  /// Whether a value is written by an instruction that clears the upper half, or is a copy of such values.
  bool is_clear_but_for_copies(Register value) const {
    const MachineInstr* definition = values_.getUniqueVRegDef(value);
    if (!definition) return false;
    const llvm::MachineOperand* result = definition->findRegisterDefOperand(value, nullptr);
    if (!result || !is_word(*result)) return false;
    if (definition->isCopy())
      return is_word(definition->getOperand(1)) || is_extended(definition->getOperand(1));
    if (!definition->isPHI()) return !known_.is_unclear[definition->getOpcode()];
    for (unsigned k = 1; k < definition->getNumOperands(); k += 2)
      if (!is_word(definition->getOperand(k))) return false;
    return true;
  }

  llvm::MachineFunction& function_;
  llvm::MachineRegisterInfo& values_;
  const llvm::TargetInstrInfo& opcodes_;
  const Opcodes& known_;
  const llvm::TargetRegisterClass* words_;
  llvm::BitVector is_unclear_; ///< by number of a virtual register
};

class ZeroExtensionsPass final : public llvm::MachineFunctionPass {
public:
  static char ID;
  ZeroExtensionsPass() : MachineFunctionPass(ID) {}
  llvm::StringRef getPassName() const override { return "swage zero extensions"; }

private:
  bool runOnMachineFunction(llvm::MachineFunction& function) override {
    if (!function.getTarget().getTargetTriple().isX86()) return false;
    if (function.getTarget().getOptLevel() == llvm::CodeGenOptLevel::None) return false;
    static const Opcodes opcodes(*function.getSubtarget().getInstrInfo());
    return ZeroExtensions(function, opcodes).run();
  }
};
char ZeroExtensionsPass::ID = 0;

} // namespace

llvm::Pass* new_zero_extensions_pass() { return new ZeroExtensionsPass; }

} // namespace swage::codegen
