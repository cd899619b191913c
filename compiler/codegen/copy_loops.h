// Lets a loop that only copies move many bytes at once.
//
// `while (n--) *to++ = *from++` stands in a decompressor a hundred times, unrolled by its producer. LLVM's
// vectoriser makes several loops of each, with shuffles for what was unrolled: a tenth of what such a module
// takes to compile. All that is needed is one loop of one load and one store in front, where the two places
// lie at least a chunk apart; the loop as it was does the rest, and the last round, with its values and its
// end. A loop that its producer lets copy vectors is left alone: most of these move a few bytes more than are
// wanted, and end in the first round.
#pragma once

#include <cstdint>
#include <optional>

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>

#include "compiler/codegen/chunk_loops.h"

namespace swage::codegen {

struct CopyLoop {
  StreamPlace from, to;
  llvm::LoadInst* first_load;
  llvm::StoreInst* first_store;
  uint64_t round_bytes = 0;

  bool has_vectors() const { return first_load->getType()->isVectorTy(); }
};

/// A loop of one block that copies piece by piece and upwards: vectors, or `chunk_bytes` in one round or
/// several. It points into `counted`.
std::optional<CopyLoop> find_copy_loop(const CountedLoop& counted, llvm::ScalarEvolution& scev,
                                       uint64_t chunk_bytes);

void copy_in_chunks(const CopyLoop& copy, const CountedLoop& counted, uint64_t chunk_bytes,
                    llvm::ScalarEvolution& scev, llvm::DominatorTree& dominators, llvm::LoopInfo& loops);

} // namespace swage::codegen
