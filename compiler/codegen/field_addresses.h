// One pointer for the fields of an object.
//
// An access of Wasm is at memory base + index + offset, and x86-64 adds all three up for free. But processors
// that remember what was just stored where, so that a field which is read again (counters, stack pointers)
// comes without the way through the cache, do so for one register and an offset only. Where a function
// accesses an object more than once, this pass over machine code, right after instruction selection, adds the
// base to the index once, and lets all these accesses use the sum.
#pragma once

namespace llvm {
class Pass;
}

namespace swage::codegen {

/// For one run of the back end, whose pass manager owns it. Does nothing on other architectures.
llvm::Pass* new_field_addresses_pass();

} // namespace swage::codegen
