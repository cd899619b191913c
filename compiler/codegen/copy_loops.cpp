#include "compiler/codegen/copy_loops.h"

#include <llvm/Analysis/ScalarEvolutionExpressions.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Support/MathExtras.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/LoopSimplify.h>

#include "compiler/codegen/loop_marks.h"
#include "compiler/codegen/offset_pointer.h"

namespace swage::codegen {

namespace {

std::optional<uint64_t> constant_step(const llvm::SCEV* step) {
  auto* constant = llvm::dyn_cast<llvm::SCEVConstant>(step);
  if (!constant || !constant->getAPInt().isStrictlyPositive()) return std::nullopt;
  return constant->getAPInt().getZExtValue();
}

std::optional<CopyPlace> place_of(llvm::Value* pointer, const CountedLoop& counted,
                                  const llvm::DataLayout& layout) {
  auto [root, offset] = split_offset(pointer, layout);
  for (const AddressStream& stream : counted.streams)
    for (const StreamAddress& address : stream.addresses)
      if (is_pointer_of(root, address.widening, *counted.loop))
        return CopyPlace{&stream, llvm::cast<llvm::GetElementPtrInst>(root)->getPointerOperand(),
                         offset + address.offset};
  return std::nullopt;
}

/// Whether a piece goes on where the ones before it have ended, at both places.
bool goes_on(const CopyPlace& begin, const CopyPlace& piece, uint64_t done) {
  return piece.stream == begin.stream && piece.base == begin.base &&
         piece.offset == begin.offset + static_cast<int64_t>(done);
}

} // namespace

std::optional<CopyLoop> find_copy_loop(const CountedLoop& counted, llvm::ScalarEvolution& scev,
                                       uint64_t chunk_bytes) {
  const llvm::Loop& loop = *counted.loop;
  if (loop.getNumBlocks() != 1) return std::nullopt;
  const llvm::DataLayout& layout = loop.getHeader()->getDataLayout();
  std::optional<CopyLoop> copy;
  size_t loads = 0, pieces = 0;
  for (llvm::Instruction& instruction : *loop.getHeader()) {
    if (auto* phi = llvm::dyn_cast<llvm::PHINode>(&instruction)) {
      if (!round_step(*phi, loop, scev)) return std::nullopt;
      continue;
    }
    if (!instruction.mayReadOrWriteMemory()) continue;
    if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction); load && load->isSimple()) {
      loads++;
      continue;
    }
    auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
    if (!store || !store->isSimple()) return std::nullopt;
    auto* load = llvm::dyn_cast<llvm::LoadInst>(store->getValueOperand());
    if (!load || load->getParent() != store->getParent() || load->getType()->isVectorTy())
      return std::nullopt;
    std::optional<CopyPlace> from = place_of(load->getPointerOperand(), counted, layout);
    std::optional<CopyPlace> to = place_of(store->getPointerOperand(), counted, layout);
    if (!from || !to) return std::nullopt;
    if (!copy) copy = CopyLoop{*from, *to, load, store};
    if (!goes_on(copy->from, *from, copy->round_bytes) || !goes_on(copy->to, *to, copy->round_bytes))
      return std::nullopt;
    copy->round_bytes += layout.getTypeStoreSize(load->getType()).getFixedValue();
    pieces++;
  }
  // With as many loads as stores, each of its own place, none is left that the chunk does not do.
  if (!copy || loads != pieces || chunk_bytes % copy->round_bytes != 0) return std::nullopt;
  if (pieces == 1 && 2 * copy->round_bytes > chunk_bytes) return std::nullopt;
  for (const CopyPlace* place : {&copy->from, &copy->to})
    if (constant_step(place->stream->step) != copy->round_bytes) return std::nullopt;
  return copy;
}

void copy_in_chunks(const CopyLoop& copy, const CountedLoop& counted, uint64_t chunk_bytes,
                    llvm::ScalarEvolution& scev, llvm::DominatorTree& dominators, llvm::LoopInfo& loops) {
  llvm::Loop& loop = *counted.loop;
  llvm::BasicBlock* fork = loop.getLoopPreheader();
  const uint64_t chunk_rounds = chunk_bytes / copy.round_bytes;
  StreamStarts known = expand_starts(counted, scev);
  llvm::IRBuilder<> b(fork->getTerminator());
  b.SetCurrentDebugLocation(copy.first_store->getDebugLoc());
  auto pointer_to = [&](const CopyPlace& place) {
    auto stream = static_cast<size_t>(place.stream - counted.streams.data());
    llvm::Value* way = b.CreateAdd(known.starts[stream], b.getInt64(static_cast<uint64_t>(place.offset)));
    return b.CreatePtrAdd(place.base, way);
  };
  llvm::Value* from = pointer_to(copy.from);
  llvm::Value* to = pointer_to(copy.to);
  // Below what is read, nothing is overwritten before it was read; above, not within this distance.
  llvm::Value* distance =
      b.CreateSub(b.CreatePtrToInt(to, b.getInt64Ty()), b.CreatePtrToInt(from, b.getInt64Ty()));
  llvm::Value* pays = b.CreateAnd(known.fits, b.CreateICmpUGE(distance, b.getInt64(chunk_bytes)));
  pays = b.CreateAnd(pays, b.CreateICmpUGE(known.rounds, b.getInt64(chunk_rounds)));
  llvm::Value* chunks = b.CreateLShr(known.rounds, llvm::Log2_64(chunk_rounds));
  llvm::Value* bytes = b.CreateShl(chunks, llvm::Log2_64(chunk_bytes));
  llvm::Value* rounds = b.CreateShl(chunks, llvm::Log2_64(chunk_rounds));

  llvm::BasicBlock* preheader =
      llvm::SplitBlock(fork, fork->getTerminator(), &dominators, &loops, nullptr, "copied");
  llvm::BasicBlock* chunk =
      llvm::BasicBlock::Create(fork->getContext(), "copy.chunk", fork->getParent(), preheader);
  b.SetInsertPoint(fork->getTerminator());
  b.CreateCondBr(pays, chunk, preheader);
  fork->getTerminator()->eraseFromParent();
  b.SetInsertPoint(chunk);
  llvm::PHINode* way = b.CreatePHI(b.getInt64Ty(), 2);
  way->addIncoming(b.getInt64(0), fork);
  auto* type = llvm::FixedVectorType::get(b.getInt8Ty(), static_cast<unsigned>(chunk_bytes));
  auto take_over = [](llvm::Instruction* wide, const llvm::Instruction* piece) {
    wide->setDebugLoc(piece->getDebugLoc()); // of a trap
    wide->copyMetadata(*piece, {llvm::LLVMContext::MD_alias_scope, llvm::LLVMContext::MD_noalias});
  };
  llvm::LoadInst* value = b.CreateAlignedLoad(type, b.CreatePtrAdd(from, way), llvm::Align(1));
  take_over(value, copy.first_load);
  take_over(b.CreateAlignedStore(value, b.CreatePtrAdd(to, way), llvm::Align(1)), copy.first_store);
  llvm::Value* next = b.CreateAdd(way, b.getInt64(chunk_bytes), "", true, true);
  way->addIncoming(next, chunk);
  b.CreateCondBr(b.CreateICmpEQ(next, bytes), preheader, chunk);

  b.SetInsertPoint(preheader, preheader->begin());
  llvm::PHINode* skipped = b.CreatePHI(b.getInt64Ty(), 2);
  skipped->addIncoming(b.getInt64(0), fork);
  skipped->addIncoming(rounds, chunk);
  b.SetInsertPoint(preheader->getTerminator());
  for (llvm::PHINode& phi : loop.getHeader()->phis()) {
    llvm::Value* step = b.getInt(round_step(phi, loop, scev)->getAPInt());
    llvm::Value* gone = b.CreateMul(b.CreateZExtOrTrunc(skipped, phi.getType()), step);
    phi.setIncomingValueForBlock(preheader, b.CreateAdd(phi.getIncomingValueForBlock(preheader), gone));
  }

  dominators.addNewBlock(chunk, fork);
  llvm::Loop* chunk_loop = loops.AllocateLoop();
  if (llvm::Loop* outer = loop.getParentLoop())
    outer->addChildLoop(chunk_loop);
  else
    loops.addTopLevelLoop(chunk_loop);
  chunk_loop->addBasicBlockToLoop(chunk, loops);
  scev.forgetTopmostLoop(&loop);
  llvm::simplifyLoop(chunk_loop, &dominators, &loops, &scev, nullptr, nullptr, /*PreserveLCSSA=*/true);
  leave_alone(*chunk_loop);
  leave_alone(loop);
}

} // namespace swage::codegen
