// The frames of expression_parser.h. What may come next depends on the top frame alone; immediates are read
// in expression_immediates.cpp.
#include "compiler/text/expression_parser.h"

#include <fmt/format.h>

#include "compiler/wasm/feature.h"

namespace swage::text {

using wasm::Op;

wasm::ConstExpr ExpressionParser::constant() { return expression(Extent::list); }
wasm::ConstExpr ExpressionParser::folded_constant() { return expression(Extent::one_folded); }

wasm::ConstExpr ExpressionParser::constant_in(std::string_view keyword) {
  if (!cursor_.take_list(keyword)) return folded_constant();
  wasm::ConstExpr expr = constant();
  cursor_.expect_close();
  return expr;
}

wasm::ConstExpr ExpressionParser::expression(Extent extent) {
  scope_ = nullptr;
  run(extent);
  wasm::ConstExpr expr;
  expr.code = context_.arena.keep(code_.view());
  return expr;
}

void ExpressionParser::function_body(uint32_t function, LocalScope& scope, wasm::Body& body) {
  scope_ = &scope;
  function_ = function;
  wasm::Encoder locals;
  locals.u64(body.locals.size());
  for (const wasm::LocalRun& run : body.locals) {
    locals.u32(run.count);
    locals.val_type(run.type);
  }
  locals_size_ = locals.size();
  run(Extent::list);
  body.code = context_.arena.keep(code_.view());
}

void ExpressionParser::run(Extent extent) {
  code_.truncate(0);
  waiting_.truncate(0);
  labels_.assign(1, {}); // the expression itself
  if (!label_ids_.empty()) label_ids_ = {};
  labels_seen_ = 0;
  hint_.reset();
  frames_.assign(1, {});
  bool done = false;
  while (!done && !cursor_.failed()) {
    bool outermost = frames_.size() == 1;
    position_ = cursor_.position();
    switch (cursor_.peek().kind) {
    case TokenKind::left_paren: open(); break;
    case TokenKind::annotation: branch_hint(); break;
    case TokenKind::right_paren:
      if (outermost && extent == Extent::list)
        done = true;
      else
        close();
      break;
    case TokenKind::keyword:
      if (outermost && extent == Extent::one_folded)
        cursor_.fail_unexpected("a folded instruction");
      else
        flat();
      break;
    default: cursor_.fail_unexpected("an instruction or ')'");
    }
    if (extent == Extent::one_folded && frames_.size() == 1) done = true;
  }
  refuse_hint();
  emit(Op::end);
}

void ExpressionParser::open() {
  Frame& top = frames_.back();
  if (top.kind == FrameKind::if_head && (top.stage != Stage::start || cursor_.at_list("then")))
    return open_if_arm(top);
  if (top.kind == FrameKind::try_head) return open_try_arm(top);
  cursor_.take();
  if (std::optional<Op> op = operation()) begin(*op, true);
}

// (if label bt folded* (then instr*) (else instr*)?)
void ExpressionParser::open_if_arm(Frame& head) {
  if (head.stage == Stage::start) {
    cursor_.take_list("then");
    write_waiting(head);
    push_label(head.label, head.label_name);
    head.stage = Stage::first_arm;
  } else if (head.stage == Stage::first_arm && cursor_.take_list("else")) {
    emit(Op::else_);
    head.stage = Stage::last_arm;
  } else {
    return cursor_.fail_unexpected(head.stage == Stage::first_arm ? "'(else' or ')'" : "')'");
  }
  frames_.push_back({.kind = FrameKind::arm});
}

// (try label bt (do instr*) (catch x instr*)* (catch_all instr*)?) or (try label bt (do instr*) (delegate l))
// https://webassembly.github.io/exception-handling/legacy/exceptions/core/text.html
void ExpressionParser::open_try_arm(Frame& head) {
  if (head.stage == Stage::start) {
    if (!cursor_.take_list("do")) return cursor_.fail_unexpected("'(do'");
    head.stage = Stage::first_arm;
  } else if (head.stage == Stage::first_arm && cursor_.take_list("delegate")) {
    pop_label();
    reset_instruction();
    instruction_.index[0] = label();
    emit(Op::delegate);
    cursor_.expect_close();
    head.stage = Stage::delegated;
    return;
  } else if (head.stage <= Stage::catches && cursor_.take_list("catch")) {
    reset_instruction();
    instruction_.index[0] = context_.index(Space::tag);
    emit(Op::catch_);
    head.stage = Stage::catches;
  } else if (head.stage <= Stage::catches && cursor_.take_list("catch_all")) {
    emit(Op::catch_all);
    head.stage = Stage::last_arm;
  } else {
    return cursor_.fail_unexpected(head.stage <= Stage::catches ? "'(catch', '(catch_all' or ')'" : "')'");
  }
  frames_.push_back({.kind = FrameKind::arm});
}

// At ")".
void ExpressionParser::close() {
  Frame& top = frames_.back();
  switch (top.kind) {
  case FrameKind::operands: write_waiting(top); break;
  case FrameKind::arm: break;
  case FrameKind::block:
    emit(Op::end);
    pop_label();
    break;
  case FrameKind::if_head:
  case FrameKind::try_head:
    if (top.stage == Stage::start)
      return cursor_.fail_unexpected(top.kind == FrameKind::if_head ? "'(then'" : "'(do'");
    if (top.stage == Stage::delegated) break;
    emit(Op::end);
    pop_label();
    break;
  case FrameKind::base: return cursor_.fail_unexpected("a folded instruction");
  default: return cursor_.fail_unexpected("'end'");
  }
  refuse_hint();
  frames_.pop_back();
  cursor_.take();
}

// An instruction outside of parentheses of its own.
void ExpressionParser::flat() {
  switch (frames_.back().kind) {
  case FrameKind::operands: return cursor_.fail_unexpected("a folded instruction or ')'");
  case FrameKind::if_head: return cursor_.fail_unexpected("a folded instruction, '(then' or ')'");
  case FrameKind::try_head: return cursor_.fail_unexpected("'(do', '(catch' or ')'");
  default: break;
  }
  std::string_view word = cursor_.peek().text;
  std::optional<Op> op = wasm::find_op(word);
  if (op == Op::end) return flat_end();
  if (op == Op::else_ || op == Op::catch_ || op == Op::catch_all) return flat_arm(*op);
  if (op == Op::delegate) return flat_delegate();
  if (op = operation(); op) begin(*op, false);
}

// `else`, `catch x` or `catch_all`
void ExpressionParser::flat_arm(Op op) {
  Frame& top = frames_.back();
  FrameKind next = FrameKind::flat_else;
  bool fits = top.kind == FrameKind::flat_if;
  if (op != Op::else_) {
    next = op == Op::catch_ ? FrameKind::flat_catch : FrameKind::flat_catch_all;
    fits = top.kind == FrameKind::flat_try || top.kind == FrameKind::flat_catch;
  }
  if (!fits) return cursor_.fail_unexpected("an instruction");
  cursor_.take();
  refuse_hint();
  reset_instruction();
  if (op == Op::else_) check_label_repeated();
  if (op == Op::catch_) instruction_.index[0] = context_.index(Space::tag);
  emit(op);
  top.kind = next;
}

void ExpressionParser::flat_end() {
  if (frames_.back().kind < FrameKind::flat_block) return cursor_.fail_unexpected("an instruction or ')'");
  cursor_.take();
  check_label_repeated();
  refuse_hint();
  emit(Op::end);
  pop_label();
  frames_.pop_back();
}

void ExpressionParser::flat_delegate() {
  if (frames_.back().kind != FrameKind::flat_try) return cursor_.fail_unexpected("an instruction");
  cursor_.take();
  pop_label();
  reset_instruction();
  instruction_.index[0] = label();
  emit(Op::delegate);
  frames_.pop_back();
}

// https://webassembly.github.io/spec/core/text/instructions.html#labels: a label may be repeated at `else`
// and `end`.
void ExpressionParser::check_label_repeated() {
  if (!cursor_.at(TokenKind::id)) return;
  Token id = cursor_.take();
  std::string_view opened = labels_.back().id;
  if (cursor_.id_name(id) == opened && !opened.empty()) return;
  cursor_.fail(id, opened.empty() ? fmt::format("mismatching label: expected none, got {}", id.text)
                                  : fmt::format("mismatching label: expected ${}, got {}", opened, id.text));
}

std::optional<Op> ExpressionParser::operation() {
  if (!cursor_.at(TokenKind::keyword)) {
    cursor_.fail_unexpected("an instruction");
    return std::nullopt;
  }
  std::optional<Op> op = wasm::find_op(cursor_.peek().text);
  if (!op || op == Op::else_ || op == Op::end || op == Op::catch_ || op == Op::catch_all ||
      op == Op::delegate) {
    cursor_.fail_unexpected("an instruction");
    return std::nullopt;
  }
  const wasm::OpInfo& info = wasm::op_info(*op);
  if (!context_.features.has(info.feature)) {
    std::string_view flag = wasm::feature_info(info.feature).flag;
    cursor_.fail(cursor_.peek(), fmt::format("{} needs the feature {}, which is off", info.text, flag),
                 ErrorCode::unsupported, fmt::format("--features {}", flag));
    return std::nullopt;
  }
  position_ = cursor_.position();
  cursor_.take();
  return op;
}

void ExpressionParser::begin(Op op, bool folded) {
  bool is_block = op == Op::block || op == Op::loop || op == Op::if_ || op == Op::try_ || op == Op::try_table;
  if (is_block) return begin_block(op, folded);
  std::optional<bool> hint = take_hint(op);
  reset_instruction();
  immediates(op);
  if (!folded) {
    note_hint(hint);
    return emit(op);
  }
  frames_.push_back(
      {.kind = FrameKind::operands, .waiting = waiting_.size(), .position = position_, .hint = hint});
  instruction_.op = op;
  waiting_.emit(instruction_);
}

void ExpressionParser::begin_block(Op op, bool folded) {
  std::optional<bool> hint = take_hint(op);
  reset_instruction();
  Frame frame;
  block_header(frame.label, frame.label_name);
  if (op == Op::try_table) catches();
  if (folded && op == Op::if_) {
    frame.kind = FrameKind::if_head;
    frame.waiting = waiting_.size();
    frame.position = position_;
    frame.hint = hint;
    instruction_.op = op;
    waiting_.emit(instruction_);
    frames_.push_back(frame);
    return;
  }
  note_hint(hint);
  emit(op);
  push_label(frame.label, frame.label_name);
  if (op == Op::if_)
    frame.kind = FrameKind::flat_if;
  else if (op == Op::try_)
    frame.kind = folded ? FrameKind::try_head : FrameKind::flat_try;
  else
    frame.kind = folded ? FrameKind::block : FrameKind::flat_block;
  frames_.push_back(frame);
}

void ExpressionParser::note_position(size_t position) {
  if (wanted_ && scope_ && wanted_->function == function_ && wanted_->offset == code_.size())
    wanted_->position = position;
}

void ExpressionParser::emit(Op op) {
  note_position(position_);
  instruction_.op = op;
  code_.emit(instruction_);
}

void ExpressionParser::write_waiting(const Frame& frame) {
  note_hint(frame.hint);
  note_position(frame.position);
  code_.bytes(waiting_.view().subspan(frame.waiting));
  waiting_.truncate(frame.waiting);
}

void ExpressionParser::push_label(std::string_view id, std::string_view name) {
  auto position = static_cast<uint32_t>(labels_.size());
  Label label{id, name, std::nullopt};
  if (!id.empty()) {
    auto [at, is_new] = label_ids_.try_emplace(id, position);
    if (!is_new) {
      label.shadowed = at->second;
      at->second = position;
    }
  }
  if (scope_ && !name.empty()) context_.module.names.labels[function_][labels_seen_] = name;
  labels_seen_++;
  labels_.push_back(label);
}

void ExpressionParser::pop_label() {
  const Label& label = labels_.back();
  if (!label.id.empty()) {
    if (label.shadowed)
      label_ids_[label.id] = *label.shadowed;
    else
      label_ids_.erase(label.id);
  }
  labels_.pop_back();
}

// (@metadata.code.branch_hint "\00"), in front of the `if` or `br_if` that it is about.
// https://webassembly.github.io/branch-hinting/core/appendix/custom.html
void ExpressionParser::branch_hint() {
  Token at = cursor_.peek();
  if (!cursor_.at_annotation("metadata.code.branch_hint")) return cursor_.fail_unexpected("an instruction");
  if (!scope_) return cursor_.fail(at, "@metadata.code.branch_hint annotation: not in a function");
  if (hint_) return cursor_.fail(at, "@metadata.code.branch_hint annotation: duplicate annotation");
  cursor_.take();
  std::string_view value = cursor_.expect_string("a hint: \"\\00\" or \"\\01\"");
  if (!cursor_.failed() && (value.size() != 1 || static_cast<uint8_t>(value[0]) > 1))
    return cursor_.fail(at, "@metadata.code.branch_hint annotation: expected \"\\00\" or \"\\01\"");
  cursor_.expect_close();
  if (!cursor_.failed()) hint_ = {at, value[0] == '\1'};
}

std::optional<bool> ExpressionParser::take_hint(Op op) {
  if (!hint_) return std::nullopt;
  Hint hint = *hint_;
  hint_.reset();
  if (op == Op::if_ || op == Op::br_if) return hint.likely;
  cursor_.fail(
      hint.at,
      fmt::format("@metadata.code.branch_hint annotation: invalid target: expected if or br_if, got {}",
                  wasm::op_info(op).text),
      ErrorCode::invalid);
  return std::nullopt;
}

void ExpressionParser::refuse_hint() {
  if (!hint_) return;
  cursor_.fail(hint_->at, "@metadata.code.branch_hint annotation: invalid target: expected if or br_if",
               ErrorCode::invalid);
}

void ExpressionParser::note_hint(std::optional<bool> hint) {
  if (!hint) return;
  auto offset = static_cast<uint32_t>(locals_size_ + code_.size());
  context_.module.branch_hints[function_].push_back({offset, *hint});
}

} // namespace swage::text
