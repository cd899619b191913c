#include "compiler/codegen/chunk_loops.h"

#include <llvm/Support/MathExtras.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/LoopSimplify.h>
#include <llvm/Transforms/Utils/LoopUtils.h>

#include "compiler/codegen/loop_marks.h"
#include "compiler/codegen/offset_pointer.h"

namespace swage::codegen {

std::optional<StreamPlace> place_of(llvm::Value* pointer, const CountedLoop& counted) {
  auto [root, offset] = split_offset(pointer, counted.loop->getHeader()->getDataLayout());
  for (const AddressStream& stream : counted.streams)
    for (const StreamAddress& address : stream.addresses)
      if (is_pointer_of(root, address.widening, *counted.loop))
        return StreamPlace{&stream, llvm::cast<llvm::GetElementPtrInst>(root)->getPointerOperand(),
                           offset + address.offset};
  return std::nullopt;
}

bool goes_on(const StreamPlace& begin, const StreamPlace& piece, uint64_t done) {
  return piece.stream == begin.stream && piece.base == begin.base &&
         piece.offset == begin.offset + static_cast<int64_t>(done);
}

bool steps_by(const StreamPlace& place, uint64_t bytes) {
  auto* step = llvm::dyn_cast<llvm::SCEVConstant>(place.stream->step);
  return step && step->getAPInt().isStrictlyPositive() && step->getAPInt() == bytes;
}

ChunkLoop::ChunkLoop(const CountedLoop& counted, uint64_t rounds, uint64_t bytes, const char* name,
                     llvm::ScalarEvolution& scev, llvm::DominatorTree& dominators, llvm::LoopInfo& loops)
    : counted_(counted), rounds_(rounds), bytes_(bytes), name_(name), scev_(scev), dominators_(dominators),
      loops_(loops), fork_(counted.loop->getLoopPreheader()), b_(fork_->getTerminator()),
      known_(expand_starts(counted, scev)) {
  b_.SetInsertPoint(fork_->getTerminator());
}

llvm::Value* ChunkLoop::pointer_to(const StreamPlace& place) {
  auto stream = static_cast<size_t>(place.stream - counted_.streams.data());
  llvm::Value* way = b_.CreateAdd(known_.starts[stream], b_.getInt64(static_cast<uint64_t>(place.offset)));
  return b_.CreatePtrAdd(place.base, way);
}

void ChunkLoop::begin(llvm::Value* pays, uint64_t least_chunks) {
  pays = b_.CreateAnd(b_.CreateAnd(known_.fits, pays),
                      b_.CreateICmpUGE(known_.rounds, b_.getInt64(least_chunks * rounds_)));
  llvm::Value* chunks = b_.CreateLShr(known_.rounds, llvm::Log2_64(rounds_));
  all_bytes_ = b_.CreateShl(chunks, llvm::Log2_64(bytes_));
  done_ = b_.CreateShl(chunks, llvm::Log2_64(rounds_));

  llvm::LLVMContext& context = fork_->getContext();
  preheader_ = llvm::SplitBlock(fork_, fork_->getTerminator(), &dominators_, &loops_, nullptr, "rest");
  chunk_ = llvm::BasicBlock::Create(context, name_, fork_->getParent(), preheader_);
  behind_ = llvm::BasicBlock::Create(context, "", fork_->getParent(), preheader_);
  b_.SetInsertPoint(fork_->getTerminator());
  b_.CreateCondBr(pays, chunk_, preheader_);
  fork_->getTerminator()->eraseFromParent();
  b_.SetInsertPoint(chunk_);
  way_ = carry(b_.getInt64(0));
}

llvm::PHINode* ChunkLoop::carry(llvm::Value* start) {
  llvm::IRBuilder<> b(chunk_, chunk_->getFirstNonPHIIt());
  llvm::PHINode* carried = b.CreatePHI(start->getType(), 2);
  carried->addIncoming(start, fork_);
  return carried;
}

void ChunkLoop::take_over(llvm::Instruction* wide, const llvm::Instruction* piece) {
  wide->setDebugLoc(piece->getDebugLoc()); // of a trap
  wide->copyMetadata(*piece, {llvm::LLVMContext::MD_alias_scope, llvm::LLVMContext::MD_noalias});
}

void ChunkLoop::close() {
  llvm::Value* next = b_.CreateAdd(way_, b_.getInt64(bytes_), "", true, true);
  set_next(way_, next);
  b_.CreateCondBr(b_.CreateICmpEQ(next, all_bytes_), behind_, chunk_);
  b_.SetInsertPoint(behind_);
  b_.SetInsertPoint(b_.CreateBr(preheader_));
}

void ChunkLoop::resume(llvm::PHINode& phi, llvm::Value* value) {
  llvm::IRBuilder<> b(preheader_, preheader_->begin());
  llvm::PHINode* start = b.CreatePHI(phi.getType(), 2);
  start->addIncoming(phi.getIncomingValueForBlock(preheader_), fork_);
  start->addIncoming(value, behind_);
  phi.setIncomingValueForBlock(preheader_, start);
  resumed_.insert(&phi);
}

void ChunkLoop::finish() {
  llvm::Loop& loop = *counted_.loop;
  for (llvm::PHINode& phi : loop.getHeader()->phis()) {
    if (resumed_.contains(&phi)) continue;
    llvm::Value* step = b_.getInt(round_step(phi, loop, scev_)->getAPInt());
    llvm::Value* gone = b_.CreateMul(b_.CreateZExtOrTrunc(done_, phi.getType()), step);
    resume(phi, b_.CreateAdd(phi.getIncomingValueForBlock(preheader_), gone));
  }
  dominators_.addNewBlock(chunk_, fork_);
  dominators_.addNewBlock(behind_, chunk_);
  llvm::Loop* chunk_loop = loops_.AllocateLoop();
  if (llvm::Loop* outer = loop.getParentLoop()) {
    outer->addChildLoop(chunk_loop);
    outer->addBasicBlockToLoop(behind_, loops_);
  } else
    loops_.addTopLevelLoop(chunk_loop);
  chunk_loop->addBasicBlockToLoop(chunk_, loops_);
  scev_.forgetTopmostLoop(&loop);
  llvm::simplifyLoop(chunk_loop, &dominators_, &loops_, &scev_, nullptr, nullptr, /*PreserveLCSSA=*/false);
  llvm::formLCSSA(*chunk_loop, dominators_, &loops_, &scev_);
  leave_alone(*chunk_loop);
  leave_alone(loop);
}

} // namespace swage::codegen
