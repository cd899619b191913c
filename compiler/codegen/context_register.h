// The context stays in its register across calls.
//
// LLVM's swifttailcc passes the context in a register but takes it for lost after each call, so that every
// function would keep it in another one and move it back before each call. Code of one module never has
// another context, and here a function that changes the register restores it, except one that may end in a
// tail call to another module. A pass over machine code, right after instruction selection, says so, and
// splits the context into one value from call to call: each comes in the register and is wanted in it, so
// that register allocation finds nothing to move. Unwinding restores the register as it does all that callees
// save.
//
// On x86-64 swifttailcc also takes r14, for an argument that Wasm does not have; it becomes callee-saved as
// in C.
#pragma once

namespace llvm {
class Pass;
}

namespace swage::codegen {

/// For one run of the back end, whose pass manager owns it.
llvm::Pass* new_context_register_pass();

} // namespace swage::codegen
