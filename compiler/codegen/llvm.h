// Everything of codegen/ that another LLVM version would spell differently, in one place: target look-up,
// machine creation, the line table inside the assembler, running lld. The other files use only what has been
// stable for years.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <lld/Common/CommonLinkerContext.h>
#include <lld/Common/Driver.h>
#include <llvm/CodeGen/CodeGenTargetMachineImpl.h>
#include <llvm/CodeGen/MachineModuleInfo.h>
#include <llvm/CodeGen/Passes.h>
#include <llvm/CodeGen/TargetPassConfig.h>
#include <llvm/Config/llvm-config.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/LegacyPassManager.h>
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
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Target/TargetOptions.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/TargetParser/Triple.h>

static_assert(LLVM_VERSION_MAJOR == 22, "swage is written for LLVM 22: look at each function below");

LLD_HAS_DRIVER(elf)

// The two targets' entry points: the package's headers declare every target that it was built with, but we
// link only these.
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

inline std::unique_ptr<llvm::MCSubtargetInfo> make_subtarget(const llvm::Target& target,
                                                             const llvm::Triple& triple, llvm::StringRef cpu,
                                                             llvm::StringRef features) {
  return std::unique_ptr<llvm::MCSubtargetInfo>(target.createMCSubtargetInfo(triple, cpu, features));
}

inline std::unique_ptr<llvm::TargetMachine>
make_machine(const llvm::Target& target, const llvm::Triple& triple, llvm::StringRef cpu,
             llvm::StringRef features, const llvm::TargetOptions& options, llvm::CodeGenOptLevel level) {
  return std::unique_ptr<llvm::TargetMachine>(target.createTargetMachine(
      triple, cpu, features, options, llvm::Reloc::PIC_, llvm::CodeModel::Small, level));
}

/// Adds the passes of the back end, and `after_selection` behind instruction selection. False when the target
/// cannot write such a file. (addPassesToEmitFile, which takes no pass of ours.)
inline bool add_back_end(llvm::legacy::PassManager& passes, llvm::TargetMachine& machine,
                         llvm::MachineModuleInfoWrapperPass& info,
                         llvm::ArrayRef<llvm::Pass*> after_selection, llvm::raw_pwrite_stream& stream,
                         llvm::CodeGenFileType type) {
  auto& target = static_cast<llvm::CodeGenTargetMachineImpl&>(machine);
  llvm::TargetPassConfig* config = target.createPassConfig(passes);
  config->setDisableVerify(true);
  // Follows variables, of which our debug information has none: 4 % of the time at -O2.
  config->disablePass(&llvm::LiveDebugValuesID);
  for (llvm::Pass* pass : after_selection) config->insertPass(&llvm::FinalizeISelID, pass);
  passes.add(config);
  passes.add(&info);
  if (config->addISelPasses()) return false;
  config->addMachinePasses();
  config->setInitialized();
  if (target.addAsmPrinter(passes, stream, nullptr, type, info.getMMI().getContext())) return false;
  passes.add(llvm::createFreeMachineFunctionPass());
  return true;
}

/// One row of the line table of an object.
struct Line {
  std::string section;
  uint64_t offset = 0; ///< from the section's first byte
  uint32_t line = 0;
  uint32_t column = 0;
};

/// Where an object is written to. The first byte comes when the assembler has laid everything out and still
/// knows its line table: the only moment to take it without parsing DWARF back out of the object.
class ObjectStream final : public llvm::raw_pwrite_stream {
public:
  ObjectStream(llvm::SmallVectorImpl<char>& bytes, std::vector<Line>& lines)
      : raw_pwrite_stream(/*Unbuffered=*/true), bytes_(bytes), lines_(lines) {}
  /// The assembler's context, once it is known.
  void set_context(llvm::MCContext& context) { context_ = &context; }

private:
  void write_impl(const char* data, size_t size) override {
    if (bytes_.empty() && context_) collect(*context_);
    bytes_.append(data, data + size);
  }
  void pwrite_impl(const char* data, size_t size, uint64_t offset) override {
    std::copy_n(data, size, bytes_.begin() + offset);
  }
  uint64_t current_pos() const override { return bytes_.size(); }

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

  llvm::SmallVectorImpl<char>& bytes_;
  std::vector<Line>& lines_;
  llvm::MCContext* context_ = nullptr;
};

/// Runs lld's ELF linker; false when it reported an error.
inline bool link_elf(llvm::ArrayRef<const char*> arguments, llvm::raw_ostream& output,
                     llvm::raw_ostream& errors) {
  bool is_linked = lld::elf::link(arguments, output, errors, /*exitEarly=*/false, /*disableOutput=*/false);
  lld::CommonLinkerContext::destroy();
  return is_linked;
}

} // namespace swage::codegen::llvm22
