// Rules of control, parametric and variable instructions.
// https://webassembly.github.io/spec/core/valid/instructions.html#control-instructions
#include <fmt/core.h>

#include <algorithm>

#include "compiler/wasm/function_validator.h"

namespace swage::wasm {

void FunctionValidator::unreachable(const Instruction&) { set_unreachable(); }

void FunctionValidator::block(const Instruction& insn) { enter(Op::block, insn.block); }

void FunctionValidator::loop(const Instruction& insn) { enter(Op::loop, insn.block); }

void FunctionValidator::if_(const Instruction& insn) {
  pop(kI32);
  enter(Op::if_, insn.block);
}

void FunctionValidator::else_(const Instruction&) {
  if (control_.back().op != Op::if_)
    return fail("END opcode expected: else without if", ErrorCode::malformed);
  next_arm(Op::else_);
  push(params(control_.back()));
}

void FunctionValidator::end(const Instruction&) {
  finish();
  Frame frame = control_.back();
  auto match = [this](ValType a, ValType b) { return types_.matches(a, b); };
  if (frame.op == Op::if_ && !std::ranges::equal(params(frame), results(frame), match))
    fail("type mismatch: an if without else must give back its parameters");
  stack_.resize(frame.height);
  control_.pop_back();
  push(results(frame));
}

void FunctionValidator::br(const Instruction& insn) {
  pop(label_types(insn.index[0]));
  set_unreachable();
}

void FunctionValidator::br_if(const Instruction& insn) {
  pop(kI32);
  std::span<const ValType> types = label_types(insn.index[0]);
  pop(types);
  push(types);
}

void FunctionValidator::br_table(const Instruction& insn) {
  pop(kI32);
  size_t arity = label_types(insn.labels.back()).size();
  const ValType* checked = nullptr; // tables repeat their labels: look at each run of one type once
  for (uint32_t label : insn.labels) {
    std::span<const ValType> types = label_types(label);
    if (types.size() != arity)
      fail(fmt::format("type mismatch: br_table's label {} takes {} operands, its default {}", label,
                       types.size(), arity));
    if (failed()) return;
    if (types.data() != checked) check_top(types);
    checked = types.data();
  }
  set_unreachable();
}

void FunctionValidator::return_(const Instruction&) {
  pop(results(control_.front()));
  set_unreachable();
}

// Calls.
// https://webassembly.github.io/spec/core/valid/instructions.html#xref-syntax-instructions-syntax-instr-control-mathsf-call-x

void FunctionValidator::call(const FuncType& type) {
  pop(type.params);
  push(type.results);
}

void FunctionValidator::tail_call(const FuncType& type) {
  auto match = [this](ValType a, ValType b) { return types_.matches(a, b); };
  if (!std::ranges::equal(type.results, results(control_.front()), match))
    fail(fmt::format("type mismatch: the callee's results are {}, not the caller's",
                     to_string(FuncType{{}, type.results})));
  pop(type.params);
  set_unreachable();
}

const FuncType* FunctionValidator::indirect_callee(const Instruction& insn) {
  TableIdx table{insn.index[1]};
  if (!types_.matches(element(table.value), kFuncRef)) {
    mismatch(kFuncRef, element(table.value));
    return nullptr;
  }
  pop(address(table));
  return func_type(insn.index[0]);
}

const FuncType* FunctionValidator::referenced_callee(const Instruction& insn) {
  const FuncType* type = func_type(insn.index[0]);
  if (type) pop(ValType::ref(HeapType::concrete(insn.index[0]), true));
  return type;
}

void FunctionValidator::call(const Instruction& insn) { call(function_type(insn.index[0])); }

void FunctionValidator::call_indirect(const Instruction& insn) {
  if (const FuncType* type = indirect_callee(insn)) call(*type);
}

void FunctionValidator::call_ref(const Instruction& insn) {
  if (const FuncType* type = referenced_callee(insn)) call(*type);
}

void FunctionValidator::return_call(const Instruction& insn) { tail_call(function_type(insn.index[0])); }

void FunctionValidator::return_call_indirect(const Instruction& insn) {
  if (const FuncType* type = indirect_callee(insn)) tail_call(*type);
}

void FunctionValidator::return_call_ref(const Instruction& insn) {
  if (const FuncType* type = referenced_callee(insn)) tail_call(*type);
}

// Branches on references. https://webassembly.github.io/spec/core/valid/instructions.html#valid-br-on-null

void FunctionValidator::br_on_null(const Instruction& insn) {
  ValType type = pop_ref();
  std::span<const ValType> types = label_types(insn.index[0]);
  pop(types);
  push(types);
  push(ValType::ref(type.is_ref() ? type.heap : HeapType{kBottomHeap}, false));
}

void FunctionValidator::br_on_non_null(const Instruction& insn) {
  std::span<const ValType> types = label_types(insn.index[0]);
  if (types.empty() || !types.back().is_ref())
    return fail("type mismatch: br_on_non_null's label must end in a reference");
  ValType type = pop_ref();
  if (type.is_ref()) type.nullable = false;
  if (!types_.matches(type, types.back())) return mismatch(types.back(), type);
  pop(types.first(types.size() - 1));
  push(types.first(types.size() - 1));
}

namespace {

constexpr uint8_t kSourceNullable = 1;
constexpr uint8_t kTargetNullable = 2;

/// What is left of `source` when a cast to `target` failed.
/// https://webassembly.github.io/spec/core/valid/conventions.html#aux-reftypediff
ValType difference(ValType source, ValType target) {
  return ValType::ref(source.heap, source.nullable && !target.nullable);
}

} // namespace

void FunctionValidator::branch_cast(const Instruction& insn, ValType source, ValType taken, ValType kept) {
  std::span<const ValType> types = label_types(insn.index[0]);
  check_castable(source.heap);
  if (types.empty()) return fail("type mismatch: the label must end in a reference");
  if (!types_.matches(taken, types.back())) return mismatch(types.back(), taken);
  pop(source);
  pop(types.first(types.size() - 1));
  push(types.first(types.size() - 1));
  push(kept);
}

void FunctionValidator::br_on_cast(const Instruction& insn) {
  ValType source = ValType::ref(insn.heap[0], insn.cast_flags & kSourceNullable);
  ValType target = ValType::ref(insn.heap[1], insn.cast_flags & kTargetNullable);
  if (!types_.matches(target, source)) return mismatch(source, target);
  branch_cast(insn, source, target, difference(source, target));
}

void FunctionValidator::br_on_cast_fail(const Instruction& insn) {
  ValType source = ValType::ref(insn.heap[0], insn.cast_flags & kSourceNullable);
  ValType target = ValType::ref(insn.heap[1], insn.cast_flags & kTargetNullable);
  if (!types_.matches(target, source)) return mismatch(source, target);
  branch_cast(insn, source, difference(source, target), target);
}

// Parametric. https://webassembly.github.io/spec/core/valid/instructions.html#parametric-instructions

void FunctionValidator::drop(const Instruction&) { pop(); }

void FunctionValidator::select_(const Instruction&) {
  pop(kI32);
  ValType second = pop();
  ValType first = pop();
  if (first.is_ref() || second.is_ref())
    return fail("type mismatch: select of references must name their type");
  if (first.kind == ValKind::bottom) return push(second);
  if (second.kind != ValKind::bottom && first != second) return mismatch(first, second);
  push(first);
}

void FunctionValidator::select_t(const Instruction& insn) {
  if (insn.types.size() != 1)
    return fail(fmt::format("invalid result arity: expected 1 type, got {}", insn.types.size()));
  pop(kI32);
  pop(insn.types[0]);
  pop(insn.types[0]);
  push(insn.types[0]);
}

// Variables. https://webassembly.github.io/spec/core/valid/instructions.html#variable-instructions

void FunctionValidator::initialize(uint32_t local) {
  if (initialized_.empty() || initialized_[local]) return;
  initialized_[local] = true;
  initialized_log_.push_back(local);
}

void FunctionValidator::local_get(const Instruction& insn) {
  uint32_t local = insn.index[0];
  if (!initialized_.empty() && !initialized_[local])
    return fail(fmt::format("uninitialized local {}", local));
  push(local_type(local));
}

void FunctionValidator::local_set(const Instruction& insn) {
  pop(local_type(insn.index[0]));
  initialize(insn.index[0]);
}

void FunctionValidator::local_tee(const Instruction& insn) {
  ValType type = local_type(insn.index[0]);
  pop(type);
  initialize(insn.index[0]);
  push(type);
}

void FunctionValidator::global_get(const Instruction& insn) {
  const GlobalType& type = module_.globals[insn.index[0]].type;
  if (context_ == Context::constant && type.is_mutable)
    return fail("constant expression required: the global is mutable");
  push(type.type);
}

void FunctionValidator::global_set(const Instruction& insn) {
  const GlobalType& type = module_.globals[insn.index[0]].type;
  if (!type.is_mutable) return fail(fmt::format("immutable global {}", insn.index[0]));
  pop(type.type);
}

} // namespace swage::wasm
