// Vectors: lanes, shuffles, comparisons, bits. A v128 is <2 x i64> between instructions and bit-cast to its
// lanes inside them. https://webassembly.github.io/spec/core/exec/instructions.html#vector-instructions
#include "compiler/lower/lowerer.h"

#include <llvm/IR/IntrinsicsAArch64.h>
#include <llvm/IR/IntrinsicsX86.h>

namespace swage::lower {

llvm::FixedVectorType* Lowerer::vector_type(Shape shape) const {
  switch (shape) {
  case Shape::i8x16: return llvm::FixedVectorType::get(env_.i8, 16);
  case Shape::i16x8: return llvm::FixedVectorType::get(env_.i16, 8);
  case Shape::i32x4: return llvm::FixedVectorType::get(env_.i32, 4);
  case Shape::i64x2: return env_.v128;
  case Shape::f32x4: return llvm::FixedVectorType::get(env_.f32, 4);
  case Shape::f64x2: return llvm::FixedVectorType::get(env_.f64, 2);
  }
  return nullptr;
}

llvm::Value* Lowerer::pop_vector(Shape shape) { return b_.CreateBitCast(pop(), vector_type(shape)); }

void Lowerer::push_vector(llvm::Value* value) { push(b_.CreateBitCast(value, env_.v128)); }

/// A scalar operand as a lane: i8 and i16 lanes travel as i32.
llvm::Value* Lowerer::pop_lane(Shape shape) {
  llvm::Value* scalar = pop();
  llvm::Type* lane = vector_type(shape)->getElementType();
  return lane->isIntegerTy() ? b_.CreateTrunc(scalar, lane) : scalar;
}

void Lowerer::simd_splat(Shape shape) {
  push_vector(b_.CreateVectorSplat(vector_type(shape)->getElementCount(), pop_lane(shape)));
}

void Lowerer::simd_extract_lane(Shape shape, Extend extend) {
  llvm::Value* lane = b_.CreateExtractElement(pop_vector(shape), uint64_t{instruction_.index[0]});
  if (extend == Extend::none)
    push(lane);
  else
    push(extend == Extend::sext ? b_.CreateSExt(lane, env_.i32) : b_.CreateZExt(lane, env_.i32));
}

void Lowerer::simd_replace_lane(Shape shape) {
  llvm::Value* lane = pop_lane(shape);
  push_vector(b_.CreateInsertElement(pop_vector(shape), lane, uint64_t{instruction_.index[0]}));
}

void Lowerer::i8x16_shuffle() {
  llvm::Value* second = pop_vector(Shape::i8x16);
  llvm::Value* first = pop_vector(Shape::i8x16);
  llvm::SmallVector<int, 16> lanes(instruction_.bytes.begin(), instruction_.bytes.end());
  push_vector(b_.CreateShuffleVector(first, second, lanes));
}

/// Bytes of `table` chosen by `indices`. What an index from 16 on gives is zero when `exact`, else the host's
/// choice.
llvm::Value* Lowerer::swizzle(llvm::Value* table, llvm::Value* indices, Exactness exactness) {
  if (env_.facts.has_ssse3) {
    // pshufb gives zero where bit 7 is set, and looks at the low four bits elsewhere.
    if (exactness == Exactness::spec)
      indices = b_.CreateBinaryIntrinsic(llvm::Intrinsic::uadd_sat, indices,
                                         llvm::ConstantInt::get(indices->getType(), 0x70));
    return b_.CreateIntrinsic(llvm::Intrinsic::x86_ssse3_pshuf_b_128, {}, {table, indices});
  }
  if (env_.triple.isAArch64())
    return b_.CreateIntrinsic(llvm::Intrinsic::aarch64_neon_tbl1, {table->getType()}, {table, indices});
  llvm::Value* zero = b_.getInt8(0);
  llvm::Value* result = llvm::Constant::getNullValue(table->getType());
  for (uint64_t k = 0; k < 16; k++) {
    llvm::Value* index = b_.CreateExtractElement(indices, k);
    llvm::Value* lane = b_.CreateExtractElement(table, b_.CreateAnd(index, 15));
    lane = b_.CreateSelect(b_.CreateICmpULT(index, b_.getInt8(16)), lane, zero);
    result = b_.CreateInsertElement(result, lane, k);
  }
  return result;
}

void Lowerer::i8x16_swizzle(Exactness exactness) {
  llvm::Value* indices = pop_vector(Shape::i8x16);
  llvm::Value* table = pop_vector(Shape::i8x16);
  push_vector(swizzle(table, indices, exactness));
}

void Lowerer::simd_compare(Shape shape, llvm::CmpInst::Predicate predicate) {
  llvm::Value* y = pop_vector(shape);
  llvm::Value* x = pop_vector(shape);
  llvm::Value* condition = b_.CreateCmp(predicate, x, y);
  push_vector(b_.CreateSExt(condition, llvm::VectorType::getInteger(vector_type(shape))));
}

void Lowerer::v128_not() { push(b_.CreateNot(pop())); }

void Lowerer::v128_andnot() {
  llvm::Value* y = pop();
  llvm::Value* x = pop();
  push(b_.CreateAnd(x, b_.CreateNot(y)));
}

void Lowerer::v128_bitselect() {
  llvm::Value* mask = pop();
  llvm::Value* zeros = pop();
  llvm::Value* ones = pop();
  push(b_.CreateOr(b_.CreateAnd(ones, mask), b_.CreateAnd(zeros, b_.CreateNot(mask))));
}

void Lowerer::v128_any_true() { push_bool(b_.CreateIsNotNull(b_.CreateBitCast(pop(), b_.getInt128Ty()))); }

/// A vector of conditions as an integer of one bit for each.
llvm::Value* Lowerer::lane_bits(llvm::Value* conditions) {
  unsigned lanes = llvm::cast<llvm::FixedVectorType>(conditions->getType())->getNumElements();
  return b_.CreateBitCast(conditions, b_.getIntNTy(lanes));
}

void Lowerer::simd_all_true(Shape shape) {
  llvm::Value* x = pop_vector(shape);
  push_bool(b_.CreateIsNull(lane_bits(b_.CreateIsNull(x))));
}

void Lowerer::simd_bitmask(Shape shape) {
  llvm::Value* x = pop_vector(shape);
  push(b_.CreateZExt(lane_bits(b_.CreateIsNeg(x)), env_.i32));
}

} // namespace swage::lower
