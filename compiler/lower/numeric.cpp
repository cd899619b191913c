// Integer and float arithmetic. Floats are LLVM's ordinary operations without fast-math: IEEE 754 as the spec
// wants it, but for one thing. LLVM may drop an operation that changes no number (x * 1, x - 0, x / 1), and
// with it the quieting of a signalling NaN; where an operand is such a constant, quieting takes the
// operation's place. https://webassembly.github.io/spec/core/exec/numerics.html
#include "compiler/lower/constant.h"
#include "compiler/lower/lowerer.h"

#include <llvm/IR/IntrinsicsX86.h>

namespace swage::lower {

void Lowerer::constant() { push(number_constant(env_.context, instruction_)); }

/// The stack's top as a condition. A comparison has just been widened: its i1 serves as it is.
llvm::Value* Lowerer::pop_condition() {
  llvm::Value* value = pop();
  if (auto* widened = llvm::dyn_cast<llvm::ZExtInst>(value);
      widened != nullptr && widened->getSrcTy() == env_.i1)
    return widened->getOperand(0);
  return b_.CreateIsNotNull(value);
}

void Lowerer::push_bool(llvm::Value* value) { push(b_.CreateZExt(value, env_.i32)); }

void Lowerer::eqz() {
  llvm::Value* value = pop();
  if (auto* widened = llvm::dyn_cast<llvm::ZExtInst>(value);
      widened != nullptr && widened->getSrcTy() == env_.i1) {
    llvm::Value* condition = widened->getOperand(0);
    auto* comparison = llvm::dyn_cast<llvm::CmpInst>(condition);
    push_bool(comparison == nullptr ? b_.CreateNot(condition)
                                    : b_.CreateCmp(comparison->getInversePredicate(),
                                                   comparison->getOperand(0), comparison->getOperand(1)));
    return;
  }
  push_bool(b_.CreateIsNull(value));
}

void Lowerer::compare(llvm::CmpInst::Predicate predicate) {
  llvm::Value* y = pop();
  llvm::Value* x = pop();
  push_bool(b_.CreateCmp(predicate, x, y));
}

llvm::Value* Lowerer::canonical_nan(llvm::Value* value) {
  if (env_.options.determinism == Determinism::host) return value;
  llvm::Type* type = value->getType();
  return b_.CreateSelect(b_.CreateFCmpUNO(value, value), llvm::ConstantFP::getQNaN(type), value);
}

/// By bits: LLVM's x86 back end cannot select the `llvm.canonicalize` of two floats that its vectorizer
/// makes.
llvm::Value* Lowerer::quiet(llvm::Value* value) {
  if (env_.options.determinism == Determinism::deterministic) return canonical_nan(value);
  llvm::Type* type = value->getType();
  bool is_f32 = type->getScalarType()->isFloatTy();
  llvm::Type* bits_type = is_f32 ? env_.i32 : env_.i64;
  if (auto* vector = llvm::dyn_cast<llvm::VectorType>(type))
    bits_type = llvm::VectorType::get(bits_type, vector->getElementCount());
  uint64_t quiet_bit = is_f32 ? uint64_t{1} << 22 : uint64_t{1} << 51;
  llvm::Value* bits = b_.CreateOr(b_.CreateBitCast(value, bits_type), quiet_bit);
  return b_.CreateSelect(b_.CreateFCmpUNO(value, value), b_.CreateBitCast(bits, type), value);
}

namespace {

/// The value of a float constant whose lanes are all the same, or null.
const llvm::ConstantFP* constant_float(llvm::Value* value) {
  auto* constant = llvm::dyn_cast<llvm::Constant>(value);
  if (constant != nullptr && constant->getType()->isVectorTy()) constant = constant->getSplatValue();
  return llvm::dyn_cast_or_null<llvm::ConstantFP>(constant);
}

enum class Neutral : uint8_t { none, same, negated };

/// What `x op y` does to the numbers x when y is the given constant.
Neutral neutral_on_the_right(llvm::Instruction::BinaryOps op, const llvm::ConstantFP* y) {
  if (y == nullptr) return Neutral::none;
  if (op == llvm::Instruction::FAdd) return y->isZero() && y->isNegative() ? Neutral::same : Neutral::none;
  if (op == llvm::Instruction::FSub) return y->isZero() && !y->isNegative() ? Neutral::same : Neutral::none;
  if (y->isExactlyValue(1.0)) return Neutral::same;
  return y->isExactlyValue(-1.0) ? Neutral::negated : Neutral::none;
}

} // namespace

llvm::Value* Lowerer::float_binary(llvm::Instruction::BinaryOps op, llvm::Value* x, llvm::Value* y) {
  const llvm::ConstantFP* constant_x = constant_float(x);
  const llvm::ConstantFP* constant_y = constant_float(y);
  if (constant_x == nullptr || constant_y == nullptr) {
    bool is_commutative = op == llvm::Instruction::FAdd || op == llvm::Instruction::FMul;
    llvm::Value* number = x;
    Neutral neutral = neutral_on_the_right(op, constant_y);
    if (neutral == Neutral::none && is_commutative) {
      number = y;
      neutral = neutral_on_the_right(op, constant_x);
    }
    if (neutral == Neutral::same) return quiet(number);
    if (neutral == Neutral::negated) return quiet(b_.CreateFNeg(number));
    // -0 - y
    if (op == llvm::Instruction::FSub && constant_x != nullptr && constant_x->isZero() &&
        constant_x->isNegative())
      return quiet(b_.CreateFNeg(y));
  }
  return canonical_nan(b_.CreateBinOp(op, x, y));
}

void Lowerer::binary(llvm::Instruction::BinaryOps op) {
  llvm::Value* y = pop();
  llvm::Value* x = pop();
  push(x->getType()->isFloatingPointTy() ? float_binary(op, x, y) : b_.CreateBinOp(op, x, y));
}

/// Intrinsics of one operand whose result is exact (bits, signs).
void Lowerer::unary(llvm::Intrinsic::ID id) { push(b_.CreateUnaryIntrinsic(id, pop())); }

/// Intrinsics of one operand whose NaNs are arithmetic.
void Lowerer::float_unary(llvm::Intrinsic::ID id) { push(float_unary(id, pop())); }

llvm::Value* Lowerer::float_unary(llvm::Intrinsic::ID id, llvm::Value* x) {
  bool is_rounding = id != llvm::Intrinsic::sqrt;
  if (is_rounding && !env_.facts.has_rounding) return canonical_nan(round_by_arithmetic(id, x));
  llvm::Value* result = b_.CreateUnaryIntrinsic(id, x);
  // LLVM takes `x < 0 or NaN ? NaN : sqrt(x)` for sqrt(x), whose NaN has other bits. The fence is in the way.
  if (!is_rounding && env_.options.determinism == Determinism::deterministic)
    result = b_.CreateArithmeticFence(result, result->getType());
  return canonical_nan(result);
}

// Rounding without an instruction for it (x86-64 before SSE4.1), where LLVM would call libm. Adding and
// subtracting 2^52 (2^23) rounds a smaller number to the nearest whole one; the others correct that by one.
// Numbers that large are whole already. A NaN is none of these: the arithmetic quiets it.
llvm::Value* Lowerer::round_by_arithmetic(llvm::Intrinsic::ID id, llvm::Value* x) {
  llvm::Type* type = x->getType();
  llvm::Constant* one = llvm::ConstantFP::get(type, 1);
  llvm::Constant* large = llvm::ConstantFP::get(type, type->getScalarType()->isFloatTy() ? 0x1p23 : 0x1p52);
  llvm::Value* magnitude = b_.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, x);
  auto with_sign_of_x = [&](llvm::Value* value) {
    return b_.CreateBinaryIntrinsic(llvm::Intrinsic::copysign, value, x);
  };
  llvm::Value* nearest = b_.CreateFSub(b_.CreateFAdd(magnitude, large), large);
  llvm::Value* rounded = nullptr;
  if (id == llvm::Intrinsic::roundeven) {
    rounded = with_sign_of_x(nearest);
  } else if (id == llvm::Intrinsic::trunc) {
    rounded = with_sign_of_x(
        b_.CreateSelect(b_.CreateFCmpOGT(nearest, magnitude), b_.CreateFSub(nearest, one), nearest));
  } else {
    llvm::Value* whole = with_sign_of_x(nearest);
    rounded = id == llvm::Intrinsic::floor
                  ? b_.CreateSelect(b_.CreateFCmpOGT(whole, x), b_.CreateFSub(whole, one), whole)
                  : b_.CreateSelect(b_.CreateFCmpOLT(whole, x), b_.CreateFAdd(whole, one), whole);
    rounded = with_sign_of_x(rounded); // ceil of -0.5 is -0
  }
  return b_.CreateSelect(b_.CreateFCmpOGE(magnitude, large), x, rounded);
}

void Lowerer::count_zeros(llvm::Intrinsic::ID id) {
  push(b_.CreateBinaryIntrinsic(id, pop(), b_.getFalse()));
}

/// The bits of a count that shift instructions look at.
llvm::Value* Lowerer::shift_count(llvm::Value* count, uint32_t bits) {
  return b_.CreateAnd(count, llvm::ConstantInt::get(count->getType(), bits - 1));
}

void Lowerer::shift(llvm::Instruction::BinaryOps op) {
  llvm::Value* count = pop();
  llvm::Value* x = pop();
  push(b_.CreateBinOp(op, x, shift_count(count, x->getType()->getIntegerBitWidth())));
}

void Lowerer::rotate(llvm::Intrinsic::ID funnel_shift) {
  llvm::Value* count = pop();
  llvm::Value* x = pop();
  push(b_.CreateIntrinsic(funnel_shift, {x->getType()}, {x, x, count}));
}

void Lowerer::divide(Sign sign) {
  llvm::Value* y = pop();
  llvm::Value* x = pop();
  trap_if(b_.CreateIsNull(y), TrapCode::integer_divide_by_zero);
  if (sign == Sign::u) {
    push(b_.CreateUDiv(x, y));
    return;
  }
  auto* type = llvm::cast<llvm::IntegerType>(x->getType());
  llvm::Value* is_minus_one = b_.CreateICmpEQ(y, llvm::ConstantInt::getAllOnesValue(type));
  llvm::Value* is_least =
      b_.CreateICmpEQ(x, llvm::ConstantInt::get(type, llvm::APInt::getSignedMinValue(type->getBitWidth())));
  trap_if(b_.CreateAnd(is_minus_one, is_least), TrapCode::integer_overflow);
  push(b_.CreateSDiv(x, y));
}

void Lowerer::remainder(Sign sign) {
  llvm::Value* y = pop();
  llvm::Value* x = pop();
  trap_if(b_.CreateIsNull(y), TrapCode::integer_divide_by_zero);
  if (sign == Sign::u) {
    push(b_.CreateURem(x, y));
    return;
  }
  // Everything is divisible by -1, as by 1, where the least number cannot overflow.
  llvm::Type* type = x->getType();
  llvm::Value* is_minus_one = b_.CreateICmpEQ(y, llvm::ConstantInt::getAllOnesValue(type));
  push(b_.CreateSRem(x, b_.CreateSelect(is_minus_one, llvm::ConstantInt::get(type, 1), y)));
}

void Lowerer::negate() { push(b_.CreateFNeg(pop())); }

void Lowerer::float_copysign() {
  llvm::Value* sign = pop();
  llvm::Value* x = pop();
  push(b_.CreateBinaryIntrinsic(llvm::Intrinsic::copysign, x, sign));
}

/// x where it is less (greater) than y, else y: x86's minss and its kin. Two doubles have the lanes of a
/// v128, so that LLVM would make a choice of integers of them, which is no minpd any more.
llvm::Value* Lowerer::first_if_beyond(Extremum which, llvm::Value* x, llvm::Value* y) {
  if (env_.triple.isX86() && x->getType()->isVectorTy() && x->getType()->getScalarType()->isDoubleTy())
    return b_.CreateIntrinsic(which == Extremum::min ? llvm::Intrinsic::x86_sse2_min_pd
                                                     : llvm::Intrinsic::x86_sse2_max_pd,
                              {}, {x, y});
  return b_.CreateSelect(which == Extremum::min ? b_.CreateFCmpOLT(x, y) : b_.CreateFCmpOGT(x, y), x, y);
}

// The lesser of two numbers, -0 before +0, a NaN if one of them is. x86-64's minss gives its second operand
// when they are equal or unordered: both orders, or-ed, are right for all numbers, and a sum is a quiet NaN
// when there is one.
llvm::Value* Lowerer::float_extremum(Extremum which, llvm::Value* x, llvm::Value* y) {
  if (!env_.triple.isX86()) {
    llvm::Intrinsic::ID id = which == Extremum::min ? llvm::Intrinsic::minimum : llvm::Intrinsic::maximum;
    return canonical_nan(b_.CreateBinaryIntrinsic(id, x, y));
  }
  llvm::Value* one = first_if_beyond(which, x, y);
  llvm::Value* other = first_if_beyond(which, y, x);
  llvm::Type* type = x->getType();
  llvm::Type* bits = type->getWithNewType(b_.getIntNTy(type->getScalarSizeInBits()));
  llvm::Value* both = b_.CreateBinOp(which == Extremum::min ? llvm::Instruction::Or : llvm::Instruction::And,
                                     b_.CreateBitCast(one, bits), b_.CreateBitCast(other, bits));
  llvm::Value* number = b_.CreateBitCast(both, type);
  return canonical_nan(b_.CreateSelect(b_.CreateFCmpUNO(x, y), b_.CreateFAdd(x, y), number));
}

void Lowerer::extremum(Extremum which) {
  llvm::Value* y = pop();
  llvm::Value* x = pop();
  push(float_extremum(which, x, y));
}

// https://github.com/WebAssembly/wide-arithmetic
void Lowerer::binary128(llvm::Instruction::BinaryOps op) {
  llvm::Value* y_high = pop();
  llvm::Value* y_low = pop();
  llvm::Value* x_high = pop();
  llvm::Value* x_low = pop();
  push_wide(b_.CreateBinOp(op, wide(x_low, x_high), wide(y_low, y_high)));
}

void Lowerer::multiply_wide(Extend extend) {
  llvm::Type* i128 = b_.getInt128Ty();
  auto widen = [&](llvm::Value* x) {
    return extend == Extend::sext ? b_.CreateSExt(x, i128) : b_.CreateZExt(x, i128);
  };
  llvm::Value* y = widen(pop());
  llvm::Value* x = widen(pop());
  push_wide(b_.CreateMul(x, y));
}

llvm::Value* Lowerer::wide(llvm::Value* low, llvm::Value* high) {
  llvm::Type* i128 = b_.getInt128Ty();
  return b_.CreateOr(b_.CreateZExt(low, i128), b_.CreateShl(b_.CreateZExt(high, i128), 64));
}

void Lowerer::push_wide(llvm::Value* value) {
  push(b_.CreateTrunc(value, env_.i64));
  push(b_.CreateTrunc(b_.CreateLShr(value, 64), env_.i64));
}

} // namespace swage::lower
