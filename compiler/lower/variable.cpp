// Locals, globals, and the parametric instructions.
// https://webassembly.github.io/spec/core/exec/instructions.html#variable-instructions
#include "compiler/lower/lowerer.h"

namespace swage::lower {

void Lowerer::local_get() { push(locals_[instruction_.index[0]]); }
void Lowerer::local_set() { set_local(instruction_.index[0], pop()); }
void Lowerer::local_tee() { set_local(instruction_.index[0], stack_.back()); }

llvm::Value* Lowerer::global_cell(uint32_t index) {
  if (index < env_.module.imported_globals)
    return entry_load(env_.layout.imported_global_offset(index), env_.ptr);
  return field_address(b_, context_argument(), env_.layout.global_offset(index));
}

void Lowerer::global_get() {
  uint32_t index = instruction_.index[0];
  const GlobalType& type = env_.module.globals[index].type;
  if (llvm::Constant* constant = env_.constant_global(index)) {
    push(constant);
    return;
  }
  llvm::LoadInst* load = b_.CreateLoad(env_.type(type.type), global_cell(index));
  // The initialiser writes immutable globals, so only imported ones never change everywhere.
  bool is_invariant = !type.is_mutable && (index < env_.module.imported_globals || type_ != nullptr);
  if (is_invariant && env_.options.optimized)
    load->setMetadata(llvm::LLVMContext::MD_invariant_load, env_.empty_node());
  env_.tag(*load, Region::context);
  push(load);
}

void Lowerer::global_set() {
  llvm::StoreInst* store = b_.CreateStore(pop(), global_cell(instruction_.index[0]));
  env_.tag(*store, Region::context);
}

// https://webassembly.github.io/spec/core/exec/instructions.html#parametric-instructions
void Lowerer::drop() { pop(); }

void Lowerer::select_() {
  llvm::Value* condition = pop_condition();
  count_condition(condition);
  llvm::Value* second = pop();
  llvm::Value* first = pop();
  llvm::Value* selected = b_.CreateSelect(condition, first, second);
  if (auto* select = llvm::dyn_cast<llvm::SelectInst>(selected)) weigh_by_profile(select);
  push(selected);
}

} // namespace swage::lower
