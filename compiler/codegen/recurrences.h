// Adds up what a loop carries last.
//
// `at = at + x + 16` waits for the round before with both additions where LLVM forms `(at + x) + 16`: it
// moves constants outwards, and x86-64 adds three terms in one instruction, which takes longer than one that
// adds two. This pass over machine code, right after instruction selection, adds `x + 16` first where only
// one of the terms hangs on the result of the round before.
#pragma once

namespace llvm {
class Pass;
}

namespace swage::codegen {

/// For one run of the back end, whose pass manager owns it. Does nothing on other architectures.
llvm::Pass* new_recurrences_pass();

} // namespace swage::codegen
