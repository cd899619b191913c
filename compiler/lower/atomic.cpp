// Atomics: sequentially consistent, with a trap when the address is not a multiple of the width.
// https://github.com/WebAssembly/threads/blob/main/proposals/threads/Overview.md
#include "compiler/lower/lowerer.h"

namespace swage::lower {

using abi::Builtin;

namespace {

constexpr llvm::AtomicOrdering kOrdering = llvm::AtomicOrdering::SequentiallyConsistent;

} // namespace

void Lowerer::check_alignment(llvm::Value* index, uint32_t width) {
  if (width == 1) return;
  llvm::Value* address = b_.CreateAdd(index, b_.getInt64(instruction_.memarg.offset));
  trap_if(b_.CreateIsNotNull(b_.CreateAnd(address, width - 1)), TrapCode::unaligned_atomic);
}

/// The host address of an atomic access of the memarg, aligned and inside.
llvm::Value* Lowerer::pop_atomic_pointer(uint32_t width) {
  const wasm::MemArg& memarg = instruction_.memarg;
  llvm::Value* index = pop_address(env_.module.memories[memarg.memory.value].address);
  check_alignment(index, width);
  return pointer_at(memarg.memory.value, index, memarg.offset, width);
}

void Lowerer::finish_atomic(llvm::Instruction* access) {
  env_.tag(*access, env_.memory_region(instruction_.memarg.memory));
  mark_fault(access, TrapCode::memory_out_of_bounds);
}

void Lowerer::atomic_load(uint32_t bits, llvm::Type* type) {
  llvm::LoadInst* load =
      b_.CreateAlignedLoad(b_.getIntNTy(bits), pop_atomic_pointer(bits / 8), llvm::Align(bits / 8));
  load->setAtomic(kOrdering);
  finish_atomic(load);
  push(b_.CreateZExt(load, type));
}

void Lowerer::atomic_store(uint32_t bits) {
  llvm::Value* value = b_.CreateTrunc(pop(), b_.getIntNTy(bits));
  llvm::StoreInst* store = b_.CreateAlignedStore(value, pop_atomic_pointer(bits / 8), llvm::Align(bits / 8));
  store->setAtomic(kOrdering);
  finish_atomic(store);
}

void Lowerer::atomic_rmw(uint32_t bits, llvm::AtomicRMWInst::BinOp op) {
  llvm::Value* operand = pop();
  llvm::Value* narrow = b_.CreateTrunc(operand, b_.getIntNTy(bits));
  llvm::Value* pointer = pop_atomic_pointer(bits / 8);
  llvm::AtomicRMWInst* rmw = b_.CreateAtomicRMW(op, pointer, narrow, llvm::Align(bits / 8), kOrdering);
  // Of one that changes nothing and whose result nobody needs, LLVM leaves the fence alone.
  rmw->setVolatile(env_.options.traps == Traps::exact);
  finish_atomic(rmw);
  push(b_.CreateZExt(rmw, operand->getType()));
}

void Lowerer::atomic_cmpxchg(uint32_t bits) {
  llvm::Value* replacement = pop();
  llvm::Value* expected = pop();
  llvm::Type* type = expected->getType();
  llvm::Type* narrow = b_.getIntNTy(bits);
  llvm::Value* pointer = pop_atomic_pointer(bits / 8);
  llvm::Value* narrow_expected = b_.CreateTrunc(expected, narrow);
  llvm::Value* narrow_replacement = b_.CreateTrunc(replacement, narrow);
  llvm::Instruction* exchange = b_.CreateAtomicCmpXchg(pointer, narrow_expected, narrow_replacement,
                                                       llvm::Align(bits / 8), kOrdering, kOrdering);
  finish_atomic(exchange);
  push(b_.CreateZExt(b_.CreateExtractValue(exchange, 0), type));
}

void Lowerer::atomic_fence() { b_.CreateFence(kOrdering); }

/// The effective address for a builtin, aligned and compared with the size: a builtin has no faults of its
/// own.
llvm::Value* Lowerer::pop_checked_address(uint32_t width) {
  const wasm::MemArg& memarg = instruction_.memarg;
  llvm::Value* index = pop_address(env_.module.memories[memarg.memory.value].address);
  check_alignment(index, width);
  check_bounds(memarg.memory.value, index, memarg.offset, width);
  return b_.CreateAdd(index, b_.getInt64(memarg.offset));
}

void Lowerer::memory_atomic_notify() {
  llvm::Value* count = pop();
  llvm::Value* address = pop_checked_address(4);
  push(call_builtin(Builtin::memory_atomic_notify,
                    {b_.getInt32(instruction_.memarg.memory.value), address, count}));
}

void Lowerer::memory_atomic_wait(Builtin builtin, uint32_t width) {
  llvm::Value* timeout = pop();
  llvm::Value* expected = pop();
  llvm::Value* address = pop_checked_address(width);
  uint32_t memory = instruction_.memarg.memory.value;
  if (!env_.module.memories[memory].is_shared) trap_if(b_.getTrue(), TrapCode::expected_shared_memory);
  push(call_builtin(builtin, {b_.getInt32(memory), address, expected, timeout}));
}

} // namespace swage::lower
