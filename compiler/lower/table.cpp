// Tables: elements are pointers behind a TableState. Reads, writes and sizes are inline, the rest is the
// runtime's. https://webassembly.github.io/spec/core/exec/instructions.html#table-instructions
#include <cstddef>

#include "compiler/lower/lowerer.h"

namespace swage::lower {

using abi::Builtin;

llvm::Value* Lowerer::table_state(uint32_t table) {
  return entry_load(env_.layout.table_offset(table), env_.ptr);
}

/// Elements of a table, as i64.
llvm::Value* Lowerer::table_length(uint32_t table) {
  const Limits& limits = env_.module.tables[table].type.limits;
  if (limits.max == limits.min) return b_.getInt64(limits.min);
  return load_field(table_state(table), offsetof(abi::TableState, size), env_.i64, Region::tables);
}

/// The address of an element; traps when there is none.
llvm::Value* Lowerer::table_element(uint32_t table, llvm::Value* index, TrapCode out_of_bounds) {
  trap_unless(b_.CreateICmpULT(index, table_length(table)), out_of_bounds);
  const Limits& limits = env_.module.tables[table].type.limits;
  // Elements move only when the table grows.
  llvm::Value* elements =
      limits.max == limits.min
          ? invariant_load(b_, table_state(table), offsetof(abi::TableState, elements), env_.ptr)
          : load_field(table_state(table), offsetof(abi::TableState, elements), env_.ptr, Region::tables);
  return b_.CreateInBoundsGEP(env_.ptr, elements, index);
}

llvm::Value* Lowerer::load_element(llvm::Value* element) {
  llvm::LoadInst* load = b_.CreateLoad(env_.ptr, element);
  env_.tag(*load, Region::elements);
  return load;
}

void Lowerer::table_get() {
  uint32_t table = instruction_.index[0];
  llvm::Value* index = pop_address(env_.module.tables[table].type.address);
  push(load_element(table_element(table, index, TrapCode::table_out_of_bounds)));
}

void Lowerer::table_set() {
  uint32_t table = instruction_.index[0];
  llvm::Value* value = pop();
  llvm::Value* index = pop_address(env_.module.tables[table].type.address);
  llvm::StoreInst* store = b_.CreateStore(value, table_element(table, index, TrapCode::table_out_of_bounds));
  env_.tag(*store, Region::elements);
}

void Lowerer::table_size() {
  uint32_t table = instruction_.index[0];
  push_address(table_length(table), env_.module.tables[table].type.address);
}

void Lowerer::table_grow() {
  uint32_t table = instruction_.index[0];
  AddressType address = env_.module.tables[table].type.address;
  llvm::Value* delta = pop_address(address);
  llvm::Value* value = pop();
  push_address(call_builtin(Builtin::table_grow, {b_.getInt32(table), delta, value}), address);
}

void Lowerer::table_fill() {
  uint32_t table = instruction_.index[0];
  AddressType address = env_.module.tables[table].type.address;
  llvm::Value* length = pop_address(address);
  llvm::Value* value = pop();
  llvm::Value* start = pop_address(address);
  call_builtin(Builtin::table_fill, {b_.getInt32(table), start, value, length});
}

void Lowerer::table_copy() {
  uint32_t to = instruction_.index[0], from = instruction_.index[1];
  AddressType to_address = env_.module.tables[to].type.address;
  AddressType from_address = env_.module.tables[from].type.address;
  llvm::Value* length = pop_address(shorter(to_address, from_address));
  llvm::Value* source = pop_address(from_address);
  llvm::Value* destination = pop_address(to_address);
  call_builtin(Builtin::table_copy, {b_.getInt32(to), b_.getInt32(from), destination, source, length});
}

void Lowerer::table_init() {
  uint32_t segment = instruction_.index[0], table = instruction_.index[1];
  llvm::Value* length = pop();
  llvm::Value* source = pop();
  llvm::Value* destination = pop_address(env_.module.tables[table].type.address);
  call_builtin(Builtin::table_init, {b_.getInt32(table), b_.getInt32(segment), destination, source, length});
}

void Lowerer::elem_drop() { call_builtin(Builtin::elem_drop, {b_.getInt32(instruction_.index[0])}); }

} // namespace swage::lower
