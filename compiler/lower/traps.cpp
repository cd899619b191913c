// Blocks, places and traps. A trap is a `ubsantrap` with the TrapCode in it, in a block of its own at the end
// of the function, never merged with another: its program counter says which instruction trapped.
// https://webassembly.github.io/spec/core/intro/overview.html#trap
#include "compiler/lower/lowerer.h"

#include <llvm/IR/DebugInfoMetadata.h>

namespace swage::lower {

llvm::BasicBlock* Lowerer::new_block(const char* name) {
  return llvm::BasicBlock::Create(env_.context, name);
}

void Lowerer::start_block(llvm::BasicBlock* block) {
  block->insertInto(&function_);
  b_.SetInsertPoint(block);
}

llvm::DebugLoc Lowerer::place(uint32_t column) const {
  return llvm::DILocation::get(env_.context, static_cast<unsigned>(offset_ + instruction_.offset + 1), column,
                               function_.getSubprogram());
}

void Lowerer::mark_fault(llvm::Instruction* access, TrapCode code) const {
  access->setDebugLoc(place(static_cast<uint32_t>(code) + 1));
}

llvm::BasicBlock* Lowerer::trap_block(TrapCode code) {
  llvm::BasicBlock* block = new_block("trap");
  cold_blocks_.push_back(block);
  // The bundle says that the trap reads all memory: what the guest had stored is seen by others afterwards.
  llvm::CallInst* trap = llvm::CallInst::Create(
      env_.intrinsic(llvm::Intrinsic::ubsantrap), {b_.getInt8(static_cast<uint8_t>(code))},
      llvm::OperandBundleDef("deopt", llvm::ArrayRef<llvm::Value*>()), "", block);
  trap->addFnAttr(llvm::Attribute::NoMerge);
  mark_fault(trap, code);
  auto* end = new llvm::UnreachableInst(env_.context, block);
  end->setDebugLoc(trap->getDebugLoc());
  return block;
}

void Lowerer::trap_if(llvm::Value* condition, TrapCode code) {
  llvm::BasicBlock* next = new_block("next");
  b_.CreateCondBr(condition, trap_block(code), next, env_.unlikely_weights());
  start_block(next);
}

void Lowerer::trap_unless(llvm::Value* condition, TrapCode code) {
  llvm::BasicBlock* next = new_block("next");
  b_.CreateCondBr(condition, next, trap_block(code), env_.likely_weights());
  start_block(next);
}

/// Gives a conditional branch the weights of the profile, else of the instruction's branch hint.
void Lowerer::weigh(llvm::Instruction* branch) {
  if (weigh_by_profile(branch) || hints_.empty()) return;
  uint32_t offset = instruction_.offset + hint_base_;
  while (!hints_.empty() && hints_.front().offset < offset) hints_ = hints_.subspan(1);
  if (hints_.empty() || hints_.front().offset != offset) return;
  branch->setMetadata(llvm::LLVMContext::MD_prof,
                      hints_.front().likely ? env_.likely_weights() : env_.unlikely_weights());
}

/// A branch hint counts from the body's first byte (its locals), an instruction from the first instruction.
uint32_t Lowerer::first_instruction_offset(const wasm::Body& body) const {
  uint64_t first = body.start;
  while ((env_.module.bytes[first++] & std::byte{0x80}) != std::byte{0}) {
  }
  return static_cast<uint32_t>(body.offset - first);
}

} // namespace swage::lower
