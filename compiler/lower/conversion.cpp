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

void Lowerer::truncate_saturating(llvm::IntegerType* type, Sign sign) { push(saturate(pop(), type, sign)); }

} // namespace swage::lower
