// Loads and stores, and how they stay inside their memory.
//
// A 32-bit memory behind guard pages needs no compare: base + index + offset cannot leave the reservation,
// and the fault is the trap. Everything else (64-bit memories, odd page sizes, offsets beyond the guard,
// Bounds::checked) compares the index with size - (offset + width - 1), a loop-invariant number, saturated at
// zero; no sum can overflow then.
// https://webassembly.github.io/spec/core/exec/instructions.html#memory-instructions
#include <algorithm>
#include <cstddef>

#include <llvm/IR/MDBuilder.h>

#include "compiler/lower/lowerer.h"

namespace swage::lower {

bool Lowerer::is_guarded(const MemoryType& type) const {
  return env_.options.bounds == Bounds::guard && type.address == AddressType::i32 &&
         type.page_size_log2 == 16;
}

llvm::Value* Lowerer::memory_base(uint32_t memory) {
  return entry_load(env_.layout.memory_offset(memory) + offsetof(abi::MemorySlot, base), env_.ptr);
}

llvm::Value* Lowerer::memory_state(uint32_t memory) {
  return entry_load(env_.layout.memory_offset(memory) + offsetof(abi::MemorySlot, state), env_.ptr);
}

/// The size of a memory in bytes, as i64.
llvm::Value* Lowerer::memory_bytes(uint32_t memory) {
  llvm::LoadInst* size =
      load_field(memory_state(memory), offsetof(abi::MemoryState, size), env_.i64, Region::context);
  if (env_.module.memories[memory].is_shared)
    size->setAtomic(llvm::AtomicOrdering::Monotonic); // another thread may grow it
  if (llvm::MDNode* range = size_range(env_.module.memories[memory]))
    size->setMetadata(llvm::LLVMContext::MD_range, range);
  return size;
}

/// What a memory's bytes can be: its type says the least, for it never shrinks. With that LLVM finds by
/// itself which checks always succeed, and vectorises what is left without them. Null when the type says
/// nothing.
llvm::MDNode* Lowerer::size_range(const MemoryType& type) {
  constexpr uint64_t kMost = uint64_t{1} << 62; // of any host
  uint64_t most_pages = type.address == AddressType::i32 ? (uint64_t{1} << 32) >> type.page_size_log2
                                                         : kMost >> type.page_size_log2;
  if (type.limits.max) most_pages = std::min(most_pages, *type.limits.max);
  if (type.limits.min > most_pages) return nullptr; // cannot be instantiated
  uint64_t least = type.limits.min << type.page_size_log2;
  uint64_t most = most_pages << type.page_size_log2;
  return llvm::MDBuilder(b_.getContext()).createRange(llvm::APInt(64, least), llvm::APInt(64, most + 1));
}

/// Pops an address and widens it to i64.
llvm::Value* Lowerer::pop_address(AddressType type) {
  llvm::Value* index = pop();
  return type == AddressType::i64 ? index : b_.CreateZExt(index, env_.i64);
}

/// Pushes an i64 as an address or a size.
void Lowerer::push_address(llvm::Value* value, AddressType type) {
  push(type == AddressType::i64 ? value : b_.CreateTrunc(value, env_.i32));
}

/// Traps unless [index + offset, index + offset + width) is inside.
void Lowerer::check_bounds(uint32_t memory, llvm::Value* index, uint64_t offset, uint64_t width) {
  const MemoryType& type = env_.module.memories[memory];
  uint64_t last = offset + (width - 1);
  if (last < offset) {
    trap_if(b_.getTrue(), TrapCode::memory_out_of_bounds);
    return;
  }
  llvm::Value* size = memory_bytes(memory);
  bool always_fits = type.limits.min > (last >> type.page_size_log2);
  llvm::Value* limit = always_fits
                           ? b_.CreateNUWSub(size, b_.getInt64(last))
                           : b_.CreateBinaryIntrinsic(llvm::Intrinsic::usub_sat, size, b_.getInt64(last));
  trap_unless(b_.CreateICmpULT(index, limit), TrapCode::memory_out_of_bounds);
}

/// The host address of an access of `width` bytes, checked if it has to be.
llvm::Value* Lowerer::pointer_at(uint32_t memory, llvm::Value* index, uint64_t offset, uint32_t width) {
  bool is_free = is_guarded(env_.module.memories[memory]) && offset <= abi::kGuardOffsetBytes - width;
  if (!is_free) check_bounds(memory, index, offset, width);
  llvm::GEPNoWrapFlags flags =
      is_free ? llvm::GEPNoWrapFlags::noUnsignedWrap() : llvm::GEPNoWrapFlags::none();
  llvm::Value* pointer = b_.CreatePtrAdd(memory_base(memory), index, "", flags);
  return offset == 0 ? pointer : b_.CreatePtrAdd(pointer, b_.getInt64(offset), "", flags);
}

/// The same for the instruction's memarg and the address on the stack.
llvm::Value* Lowerer::pop_pointer(uint32_t width) {
  const wasm::MemArg& memarg = instruction_.memarg;
  llvm::Value* index = pop_address(env_.module.memories[memarg.memory.value].address);
  return pointer_at(memarg.memory.value, index, memarg.offset, width);
}

// Racing accesses to a shared memory may read any mix of values but may not be undefined: unordered atomics,
// which are ordinary machine accesses. LLVM wants them aligned, so they claim it; no target of ours faults
// when the claim is wrong. Vectors cannot be atomic and are volatile instead.
template<class Access> void Lowerer::set_sharing(Access* access, uint32_t memory, uint64_t width) {
  if (!env_.module.memories[memory].is_shared) return;
  if (width > sizeof(uint64_t)) {
    access->setVolatile(true);
  } else {
    access->setAlignment(llvm::Align(width));
    access->setAtomic(llvm::AtomicOrdering::Unordered);
  }
}

static uint32_t bytes_of(llvm::Type* type) {
  return static_cast<uint32_t>(type->getPrimitiveSizeInBits().getFixedValue() / 8);
}

llvm::Value* Lowerer::pop_load(llvm::Type* type) {
  wasm::MemIdx memory = instruction_.memarg.memory;
  llvm::LoadInst* load = b_.CreateAlignedLoad(type, pop_pointer(bytes_of(type)), llvm::Align(1));
  set_sharing(load, memory.value, bytes_of(type));
  env_.tag(*load, env_.memory_region(memory));
  mark_fault(load, TrapCode::memory_out_of_bounds);
  memory_loads_.push_back(load);
  return load;
}

void Lowerer::pop_store(llvm::Value* value) {
  wasm::MemIdx memory = instruction_.memarg.memory;
  uint32_t width = bytes_of(value->getType());
  llvm::StoreInst* store = b_.CreateAlignedStore(value, pop_pointer(width), llvm::Align(1));
  set_sharing(store, memory.value, width);
  env_.tag(*store, env_.memory_region(memory));
  mark_fault(store, TrapCode::memory_out_of_bounds);
}

void Lowerer::load(llvm::Type* type) { push(pop_load(type)); }

void Lowerer::load_extend(uint32_t bits, llvm::Type* type, Extend extend) {
  llvm::Value* value = pop_load(b_.getIntNTy(bits));
  push(extend == Extend::sext ? b_.CreateSExt(value, type) : b_.CreateZExt(value, type));
}

void Lowerer::store() { pop_store(pop()); }

void Lowerer::store_wrapped(uint32_t bits) { pop_store(b_.CreateTrunc(pop(), b_.getIntNTy(bits))); }

void Lowerer::memory_size() {
  uint32_t memory = instruction_.index[0];
  const MemoryType& type = env_.module.memories[memory];
  push_address(b_.CreateLShr(memory_bytes(memory), type.page_size_log2), type.address);
}

void Lowerer::memory_grow() {
  uint32_t memory = instruction_.index[0];
  AddressType address = env_.module.memories[memory].address;
  llvm::Value* delta = pop_address(address);
  push_address(call_builtin(abi::Builtin::memory_grow, {b_.getInt32(memory), delta}), address);
}

} // namespace swage::lower
