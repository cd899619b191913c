// See support.h.
#include "tests/lower/support.h"

#include <regex>

#include <llvm/IR/AssemblyAnnotationWriter.h>
#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/Instruction.h>
#include <llvm/IR/ProfDataUtils.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/FormattedStream.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include "compiler/text/parse.h"
#include "compiler/wasm/decode.h"
#include "compiler/wasm/validate.h"

namespace swage::lower::test {

LowerOptions options_for(Machine machine, std::string cpu) {
  llvm::InitializeAllTargetInfos();
  llvm::InitializeAllTargetMCs();
  LowerOptions options;
  if (machine == Machine::x86_64) {
    options.triple = "x86_64-unknown-linux-gnu";
    options.data_layout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128";
    options.cpu = cpu.empty() ? "x86-64-v3" : std::move(cpu);
  } else {
    options.triple = "aarch64-unknown-linux-gnu";
    options.data_layout =
        "e-m:e-p270:32:32-p271:32:32-p272:64:64-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32";
    options.cpu = "generic";
  }
  return options;
}

std::unique_ptr<Source> source_of(std::vector<std::byte> bytes, wasm::FeatureSet features) {
  auto source = std::make_unique<Source>();
  source->bytes = std::move(bytes);
  Expected<wasm::Module> module = wasm::decode(source->bytes, features);
  if (!module) {
    ADD_FAILURE() << module.error().to_string();
    return nullptr;
  }
  source->module = std::move(*module);
  if (Expected<void> valid = wasm::validate(source->module); !valid) {
    ADD_FAILURE() << valid.error().to_string();
    return nullptr;
  }
  return source;
}

std::unique_ptr<Source> source_of(std::string_view text) {
  Expected<std::vector<std::byte>> bytes = text::parse_module(text, wasm::FeatureSet::all());
  if (!bytes) {
    ADD_FAILURE() << bytes.error().to_string() << "\n" << bytes.error().excerpt;
    return nullptr;
  }
  return source_of(std::move(*bytes), wasm::FeatureSet::all());
}

static void verify(const llvm::Module& module) {
  std::string problems;
  llvm::raw_string_ostream out(problems);
  if (llvm::verifyModule(module, &out)) ADD_FAILURE() << problems;
}

Lowered lower(std::unique_ptr<Source> source, const LowerOptions& options) {
  Lowered lowered;
  lowered.source = std::move(source);
  const wasm::Module& module = lowered.source->module;
  Expected<void> lowerable = check_lowerable(module);
  if (!lowerable) {
    ADD_FAILURE() << lowerable.error().to_string();
    return lowered;
  }
  lowered.glue = glue_of(module);
  std::vector<wasm::FuncIdx> functions;
  for (uint32_t k = module.imported_functions; k < module.functions.size(); k++) functions.push_back({k});
  lowered.functions = lower_functions(module, lowered.glue, functions, options, *lowered.context);
  lowered.glue_functions = lower_glue(module, lowered.glue, options, *lowered.context);
  verify(*lowered.functions);
  verify(*lowered.glue_functions);
  return lowered;
}

Lowered lower(std::string_view text, const LowerOptions& options) {
  std::unique_ptr<Source> source = source_of(text);
  return source == nullptr ? Lowered() : lower(std::move(source), options);
}

namespace {

/// Branch weights as a comment: the numbers of their nodes change with every other node.
class Weights final : public llvm::AssemblyAnnotationWriter {
  void printInfoComment(const llvm::Value& value, llvm::formatted_raw_ostream& out) override {
    const auto* instruction = llvm::dyn_cast<llvm::Instruction>(&value);
    llvm::SmallVector<uint32_t, 2> weights;
    if (instruction == nullptr || !llvm::extractBranchWeights(*instruction, weights)) return;
    out << " ; weights";
    for (uint32_t weight : weights) out << ' ' << weight;
  }
};

} // namespace

std::string ir_of(const llvm::Module& module) {
  std::unique_ptr<llvm::Module> copy = llvm::CloneModule(module);
  llvm::StripDebugInfo(*copy);
  std::string text;
  llvm::raw_string_ostream out(text);
  Weights weights;
  for (llvm::Function& function : *copy)
    if (!function.isDeclaration()) function.print(out, &weights);
  text = std::regex_replace(text, std::regex("; Function Attrs:[^\n]*\n"), "");
  text = std::regex_replace(
      text, std::regex("( #[0-9]+|, !(alias.scope|noalias|invariant.load|range|prof) ![0-9]+)"), "");
  return text;
}

} // namespace swage::lower::test
