#include "compiler/codegen/object.h"

#include <algorithm>
#include <cassert>

#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Support/raw_ostream.h>

#include "compiler/codegen/context_register.h"
#include "compiler/codegen/dispatch_pages.h"
#include "compiler/codegen/field_addresses.h"
#include "compiler/codegen/inlined_places.h"
#include "compiler/codegen/llvm.h"
#include "compiler/codegen/pipeline.h"
#include "compiler/codegen/recurrences.h"
#include "compiler/codegen/zero_extensions.h"

namespace swage::codegen {

namespace {

/// The executable sections, each with a symbol that another object can name.
std::vector<CodeSection> code_sections(llvm::ArrayRef<char> bytes) {
  std::vector<CodeSection> code;
  auto file = llvm::object::ObjectFile::createELFObjectFile(
      llvm::MemoryBufferRef(llvm::StringRef(bytes.data(), bytes.size()), "object"));
  assert(file && "LLVM reads what it wrote");
  for (const llvm::object::SectionRef& section : (*file)->sections()) {
    if (!section.isText() || section.getSize() == 0) continue;
    CodeSection& row = code.emplace_back();
    row.name = llvm::cantFail(section.getName()).str();
    row.size = section.getSize();
    for (const llvm::object::SymbolRef& symbol : (*file)->symbols()) {
      if (!(llvm::cantFail(symbol.getFlags()) & llvm::object::SymbolRef::SF_Global)) continue;
      if (llvm::cantFail(symbol.getSection()) != section) continue;
      uint64_t offset = llvm::cantFail(symbol.getAddress());
      if (!row.symbol.empty() && offset >= row.symbol_offset) continue;
      row.symbol = llvm::cantFail(symbol.getName()).str();
      row.symbol_offset = offset;
    }
    assert(!row.symbol.empty() && "lowering gives every function external linkage");
  }
  return code;
}

/// Adds a line-table row to a section's address table; a row that says the same as the one before it says
/// nothing.
void add_row(CodeSection& code, const llvm22::Line& line) {
  abi::AddressRow row{static_cast<uint32_t>(line.offset), line.line == 0 ? 0 : line.line - 1};
  uint8_t trap = static_cast<uint8_t>(line.column);
  if (!code.addresses.empty() && code.addresses.back().code_offset == row.code_offset) {
    code.addresses.pop_back(); // the last one at an address holds
    code.traps.pop_back();
  }
  if (!code.addresses.empty() && code.addresses.back().wasm_offset == row.wasm_offset &&
      code.traps.back() == trap)
    return;
  code.addresses.push_back(row);
  code.traps.push_back(trap);
}

/// Runs the back end. A null `object` writes assembly text.
Expected<void> emit(llvm::Module& module, llvm::TargetMachine& machine, llvm::CodeGenFileType type,
                    llvm::SmallVectorImpl<char>& bytes, Object* object) {
  std::vector<abi::InlinedRow> inlined = flatten_inlined_places(module);
  std::vector<llvm22::Line> lines;
  llvm22::ObjectStream stream(bytes, lines);
  llvm::legacy::PassManager passes;
  auto* info = new llvm::MachineModuleInfoWrapperPass(&machine); // the pass manager owns it
  if (object) stream.set_context(info->getMMI().getContext());
  if (!llvm22::add_back_end(passes, machine, *info,
                            {new_context_register_pass(), new_zero_extensions_pass(),
                             new_field_addresses_pass(), new_recurrences_pass(), new_dispatch_pages_pass()},
                            stream, type))
    return fail(ErrorCode::unsupported, "LLVM cannot write this kind of file for this target");
  passes.run(module);
  if (!object) return {};

  object->code = code_sections(bytes);
  for (CodeSection& section : object->code) section.inlined = inlined;
  for (const llvm22::Line& line : lines) {
    auto code = std::find_if(object->code.begin(), object->code.end(),
                             [&](const CodeSection& row) { return row.name == line.section; });
    if (code != object->code.end()) add_row(*code, line);
  }
  return {};
}

} // namespace

Expected<Object> compile_object(Ir ir, const Target& target, OptLevel level, Stages& stages) {
  Object object;
  std::unique_ptr<llvm::TargetMachine> machine = target.machine(level);
  SWAGE_CHECK(guarded(ir, [&]() -> Expected<void> {
    assert(!llvm::verifyModule(*ir.module, &llvm::errs()) && "lowering made IR that is not valid");
    {
      Stages::Timer timer(stages, "optimise");
      optimise(*ir.module, *machine, level, ir.traps);
    }
    Stages::Timer timer(stages, "emit");
    return emit(*ir.module, *machine, llvm::CodeGenFileType::ObjectFile, object.bytes, &object);
  }));
  return object;
}

Expected<std::string> compile_ir_text(Ir ir, const Target& target, OptLevel level, Stages& stages) {
  std::string text;
  std::unique_ptr<llvm::TargetMachine> machine = target.machine(level);
  SWAGE_CHECK(guarded(ir, [&]() -> Expected<void> {
    Stages::Timer timer(stages, "optimise");
    optimise(*ir.module, *machine, level, ir.traps);
    llvm::raw_string_ostream stream(text);
    ir.module->print(stream, nullptr);
    return {};
  }));
  return text;
}

Expected<std::string> compile_assembly(Ir ir, const Target& target, OptLevel level, Stages& stages) {
  llvm::SmallVector<char, 0> text;
  std::unique_ptr<llvm::TargetMachine> machine = target.machine(level);
  SWAGE_CHECK(guarded(ir, [&]() -> Expected<void> {
    {
      Stages::Timer timer(stages, "optimise");
      optimise(*ir.module, *machine, level, ir.traps);
    }
    Stages::Timer timer(stages, "emit");
    return emit(*ir.module, *machine, llvm::CodeGenFileType::AssemblyFile, text, nullptr);
  }));
  return std::string(text.data(), text.size());
}

} // namespace swage::codegen
