// Conversions between numbers. https://webassembly.github.io/spec/core/exec/numerics.html#conversions
#include "compiler/lower/lowerer.h"

namespace swage::lower {

void Lowerer::convert(llvm::Instruction::CastOps op, llvm::Type* type) {
  push(b_.CreateCast(op, pop(), type));
}

/// Sign extension of the low bits in place.
void Lowerer::extend_low(uint32_t bits) {
  llvm::Value* x = pop();
  push(b_.CreateSExt(b_.CreateTrunc(x, b_.getIntNTy(bits)), x->getType()));
}

void Lowerer::demote() { push(float_demote(pop(), env_.f32)); }

llvm::Value* Lowerer::float_demote(llvm::Value* x, llvm::Type* type) {
  // LLVM takes demote(promote(x)) for x, which keeps a signalling NaN.
  if (auto* promoted = llvm::dyn_cast<llvm::FPExtInst>(x);
      promoted != nullptr && promoted->getSrcTy() == type)
    return quiet(promoted->getOperand(0));
  return canonical_nan(b_.CreateFPTrunc(x, type));
}

void Lowerer::promote() { push(canonical_nan(b_.CreateFPExt(pop(), env_.f64))); }

/// Truncation to an integer that traps when the number does not fit: one compare with each bound, which a NaN
/// fails too, and only the cold path asks why.
void Lowerer::truncate(llvm::IntegerType* type, Sign sign) {
  llvm::Value* x = pop();
  unsigned bits = type->getBitWidth();
  // The bounds are powers of two, so exact; "greater than least - 1" is "at least least" where least - 1 is
  // not a float.
  const llvm::fltSemantics& semantics = x->getType()->getFltSemantics();
  llvm::APFloat above(semantics), least(semantics);
  above.convertFromAPInt(llvm::APInt::getOneBitSet(bits + 1, sign == Sign::s ? bits - 1 : bits), false,
                         llvm::APFloat::rmTowardZero);
  least.convertFromAPInt(sign == Sign::s ? llvm::APInt::getSignedMinValue(bits) : llvm::APInt::getZero(bits),
                         sign == Sign::s, llvm::APFloat::rmTowardZero);
  llvm::APFloat below = least;
  llvm::APFloat one(semantics, 1);
  bool is_exact = below.subtract(one, llvm::APFloat::rmNearestTiesToEven) == llvm::APFloat::opOK;
  auto number = [&](const llvm::APFloat& value) { return llvm::ConstantFP::get(env_.context, value); };
  llvm::Value* is_high_enough =
      is_exact ? b_.CreateFCmpOGT(x, number(below)) : b_.CreateFCmpOGE(x, number(least));
  llvm::Value* fits = b_.CreateAnd(is_high_enough, b_.CreateFCmpOLT(x, number(above)));
  llvm::BasicBlock* cold = new_block("does_not_fit");
  llvm::BasicBlock* next = new_block("next");
  b_.CreateCondBr(fits, next, cold, env_.likely_weights());
  b_.SetInsertPoint(cold);
  b_.CreateCondBr(b_.CreateFCmpUNO(x, x), trap_block(TrapCode::invalid_conversion),
                  trap_block(TrapCode::integer_overflow));
  cold_blocks_.push_back(cold);
  start_block(next);
  push(sign == Sign::s ? b_.CreateFPToSI(x, type) : b_.CreateFPToUI(x, type));
}

llvm::Value* Lowerer::saturate(llvm::Value* x, llvm::Type* type, Sign sign) {
  llvm::Intrinsic::ID id = sign == Sign::s ? llvm::Intrinsic::fptosi_sat : llvm::Intrinsic::fptoui_sat;
  return b_.CreateIntrinsic(id, {type, x->getType()}, {x});
}

/// On x86-64, whose conversions do not saturate, spelled out, so that loops vectorise: LLVM takes the
/// intrinsic for expensive. What does not fit is replaced after the conversion, which may be poison until
/// then.
void Lowerer::truncate_saturating(llvm::IntegerType* type, Sign sign) {
  llvm::Value* x = pop();
  if (!env_.triple.isX86()) return push(saturate(x, type, sign));
  unsigned bits = type->getBitWidth();
  llvm::APInt least = sign == Sign::s ? llvm::APInt::getSignedMinValue(bits) : llvm::APInt::getZero(bits);
  llvm::APInt greatest =
      sign == Sign::s ? llvm::APInt::getSignedMaxValue(bits) : llvm::APInt::getMaxValue(bits);
  auto number = [&](const llvm::APInt& value) {
    llvm::APFloat nearest(x->getType()->getFltSemantics());
    nearest.convertFromAPInt(value, sign == Sign::s, llvm::APFloat::rmTowardZero);
    return llvm::ConstantFP::get(env_.context, nearest);
  };
  auto constant = [&](const llvm::APInt& value) { return llvm::ConstantInt::get(type, value); };
  llvm::Value* is_too_large = b_.CreateFCmpOGT(x, number(greatest));
  if (sign == Sign::u) {
    llvm::Value* fits_below = b_.CreateFCmpOGE(x, number(least)); // no NaN does
    llvm::Value* result = b_.CreateSelect(fits_below, b_.CreateFPToUI(x, type), constant(least));
    return push(b_.CreateSelect(is_too_large, constant(greatest), result));
  }
  llvm::Value* at_least = b_.CreateSelect(b_.CreateFCmpOGT(x, number(least)), x, number(least));
  llvm::Value* result = b_.CreateFPToSI(at_least, type);
  result = b_.CreateSelect(is_too_large, constant(greatest), result);
  push(b_.CreateSelect(b_.CreateFCmpORD(x, x), result, constant(llvm::APInt::getZero(bits))));
}

} // namespace swage::lower
