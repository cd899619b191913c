// Places of inlined code, flattened so that the line table can carry them: a row for each place in each
// inlined body, with the place of the call (abi::InlinedRow), and the row's index in the line.
#pragma once

#include <vector>

#include "runtime/abi/descriptor.h"

namespace llvm {
class Module;
}

namespace swage::codegen {

/// After the last pass that works on IR. Callers stand before what was inlined into them.
std::vector<abi::InlinedRow> flatten_inlined_places(llvm::Module& module);

} // namespace swage::codegen
