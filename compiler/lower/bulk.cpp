// Bulk memory instructions. Short constant lengths are inlined as a bounds check and a few loads and stores;
// everything else is the runtime's: a call of libc's memmove from compiled code would gain little and fault
// where nobody knows the place.
// https://webassembly.github.io/spec/core/exec/instructions.html#xref-syntax-instructions-syntax-instr-memory-mathsf-memory-copy-x-y
#include "compiler/lower/lowerer.h"

namespace swage::lower {

using abi::Builtin;

namespace {

/// Inlined up to this many bytes.
constexpr uint64_t kMaxInlineBytes = 64;

/// The widths of the pieces that cover `length` bytes, widest first.
llvm::SmallVector<uint32_t, 8> pieces_of(uint64_t length) {
  llvm::SmallVector<uint32_t, 8> pieces;
  for (uint32_t width : {16u, 8u, 4u, 2u, 1u})
    for (; length >= width; length -= width) pieces.push_back(width);
  return pieces;
}

/// A length worth inlining: a constant from 1 to kMaxInlineBytes, or 0.
uint64_t inline_length(llvm::Value* length) {
  auto* constant = llvm::dyn_cast<llvm::ConstantInt>(length);
  return constant != nullptr && constant->getValue().ule(kMaxInlineBytes) ? constant->getZExtValue() : 0;
}

} // namespace

/// The host address of a range of constant length, checked whole: bulk instructions write all or nothing.
llvm::Value* Lowerer::checked_range(uint32_t memory, llvm::Value* index, uint64_t length) {
  check_bounds(memory, index, 0, length);
  return b_.CreatePtrAdd(memory_base(memory), index);
}

void Lowerer::memory_fill() {
  wasm::MemIdx memory{instruction_.index[0]};
  const MemoryType& type = env_.module.memories[memory.value];
  llvm::Value* length = pop_address(type.address);
  llvm::Value* byte = pop();
  llvm::Value* start = pop_address(type.address);
  uint64_t bytes = type.is_shared ? 0 : inline_length(length);
  if (bytes == 0) {
    call_builtin(Builtin::memory_fill, {b_.getInt32(memory.value), start, byte, length});
    return;
  }
  llvm::Value* pointer = checked_range(memory.value, start, bytes);
  llvm::Value* narrow_byte = b_.CreateTrunc(byte, env_.i8);
  llvm::Value* filled = b_.CreateVectorSplat(16, narrow_byte);
  uint64_t at = 0;
  for (uint32_t width : pieces_of(bytes)) {
    llvm::Value* value =
        width == 16 ? filled
                    : b_.CreateTrunc(b_.CreateBitCast(filled, b_.getIntNTy(128)), b_.getIntNTy(width * 8));
    llvm::StoreInst* store =
        b_.CreateAlignedStore(value, b_.CreatePtrAdd(pointer, b_.getInt64(at)), llvm::Align(1));
    env_.tag(*store, env_.memory_region(memory));
    at += width;
  }
}

void Lowerer::memory_copy() {
  wasm::MemIdx to{instruction_.index[0]}, from{instruction_.index[1]};
  const MemoryType& to_type = env_.module.memories[to.value];
  const MemoryType& from_type = env_.module.memories[from.value];
  llvm::Value* length = pop_address(shorter(to_type.address, from_type.address));
  llvm::Value* source = pop_address(from_type.address);
  llvm::Value* destination = pop_address(to_type.address);
  uint64_t bytes = to_type.is_shared || from_type.is_shared ? 0 : inline_length(length);
  if (bytes == 0) {
    call_builtin(Builtin::memory_copy,
                 {b_.getInt32(to.value), b_.getInt32(from.value), destination, source, length});
    return;
  }
  llvm::Value* source_pointer = checked_range(from.value, source, bytes);
  llvm::Value* destination_pointer = checked_range(to.value, destination, bytes);
  // The ranges may overlap: all loads come first.
  llvm::SmallVector<llvm::Value*, 8> values;
  uint64_t at = 0;
  for (uint32_t width : pieces_of(bytes)) {
    llvm::Type* type = width == 16 ? static_cast<llvm::Type*>(env_.v128) : b_.getIntNTy(width * 8);
    llvm::LoadInst* load =
        b_.CreateAlignedLoad(type, b_.CreatePtrAdd(source_pointer, b_.getInt64(at)), llvm::Align(1));
    env_.tag(*load, env_.memory_region(from));
    values.push_back(load);
    at += width;
  }
  at = 0;
  for (llvm::Value* value : values) {
    llvm::StoreInst* store =
        b_.CreateAlignedStore(value, b_.CreatePtrAdd(destination_pointer, b_.getInt64(at)), llvm::Align(1));
    env_.tag(*store, env_.memory_region(to));
    at += value->getType()->getPrimitiveSizeInBits().getFixedValue() / 8;
  }
}

void Lowerer::memory_init() {
  uint32_t segment = instruction_.index[0], memory = instruction_.index[1];
  llvm::Value* length = pop();
  llvm::Value* source = pop();
  llvm::Value* destination = pop_address(env_.module.memories[memory].address);
  call_builtin(Builtin::memory_init,
               {b_.getInt32(memory), b_.getInt32(segment), destination, source, length});
}

void Lowerer::data_drop() { call_builtin(Builtin::data_drop, {b_.getInt32(instruction_.index[0])}); }

} // namespace swage::lower
