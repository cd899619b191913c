#include "compiler/codegen/field_addresses.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/DenseSet.h>
#include <llvm/CodeGen/MachineDominators.h>
#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/MachineInstrBuilder.h>
#include <llvm/CodeGen/MachineLoopInfo.h>
#include <llvm/CodeGen/MachineRegisterInfo.h>
#include <llvm/CodeGen/TargetInstrInfo.h>
#include <llvm/CodeGen/TargetLowering.h>
#include <llvm/CodeGen/TargetRegisterInfo.h>
#include <llvm/CodeGen/TargetSubtargetInfo.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Triple.h>

namespace swage::codegen {

namespace {

using llvm::MachineBasicBlock;
using llvm::MachineInstr;
using llvm::Register;

/// The operands of an x86-64 address, by their place in it.
enum AddressOperand : unsigned { kBase, kScale, kIndex, kOffset, kSegment, kAddressOperands };

/// What accesses to the same object have in common: memory base and index, in the order of their numbers.
using Object = std::pair<Register, Register>;

/// Instructions of x86-64, whose numbers LLVM keeps to itself.
struct Opcodes {
  unsigned add;  ///< of the parts of an address
  unsigned move; ///< of 32 bits: clears the others
};

Opcodes find_opcodes(const llvm::TargetInstrInfo& all) {
  auto find = [&](llvm::StringRef name) {
    unsigned opcode = 0;
    while (all.getName(opcode) != name) opcode++;
    return opcode;
  };
  return {find("LEA64r"), find("MOV32rr")};
}

class FieldAddresses {
public:
  FieldAddresses(llvm::MachineFunction& function, const Opcodes& known)
      : function_(function), values_(function.getRegInfo()),
        target_(*function.getSubtarget().getRegisterInfo()),
        opcodes_(*function.getSubtarget().getInstrInfo()), known_(known), dominators_(function),
        loops_(dominators_),
        pointers_(function.getSubtarget().getTargetLowering()->getRegClassFor(llvm::MVT::i64)) {}

  bool run() {
    for (MachineBasicBlock& block : function_)
      for (MachineInstr& instruction : block) look_at(instruction);
    if (chosen_.empty()) return false;
    for (MachineBasicBlock& block : function_) rewrite(block);
    return true;
  }

private:
  /// Where the address of an access begins among its operands, if it is a sum of two registers.
  int address_of(const MachineInstr& instruction) const {
    if (!instruction.mayLoadOrStore() || instruction.isCall()) return -1;
    for (unsigned k = 0; k + kAddressOperands <= instruction.getNumExplicitOperands(); k++) {
      auto operand = [&](AddressOperand which) -> const llvm::MachineOperand& {
        return instruction.getOperand(k + which);
      };
      if (!operand(kBase).isReg() || !operand(kScale).isImm() || !operand(kIndex).isReg() ||
          !operand(kSegment).isReg())
        continue;
      if (operand(kSegment).getReg() || operand(kScale).getImm() != 1 || !operand(kOffset).isImm()) return -1;
      // What has a byte register of the first four may need its other registers among the first eight.
      if (!takes_any(instruction, k + kBase)) return -1;
      return is_pointer(operand(kBase)) && is_pointer(operand(kIndex)) ? static_cast<int>(k) : -1;
    }
    return -1;
  }

  bool takes_any(const MachineInstr& instruction, unsigned operand) const {
    const llvm::TargetRegisterClass* wanted = instruction.getRegClassConstraint(operand, &opcodes_, &target_);
    return !wanted || wanted->hasSubClassEq(pointers_);
  }

  bool is_pointer(const llvm::MachineOperand& operand) const {
    return operand.getReg().isVirtual() && target_.getRegSizeInBits(operand.getReg(), values_) == 64;
  }

  /// The value that a register's low bits come from: an index is extended anew in each block.
  Register root(Register value) const {
    while (const MachineInstr* definition = values_.getUniqueVRegDef(value)) {
      bool is_extension = definition->isSubregToReg();
      bool is_copy = definition->isCopy() || definition->getOpcode() == known_.move;
      if (!is_extension && !is_copy) return value;
      const llvm::MachineOperand& source = definition->getOperand(is_extension ? 2 : 1);
      if (!source.getReg().isVirtual() || source.getSubReg()) return value;
      value = source.getReg();
    }
    return value;
  }

  Object object(const MachineInstr& access, int address) const {
    auto at = static_cast<unsigned>(address);
    Register base = root(access.getOperand(at + kBase).getReg());
    Register index = root(access.getOperand(at + kIndex).getReg());
    return base < index ? Object(base, index) : Object(index, base);
  }

  /// Chooses what is accessed more than once. Not what each round of a loop has anew: the addition would be
  /// one more in each round.
  void look_at(const MachineInstr& access) {
    int address = address_of(access);
    if (address < 0) return;
    Object accessed = object(access, address);
    if (is_in_loop(accessed.first) || is_in_loop(accessed.second)) return;
    if (!seen_.insert(accessed).second) chosen_.insert(accessed);
  }

  bool is_in_loop(Register value) const {
    const MachineInstr* definition = values_.getUniqueVRegDef(value);
    return definition && loops_.getLoopFor(definition->getParent());
  }

  void rewrite(MachineBasicBlock& block) {
    llvm::DenseMap<Object, Register> sums;
    for (MachineInstr& access : block) {
      int address = address_of(access);
      if (address < 0) continue;
      auto at = static_cast<unsigned>(address);
      Object accessed = object(access, address);
      if (!chosen_.contains(accessed)) continue;
      Register& sum = sums[accessed];
      llvm::MachineOperand &base = access.getOperand(at + kBase), &index = access.getOperand(at + kIndex);
      if (!sum) {
        sum = values_.createVirtualRegister(pointers_);
        BuildMI(block, access, {}, opcodes_.get(known_.add), sum)
            .addReg(base.getReg())
            .addImm(1)
            .addReg(index.getReg())
            .addImm(0)
            .addReg(0);
      }
      base.setReg(sum);
      base.setIsKill(false);
      index.setReg({});
      index.setIsKill(false);
    }
  }

  llvm::MachineFunction& function_;
  llvm::MachineRegisterInfo& values_;
  const llvm::TargetRegisterInfo& target_;
  const llvm::TargetInstrInfo& opcodes_;
  const Opcodes& known_;
  llvm::MachineDominatorTree dominators_;
  llvm::MachineLoopInfo loops_;
  const llvm::TargetRegisterClass* pointers_;
  llvm::DenseSet<Object> seen_, chosen_;
};

class FieldAddressesPass final : public llvm::MachineFunctionPass {
public:
  static char ID;
  FieldAddressesPass() : MachineFunctionPass(ID) {}
  llvm::StringRef getPassName() const override { return "swage field addresses"; }

private:
  bool runOnMachineFunction(llvm::MachineFunction& function) override {
    if (!function.getTarget().getTargetTriple().isX86()) return false;
    if (function.getTarget().getOptLevel() == llvm::CodeGenOptLevel::None) return false;
    static const Opcodes opcodes = find_opcodes(*function.getSubtarget().getInstrInfo());
    return FieldAddresses(function, opcodes).run();
  }
};
char FieldAddressesPass::ID = 0;

} // namespace

llvm::Pass* new_field_addresses_pass() { return new FieldAddressesPass; }

} // namespace swage::codegen
