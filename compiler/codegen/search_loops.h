// Lets a loop that searches memory look at many elements at once.
//
// strlen, memchr, strcmp and memcmp of a guest's C library go byte by byte or word by word, where native code
// has assembly. LLVM does not vectorise a loop whose end depends on what it loads: it must not read what the
// loop might not have read. Where the bytes lie in one page of the host with an element that was read,
// though, reading them cannot fault, and nobody sees it.
//
// So the loop gets a chunk in front of its head. It compares a vector of elements and skips the rounds before
// the first one that may leave the loop; that round the loop does itself, as it was: its values, exits and
// traps are the old ones. Where a chunk would cross the end of a page, or addresses wrap, the loop goes one
// round by itself. Before the first chunk stand copies of a few rounds, since most searches are short.
#pragma once

#include <llvm/IR/PassManager.h>

namespace swage::codegen {

/// Over innermost loops that only load and compare. Wants loops in simplified and LCSSA form, and leaves them
/// in neither.
struct SearchLoops : llvm::PassInfoMixin<SearchLoops> {
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses);
};

} // namespace swage::codegen
