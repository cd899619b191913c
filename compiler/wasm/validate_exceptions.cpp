// Rules of exceptions, their legacy form, and stack switching: everything that names a tag.
// https://webassembly.github.io/spec/core/valid/instructions.html#xref-syntax-instructions-syntax-instr-control-mathsf-throw-x
// https://webassembly.github.io/exception-handling/legacy/exceptions/core/valid.html
// https://github.com/WebAssembly/stack-switching/blob/main/proposals/stack-switching/Explainer.md#specification
#include <fmt/core.h>

#include <algorithm>

#include "compiler/wasm/function_validator.h"

namespace swage::wasm {

namespace {

constexpr ValType kExn = ValType::ref({HeapKind::exn}, false);

bool all_match(const TypeRules& rules, std::span<const ValType> subs, std::span<const ValType> supers) {
  return std::ranges::equal(subs, supers, [&](ValType a, ValType b) { return rules.matches(a, b); });
}

ValType nullable(uint32_t type) { return ValType::ref(HeapType::concrete(type), true); }
ValType non_null(uint32_t type) { return ValType::ref(HeapType::concrete(type), false); }

} // namespace

void FunctionValidator::throw_(const Instruction& insn) {
  const FuncType& tag = tag_type(insn.index[0]);
  if (!tag.results.empty())
    return fail(fmt::format("type mismatch: tag {} has results, an exception has none", insn.index[0]));
  pop(tag.params);
  set_unreachable();
}

void FunctionValidator::throw_ref(const Instruction&) {
  pop(kExnRef);
  set_unreachable();
}

bool FunctionValidator::check_clause(const Catch& clause) {
  bool has_tag = clause.kind == Catch::Kind::tag || clause.kind == Catch::Kind::tag_ref;
  bool has_ref = clause.kind == Catch::Kind::tag_ref || clause.kind == Catch::Kind::all_ref;
  if (has_tag && clause.tag.value >= module_.tags.size()) unknown("tag", clause.tag.value);
  if (clause.label >= control_.size()) unknown("label", clause.label);
  if (failed()) return false;

  std::span<const ValType> values;
  if (has_tag) values = tag_type(clause.tag.value).params;
  std::span<const ValType> label = label_types(clause.label);
  bool matches = label.size() == values.size() + has_ref &&
                 all_match(types_, values, label.first(values.size())) &&
                 (!has_ref || types_.matches(kExn, label.back()));
  if (!matches)
    fail(fmt::format("type mismatch: the catch clause's values are not what label {} takes", clause.label));
  return matches;
}

void FunctionValidator::try_table(const Instruction& insn) {
  // Labels count from outside the block.
  if (std::ranges::all_of(insn.catches, [this](const Catch& clause) { return check_clause(clause); }))
    enter(Op::try_table, insn.block);
}

void FunctionValidator::try_(const Instruction& insn) { enter(Op::try_, insn.block); }

void FunctionValidator::catch_(const Instruction& insn) {
  Op arm = control_.back().op;
  if (arm != Op::try_ && arm != Op::catch_)
    return fail("END opcode expected: catch without try", ErrorCode::malformed);
  next_arm(Op::catch_);
  push(tag_type(insn.index[0]).params);
}

void FunctionValidator::catch_all(const Instruction&) {
  Op arm = control_.back().op;
  if (arm != Op::try_ && arm != Op::catch_)
    return fail("END opcode expected: catch_all without try", ErrorCode::malformed);
  next_arm(Op::catch_all);
}

void FunctionValidator::delegate(const Instruction& insn) {
  if (control_.back().op != Op::try_)
    return fail("END opcode expected: delegate without try", ErrorCode::malformed);
  // The label counts from outside the try.
  if (insn.index[0] + 1 >= control_.size()) return unknown("label", insn.index[0]);
  end(insn);
}

void FunctionValidator::rethrow(const Instruction& insn) {
  Op target = control_[control_.size() - 1 - insn.index[0]].op;
  if (target != Op::catch_ && target != Op::catch_all) return fail("invalid rethrow label: not a catch");
  set_unreachable();
}

// Stack switching.

const FuncType* FunctionValidator::cont_func(uint32_t type) {
  const CompositeType& composite = types_.composite(type);
  if (composite.kind == CompositeKind::cont) return &types_.composite(composite.cont_func).func;
  fail(fmt::format("non-continuation type {}", type));
  return nullptr;
}

void FunctionValidator::cont_new(const Instruction& insn) {
  if (!cont_func(insn.index[0])) return;
  pop(nullable(types_.composite(insn.index[0]).cont_func));
  push(non_null(insn.index[0]));
}

void FunctionValidator::cont_bind(const Instruction& insn) {
  const FuncType* from = cont_func(insn.index[0]);
  const FuncType* to = from ? cont_func(insn.index[1]) : nullptr;
  if (!to) return;
  if (from->params.size() < to->params.size())
    return fail("type mismatch: cont.bind to a type with more parameters");
  size_t bound = from->params.size() - to->params.size();
  FuncType rest{{from->params.begin() + static_cast<ptrdiff_t>(bound), from->params.end()}, from->results};
  if (!types_.matches(rest, *to))
    return fail("type mismatch: the continuation types of cont.bind do not agree");
  pop(nullable(insn.index[0]));
  pop(std::span(from->params).first(bound));
  push(non_null(insn.index[1]));
}

void FunctionValidator::suspend(const Instruction& insn) { call(tag_type(insn.index[0])); }

bool FunctionValidator::check_handlers(const Instruction& insn, const FuncType& continuation) {
  for (const Handler& handler : insn.handlers) {
    if (handler.tag.value >= module_.tags.size()) unknown("tag", handler.tag.value);
    if (handler.label >= control_.size()) unknown("label", handler.label);
    if (failed()) return false;
    const FuncType& tag = tag_type(handler.tag.value);
    bool matches = false;
    if (handler.kind == 0) {
      // The label takes what the tag carries, and a continuation from the tag's results to the resumed one's.
      std::span<const ValType> label = label_types(handler.label);
      if (label.size() != tag.params.size() + 1 || !label.back().is_ref() ||
          !label.back().heap.is_concrete() ||
          types_.composite(label.back().heap.index).kind != CompositeKind::cont) {
        fail(fmt::format("type mismatch: label {} does not take the tag's values and a continuation",
                         handler.label));
        return false;
      }
      const FuncType* rest = cont_func(label.back().heap.index);
      matches = all_match(types_, tag.params, label.first(tag.params.size())) &&
                types_.matches(FuncType{tag.results, continuation.results}, *rest);
    } else {
      matches = tag.params.empty() && all_match(types_, continuation.results, tag.results) &&
                all_match(types_, tag.results, continuation.results);
    }
    if (!matches) fail(fmt::format("type mismatch: handler of tag {}", handler.tag.value));
  }
  return !failed();
}

void FunctionValidator::resume(const Instruction& insn) {
  const FuncType* type = cont_func(insn.index[0]);
  if (!type || !check_handlers(insn, *type)) return;
  pop(nullable(insn.index[0]));
  call(*type);
}

void FunctionValidator::resume_throw(const Instruction& insn) {
  const FuncType* type = cont_func(insn.index[0]);
  const FuncType& tag = tag_type(insn.index[1]);
  if (!type) return;
  if (!tag.results.empty())
    return fail(fmt::format("type mismatch: tag {} has results, an exception has none", insn.index[1]));
  if (!check_handlers(insn, *type)) return;
  pop(nullable(insn.index[0]));
  pop(tag.params);
  push(type->results);
}

void FunctionValidator::resume_throw_ref(const Instruction& insn) {
  const FuncType* type = cont_func(insn.index[0]);
  if (!type || !check_handlers(insn, *type)) return;
  pop(nullable(insn.index[0]));
  pop(kExnRef);
  push(type->results);
}

void FunctionValidator::switch_(const Instruction& insn) {
  const FuncType* target = cont_func(insn.index[0]);
  const FuncType& tag = tag_type(insn.index[1]);
  if (!target) return;
  // The target's last parameter is the continuation that comes back here.
  if (target->params.empty() || !target->params.back().is_ref() ||
      !target->params.back().heap.is_concrete() ||
      types_.composite(target->params.back().heap.index).kind != CompositeKind::cont)
    return fail("type mismatch: switch to a continuation that does not take one");
  const FuncType* back = cont_func(target->params.back().heap.index);
  if (!tag.params.empty() || !all_match(types_, target->results, tag.results) ||
      !all_match(types_, tag.results, back->results))
    return fail(fmt::format("type mismatch: tag {} of switch", insn.index[1]));
  pop(nullable(insn.index[0]));
  pop(std::span(target->params).first(target->params.size() - 1));
  push(back->params);
}

} // namespace swage::wasm
