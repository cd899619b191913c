// What an unrolled loop of vectors does in each of its parts.
//
// Producers unroll a loop after they have vectorised it: a round then does the same to two or four vectors
// that lie side by side. Told by its first part alone, such a loop can be widened like one that does so to
// one vector in each round.
#pragma once

#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/IR/Instruction.h>

namespace swage::codegen {

struct VectorParts {
  unsigned count = 1; ///< 1: the loop is not unrolled, as far as can be told
  llvm::SmallPtrSet<const llvm::Instruction*, 16> others; ///< loads and stores of all parts but the first
};

/// Parts of a loop of one block, none of which reads what another one that is less than `vectors` vectors
/// away writes to the same array.
VectorParts find_vector_parts(const llvm::Loop& loop, unsigned vectors, llvm::ScalarEvolution& scev);

} // namespace swage::codegen
