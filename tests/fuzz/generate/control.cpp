// Blocks, loops and branches, and the frame of a body.
#include <algorithm>
#include <ranges>

#include "tests/fuzz/generate/body.h"

namespace swage::fuzz {

using wasm::BlockType;
using wasm::Feature;
using wasm::Op;

namespace {

constexpr uint32_t kCountedIterations = 40;

} // namespace

BodyGenerator::BodyGenerator(const Plan& plan, Choices& choices, FuncType type)
    : plan_(plan), choices_(choices), type_(std::move(type)), locals_(type_.params) {
  for (uint32_t i = 0; i < locals_.size(); ++i) assignable_.push_back(i);
}

uint32_t BodyGenerator::new_local(ValType type) {
  locals_.push_back(type);
  return static_cast<uint32_t>(locals_.size() - 1);
}

/// Traps when there is none left, so that every loop and every recursion ends.
void BodyGenerator::burn_fuel() {
  emit(Op::global_get, plan_.fuel.value);
  emit(Op::i32_eqz);
  code_.emit({.op = Op::if_});
  emit(Op::unreachable);
  emit(Op::end);
  emit(Op::global_get, plan_.fuel.value);
  i32(1);
  emit(Op::i32_sub);
  emit(Op::global_set, plan_.fuel.value);
}

BlockType BodyGenerator::block_type(const std::vector<ValType>& results) const {
  if (results.empty()) return {};
  return {.kind = BlockType::Kind::value, .value = results.front(), .type = {}};
}

void BodyGenerator::open(Op op, const std::vector<ValType>& results, std::vector<ValType> branch_types) {
  code_.emit({.op = op, .block = block_type(results)});
  labels_.push_back({std::move(branch_types)});
}

void BodyGenerator::close() {
  labels_.pop_back();
  emit(Op::end);
}

void BodyGenerator::block(const std::vector<ValType>& results, unsigned depth) {
  open(Op::block, results, results);
  statements(depth);
  values(results, depth + 1);
  close();
}

void BodyGenerator::if_else(const std::vector<ValType>& results, unsigned depth) {
  value(kI32, depth);
  open(Op::if_, results, results);
  statements(depth);
  values(results, depth + 1);
  if (!results.empty() || choices_.one_in(2)) {
    emit(Op::else_);
    statements(depth);
    values(results, depth + 1);
  }
  close();
}

void BodyGenerator::loop(const std::vector<ValType>& results, unsigned depth) {
  open(Op::loop, results, {});
  burn_fuel();
  statements(depth);
  if (choices_.one_in(2)) {
    value(kI32, depth);
    emit(Op::br_if, 0);
  }
  values(results, depth + 1);
  close();
}

/// for (i = 0; i < n; i += step): what the loop passes look for.
void BodyGenerator::counted_loop(unsigned depth) {
  if (counter_) return; // one in another would take long
  uint32_t counter = new_local(kI32);
  i32(0);
  set(counter);
  burn_fuel();
  open(Op::loop, {}, {});
  labels_.back().is_target = false; // its head burns no fuel
  counter_ = counter;
  statements(depth);
  counter_.reset();
  get(counter);
  i32(static_cast<int32_t>(choices_.between(1, 3)));
  emit(Op::i32_add);
  emit(Op::local_tee, counter);
  i32(static_cast<int32_t>(choices_.between(1, kCountedIterations)));
  emit(choices_.one_in(2) ? Op::i32_lt_s : Op::i32_lt_u);
  emit(Op::br_if, 0);
  close();
}

void BodyGenerator::branch(unsigned depth) {
  uint32_t label = choices_.below(static_cast<uint32_t>(labels_.size()));
  if (!label_at(label).is_target) return;
  const std::vector<ValType> types = label_at(label).types;
  values(types, depth);
  if (choices_.one_in(4)) {
    // What follows cannot be reached and is still valid.
    return emit(Op::br, label);
  }
  value(kI32, depth);
  emit(Op::br_if, label);
  drop(types.size());
}

void BodyGenerator::branch_table(unsigned depth) {
  std::vector<uint32_t> targets;
  for (uint32_t label = 0; label < labels_.size(); ++label)
    if (label_at(label).types.empty() && label_at(label).is_target) targets.push_back(label);
  if (targets.empty()) return;
  value(kI32, depth);
  wasm::Instruction instruction{.op = Op::br_table};
  for (uint32_t count = choices_.between(1, 5); count > 0; --count)
    instruction.labels.push_back(choices_.of(targets));
  code_.emit(instruction);
}

/// Ways out of the function, inside of an if.
void BodyGenerator::leave(unsigned depth) {
  value(kI32, depth);
  code_.emit({.op = Op::if_});
  labels_.push_back({});
  if (choices_.one_in(8)) {
    emit(Op::unreachable);
  } else if ((has(Feature::tail_call) || has(Feature::function_references)) && choices_.one_in(2)) {
    tail_call(depth);
  } else {
    values(type_.results, depth);
    emit(Op::return_);
  }
  close();
}

void BodyGenerator::tail_call(unsigned depth) {
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < plan_.callable; ++i)
    if (module().func_type({i}).results == type_.results) found.push_back(i);
  if (found.empty()) return;
  uint32_t callee = choices_.of(found);
  call_operands(module().func_type({callee}), depth);
  if (has(Feature::function_references) && (!has(Feature::tail_call) || choices_.one_in(3))) {
    emit(Op::ref_func, callee);
    return emit(Op::return_call_ref, module().functions[callee].value);
  }
  emit(Op::return_call, callee);
}

wasm::Body BodyGenerator::finish(Plan& plan) {
  emit(Op::end);
  wasm::Body body;
  for (size_t i = type_.params.size(); i < locals_.size(); ++i) body.locals.push_back({1, locals_[i]});
  body.code = plan.keep(code_.take());
  return body;
}

wasm::Body BodyGenerator::finish_function(Plan& plan) {
  for (uint32_t count = choices_.between(2, 8); count > 0; --count)
    assignable_.push_back(new_local(any_type(plan, choices_)));
  budget_ = plan.options.instructions;
  labels_.push_back({type_.results});
  burn_fuel();
  constexpr unsigned kDepth = 5;
  for (uint32_t count = choices_.between(1, 10); count > 0; --count) statement(kDepth);
  values(type_.results, kDepth);
  return finish(plan);
}

std::vector<ValType> BodyGenerator::shown_as(ValType type) {
  switch (type.kind) {
  case ValKind::i64:
  case ValKind::f64: return {kI64};
  case ValKind::v128: return {kI64, kI64};
  default: return {kI32};
  }
}

namespace {

/// From the value in a local to integers.
void show(wasm::Encoder& code, ValType type, Op read, uint32_t index) {
  auto get = [&] { code.emit({.op = read, .index = {index}}); };
  get();
  switch (type.kind) {
  case ValKind::f32: return code.emit({.op = Op::i32_reinterpret_f32});
  case ValKind::f64: return code.emit({.op = Op::i64_reinterpret_f64});
  case ValKind::v128:
    code.emit({.op = Op::i64x2_extract_lane, .index = {0}});
    get();
    return code.emit({.op = Op::i64x2_extract_lane, .index = {1}});
  case ValKind::ref: return code.emit({.op = Op::ref_is_null});
  default: return;
  }
}

} // namespace

wasm::Body BodyGenerator::finish_run(Plan& plan, wasm::FuncIdx callee, uint32_t fuel) {
  const FuncType& type = module().func_type(callee);
  i32(static_cast<int32_t>(fuel));
  emit(Op::global_set, plan_.fuel.value);
  for (ValType param : type.params) {
    if (param.is_ref())
      reference(param, 0);
    else
      constant(param);
  }
  emit(Op::call, callee.value);
  std::vector<uint32_t> results;
  for (ValType result : type.results) results.push_back(new_local(result));
  for (uint32_t local : std::views::reverse(results)) set(local);
  for (uint32_t local : results) show(code_, locals_[local], Op::local_get, local);
  return finish(plan);
}

wasm::Body BodyGenerator::finish_state(Plan& plan) {
  for (uint32_t i = 0; i < module().globals.size(); ++i)
    show(code_, module().globals[i].type.type, Op::global_get, i);
  for (uint32_t i = 0; i < module().tables.size(); ++i) {
    const TableType& table = module().tables[i].type;
    bool is_wide = table.address == AddressType::i64;
    emit(Op::table_size, i);
    if (!is_wide) emit(Op::i64_extend_i32_u);
    for (int k = 0; k < 4; ++k) {
      is_wide ? i64(k) : i32(k);
      emit(Op::table_get, i);
      emit(Op::ref_is_null);
    }
  }
  return finish(plan);
}

} // namespace swage::fuzz
