#include "compiler/codegen/copy_loops.h"

#include <llvm/IR/IRBuilder.h>

namespace swage::codegen {

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
    if (!load || load->getParent() != store->getParent()) return std::nullopt;
    std::optional<StreamPlace> from = place_of(load->getPointerOperand(), counted);
    std::optional<StreamPlace> to = place_of(store->getPointerOperand(), counted);
    if (!from || !to) return std::nullopt;
    if (!copy) copy = CopyLoop{*from, *to, load, store};
    if (!goes_on(copy->from, *from, copy->round_bytes) || !goes_on(copy->to, *to, copy->round_bytes))
      return std::nullopt;
    copy->round_bytes += layout.getTypeStoreSize(load->getType()).getFixedValue();
    pieces++;
  }
  // With as many loads as stores, each of its own place, none is left that the chunk does not do.
  if (!copy || loads != pieces) return std::nullopt;
  if (copy->has_vectors()) return copy;
  if (chunk_bytes % copy->round_bytes != 0) return std::nullopt;
  if (pieces == 1 && 2 * copy->round_bytes > chunk_bytes) return std::nullopt;
  if (!steps_by(copy->from, copy->round_bytes) || !steps_by(copy->to, copy->round_bytes)) return std::nullopt;
  return copy;
}

void copy_in_chunks(const CopyLoop& copy, const CountedLoop& counted, uint64_t chunk_bytes,
                    llvm::ScalarEvolution& scev, llvm::DominatorTree& dominators, llvm::LoopInfo& loops) {
  ChunkLoop chunks(counted, chunk_bytes / copy.round_bytes, chunk_bytes, "copy.chunk", scev, dominators,
                   loops);
  llvm::IRBuilder<>& b = chunks.at();
  b.SetCurrentDebugLocation(copy.first_store->getDebugLoc());
  llvm::Value* from = chunks.pointer_to(copy.from);
  llvm::Value* to = chunks.pointer_to(copy.to);
  // Below what is read, nothing is overwritten before it was read; above, not within this distance.
  llvm::Value* distance =
      b.CreateSub(b.CreatePtrToInt(to, b.getInt64Ty()), b.CreatePtrToInt(from, b.getInt64Ty()));
  chunks.begin(b.CreateICmpUGE(distance, b.getInt64(chunk_bytes)), /*least_chunks=*/1);
  auto* type = llvm::FixedVectorType::get(b.getInt8Ty(), static_cast<unsigned>(chunk_bytes));
  llvm::LoadInst* value = b.CreateAlignedLoad(type, chunks.here(from), llvm::Align(1));
  ChunkLoop::take_over(value, copy.first_load);
  ChunkLoop::take_over(b.CreateAlignedStore(value, chunks.here(to), llvm::Align(1)), copy.first_store);
  chunks.close();
  chunks.finish();
}

} // namespace swage::codegen
