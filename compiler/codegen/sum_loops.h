// Lets a loop that adds up its own sum take many elements at once.
//
// `low += *p++; high += low;` is how Adler-32 and Fletcher's checksums go, a chain of two additions for each
// byte; producers unroll it, and LLVM's vectoriser, which knows sums but not sums of sums, leaves it alone.
// In integers the order is free: behind n elements, `high` has grown by n times the old `low`, n times the
// first element, n - 1 times the second, and so on. So a loop in front carries two vectors, the sums of each
// lane and the sums of these, and only behind the last chunk their lanes come together.
#pragma once

#include <cstdint>
#include <optional>

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>

#include "compiler/codegen/chunk_loops.h"

namespace swage::codegen {

struct SumLoop {
  llvm::PHINode *low, *high;
  StreamPlace from;
  llvm::LoadInst* first_load;
  uint64_t elements; ///< that a round adds
  bool is_signed;    ///< elements are extended with their sign
};

/// A loop of one block that does nothing else. It points into `counted`.
std::optional<SumLoop> find_sum_loop(const CountedLoop& counted, llvm::ScalarEvolution& scev);

/// `vector_bits` are a register's.
void sum_in_chunks(const SumLoop& sum, const CountedLoop& counted, uint64_t vector_bits,
                   llvm::ScalarEvolution& scev, llvm::DominatorTree& dominators, llvm::LoopInfo& loops);

} // namespace swage::codegen
