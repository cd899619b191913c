// Relaxed vector instructions: the host's own instruction where it is one of the results that the spec
// allows, the strict instruction under Determinism::deterministic and on other hosts.
// https://webassembly.github.io/spec/core/exec/numerics.html#relaxed-operations
#include "compiler/lower/lowerer.h"

#include <llvm/IR/IntrinsicsX86.h>

namespace swage::lower {

Exactness Lowerer::relaxed() const {
  return env_.options.determinism == Determinism::host ? Exactness::host : Exactness::spec;
}

void Lowerer::i8x16_relaxed_swizzle() { i8x16_swizzle(relaxed()); }

void Lowerer::i16x8_relaxed_q15mulr_s() { i16x8_q15mulr_sat_s(relaxed()); }

void Lowerer::i32x4_relaxed_trunc_f32x4_s() {
  if (relaxed() == Exactness::host && env_.triple.isX86()) {
    push_vector(b_.CreateIntrinsic(llvm::Intrinsic::x86_sse2_cvttps2dq, {}, {pop_vector(Shape::f32x4)}));
    return;
  }
  i32x4_trunc_sat_f32x4(Sign::s);
}

void Lowerer::i32x4_relaxed_trunc_f32x4_u() {
  if (relaxed() == Exactness::host && env_.facts.has_avx512vl) {
    push_vector(x86_truncate_unsigned(pop_vector(Shape::f32x4)));
    return;
  }
  i32x4_trunc_sat_f32x4(Sign::u);
}

void Lowerer::i32x4_relaxed_trunc_f64x2_u_zero() {
  if (relaxed() == Exactness::host && env_.facts.has_avx512vl) {
    push_vector(x86_truncate_unsigned(pop_vector(Shape::f64x2)));
    return;
  }
  i32x4_trunc_sat_f64x2_zero(Sign::u);
}

void Lowerer::i32x4_relaxed_trunc_f64x2_s_zero() {
  if (relaxed() == Exactness::host && env_.triple.isX86()) {
    push_vector(b_.CreateIntrinsic(llvm::Intrinsic::x86_sse2_cvttpd2dq, {}, {pop_vector(Shape::f64x2)}));
    return;
  }
  i32x4_trunc_sat_f64x2_zero(Sign::s);
}

void Lowerer::relaxed_madd(Shape shape, llvm::Value* x, llvm::Value* y, llvm::Value* z) {
  if (relaxed() == Exactness::host && env_.facts.has_fma) {
    push_vector(b_.CreateIntrinsic(llvm::Intrinsic::fma, {vector_type(shape)}, {x, y, z}));
    return;
  }
  llvm::Value* product = float_binary(llvm::Instruction::FMul, x, y);
  push_vector(float_binary(llvm::Instruction::FAdd, product, z));
}

void Lowerer::simd_relaxed_madd(Shape shape) {
  llvm::Value* z = pop_vector(shape);
  llvm::Value* y = pop_vector(shape);
  llvm::Value* x = pop_vector(shape);
  relaxed_madd(shape, x, y, z);
}

void Lowerer::simd_relaxed_nmadd(Shape shape) {
  llvm::Value* z = pop_vector(shape);
  llvm::Value* y = pop_vector(shape);
  llvm::Value* x = pop_vector(shape);
  relaxed_madd(shape, b_.CreateFNeg(x), y, z);
}

/// Lanes whose mask has the top bit are taken from the first operand, which is what x86's blends look at.
void Lowerer::simd_relaxed_laneselect(Shape shape) {
  if (relaxed() == Exactness::spec || !env_.triple.isX86() || shape == Shape::i16x8) {
    v128_bitselect();
    return;
  }
  llvm::Value* mask = pop_vector(shape);
  llvm::Value* zeros = pop_vector(shape);
  llvm::Value* ones = pop_vector(shape);
  push_vector(b_.CreateSelect(b_.CreateIsNeg(mask), ones, zeros));
}

void Lowerer::simd_relaxed_extremum(Shape shape, Extremum which) {
  if (relaxed() == Exactness::spec || !env_.triple.isX86()) {
    simd_extremum(shape, which);
    return;
  }
  llvm::Value* y = pop_vector(shape);
  llvm::Value* x = pop_vector(shape);
  push_vector(first_if_beyond(which, x, y));
}

/// Products of bytes, summed in pairs to 16 bits. The second operand's bytes are meant to have 7 bits.
llvm::Value* Lowerer::byte_dot(llvm::Value* x, llvm::Value* y) {
  if (relaxed() == Exactness::host && env_.facts.has_ssse3)
    return b_.CreateIntrinsic(llvm::Intrinsic::x86_ssse3_pmadd_ub_sw_128, {}, {y, x});
  return pairwise_sum(b_.CreateMul(extend_lanes(x, Extend::sext), extend_lanes(y, Extend::sext)));
}

void Lowerer::i16x8_relaxed_dot_i8x16_i7x16_s() {
  llvm::Value* y = pop_vector(Shape::i8x16);
  llvm::Value* x = pop_vector(Shape::i8x16);
  push_vector(byte_dot(x, y));
}

void Lowerer::i32x4_relaxed_dot_i8x16_i7x16_add_s() {
  llvm::Value* sum = pop_vector(Shape::i32x4);
  llvm::Value* y = pop_vector(Shape::i8x16);
  llvm::Value* x = pop_vector(Shape::i8x16);
  push_vector(b_.CreateAdd(extadd_pairwise(byte_dot(x, y), Extend::sext), sum));
}

} // namespace swage::lower
