// Zero extensions that cost nothing.
//
// Every address of a 32-bit memory is a zero extension. On x86-64 an instruction that writes 32 bits of a
// register clears the others, so that extending its result is no instruction at all. LLVM sees that within
// one block; of a value from another block, which all loops have, it knows nothing and moves it once more to
// clear what is clear. This pass over machine code, after instruction selection, follows such values through
// copies and phis to what wrote them, and drops the move where all of those wrote 32 bits.
//
// What it does not know counts as not cleared: an address with anything in its upper half would leave the
// sandbox.
#pragma once

namespace llvm {
class Pass;
}

namespace swage::codegen {

/// For one run of the back end, whose pass manager owns it. Does something on x86-64 only, above -O0.
llvm::Pass* new_zero_extensions_pass();

} // namespace swage::codegen
