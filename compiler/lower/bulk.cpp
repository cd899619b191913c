// Bulk memory instructions. Short constant lengths are inlined as a bounds check and a few loads and stores.
// Where code may grow for speed, copies of other lengths look at run time: a few bytes inside their memories,
// the usual length of a string, go as two pieces that may overlap. The rest is the runtime's, traps too: a
// call of libc's memmove from compiled code would gain little and fault where nobody knows the place.
// https://webassembly.github.io/spec/core/exec/instructions.html#xref-syntax-instructions-syntax-instr-memory-mathsf-memory-copy-x-y
#include "compiler/lower/lowerer.h"

namespace swage::lower {

using abi::Builtin;

namespace {

/// Inlined up to this many bytes where the length is a constant; where code may grow for speed, as many as
/// native compilers inline: an array that a function clears, a struct that it copies.
constexpr uint64_t kMaxInlineBytes = 64;
constexpr uint64_t kMaxFastFill = 256, kMaxFastCopy = 128;
/// The widest of two pieces, which together cover up to twice its bytes of a length that is not.
constexpr uint32_t kWidestPiece = 16;

/// The widths of the pieces that cover `length` bytes, widest first.
llvm::SmallVector<uint32_t, 8> pieces_of(uint64_t length) {
  llvm::SmallVector<uint32_t, 8> pieces;
  for (uint32_t width : {32u, 16u, 8u, 4u, 2u, 1u})
    for (; length >= width; length -= width) pieces.push_back(width);
  return pieces;
}

/// A length worth inlining: a constant from 1 to `most`, or 0.
uint64_t inline_length(llvm::Value* length, uint64_t most) {
  auto* constant = llvm::dyn_cast<llvm::ConstantInt>(length);
  return constant != nullptr && constant->getValue().ule(most) ? constant->getZExtValue() : 0;
}

} // namespace

/// The host address of a range of constant length, checked whole: bulk instructions write all or nothing.
llvm::Value* Lowerer::checked_range(uint32_t memory, llvm::Value* index, uint64_t length) {
  check_bounds(memory, index, 0, length);
  return b_.CreatePtrAdd(memory_base(memory), index);
}

llvm::Value* Lowerer::load_piece(uint32_t memory, llvm::Value* pointer, uint32_t width) {
  llvm::Type* type = width > 8 ? static_cast<llvm::Type*>(llvm::FixedVectorType::get(env_.i64, width / 8))
                               : b_.getIntNTy(width * 8);
  llvm::LoadInst* load = b_.CreateAlignedLoad(type, pointer, llvm::Align(1));
  env_.tag(*load, env_.memory_region(wasm::MemIdx{memory}));
  return load;
}

void Lowerer::store_piece(uint32_t memory, llvm::Value* pointer, llvm::Value* value) {
  llvm::StoreInst* store = b_.CreateAlignedStore(value, pointer, llvm::Align(1));
  env_.tag(*store, env_.memory_region(wasm::MemIdx{memory}));
}

void Lowerer::memory_fill() {
  uint32_t memory = instruction_.index[0];
  const MemoryType& type = env_.module.memories[memory];
  llvm::Value* length = pop_address(type.address);
  llvm::Value* byte = pop();
  llvm::Value* start = pop_address(type.address);
  uint64_t bytes =
      type.is_shared ? 0 : inline_length(length, grows_for_speed() ? kMaxFastFill : kMaxInlineBytes);
  if (bytes == 0) {
    call_builtin(Builtin::memory_fill, {b_.getInt32(memory), start, byte, length});
    return;
  }
  llvm::Value* pointer = checked_range(memory, start, bytes);
  llvm::Value* narrow_byte = b_.CreateTrunc(byte, env_.i8);
  llvm::Value* eight = b_.CreateBitCast(b_.CreateVectorSplat(8, narrow_byte), env_.i64);
  uint64_t at = 0;
  for (uint32_t width : pieces_of(bytes)) {
    llvm::Value* value =
        width > 8 ? b_.CreateVectorSplat(width / 8, eight) : b_.CreateTrunc(eight, b_.getIntNTy(width * 8));
    store_piece(memory, b_.CreatePtrAdd(pointer, b_.getInt64(at)), value);
    at += width;
  }
}

bool Lowerer::grows_for_speed() const {
  return env_.options.for_speed && !function_.hasFnAttribute(llvm::Attribute::Cold);
}

/// Whether few bytes are moved by compiled code although their number is known only at run time.
bool Lowerer::moves_short_ranges(const MemoryType& type) const {
  return grows_for_speed() && !type.is_shared && type.address == AddressType::i32;
}

/// Copies up to twice kWidestPiece bytes; lets `call` emit what copies more, and traps.
void Lowerer::copy_short(Range to, Range from, llvm::Value* length, llvm::function_ref<void()> call) {
  llvm::BasicBlock* other = new_block("long");
  llvm::BasicBlock* next = new_block("next");
  auto go_on_if = [&](llvm::Value* condition, llvm::BasicBlock* otherwise) {
    llvm::BasicBlock* block = new_block("short");
    b_.CreateCondBr(condition, block, otherwise);
    start_block(block);
  };
  go_on_if(b_.CreateICmpULE(length, b_.getInt64(2 * kWidestPiece)), other);
  for (const Range& range : {from, to}) // of 32-bit memories: the sum does not wrap
    go_on_if(b_.CreateICmpULE(b_.CreateNUWAdd(range.start, length), memory_bytes(range.memory)), other);

  llvm::Value* source = b_.CreatePtrAdd(memory_base(from.memory), from.start);
  llvm::Value* destination = b_.CreatePtrAdd(memory_base(to.memory), to.start);
  auto copy = [&](uint32_t width, llvm::ArrayRef<llvm::Value*> offsets) {
    llvm::SmallVector<llvm::Value*, 3> pieces; // the ranges may overlap: all loads come first
    for (llvm::Value* offset : offsets)
      pieces.push_back(load_piece(from.memory, b_.CreatePtrAdd(source, offset), width));
    for (size_t k = 0; k < pieces.size(); k++)
      store_piece(to.memory, b_.CreatePtrAdd(destination, offsets[k]), pieces[k]);
    b_.CreateBr(next);
  };
  llvm::Value* first = b_.getInt64(0);
  for (uint32_t width = kWidestPiece; width >= 4; width /= 2) {
    llvm::BasicBlock* shorter_block = new_block("shorter");
    go_on_if(b_.CreateICmpUGE(length, b_.getInt64(width)), shorter_block);
    copy(width, {first, b_.CreateNUWSub(length, b_.getInt64(width))});
    start_block(shorter_block);
  }
  go_on_if(b_.CreateICmpNE(length, first), next);
  copy(1, {first, b_.CreateLShr(length, 1), b_.CreateNUWSub(length, b_.getInt64(1))});
  start_block(other);
  call();
  b_.CreateBr(next);
  start_block(next);
}

void Lowerer::memory_copy() {
  uint32_t to = instruction_.index[0], from = instruction_.index[1];
  const MemoryType& to_type = env_.module.memories[to];
  const MemoryType& from_type = env_.module.memories[from];
  llvm::Value* length = pop_address(shorter(to_type.address, from_type.address));
  llvm::Value* source = pop_address(from_type.address);
  llvm::Value* destination = pop_address(to_type.address);
  auto call = [&] {
    call_builtin(Builtin::memory_copy, {b_.getInt32(to), b_.getInt32(from), destination, source, length});
  };
  uint64_t most = grows_for_speed() ? kMaxFastCopy : kMaxInlineBytes;
  uint64_t bytes = to_type.is_shared || from_type.is_shared ? 0 : inline_length(length, most);
  if (bytes == 0) {
    if (moves_short_ranges(to_type) && moves_short_ranges(from_type))
      copy_short({to, destination}, {from, source}, length, call);
    else
      call();
    return;
  }
  llvm::Value* source_pointer = checked_range(from, source, bytes);
  llvm::Value* destination_pointer = checked_range(to, destination, bytes);
  // The ranges may overlap: all loads come first.
  llvm::SmallVector<llvm::Value*, 8> pieces;
  uint64_t at = 0;
  for (uint32_t width : pieces_of(bytes)) {
    pieces.push_back(load_piece(from, b_.CreatePtrAdd(source_pointer, b_.getInt64(at)), width));
    at += width;
  }
  at = 0;
  for (llvm::Value* piece : pieces) {
    store_piece(to, b_.CreatePtrAdd(destination_pointer, b_.getInt64(at)), piece);
    at += piece->getType()->getPrimitiveSizeInBits().getFixedValue() / 8;
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
