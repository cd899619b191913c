// Jumps past a dispatcher: compilers without structured control flow of their own, Go's among them, make of a
// function one loop around a br_table, and of each jump an assignment of a constant to the local that it
// reads:
//
//     loop $again
//       block $2 block $1 block $0
//         local.get $block
//         br_table $0 $1 $2
//       end ... i32.const 2  local.set $block  br $again
//
// A branch that comes with a constant goes to where the table would send it. Inner loops become loops again,
// and indirect jumps of theirs direct ones. LLVM threads no jumps through the header of a loop.
#pragma once

namespace llvm {
class Function;
} // namespace llvm

namespace swage::codegen {

/// Best before anything else, while the constants stand at the branches. Costs no code.
void jump_past_dispatchers(llvm::Function& function);

} // namespace swage::codegen
