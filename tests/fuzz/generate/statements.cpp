// Statements: what changes variables, memories and tables, and calls.
#include <algorithm>

#include "tests/fuzz/generate/body.h"

namespace swage::fuzz {

using wasm::Feature;
using wasm::Op;

void BodyGenerator::drop(size_t count) {
  for (size_t i = 0; i < count; ++i) emit(Op::drop);
}

void BodyGenerator::statements(unsigned depth) {
  for (uint32_t count = choices_.between(1, 6); count > 0; --count) statement(depth);
}

void BodyGenerator::statement(unsigned depth) {
  if (budget_ == 0) return;
  --budget_;
  unsigned inner = depth == 0 ? 0 : depth - 1;
  switch (choices_.below(32)) {
  case 0:
  case 1: return if_else({}, inner);
  case 2: return block({}, inner);
  case 3: return loop({}, inner);
  case 4: return counted_loop(inner);
  case 5: return vector_loop();
  case 6: return branch(inner);
  case 7: return branch_table(inner);
  case 8: return leave(inner);
  case 9:
  case 10: return call(depth);
  case 11: return wide(depth);
  case 12: return bulk_memory(depth);
  case 13: return table(depth);
  case 14: return wait(depth);
  case 15: value(any_type(plan_, choices_), depth); return drop(1);
  case 16:
  case 17:
  case 18:
  case 19:
  case 20:
  case 21:
  case 22:
  case 23:
    if (!plan_.operations.effects().empty())
      return operation(choices_.of(plan_.operations.effects()), std::nullopt, depth);
    return;
  default: return assign(depth);
  }
}

void BodyGenerator::assign(unsigned depth) {
  if (choices_.one_in(3)) {
    ValType type = any_type(plan_, choices_);
    if (std::optional<uint32_t> global = mutable_global_of(type)) {
      value(type, depth);
      return emit(Op::global_set, *global);
    }
  }
  if (assignable_.empty()) return;
  uint32_t local = choices_.of(assignable_);
  value(locals_[local], depth);
  set(local);
}

void BodyGenerator::wide(unsigned depth) {
  if (plan_.operations.pairs().empty()) return;
  operation(choices_.of(plan_.operations.pairs()), std::nullopt, depth);
  for (int i = 0; i < 2; ++i) {
    std::optional<uint32_t> local = local_of(kI64);
    if (local && std::ranges::count(assignable_, *local))
      set(*local);
    else
      drop(1);
  }
}

void BodyGenerator::call(unsigned depth) {
  uint32_t callee = choices_.below(plan_.callable);
  const FuncType& type = module().func_type({callee});
  call_operands(type, depth);
  std::vector<uint32_t> tables;
  for (uint32_t i = 0; i < module().tables.size(); ++i)
    if (module().tables[i].type.element == kFuncRef) tables.push_back(i);
  switch (choices_.below(4)) {
  case 0:
    if (tables.empty()) break;
    {
      uint32_t chosen = choices_.of(tables);
      masked(module().tables[chosen].type.address, choices_.one_in(8) ? 31 : 7, depth);
      emit(Op::call_indirect, module().functions[callee].value, chosen);
    }
    return drop(type.results.size());
  case 1:
    if (!has(Feature::function_references)) break;
    emit(Op::ref_func, callee);
    emit(Op::call_ref, module().functions[callee].value);
    return drop(type.results.size());
  default: break;
  }
  emit(Op::call, callee);
  drop(type.results.size());
}

/// memory.copy and memory.fill, memory.init: short, mostly inside.
void BodyGenerator::bulk_memory(unsigned depth) {
  if (!has(Feature::bulk_memory) || module().memories.empty()) return;
  auto any_memory = [&] { return choices_.below(static_cast<uint32_t>(module().memories.size())); };
  auto at = [&](uint32_t memory) {
    masked(module().memories[memory].address, choices_.one_in(100) ? 0x1FFFF : 0x3F, depth);
  };
  uint32_t to = any_memory(), from = any_memory();
  bool is_wide = module().memories[to].address == AddressType::i64 &&
                 module().memories[from].address == AddressType::i64;
  at(to);
  if (choices_.one_in(2)) {
    at(from);
    masked(is_wide ? AddressType::i64 : AddressType::i32, 0x3F, depth);
    return emit(Op::memory_copy, to, from);
  }
  value(kI32, depth);
  masked(module().memories[to].address, 0x3F, depth);
  emit(Op::memory_fill, to);
}

void BodyGenerator::table(unsigned depth) {
  if (!has(Feature::reference_types) || module().tables.empty()) return;
  uint32_t index = choices_.below(static_cast<uint32_t>(module().tables.size()));
  const TableType& type = module().tables[index].type;
  auto at = [&](AddressType address) { masked(address, choices_.one_in(10) ? 31 : 3, depth); };
  switch (choices_.below(4)) {
  case 0:
    at(type.address);
    value(type.element, depth);
    return emit(Op::table_set, index);
  case 1:
    value(type.element, depth);
    masked(type.address, 1, depth);
    emit(Op::table_grow, index);
    return drop(1);
  case 2:
    at(type.address);
    value(type.element, depth);
    at(type.address);
    return emit(Op::table_fill, index);
  default: break;
  }
  at(type.address);
  for (uint32_t from = 0; from < module().tables.size(); ++from) {
    const TableType& source = module().tables[from].type;
    if (source.element != type.element || choices_.one_in(3)) continue;
    at(source.address);
    at(source.address == AddressType::i64 ? type.address : AddressType::i32);
    return emit(Op::table_copy, index, from);
  }
  at(AddressType::i32);
  at(AddressType::i32);
  for (uint32_t i = 0; i < module().elems.size(); ++i)
    if (module().elems[i].type == type.element) return emit(Op::table_init, i, index);
  drop(3);
}

/// With a timeout that is over soon; only shared memories wait.
void BodyGenerator::wait(unsigned depth) {
  if (!has(Feature::threads) || module().memories.empty()) return;
  Op op = choices_.one_in(2) ? Op::memory_atomic_wait32 : Op::memory_atomic_wait64;
  wasm::Instruction instruction{.op = op};
  immediates(op, instruction, std::nullopt);
  address(instruction, depth);
  value(op == Op::memory_atomic_wait32 ? kI32 : kI64, depth);
  i64(static_cast<int64_t>(choices_.below(100)));
  code_.emit(instruction);
  drop(1);
}

} // namespace swage::fuzz
