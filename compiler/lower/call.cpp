// Calls. Inside a module a call is direct; an import is reached through its slot in the context, a reference
// through its FuncRef. Tail calls are `musttail`, which the internal convention allows for every pair of
// signatures.
// https://webassembly.github.io/spec/core/exec/instructions.html#xref-syntax-instructions-syntax-instr-control-mathsf-call-x
#include <cstddef>

#include "compiler/lower/lowerer.h"

namespace swage::lower {

/// The parameters become the first locals. What travels in memory is taken before anything else can be put
/// there.
void Lowerer::receive_parameters(const FuncType& type) {
  llvm::SmallVector<bool, 16> in_registers = Environment::params_in_registers(type);
  unsigned next = 1;
  for (uint32_t k = 0; k < type.params.size(); k++) {
    if (in_registers[k]) {
      locals_.push_back(function_.getArg(next++));
      continue;
    }
    llvm::LoadInst* load = entry_.CreateLoad(env_.type(type.params[k]), overflow_cell(entry_, k));
    env_.tag(*load, Region::context);
    locals_.push_back(load);
  }
}

std::vector<llvm::Value*> Lowerer::pop_arguments(const FuncType& type) {
  auto first = stack_.end() - static_cast<ptrdiff_t>(type.params.size());
  std::vector<llvm::Value*> arguments(first, stack_.end());
  stack_.erase(first, stack_.end());
  return arguments;
}

Lowerer::Callee Lowerer::direct_callee(wasm::FuncIdx function) {
  if (!env_.module.is_imported(function)) return {env_.function(function), context_argument()};
  uint64_t slot = env_.layout.imported_function_offset(function.value);
  return {entry_load(slot + offsetof(abi::ImportedFunction, code), env_.ptr),
          entry_load(slot + offsetof(abi::ImportedFunction, context), env_.ptr)};
}

/// A FuncRef that is known not to be null.
Lowerer::Callee Lowerer::reference_callee(llvm::Value* reference) {
  count_reference(reference);
  return {invariant_load(b_, reference, offsetof(abi::FuncRef, code), env_.ptr),
          invariant_load(b_, reference, offsetof(abi::FuncRef, context), env_.ptr)};
}

/// Traps unless a function that is not null has type `type` or a subtype of it.
void Lowerer::check_signature(llvm::Value* reference, uint32_t type) {
  trap_unless(function_is(reference, type), TrapCode::indirect_call_type_mismatch);
}

/// Of an element of a closed table: one compare with a constant, no context to switch to. What differs is a
/// trap.
Lowerer::Callee Lowerer::closed_table_callee(uint32_t type, uint32_t table) {
  llvm::Value* index = pop_address(env_.module.tables[table].type.address);
  uint64_t size = env_.glue.closed_tables[table]->functions.size();
  trap_unless(b_.CreateICmpULT(index, llvm::ConstantInt::get(index->getType(), size)),
              TrapCode::undefined_element);
  llvm::GlobalVariable* array = env_.closed_table({table});
  llvm::Value* entry = b_.CreateInBoundsGEP(env_.i64, array, index);
  llvm::Value* actual = invariant_load(b_, entry, offsetof(ClosedTable::Entry, type), env_.i32);
  llvm::BasicBlock *other = new_block("other_type"), *next = new_block("next");
  b_.CreateCondBr(b_.CreateICmpEQ(actual, b_.getInt32(env_.module.canonical[type])), next, other,
                  env_.likely_weights());
  cold_blocks_.push_back(other);
  b_.SetInsertPoint(other);
  b_.CreateCondBr(b_.CreateICmpEQ(actual, b_.getInt32(ClosedTable::kHole)),
                  trap_block(TrapCode::uninitialized_element),
                  trap_block(TrapCode::indirect_call_type_mismatch));
  start_block(next);
  count_element(index);
  llvm::Value* distance = invariant_load(b_, entry, offsetof(ClosedTable::Entry, code), env_.i32);
  return {b_.CreateGEP(env_.i8, array, b_.CreateSExt(distance, env_.i64)), context_argument()};
}

llvm::Value* Lowerer::table_reference(uint32_t table) {
  llvm::Value* index = pop_address(env_.module.tables[table].type.address);
  return load_element(table_element(table, index, TrapCode::undefined_element));
}

/// Of an element of a table.
Lowerer::Callee Lowerer::checked_callee(llvm::Value* reference, uint32_t type, uint32_t table) {
  const TableType& table_type = env_.module.tables[table].type;
  if (table_type.element.nullable) trap_if(b_.CreateIsNull(reference), TrapCode::uninitialized_element);
  const HeapType& heap = table_type.element.heap;
  bool is_known = heap.is_concrete() && env_.module.canonical[heap.index] == env_.module.canonical[type];
  if (!is_known) check_signature(reference, type);
  return reference_callee(reference);
}

void Lowerer::emit_call(const FuncType& type, Callee callee, std::vector<llvm::Value*> arguments, Tail tail) {
  llvm::SmallVector<bool, 16> in_registers = Environment::params_in_registers(type);
  llvm::SmallVector<llvm::Value*, 16> passed = {callee.context};
  for (uint32_t k = 0; k < arguments.size(); k++) {
    if (in_registers[k])
      passed.push_back(arguments[k]);
    else
      env_.tag(*b_.CreateStore(arguments[k], overflow_cell(b_, k)), Region::context);
  }
  llvm::FunctionType* function_type = env_.function_type(type);
  // A tail call has left every try when it is made.
  llvm::BasicBlock* pad = tail == Tail::no ? landing_pad() : nullptr;
  llvm::CallBase* call = nullptr;
  if (pad != nullptr) {
    llvm::BasicBlock* next = new_block("next");
    call = b_.CreateInvoke(function_type, callee.code, next, pad, passed);
    start_block(next);
  } else {
    call = b_.CreateCall(function_type, callee.code, passed);
  }
  call->setCallingConv(llvm::CallingConv::SwiftTail);
  call->setAttributes(env_.function_type_attributes(type));
  weigh_call(*call);
  if (tail == Tail::must) {
    llvm::cast<llvm::CallInst>(call)->setTailCallKind(llvm::CallInst::TCK_MustTail);
    if (call->getType()->isVoidTy())
      b_.CreateRetVoid();
    else
      b_.CreateRet(call);
    become_unreachable();
    return;
  }
  uint32_t count = static_cast<uint32_t>(type.results.size());
  if (Environment::results_in_memory(type)) {
    for (uint32_t k = 0; k < count; k++) {
      llvm::LoadInst* load = b_.CreateLoad(env_.type(type.results[k]), overflow_cell(b_, k));
      env_.tag(*load, Region::context);
      push(load);
    }
  } else if (count == 1) {
    push(call);
  } else {
    for (uint32_t k = 0; k < count; k++) push(b_.CreateExtractValue(call, k));
  }
}

void Lowerer::call(Tail tail) {
  count_call();
  wasm::FuncIdx function{instruction_.index[0]};
  const FuncType& type = env_.module.func_type(function);
  std::vector<llvm::Value*> arguments = pop_arguments(type);
  emit_call(type, direct_callee(function), std::move(arguments), tail);
}

void Lowerer::call_indirect(Tail tail) {
  uint32_t type_index = instruction_.index[0], table = instruction_.index[1];
  const FuncType& type = env_.module.types[type_index].composite.func;
  if (is_closed_call(env_.module, env_.glue, instruction_)) {
    llvm::Value* index = pop();
    Promoted promoted = promote_element(index, type_index, table, tail);
    push(index);
    Callee callee = closed_table_callee(type_index, table);
    emit_call(type, callee, pop_arguments(type), tail);
    join_promoted(promoted);
    return;
  }
  llvm::Value* reference = table_reference(table);
  Promoted promoted = promote_reference(reference, type_index, tail);
  Callee callee = checked_callee(reference, type_index, table);
  emit_call(type, callee, pop_arguments(type), tail);
  join_promoted(promoted);
}

void Lowerer::call_ref(Tail tail) {
  const FuncType& type = env_.module.types[instruction_.index[0]].composite.func;
  llvm::Value* reference = pop();
  Promoted promoted = promote_reference(reference, instruction_.index[0], tail);
  trap_if(b_.CreateIsNull(reference), TrapCode::null_function_reference);
  Callee callee = reference_callee(reference);
  emit_call(type, callee, pop_arguments(type), tail);
  join_promoted(promoted);
}

} // namespace swage::lower
