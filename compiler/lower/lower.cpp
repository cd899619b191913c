// The two entries of lower.h: a module of functions, and a module of glue.
#include "compiler/lower/lower.h"

#include <algorithm>

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/TargetParser/Triple.h>

#include "compiler/lower/entry.h"
#include "compiler/lower/lowerer.h"

namespace swage::lower {
namespace {

/// Longer names are cut: they are for people and tools, the index makes them unique.
constexpr size_t kMaxNameLength = 256;

/// A character of a Wasm name (any UTF-8) that object files, assemblers and profilers take as it is; '@'
/// would be a symbol version.
bool is_symbol_character(char c) {
  return static_cast<unsigned char>(c) > 0x20 && c != 0x7F && c != '@' && c != '"' && c != '\\';
}

std::unique_ptr<llvm::Module> new_module(const LowerOptions& options, llvm::LLVMContext& context) {
  auto out = std::make_unique<llvm::Module>("swage", context);
  out->setTargetTriple(llvm::Triple(options.triple));
  out->setDataLayout(options.data_layout);
  return out;
}

} // namespace

std::string function_symbol(const wasm::Module& module, wasm::FuncIdx function) {
  std::string symbol = "f" + std::to_string(function.value);
  std::string_view name = module.func_name(function).substr(0, kMaxNameLength);
  if (name.empty()) return symbol;
  symbol += '.';
  for (char c : name) symbol += is_symbol_character(c) ? c : '_';
  return symbol;
}

std::string entry_symbol(wasm::TypeIdx type) { return "swage_entry_" + std::to_string(type.value); }
std::string table_symbol(wasm::TableIdx table) { return "swage_table_" + std::to_string(table.value); }
std::string trampoline_symbol(wasm::TypeIdx type) { return "swage_host_" + std::to_string(type.value); }

std::unique_ptr<llvm::Module> lower_functions(const wasm::Module& module, const Glue& glue,
                                              std::span<const wasm::FuncIdx> functions,
                                              const LowerOptions& options, llvm::LLVMContext& context) {
  std::unique_ptr<llvm::Module> out = new_module(options, context);
  Environment env(module, glue, options, *out);
  for (wasm::FuncIdx index : functions) {
    llvm::Function* function = env.function(index);
    env.define(*function, function->getName(), module.body(index).offset);
    Lowerer(env, *function).lower_body(index);
  }
  return out;
}

std::unique_ptr<llvm::Module> lower_glue(const wasm::Module& module, const Glue& glue,
                                         const LowerOptions& options, llvm::LLVMContext& context,
                                         TableArrays arrays) {
  std::unique_ptr<llvm::Module> out = new_module(options, context);
  Environment env(module, glue, options, *out);
  for (uint32_t k = 0; k < module.types.size(); k++) {
    if (glue.entry_needed[k]) lower_entry(env, {k});
    if (glue.trampoline_needed[k]) lower_trampoline(env, {k});
  }
  if (!glue.expressions.empty()) lower_initialiser(env);
  for (uint32_t k = 0; k < glue.closed_tables.size(); k++)
    if (glue.closed_tables[k] && arrays == TableArrays::define)
      lower_closed_table(env, {k}, *glue.closed_tables[k]);
  return out;
}

} // namespace swage::lower
