// Everything of codegen/ that another LLVM version would spell differently, in one place: target look-up, machine creation,
// the line table inside the assembler, running lld. The other files use only what has been stable for years.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <lld/Common/CommonLinkerContext.h>
#include <lld/Common/Driver.h>
#include <llvm/CodeGen/MachineModuleInfo.h>
#include <llvm/Config/llvm-config.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/MC/MCAsmBackend.h>
#include <llvm/MC/MCAssembler.h>
#include <llvm/MC/MCCodeEmitter.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCDwarf.h>
#include <llvm/MC/MCObjectWriter.h>
#include <llvm/MC/MCSection.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/MCSymbol.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/CodeGen.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Target/TargetOptions.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/TargetParser/Triple.h>

static_assert(LLVM_VERSION_MAJOR == 22, "swage is written for LLVM 22: look at each function below");

LLD_HAS_DRIVER(elf)

// The two targets' entry points: the package's headers declare every target that it was built with, but we link only these.
extern "C" {
void LLVMInitializeX86TargetInfo();
void LLVMInitializeX86Target();
void LLVMInitializeX86TargetMC();
void LLVMInitializeX86AsmPrinter();
void LLVMInitializeAArch64TargetInfo();
void LLVMInitializeAArch64Target();
void LLVMInitializeAArch64TargetMC();
void LLVMInitializeAArch64AsmPrinter();
}

namespace swage::codegen::llvm22 {

inline void initialise_x86() {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
}

inline void initialise_aarch64() {
  LLVMInitializeAArch64TargetInfo();
  LLVMInitializeAArch64Target();
  LLVMInitializeAArch64TargetMC();
  LLVMInitializeAArch64AsmPrinter();
}

inline const llvm::Target* find_target(const llvm::Triple& triple) {
  std::string error;
  return llvm::TargetRegistry::lookupTarget(triple, error);
}

inline std::unique_ptr<llvm::MCSubtargetInfo> make_subtarget(const llvm::Target& target, const llvm::Triple& triple,
                                                             llvm::StringRef cpu, llvm::StringRef features) {
  return std::unique_ptr<llvm::MCSubtargetInfo>(target.createMCSubtargetInfo(triple, cpu, features));
}

inline std::unique_ptr<llvm::TargetMachine> make_machine(const llvm::Target& target, const llvm::Triple& triple,
                                                         llvm::StringRef cpu, llvm::StringRef features,
                                                         const llvm::TargetOptions& options, llvm::CodeGenOptLevel level) {
  return std::unique_ptr<llvm::TargetMachine>(
    target.createTargetMachine(triple, cpu, features, options, llvm::Reloc::PIC_, llvm::CodeModel::Small, level));
}

/// LLVM 22's x86 back end takes every `musttail` call for a sibling call and never stores its stack arguments (llvm-project
/// #199224). In a convention that guarantees tail calls, `tail` gives the same guarantee by the older, right path. To be called after
/// the last IR pass: until then `musttail` keeps the call before its return. Functions without tail calls of the guest keep
/// "disable-tail-calls"; in the others no further call is marked as a tail call, since no pass has been allowed to.
inline void settle_tail_calls(llvm::Module& module) {
  if (!module.getTargetTriple().isX86()) return;
  for (llvm::Function& function : module) {
    bool has_tail_call = false;
    for (llvm::BasicBlock& block : function) {
      llvm::CallInst* call = block.getTerminatingMustTailCall();
      if (call == nullptr) continue;
      call->setTailCallKind(llvm::CallInst::TCK_Tail);
      has_tail_call = true;
    }
    if (has_tail_call) function.removeFnAttr("disable-tail-calls");
  }
}

/// One row of the line table of an object.
struct Line {
  std::string section;
  uint64_t offset = 0; ///< from the section's first byte
  uint32_t line = 0;
  uint32_t column = 0;
};

/// Takes the line table from the assembler, which still knows it when the object has been written: there is no need to parse DWARF
/// back out of the object. In the order of the code.
class LineCollector final : public llvm::MachineModuleInfoWrapperPass {
public:
  LineCollector(const llvm::TargetMachine& machine, std::vector<Line>& lines)
      : MachineModuleInfoWrapperPass(&machine), lines_(lines) {}

  /// Runs after the last pass, and forgets everything.
  bool doFinalization(llvm::Module& module) override {
    collect(getMMI().getContext());
    return MachineModuleInfoWrapperPass::doFinalization(module);
  }

private:
  void collect(llvm::MCContext& context) {
    // Offsets stand in the fragments once layout is done; any assembler can read them.
    llvm::MCAssembler reader(context, nullptr, nullptr, nullptr);
    for (const auto& [unit, table] : context.getMCDwarfLineTables()) {
      for (const auto& [section, entries] : table.getMCLineSections().getMCLineEntries()) {
        std::string name = section->getName().str();
        for (const llvm::MCDwarfLineEntry& entry : entries) {
          uint64_t offset = 0;
          if (entry.IsEndEntry || !reader.getSymbolOffset(*entry.getLabel(), offset)) continue;
          lines_.push_back({name, offset, entry.getLine(), entry.getColumn()});
        }
      }
    }
  }

  std::vector<Line>& lines_;
};

/// Runs lld's ELF linker; false when it reported an error.
inline bool link_elf(llvm::ArrayRef<const char*> arguments, llvm::raw_ostream& output, llvm::raw_ostream& errors) {
  bool is_linked = lld::elf::link(arguments, output, errors, /*exitEarly=*/false, /*disableOutput=*/false);
  lld::CommonLinkerContext::destroy();
  return is_linked;
}

} // namespace swage::codegen::llvm22
