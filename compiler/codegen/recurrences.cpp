#include "compiler/codegen/recurrences.h"

#include <array>
#include <optional>
#include <vector>

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SetVector.h>
#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/MachineInstrBuilder.h>
#include <llvm/CodeGen/MachineRegisterInfo.h>
#include <llvm/CodeGen/TargetInstrInfo.h>
#include <llvm/CodeGen/TargetSubtargetInfo.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Triple.h>

namespace swage::codegen {

namespace {

using llvm::MachineInstr;
using llvm::MachineOperand;
using llvm::Register;

/// Instructions of x86-64 that add up to three terms, whose numbers LLVM keeps to itself.
constexpr std::array<llvm::StringRef, 2> kSums = {"LEA64_32r", "LEA64r"};
/// Operands of these: the result, then an address.
enum Operand : unsigned { kResult, kBase, kScale, kIndex, kOffset, kSegment };
/// Values that are followed from a sum to the next round.
constexpr size_t kMostFollowed = 256;

struct Opcodes {
  explicit Opcodes(const llvm::TargetInstrInfo& all) {
    for (unsigned opcode = 0; opcode < all.getNumOpcodes(); opcode++) {
      if (all.getName(opcode) == kSums[0]) sums[0] = opcode;
      if (all.getName(opcode) == kSums[1]) sums[1] = opcode;
    }
  }

  std::array<unsigned, kSums.size()> sums = {};
};

class Recurrences {
public:
  Recurrences(llvm::MachineFunction& function, const Opcodes& known)
      : function_(function), values_(function.getRegInfo()),
        opcodes_(*function.getSubtarget().getInstrInfo()), known_(known) {}

  bool run() {
    std::vector<MachineInstr*> sums;
    for (llvm::MachineBasicBlock& block : function_) {
      if (!block.isSuccessor(&block)) continue; // in longer loops other things take longer
      for (MachineInstr& instruction : block)
        if (is_sum_of_three(instruction)) sums.push_back(&instruction);
    }
    bool has_changed = false;
    for (MachineInstr* sum : sums)
      if (std::optional<Operand> last = carried(*sum)) {
        add_last(*sum, *last);
        has_changed = true;
      }
    return has_changed;
  }

private:
  bool is_sum_of_three(const MachineInstr& instruction) const {
    if (!llvm::is_contained(known_.sums, instruction.getOpcode())) return false;
    auto is_value = [&](Operand which) {
      const MachineOperand& operand = instruction.getOperand(which);
      return operand.isReg() && operand.getReg().isVirtual() && !operand.getSubReg();
    };
    const MachineOperand& offset = instruction.getOperand(kOffset);
    return is_value(kResult) && is_value(kBase) && is_value(kIndex) &&
           instruction.getOperand(kScale).getImm() == 1 && offset.isImm() && offset.getImm() != 0 &&
           !instruction.getOperand(kSegment).getReg();
  }

  /// The term that is made from the sum of the round before, if the other is not.
  std::optional<Operand> carried(const MachineInstr& sum) const {
    Register base = sum.getOperand(kBase).getReg(), index = sum.getOperand(kIndex).getReg();
    bool is_base = false, is_index = false;
    llvm::SmallSetVector<Register, 32> followed;
    followed.insert(sum.getOperand(kResult).getReg());
    for (size_t k = 0; k < followed.size(); k++)
      for (const MachineInstr& user : values_.use_nodbg_instructions(followed[k])) {
        if (user.getParent() != sum.getParent() || user.getNumExplicitDefs() != 1) continue;
        Register result = user.getOperand(0).getReg();
        if (!result.isVirtual()) continue;
        is_base |= result == base;
        is_index |= result == index;
        followed.insert(result);
        if (followed.size() > kMostFollowed) return std::nullopt;
      }
    if (is_base == is_index) return std::nullopt;
    return is_base ? kBase : kIndex;
  }

  void add_last(MachineInstr& sum, Operand last) {
    MachineOperand &base = sum.getOperand(kBase), &index = sum.getOperand(kIndex);
    Register late = sum.getOperand(last).getReg();
    Register early = last == kBase ? index.getReg() : base.getReg();
    Register others = values_.createVirtualRegister(values_.getRegClass(index.getReg()));
    llvm::BuildMI(*sum.getParent(), sum, sum.getDebugLoc(), opcodes_.get(known_.sums[1]), others)
        .addReg(early)
        .addImm(1)
        .addReg(0)
        .addImm(sum.getOperand(kOffset).getImm())
        .addReg(0);
    for (Register used : {late, early}) values_.clearKillFlags(used);
    base.setReg(late);
    index.setReg(others);
    sum.getOperand(kOffset).setImm(0);
  }

  llvm::MachineFunction& function_;
  llvm::MachineRegisterInfo& values_;
  const llvm::TargetInstrInfo& opcodes_;
  const Opcodes& known_;
};

class RecurrencesPass final : public llvm::MachineFunctionPass {
public:
  static char ID;
  RecurrencesPass() : MachineFunctionPass(ID) {}
  llvm::StringRef getPassName() const override { return "swage recurrences"; }

private:
  bool runOnMachineFunction(llvm::MachineFunction& function) override {
    if (!function.getTarget().getTargetTriple().isX86()) return false;
    if (function.getTarget().getOptLevel() == llvm::CodeGenOptLevel::None) return false;
    static const Opcodes opcodes(*function.getSubtarget().getInstrInfo());
    return Recurrences(function, opcodes).run();
  }
};
char RecurrencesPass::ID = 0;

} // namespace

llvm::Pass* new_recurrences_pass() { return new RecurrencesPass; }

} // namespace swage::codegen
