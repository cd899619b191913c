// What compiled code reads of its context (runtime/abi/structs.inc). What never changes is loaded once, in
// the entry block, and marked invariant; LLVM may then also load it again where that is cheaper than a spill.
#include <cstddef>

#include "compiler/lower/lowerer.h"

namespace swage::lower {

llvm::Value* Lowerer::field_address(llvm::IRBuilder<>& builder, llvm::Value* base, uint64_t offset) {
  if (offset == 0) return base;
  return builder.CreateConstInBoundsGEP1_64(env_.i8, base, offset);
}

llvm::Value* Lowerer::invariant_load(llvm::IRBuilder<>& builder, llvm::Value* base, uint64_t offset,
                                     llvm::Type* type) {
  llvm::LoadInst* load = builder.CreateLoad(type, field_address(builder, base, offset));
  if (env_.options.optimized) load->setMetadata(llvm::LLVMContext::MD_invariant_load, env_.empty_node());
  return load;
}

/// A field of the context that never changes.
llvm::Value* Lowerer::entry_load(uint64_t offset, llvm::Type* type) {
  llvm::Value*& value = entry_loads_[offset];
  if (value == nullptr) value = invariant_load(entry_, context_argument(), offset, type);
  return value;
}

llvm::LoadInst* Lowerer::load_field(llvm::Value* base, uint64_t offset, llvm::Type* type, Region region) {
  llvm::LoadInst* load = b_.CreateLoad(type, field_address(b_, base, offset));
  env_.tag(*load, region);
  return load;
}

llvm::CallInst* Lowerer::call_builtin(abi::Builtin builtin, std::initializer_list<llvm::Value*> arguments) {
  return call_through(entry_load(offsetof(abi::Context, builtins), env_.ptr), builtin, arguments);
}

/// A call that is hardly ever made: nothing is loaded for it in the entry block.
llvm::CallInst* Lowerer::call_cold_builtin(abi::Builtin builtin,
                                           std::initializer_list<llvm::Value*> arguments) {
  llvm::Value* builtins = invariant_load(b_, context_argument(), offsetof(abi::Context, builtins), env_.ptr);
  llvm::CallInst* call = call_through(builtins, builtin, arguments);
  call->addFnAttr(llvm::Attribute::Cold);
  return call;
}

llvm::CallInst* Lowerer::call_through(llvm::Value* builtins, abi::Builtin builtin,
                                      std::initializer_list<llvm::Value*> arguments) {
  llvm::Value* code = invariant_load(b_, builtins, static_cast<uint64_t>(builtin) * sizeof(void*), env_.ptr);
  llvm::SmallVector<llvm::Value*, 8> all = {context_argument()};
  all.append(arguments.begin(), arguments.end());
  return b_.CreateCall(env_.builtin_type(builtin), code, all);
}

/// Where parameter or result k stands that does not travel in a register.
llvm::Value* Lowerer::overflow_cell(llvm::IRBuilder<>& builder, uint32_t k) {
  llvm::Value* store = entry_load(offsetof(abi::Context, store), env_.ptr);
  llvm::Value* cells = invariant_load(builder, store, offsetof(abi::StoreState, overflow), env_.ptr);
  return field_address(builder, cells, uint64_t{k} * sizeof(abi::Value));
}

} // namespace swage::lower
