// Loads keep their trap while LLVM finds out which values are dead.
//
// A plain load whose value has no use is deleted, and the trap of an address out of bounds with it. So every
// load that may fault is volatile during the passes that can make a value useless; afterwards those that
// still have a use become plain, for the passes that combine, hoist and vectorise, and the others stay
// volatile for good. docs/architecture.md, "Exact traps", says what remains.
#pragma once

namespace llvm {
class Function;
} // namespace llvm

namespace swage::codegen {

/// Makes every load volatile that lowering gave a trap (lower.h, "Places").
void keep_traps(llvm::Function& function);
/// Makes those plain again that have a use.
void settle_traps(llvm::Function& function);

} // namespace swage::codegen
