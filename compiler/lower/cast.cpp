// Tests and casts of references, i31, and the conversions between the any and extern hierarchies, which
// change nothing: a reference has the same bits in both. The low bits of a reference tell objects, i31 and
// the host's from each other (runtime/abi/abi.h); an object's Rtt tells its type.
// https://webassembly.github.io/spec/core/exec/instructions.html#reference-instructions
#include <cstddef>

#include "compiler/lower/lowerer.h"

namespace swage::lower {

llvm::Value* Lowerer::low_bits(llvm::Value* reference, uint64_t mask) {
  return b_.CreateAnd(b_.CreatePtrToInt(reference, env_.i64), b_.getInt64(mask));
}

/// Whether an object has a struct or array type or one below it. The display of a type says all its
/// ancestors.
llvm::Value* Lowerer::object_is(llvm::Value* object, uint32_t type) {
  llvm::LoadInst* actual = b_.CreateLoad(env_.ptr, object);
  env_.tag_object(*actual, ObjectPart::rtt());
  const SubType* definition = &env_.module.types[type];
  if (definition->is_final) return b_.CreateICmpEQ(actual, rtt(type));
  uint32_t depth = 0;
  for (; definition->super; definition = &env_.module.types[*definition->super]) depth++;
  return b_.CreateICmpEQ(invariant_load(b_, actual, abi::display_offset(depth), env_.ptr), rtt(type));
}

/// Whether a function that is not null has this type or one below it.
llvm::Value* Lowerer::function_is(llvm::Value* reference, uint32_t type) {
  llvm::Value* ids = entry_load(offsetof(abi::Context, types), env_.ptr);
  llvm::Value* expected = invariant_load(b_, ids, uint64_t{type} * sizeof(uint32_t), env_.i32);
  llvm::Value* actual = invariant_load(b_, reference, offsetof(abi::FuncRef, type), env_.i32);
  llvm::Value* is_same = b_.CreateICmpEQ(actual, expected);
  if (env_.module.types[type].is_final) return is_same;
  // Any module may have declared a type below this one: the runtime knows.
  llvm::BasicBlock *other = new_block("other_type"), *done = new_block("compared");
  llvm::BasicBlock* before = b_.GetInsertBlock();
  b_.CreateCondBr(is_same, done, other, env_.likely_weights());
  start_block(other);
  llvm::Value* is_below = b_.CreateIsNotNull(call_builtin(abi::Builtin::is_subtype, {actual, expected}));
  b_.CreateBr(done);
  start_block(done);
  llvm::PHINode* result = b_.CreatePHI(env_.i1, 2);
  result->addIncoming(b_.getTrue(), before);
  result->addIncoming(is_below, other);
  return result;
}

/// Calls `test` in a block where `condition` holds; the result is its value, or false elsewhere.
template<class Test> llvm::Value* Lowerer::and_then(llvm::Value* condition, Test test) {
  llvm::BasicBlock *then = new_block("then"), *done = new_block("tested");
  llvm::BasicBlock* before = b_.GetInsertBlock();
  b_.CreateCondBr(condition, then, done);
  start_block(then);
  llvm::Value* value = test();
  llvm::BasicBlock* after = b_.GetInsertBlock();
  b_.CreateBr(done);
  start_block(done);
  llvm::PHINode* result = b_.CreatePHI(env_.i1, 2);
  result->addIncoming(b_.getFalse(), before);
  result->addIncoming(value, after);
  return result;
}

/// Whether a reference that is not null is an instance of a heap type of its hierarchy.
/// https://webassembly.github.io/spec/core/valid/matching.html#heap-types
llvm::Value* Lowerer::is_instance(llvm::Value* reference, HeapType type) {
  auto is_object = [&] { return b_.CreateIsNull(low_bits(reference, abi::kTagMask)); };
  auto has_array_flag = [&](bool wanted) {
    llvm::LoadInst* actual = b_.CreateLoad(env_.ptr, reference);
    env_.tag_object(*actual, ObjectPart::rtt());
    llvm::Value* flag = invariant_load(b_, actual, offsetof(abi::Rtt, is_array), env_.i32);
    return b_.CreateICmpEQ(flag, b_.getInt32(wanted));
  };
  switch (type.kind) {
  case HeapKind::any:
  case HeapKind::func:
  case HeapKind::extern_:
  case HeapKind::exn:
  case HeapKind::cont: return b_.getTrue();
  case HeapKind::none:
  case HeapKind::nofunc:
  case HeapKind::noextern:
  case HeapKind::noexn:
  case HeapKind::nocont: return b_.getFalse();
  case HeapKind::i31: return b_.CreateIsNotNull(low_bits(reference, abi::kI31Tag));
  case HeapKind::eq: return b_.CreateICmpNE(low_bits(reference, abi::kTagMask), b_.getInt64(abi::kHostTag));
  case HeapKind::struct_: return and_then(is_object(), [&] { return has_array_flag(false); });
  case HeapKind::array: return and_then(is_object(), [&] { return has_array_flag(true); });
  case HeapKind::concrete: break;
  }
  if (env_.module.types[type.index].composite.kind == CompositeKind::func)
    return function_is(reference, type.index);
  return and_then(is_object(), [&] { return object_is(reference, type.index); });
}

llvm::Value* Lowerer::matches(llvm::Value* reference, HeapType type, Nullable nullable) {
  llvm::Value* is_null = b_.CreateIsNull(reference);
  llvm::BasicBlock *test = new_block("not_null"), *done = new_block("matched");
  llvm::BasicBlock* before = b_.GetInsertBlock();
  b_.CreateCondBr(is_null, done, test);
  start_block(test);
  llvm::Value* value = is_instance(reference, type);
  llvm::BasicBlock* after = b_.GetInsertBlock();
  b_.CreateBr(done);
  start_block(done);
  llvm::PHINode* result = b_.CreatePHI(env_.i1, 2);
  result->addIncoming(b_.getInt1(nullable == Nullable::yes), before);
  result->addIncoming(value, after);
  return result;
}

void Lowerer::ref_test(Nullable nullable) { push_bool(matches(pop(), instruction_.heap[0], nullable)); }

void Lowerer::ref_cast(Nullable nullable) {
  trap_unless(matches(stack_.back(), instruction_.heap[0], nullable), TrapCode::cast_failure);
}

void Lowerer::br_on_cast(OnCast branch) {
  constexpr uint8_t kTargetNullable = 2;
  Nullable nullable = (instruction_.cast_flags & kTargetNullable) != 0 ? Nullable::yes : Nullable::no;
  llvm::Value* is_match = matches(stack_.back(), instruction_.heap[1], nullable);
  branch_if(branch == OnCast::success ? is_match : b_.CreateNot(is_match), instruction_.index[0]);
}

void Lowerer::ref_eq() {
  llvm::Value* second = pop();
  push_bool(b_.CreateICmpEQ(pop(), second));
}

void Lowerer::ref_i31() {
  llvm::Value* tagged = b_.CreateOr(b_.CreateShl(pop(), b_.getInt32(1)), b_.getInt32(abi::kI31Tag));
  push(b_.CreateIntToPtr(b_.CreateZExt(tagged, env_.i64), env_.ptr));
}

void Lowerer::i31_get(Sign sign) {
  llvm::Value* reference = null_checked(pop(), TrapCode::null_i31_reference);
  llvm::Value* tagged = b_.CreateTrunc(b_.CreatePtrToInt(reference, env_.i64), env_.i32);
  push(sign == Sign::s ? b_.CreateAShr(tagged, b_.getInt32(1)) : b_.CreateLShr(tagged, b_.getInt32(1)));
}

} // namespace swage::lower
