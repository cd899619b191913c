// Vector loads and stores of parts.
// https://webassembly.github.io/spec/core/exec/instructions.html#vector-instructions
#include "compiler/lower/lowerer.h"

namespace swage::lower {

/// The integer shape of lanes of `bits`.
static Shape integer_shape(uint32_t bits) {
  return bits == 8 ? Shape::i8x16 : bits == 16 ? Shape::i16x8 : bits == 32 ? Shape::i32x4 : Shape::i64x2;
}

void Lowerer::simd_load_extend(uint32_t bits, Extend extend) {
  llvm::Type* half = llvm::FixedVectorType::get(b_.getIntNTy(bits), 64 / bits);
  llvm::Type* full = llvm::FixedVectorType::get(b_.getIntNTy(bits * 2), 64 / bits);
  llvm::Value* value = b_.CreateBitCast(pop_load(env_.i64), half);
  push_vector(extend == Extend::sext ? b_.CreateSExt(value, full) : b_.CreateZExt(value, full));
}

void Lowerer::simd_load_splat(uint32_t bits) {
  push_vector(b_.CreateVectorSplat(128 / bits, pop_load(b_.getIntNTy(bits))));
}

void Lowerer::simd_load_lane(uint32_t bits) {
  llvm::Value* vector = pop_vector(integer_shape(bits));
  llvm::Value* lane = pop_load(b_.getIntNTy(bits));
  push_vector(b_.CreateInsertElement(vector, lane, uint64_t{instruction_.index[0]}));
}

void Lowerer::simd_store_lane(uint32_t bits) {
  llvm::Value* vector = pop_vector(integer_shape(bits));
  pop_store(b_.CreateExtractElement(vector, uint64_t{instruction_.index[0]}));
}

void Lowerer::simd_load_zero(uint32_t bits) {
  llvm::Value* lane = pop_load(b_.getIntNTy(bits));
  push_vector(b_.CreateInsertElement(llvm::Constant::getNullValue(vector_type(integer_shape(bits))), lane,
                                     uint64_t{0}));
}

} // namespace swage::lower
