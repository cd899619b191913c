// How the addresses of a counted loop step through memory.
//
// A Wasm address is a 32-bit sum that may wrap, and the pointer made of it is 64 bits wide: base + zext(sum).
// Addresses that step alike and lie at fixed distances from each other are one stream. How far it goes is
// known before the loop begins, so that one check in front can tell whether any address of the loop wraps.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <llvm/ADT/SmallVector.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/ScalarEvolutionExpressions.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/IR/Instructions.h>

namespace swage::codegen {

/// One widened sum of the loop: `offset` beyond the first address of its stream.
struct StreamAddress {
  llvm::ZExtInst* widening;
  int64_t offset;
};

/// Addresses that step alike and lie at fixed distances from each other.
struct AddressStream {
  const llvm::SCEV* start; ///< of the one whose offset is least, before the first iteration
  const llvm::SCEV* step;
  std::vector<StreamAddress> addresses;
  int64_t span = 0; ///< the greatest offset
};

/// What steps through a loop, and how often that goes round.
struct CountedLoop {
  llvm::Loop* loop;
  const llvm::SCEV* rounds = nullptr;                               ///< of its back edge, if
  llvm::SmallVector<const llvm::SCEVPredicate*, 4> predicates = {}; ///< these hold
  std::vector<AddressStream> streams = {};
  bool may_wrap = false; ///< as far as LLVM knows
};

/// An innermost loop that is not left alone and calls nothing, and whose rounds and streams few instructions
/// tell before it begins. It must be in simplified form.
std::optional<CountedLoop> find_counted_loop(llvm::Loop& loop, llvm::ScalarEvolution& scev,
                                             const llvm::TargetTransformInfo& costs);

/// What each round of the loop adds to an integer of at most 64 bits, if it is always the same; else null.
const llvm::SCEVConstant* round_step(llvm::Value& value, const llvm::Loop& loop, llvm::ScalarEvolution& scev);

/// Whether `pointer` is a sum of a base that the loop does not change and the widened address alone.
bool is_pointer_of(const llvm::Value* pointer, const llvm::Value* widening, const llvm::Loop& loop);

/// What is computed in front of a loop, in 64 bits.
struct StreamStarts {
  llvm::Value* rounds;
  llvm::Value* fits;                       ///< no address leaves [0, 2^32)
  std::vector<llvm::Value*> starts, steps; ///< of each stream
};

/// At the end of the loop's preheader.
StreamStarts expand_starts(const CountedLoop& counted, llvm::ScalarEvolution& scev);

} // namespace swage::codegen
