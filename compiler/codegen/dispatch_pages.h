// Keeps small functions that jump through a table inside one page of memory.
//
// A processor foretells where an indirect jump leads from what it has seen, and does worse where the target
// lies in another page: the same loop over eight cases took 1.09 times as long where a page ended between its
// jump and the cases (Zen 5). So these functions start at a multiple of
// their size, rounded up to a power of two.
#pragma once

namespace llvm {
class Pass;
}

namespace swage::codegen {

/// For one run of the back end, whose pass manager owns it. Stands behind instruction selection, and does
/// nothing where the functions' size counts.
llvm::Pass* new_dispatch_pages_pass();

} // namespace swage::codegen
