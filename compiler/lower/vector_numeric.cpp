// Vector arithmetic, in the shapes that LLVM's back ends know as one instruction where the host has one.
// https://webassembly.github.io/spec/core/exec/numerics.html
#include "compiler/lower/lowerer.h"

#include <llvm/IR/IntrinsicsAArch64.h>
#include <llvm/IR/IntrinsicsX86.h>

namespace swage::lower {

void Lowerer::simd_binary(Shape shape, llvm::Instruction::BinaryOps op) {
  llvm::Value* y = pop_vector(shape);
  llvm::Value* x = pop_vector(shape);
  push_vector(x->getType()->isFPOrFPVectorTy() ? float_binary(op, x, y) : b_.CreateBinOp(op, x, y));
}

void Lowerer::simd_call(Shape shape, llvm::Intrinsic::ID id) {
  llvm::Value* y = pop_vector(shape);
  llvm::Value* x = pop_vector(shape);
  push_vector(b_.CreateBinaryIntrinsic(id, x, y));
}

void Lowerer::simd_unary(Shape shape, llvm::Intrinsic::ID id) {
  push_vector(b_.CreateUnaryIntrinsic(id, pop_vector(shape)));
}

void Lowerer::simd_float_unary(Shape shape, llvm::Intrinsic::ID id) {
  push_vector(float_unary(id, pop_vector(shape)));
}

void Lowerer::simd_abs(Shape shape) {
  push_vector(b_.CreateBinaryIntrinsic(llvm::Intrinsic::abs, pop_vector(shape), b_.getFalse()));
}

void Lowerer::simd_neg(Shape shape) {
  llvm::Value* x = pop_vector(shape);
  push_vector(x->getType()->isFPOrFPVectorTy() ? b_.CreateFNeg(x) : b_.CreateNeg(x));
}

void Lowerer::simd_shift(Shape shape, llvm::Instruction::BinaryOps op) {
  llvm::FixedVectorType* type = vector_type(shape);
  llvm::Value* count = shift_count(pop(), type->getScalarSizeInBits());
  llvm::Value* lane = b_.CreateZExtOrTrunc(count, type->getElementType());
  push_vector(b_.CreateBinOp(op, pop_vector(shape), b_.CreateVectorSplat(type->getElementCount(), lane)));
}

void Lowerer::simd_extremum(Shape shape, Extremum which) {
  llvm::Value* y = pop_vector(shape);
  llvm::Value* x = pop_vector(shape);
  push_vector(float_extremum(which, x, y));
}

/// pmin: y < x ? y : x. https://webassembly.github.io/spec/core/exec/numerics.html#op-fpmin
void Lowerer::simd_pseudo_extremum(Shape shape, Extremum which) {
  llvm::Value* y = pop_vector(shape);
  llvm::Value* x = pop_vector(shape);
  push_vector(first_if_beyond(which, y, x));
}

/// The rounded average: (x + y + 1) / 2.
void Lowerer::simd_avgr_u(Shape shape) {
  llvm::Value* y = pop_vector(shape);
  llvm::Value* x = pop_vector(shape);
  llvm::Type* type = x->getType();
  llvm::Type* wide = llvm::VectorType::getExtendedElementVectorType(llvm::cast<llvm::VectorType>(type));
  llvm::Value* sum = b_.CreateAdd(b_.CreateAdd(b_.CreateZExt(x, wide), b_.CreateZExt(y, wide)),
                                  llvm::ConstantInt::get(wide, 1));
  push_vector(b_.CreateTrunc(b_.CreateLShr(sum, 1), type));
}

llvm::Value* Lowerer::extend_lanes(llvm::Value* x, Extend extend) {
  llvm::Type* wide =
      llvm::VectorType::getExtendedElementVectorType(llvm::cast<llvm::VectorType>(x->getType()));
  return extend == Extend::sext ? b_.CreateSExt(x, wide) : b_.CreateZExt(x, wide);
}

/// Every `step`th lane from `first` on, `count` of them.
llvm::Value* Lowerer::lanes(llvm::Value* x, int first, int step, int count) {
  llvm::SmallVector<int, 16> mask;
  for (int k = 0; k < count; k++) mask.push_back(first + k * step);
  return b_.CreateShuffleVector(x, mask);
}

llvm::Value* Lowerer::half_of(llvm::Value* x, Half half) {
  int count = static_cast<int>(llvm::cast<llvm::FixedVectorType>(x->getType())->getNumElements()) / 2;
  return lanes(x, half == Half::low ? 0 : count, 1, count);
}

void Lowerer::simd_extend(Shape shape, Half half, Extend extend) {
  push_vector(extend_lanes(half_of(pop_vector(shape), half), extend));
}

void Lowerer::simd_extmul(Shape shape, Half half, Extend extend) {
  llvm::Value* y = extend_lanes(half_of(pop_vector(shape), half), extend);
  llvm::Value* x = extend_lanes(half_of(pop_vector(shape), half), extend);
  push_vector(b_.CreateMul(x, y));
}

llvm::Value* Lowerer::pairwise_sum(llvm::Value* x) {
  int count = static_cast<int>(llvm::cast<llvm::FixedVectorType>(x->getType())->getNumElements()) / 2;
  return b_.CreateAdd(lanes(x, 0, 2, count), lanes(x, 1, 2, count));
}

/// The sums of neighbours, in twice the width.
llvm::Value* Lowerer::extadd_pairwise(llvm::Value* x, Extend extend) {
  llvm::Type* wide = llvm::VectorType::getHalfElementsVectorType(llvm::cast<llvm::VectorType>(x->getType()));
  wide = llvm::VectorType::getExtendedElementVectorType(llvm::cast<llvm::VectorType>(wide));
  if (env_.triple.isAArch64()) {
    llvm::Intrinsic::ID id =
        extend == Extend::sext ? llvm::Intrinsic::aarch64_neon_saddlp : llvm::Intrinsic::aarch64_neon_uaddlp;
    return b_.CreateIntrinsic(id, {wide, x->getType()}, {x});
  }
  if (env_.facts.has_ssse3 && x->getType()->getScalarSizeInBits() == 8) {
    // Products of unsigned bytes with signed ones, summed in pairs.
    llvm::Value* ones = llvm::ConstantInt::get(x->getType(), 1);
    return b_.CreateIntrinsic(llvm::Intrinsic::x86_ssse3_pmadd_ub_sw_128, {},
                              {extend == Extend::sext ? ones : x, extend == Extend::sext ? x : ones});
  }
  if (extend == Extend::sext) return pairwise_sum(extend_lanes(x, extend));
  // In place: the lower lane of each pair by its bits, the upper one by a shift.
  llvm::Value* pairs = b_.CreateBitCast(x, wide);
  unsigned bits = x->getType()->getScalarSizeInBits();
  llvm::Value* low =
      b_.CreateAnd(pairs, llvm::ConstantInt::get(wide, llvm::APInt::getLowBitsSet(2 * bits, bits)));
  return b_.CreateAdd(low, b_.CreateLShr(pairs, bits));
}

void Lowerer::simd_extadd_pairwise(Shape shape, Extend extend) {
  push_vector(extadd_pairwise(pop_vector(shape), extend));
}

void Lowerer::i32x4_dot_i16x8_s() {
  llvm::Value* y = extend_lanes(pop_vector(Shape::i16x8), Extend::sext);
  llvm::Value* x = extend_lanes(pop_vector(Shape::i16x8), Extend::sext);
  push_vector(pairwise_sum(b_.CreateMul(x, y)));
}

/// x86's instruction that clamps lanes of `bits` of two vectors to half their width: LLVM finds it by itself,
/// but not for a CPU with AVX-512.
std::optional<llvm::Intrinsic::ID> Lowerer::x86_pack(unsigned bits, Extend extend) const {
  if (!env_.triple.isX86()) return std::nullopt;
  if (extend == Extend::sext)
    return bits == 16 ? llvm::Intrinsic::x86_sse2_packsswb_128 : llvm::Intrinsic::x86_sse2_packssdw_128;
  if (bits == 16) return llvm::Intrinsic::x86_sse2_packuswb_128;
  if (!env_.facts.has_rounding) return std::nullopt; // SSE4.1, too
  return llvm::Intrinsic::x86_sse41_packusdw;
}

/// Lanes of two vectors, clamped to half their width.
void Lowerer::simd_narrow(Shape shape, Extend extend) {
  llvm::Value* high = pop_vector(shape);
  llvm::Value* low = pop_vector(shape);
  llvm::FixedVectorType* type = vector_type(shape);
  unsigned bits = type->getScalarSizeInBits();
  if (std::optional<llvm::Intrinsic::ID> pack = x86_pack(bits, extend)) {
    push_vector(b_.CreateIntrinsic(*pack, {}, {low, high}));
    return;
  }
  int count = static_cast<int>(type->getNumElements()) * 2;
  llvm::SmallVector<int, 16> mask;
  for (int k = 0; k < count; k++) mask.push_back(k);
  llvm::Value* both = b_.CreateShuffleVector(low, high, mask);
  llvm::APInt least = extend == Extend::sext ? llvm::APInt::getSignedMinValue(bits / 2).sext(bits)
                                             : llvm::APInt::getZero(bits);
  llvm::APInt greatest =
      (extend == Extend::sext ? llvm::APInt::getSignedMaxValue(bits / 2) : llvm::APInt::getMaxValue(bits / 2))
          .zext(bits);
  both =
      b_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, both, llvm::ConstantInt::get(both->getType(), least));
  both = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, both,
                                  llvm::ConstantInt::get(both->getType(), greatest));
  push_vector(b_.CreateTrunc(both, both->getType()->getWithNewBitWidth(bits / 2)));
}

/// Q15 product, rounded: (x * y + 2^14) >> 15, which overflows for -1 * -1 only.
/// https://webassembly.github.io/spec/core/exec/numerics.html#op-iq15mulrsat-s
void Lowerer::i16x8_q15mulr_sat_s(Exactness exactness) {
  llvm::Value* y = pop_vector(Shape::i16x8);
  llvm::Value* x = pop_vector(Shape::i16x8);
  if (env_.triple.isAArch64()) {
    push_vector(b_.CreateIntrinsic(llvm::Intrinsic::aarch64_neon_sqrdmulh, {x->getType()}, {x, y}));
    return;
  }
  llvm::Value* product = nullptr;
  if (env_.facts.has_ssse3) {
    product = b_.CreateIntrinsic(llvm::Intrinsic::x86_ssse3_pmul_hr_sw_128, {}, {x, y});
  } else {
    product = b_.CreateMul(extend_lanes(x, Extend::sext), extend_lanes(y, Extend::sext));
    product = b_.CreateAdd(product, llvm::ConstantInt::get(product->getType(), 1 << 14));
    product = b_.CreateTrunc(b_.CreateAShr(product, 15), x->getType());
  }
  if (exactness == Exactness::spec) {
    // The overflow gives the least number; all bits of it flipped are the greatest.
    llvm::Value* least = llvm::ConstantInt::get(product->getType(), llvm::APInt::getSignedMinValue(16));
    product = b_.CreateXor(product, b_.CreateSExt(b_.CreateICmpEQ(product, least), product->getType()));
  }
  push_vector(product);
}

} // namespace swage::lower
