// The two entries of lower.h: a module of functions, and a module of glue.
#include "compiler/lower/lower.h"

#include <algorithm>

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/ProfileSummary.h>
#include <llvm/ProfileData/ProfileCommon.h>
#include <llvm/TargetParser/Triple.h>

#include "compiler/lower/entry.h"
#include "compiler/lower/inlining.h"
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

/// What LLVM wants to know of a profile as a whole: which counts are hot.
void set_summary(llvm::Module& out, const Profile& profile) {
  std::vector<llvm::ProfileSummaryEntry> rows;
  double all = 0, sum = 0;
  for (uint64_t count : profile.sorted()) all += static_cast<double>(count);
  size_t next = 0;
  for (uint32_t cutoff : llvm::ProfileSummaryBuilder::DefaultCutoffs) {
    double wanted = all * cutoff / llvm::ProfileSummary::Scale;
    while (next < profile.sorted().size() && sum < wanted)
      sum += static_cast<double>(profile.sorted()[next++]);
    rows.emplace_back(cutoff, next == 0 ? 0 : profile.sorted()[next - 1], next);
  }
  uint64_t most = profile.sorted().empty() ? 0 : profile.sorted().front();
  llvm::ProfileSummary summary(llvm::ProfileSummary::PSK_Instr, rows, static_cast<uint64_t>(all), most, most,
                               profile.most_entries(), static_cast<uint32_t>(profile.sorted().size()),
                               static_cast<uint32_t>(profile.layout().counters.size() - 1));
  out.setProfileSummary(summary.getMD(out.getContext()), llvm::ProfileSummary::PSK_Instr);
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

std::string version_symbol(const wasm::Module& module, wasm::FuncIdx function, std::string_view cpu) {
  return function_symbol(module, function).append(".").append(cpu);
}

std::string entry_symbol(wasm::TypeIdx type) { return "swage_entry_" + std::to_string(type.value); }
std::string table_symbol(wasm::TableIdx table) { return "swage_table_" + std::to_string(table.value); }
std::string trampoline_symbol(wasm::TypeIdx type) { return "swage_host_" + std::to_string(type.value); }

std::unique_ptr<llvm::Module> lower_functions(const wasm::Module& module, const Glue& glue,
                                              std::span<const wasm::FuncIdx> functions,
                                              const LowerOptions& options, llvm::LLVMContext& context) {
  std::unique_ptr<llvm::Module> out = new_module(options, context);
  Environment env(module, glue, options, *out);
  if (options.profile) set_summary(*out, *options.profile);
  for (wasm::FuncIdx index : functions) {
    llvm::Function* function = env.function(index);
    env.define(*function, function->getName(), module.body(index).offset);
    Lowerer(env, *function).lower_body(index);
  }
  if (options.profile)
    inline_hot_calls(env, functions);
  else
    inline_few_targets(env, functions);
  // What counts would be numbered twice.
  const bool may_copy = options.for_speed && !options.counting;
  if (may_copy && !glue.tail_cycles.empty()) join_tail_cycles(env, functions);
  if (may_copy) unroll_recursion(env, functions);
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
  if (options.versioned) lower_dispatch(env, *options.versioned);
  for (uint32_t k = 0; k < glue.closed_tables.size(); k++)
    if (glue.closed_tables[k] && arrays == TableArrays::define)
      lower_closed_table(env, {k}, *glue.closed_tables[k]);
  return out;
}

} // namespace swage::lower
