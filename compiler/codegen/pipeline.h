// The mid-end: which LLVM passes run at which level, and in which order with lowering's own steps.
//
// Two things are not LLVM's default. i32 stays narrow: the passes see a data layout whose widest native
// integer has 32 bits, because with a 64-bit one InstCombine widens every address computation and loops no
// longer vectorise. And there is no inliner, no tail-call elimination and no library call: producers have
// inlined already, endless recursion must exhaust the stack, and a loop over guest memory must not become a
// memset that faults in libc.
//
// docs/architecture.md has the measurements behind each row.
#pragma once

#include "compiler/lower/lower.h"
#include "swage/compiler.h"

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace swage::codegen {

/// Optimises in place.
void optimise(llvm::Module& module, llvm::TargetMachine& machine, OptLevel level, lower::Traps traps);

} // namespace swage::codegen
