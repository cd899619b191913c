// References are pointers, null is the null pointer; a function's points to its FuncRef.
// https://webassembly.github.io/spec/core/exec/instructions.html#reference-instructions
#include <cstddef>

#include "compiler/lower/lowerer.h"

namespace swage::lower {

void Lowerer::ref_null() { push(llvm::ConstantPointerNull::get(env_.ptr)); }

void Lowerer::ref_is_null() { push_bool(b_.CreateIsNull(pop())); }

void Lowerer::ref_func() {
  wasm::FuncIdx function{instruction_.index[0]};
  if (env_.module.is_imported(function)) {
    push(entry_load(env_.layout.imported_function_offset(function.value) +
                        offsetof(abi::ImportedFunction, reference),
                    env_.ptr));
    return;
  }
  push(own_reference(function));
}

/// This instance's reference to a defined function that escapes.
llvm::Value* Lowerer::own_reference(wasm::FuncIdx function) {
  llvm::Value* functions = entry_load(offsetof(abi::Context, functions), env_.ptr);
  return field_address(b_, functions, uint64_t{env_.escaping_position(function)} * sizeof(abi::FuncRef));
}

void Lowerer::ref_as_non_null() {
  llvm::Value* reference = stack_.back();
  trap_if(b_.CreateIsNull(reference), TrapCode::null_reference);
}

void Lowerer::br_on_null() {
  llvm::Value* reference = pop();
  branch_if(b_.CreateIsNull(reference), instruction_.index[0]);
  push(reference);
}

void Lowerer::br_on_non_null() {
  llvm::Value* is_non_null = b_.CreateIsNotNull(stack_.back());
  branch_if(is_non_null, instruction_.index[0]);
  pop();
}

} // namespace swage::lower
