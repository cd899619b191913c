// What the lowering's tests share: from a module's text to verified IR, and IR as text that a person can
// compare.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include "compiler/lower/lower.h"
#include "compiler/wasm/module.h"

namespace swage::lower::test {

enum class Machine : uint8_t { x86_64, aarch64 };

/// Options for a machine; x86-64 is level 3, or as `cpu` says.
LowerOptions options_for(Machine machine, std::string cpu = "");

/// A module with the bytes that it borrows.
struct Source {
  std::vector<std::byte> bytes;
  wasm::Module module;
};

/// Parses and validates a module that must be valid.
std::unique_ptr<Source> source_of(std::string_view text);
std::unique_ptr<Source> source_of(std::vector<std::byte> bytes, wasm::FeatureSet features);

/// A module lowered whole, functions and glue linked into one llvm::Module that the verifier accepts.
struct Lowered {
  std::unique_ptr<Source> source;
  Glue glue;
  std::unique_ptr<llvm::LLVMContext> context = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> functions;
  std::unique_ptr<llvm::Module> glue_functions;
};

Lowered lower(std::string_view text, const LowerOptions& options = options_for(Machine::x86_64));
Lowered lower(std::unique_ptr<Source> source, const LowerOptions& options);

/// The defined functions as IR, without attributes and metadata but for branch weights.
std::string ir_of(const llvm::Module& module);

} // namespace swage::lower::test
