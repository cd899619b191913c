// A loop in front of a counted loop that does many of its rounds at once.
//
// What a loop does to neighbours in memory, one by one, a few wide instructions often do for a whole chunk.
// The loop as it was does what is left over and always the last round, so that its values behind it and its
// end stay its own. The chunks run only where no address of the loop wraps: then they access what its rounds
// would access, and trap where these would.
#pragma once

#include <cstdint>
#include <optional>

#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>

#include "compiler/codegen/address_streams.h"

namespace swage::codegen {

/// Where a loop reads or writes, before its first round.
struct StreamPlace {
  const AddressStream* stream; ///< of a counted loop
  llvm::Value* base;
  int64_t offset; ///< bytes beyond the base and the stream's start
};

/// Null where a pointer steps with no stream.
std::optional<StreamPlace> place_of(llvm::Value* pointer, const CountedLoop& counted);

/// Whether a piece goes on where the ones before it, `done` bytes, have ended.
bool goes_on(const StreamPlace& begin, const StreamPlace& piece, uint64_t done);

/// Whether a stream steps by so many bytes upwards in each round.
bool steps_by(const StreamPlace& place, uint64_t bytes);

/// Makes such a loop, with the calls below in this order. What LLVM knows of loops and dominators stays true.
class ChunkLoop {
public:
  /// The loop has one block. A chunk's `rounds`, and the `bytes` that each stream of it steps over, are
  /// powers of two. `name` is the new block's.
  ChunkLoop(const CountedLoop& counted, uint64_t rounds, uint64_t bytes, const char* name,
            llvm::ScalarEvolution& scev, llvm::DominatorTree& dominators, llvm::LoopInfo& loops);

  /// Stands in front of the chunks, between `begin` and `close` in one, and then behind the last one.
  llvm::IRBuilder<>& at() { return b_; }
  /// In front of the chunks.
  llvm::Value* pointer_to(const StreamPlace& place);
  /// Lets chunks run where `pays` holds and the rounds are `least_chunks` or more.
  void begin(llvm::Value* pays, uint64_t least_chunks);
  /// As far beyond a pointer as the chunk is.
  llvm::Value* here(llvm::Value* pointer) { return b_.CreatePtrAdd(pointer, way_); }
  /// A value that a chunk hands on to the next.
  llvm::PHINode* carry(llvm::Value* start);
  void set_next(llvm::PHINode* carried, llvm::Value* next) { carried->addIncoming(next, chunk_); }
  /// The access of a chunk has the place, if it traps, and the aliases of one of the loop's.
  static void take_over(llvm::Instruction* wide, const llvm::Instruction* piece);
  void close();
  /// Rounds that the chunks have done, in 64 bits.
  llvm::Value* done() const { return done_; }
  /// Lets the loop go on behind the chunks with `value` in a phi of its.
  void resume(llvm::PHINode& phi, llvm::Value* value);
  /// Lets all other phis, each of which has a round_step, go on by that for every round.
  void finish();

private:
  const CountedLoop& counted_;
  const uint64_t rounds_, bytes_;
  const char* name_;
  llvm::ScalarEvolution& scev_;
  llvm::DominatorTree& dominators_;
  llvm::LoopInfo& loops_;
  llvm::BasicBlock *fork_, *preheader_ = nullptr, *chunk_ = nullptr, *behind_ = nullptr;
  llvm::IRBuilder<> b_;
  StreamStarts known_;
  llvm::Value *all_bytes_ = nullptr, *done_ = nullptr;
  llvm::PHINode* way_ = nullptr; ///< bytes that chunks have gone over
  llvm::SmallPtrSet<llvm::PHINode*, 4> resumed_;
};

} // namespace swage::codegen
