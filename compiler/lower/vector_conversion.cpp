// Vector conversions. LLVM's saturating conversions of vectors are one instruction on AArch64 and a scalar
// sequence for each lane on x86-64, which has cvttps2dq: 0x80000000 for everything that does not fit. The
// sequences below repair that. https://webassembly.github.io/spec/core/exec/numerics.html#conversions
#include "compiler/lower/lowerer.h"

#include <llvm/IR/IntrinsicsAArch64.h>
#include <llvm/IR/IntrinsicsX86.h>

namespace swage::lower {

/// x, or zero where x is a NaN.
llvm::Value* Lowerer::nan_to_zero(llvm::Value* x) {
  return b_.CreateSelect(b_.CreateFCmpORD(x, x), x, llvm::Constant::getNullValue(x->getType()));
}

/// x, or zero where x is negative or a NaN.
llvm::Value* Lowerer::positive_or_zero(llvm::Value* x) {
  llvm::Value* zero = llvm::Constant::getNullValue(x->getType());
  return b_.CreateSelect(b_.CreateFCmpOGT(x, zero), x, zero);
}

/// cvttps2dq, with the greatest number where a lane is 2^31 or more. No lane is a NaN.
llvm::Value* Lowerer::x86_truncate_f32x4(llvm::Value* x) {
  llvm::Value* converted = b_.CreateIntrinsic(llvm::Intrinsic::x86_sse2_cvttps2dq, {}, {x});
  llvm::Value* is_too_large = b_.CreateFCmpOGE(x, llvm::ConstantFP::get(x->getType(), 0x1p31));
  return b_.CreateXor(converted, b_.CreateSExt(is_too_large, converted->getType()));
}

/// vcvttps2udq and vcvttpd2udq: the greatest number where a lane does not fit. Lanes of a vector of two come
/// with zeros.
llvm::Value* Lowerer::x86_truncate_unsigned(llvm::Value* x) {
  bool is_double = x->getType()->getScalarType()->isDoubleTy();
  llvm::Type* result = vector_type(Shape::i32x4);
  return b_.CreateIntrinsic(is_double ? llvm::Intrinsic::x86_avx512_mask_cvttpd2udq_128
                                      : llvm::Intrinsic::x86_avx512_mask_cvttps2udq_128,
                            {}, {x, llvm::Constant::getNullValue(result), b_.getInt8(0xFF)});
}

void Lowerer::i32x4_trunc_sat_f32x4(Sign sign) {
  llvm::Value* x = pop_vector(Shape::f32x4);
  if (!env_.triple.isX86()) {
    push_vector(saturate(x, vector_type(Shape::i32x4), sign));
  } else if (sign == Sign::s) {
    push_vector(x86_truncate_f32x4(nan_to_zero(x)));
  } else if (env_.facts.has_avx512vl) {
    push_vector(x86_truncate_unsigned(positive_or_zero(x)));
  } else {
    // In two parts: what is below 2^31, or 2^31 itself, and what is above.
    x = positive_or_zero(x);
    llvm::Value* low = b_.CreateIntrinsic(llvm::Intrinsic::x86_sse2_cvttps2dq, {}, {x});
    llvm::Value* high = x86_truncate_f32x4(b_.CreateFSub(x, llvm::ConstantFP::get(x->getType(), 0x1p31)));
    high =
        b_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, high, llvm::Constant::getNullValue(high->getType()));
    push_vector(b_.CreateAdd(low, high));
  }
}

/// Two lanes become the lower half, zeros the upper.
llvm::Value* Lowerer::with_zeros(llvm::Value* pair) {
  return b_.CreateShuffleVector(pair, llvm::Constant::getNullValue(pair->getType()), {0, 1, 2, 3});
}

void Lowerer::i32x4_trunc_sat_f64x2_zero(Sign sign) {
  llvm::Value* x = pop_vector(Shape::f64x2);
  llvm::Type* pair = llvm::FixedVectorType::get(env_.i32, 2);
  auto at_most = [&](llvm::Value* value, double limit) {
    llvm::Constant* greatest = llvm::ConstantFP::get(value->getType(), limit);
    return b_.CreateSelect(b_.CreateFCmpOLT(value, greatest), value, greatest);
  };
  if (env_.triple.isAArch64()) {
    // Saturated to 64 bits, and then to 32: LLVM would convert lane by lane.
    llvm::Intrinsic::ID narrow =
        sign == Sign::s ? llvm::Intrinsic::aarch64_neon_sqxtn : llvm::Intrinsic::aarch64_neon_uqxtn;
    push_vector(with_zeros(b_.CreateIntrinsic(narrow, {pair}, {saturate(x, env_.v128, sign)})));
  } else if (env_.facts.has_avx512vl && sign == Sign::u) {
    push_vector(x86_truncate_unsigned(positive_or_zero(x)));
  } else if (!env_.triple.isX86() || (sign == Sign::u && !env_.facts.has_rounding)) {
    push_vector(with_zeros(saturate(x, pair, sign)));
  } else if (sign == Sign::s) {
    // Too small numbers give the least number by themselves, and the upper half is zero.
    push_vector(
        b_.CreateIntrinsic(llvm::Intrinsic::x86_sse2_cvttpd2dq, {}, {at_most(nan_to_zero(x), 0x1p31 - 1)}));
  } else {
    // A whole number below 2^32 stands in the low bits of the number plus 2^52.
    llvm::Value* whole =
        b_.CreateUnaryIntrinsic(llvm::Intrinsic::trunc, at_most(positive_or_zero(x), 0x1p32 - 1));
    llvm::Value* sum = b_.CreateFAdd(whole, llvm::ConstantFP::get(x->getType(), 0x1p52));
    push_vector(with_zeros(b_.CreateTrunc(b_.CreateBitCast(sum, env_.v128), pair)));
  }
}

void Lowerer::f32x4_convert_i32x4(llvm::Instruction::CastOps op) {
  push_vector(b_.CreateCast(op, pop_vector(Shape::i32x4), vector_type(Shape::f32x4)));
}

void Lowerer::f64x2_convert_low_i32x4(llvm::Instruction::CastOps op) {
  push_vector(b_.CreateCast(op, half_of(pop_vector(Shape::i32x4), Half::low), vector_type(Shape::f64x2)));
}

void Lowerer::f32x4_demote_f64x2_zero() {
  push_vector(with_zeros(float_demote(pop_vector(Shape::f64x2), llvm::FixedVectorType::get(env_.f32, 2))));
}

void Lowerer::f64x2_promote_low_f32x4() {
  push_vector(
      canonical_nan(b_.CreateFPExt(half_of(pop_vector(Shape::f32x4), Half::low), vector_type(Shape::f64x2))));
}

} // namespace swage::lower
