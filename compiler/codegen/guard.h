// What LLVM calls fatal must not end the process: an embedder lives in it. Two ways out are turned into
// Errors here:
//
// - diagnostics of severity error, which the back end reports through the context and then goes on;
// - report_fatal_error, which exits the process unless its handler does not return. Ours jumps out of LLVM.
// The frames in
//   between are abandoned, so whatever they worked on must be leaked: it is a bug in swage or LLVM that
//   brought us there, not something that a module can be expected to do often.
#pragma once

#include <memory>

#include <llvm/ADT/STLFunctionalExtras.h>

#include "compiler/lower/lower.h"
#include "swage/error.h"

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace swage::codegen {

/// A module with the context it lives in.
struct Ir {
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  lower::Traps traps = lower::Traps::exact;
};

/// Runs `work` on `ir`. On a fatal error `ir` is emptied by leaking it. Errors: limit, with what LLVM said.
Expected<void> guarded(Ir& ir, llvm::function_ref<Expected<void>()> work);

} // namespace swage::codegen
