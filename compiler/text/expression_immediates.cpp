// Immediates in text, by the letters of the opcode rows. Text and binary disagree in a few orders
// (table.init, memory.init, call_indirect), and two texts stand for two codes each (select, ref.test,
// ref.cast): those are named here, the rest is the letters' own.
// https://webassembly.github.io/spec/core/text/instructions.html
#include <bit>
#include <limits>

#include <fmt/format.h>

#include "compiler/text/constants.h"
#include "compiler/text/expression_parser.h"
#include "compiler/text/literals.h"
#include "compiler/text/natural_align.h"

namespace swage::text {

using wasm::Op;

void ExpressionParser::reset_instruction() {
  instruction_.index = {};
  instruction_.memarg = {};
  instruction_.block = {};
  instruction_.bits = 0;
  instruction_.cast_flags = 0;
  instruction_.labels.clear();
  instruction_.types.clear();
  instruction_.catches.clear();
  instruction_.handlers.clear();
}

// label? blocktype
void ExpressionParser::block_header(std::string_view& id, std::string_view& name) {
  if (cursor_.at(TokenKind::id)) id = name = cursor_.id_name(cursor_.take());
  if (std::optional<std::string_view> annotated = context_.name_annotation()) name = *annotated;
  instruction_.block = block_type(context_);
}

void ExpressionParser::immediates(Op& op) {
  std::string_view letters = wasm::op_info(op).immediates;
  if (op == Op::select_) {
    if (!cursor_.at_list("result")) return;
    op = Op::select_t;
    letters = wasm::op_info(op).immediates;
  }
  if (letters == "mn") {
    memarg(op, true);
    instruction_.index[0] = static_cast<uint32_t>(cursor_.expect_nat(0xFF, "a lane index"));
    return;
  }
  if (letters == "tT") {
    instruction_.index[1] = cursor_.at_index() ? context_.index(Space::table) : 0;
    instruction_.index[0] = type_use(context_);
    return;
  }
  if (letters == "clhh") {
    instruction_.index[0] = label();
    return cast_types();
  }
  if (optional_index_pair(op)) return;
  uint32_t* next_index = instruction_.index.data();
  for (char letter : letters) immediate(letter, op, next_index);
}

// table.init T? e, memory.init M? d, table.copy (T T)?, memory.copy (M M)?
bool ExpressionParser::optional_index_pair(Op op) {
  switch (op) {
  case Op::table_init:
    instruction_.index[1] =
        cursor_.second_is_index() && cursor_.at_index() ? context_.index(Space::table) : 0;
    instruction_.index[0] = context_.index(Space::elem);
    return true;
  case Op::memory_init:
    instruction_.index[1] =
        cursor_.second_is_index() && cursor_.at_index() ? context_.index(Space::memory) : 0;
    instruction_.index[0] = context_.index(Space::data);
    context_.data_count_needed = true;
    return true;
  case Op::table_copy:
  case Op::memory_copy: {
    Space space = op == Op::table_copy ? Space::table : Space::memory;
    if (!cursor_.at_index()) return true;
    instruction_.index[0] = context_.index(space);
    instruction_.index[1] = context_.index(space);
    return true;
  }
  default: return false;
  }
}

void ExpressionParser::immediate(char letter, Op& op, uint32_t*& next_index) {
  switch (letter) {
  case 'l': *next_index++ = label(); break;
  case 'f': *next_index++ = context_.index(Space::func); break;
  case 't': *next_index++ = context_.index(Space::type); break;
  case 'g': *next_index++ = context_.index(Space::global); break;
  case 'x': *next_index++ = local(); break;
  case 'G': *next_index++ = context_.index(Space::tag); break;
  case 'e': *next_index++ = context_.index(Space::elem); break;
  case 'd':
    context_.data_count_needed = true;
    *next_index++ = context_.index(Space::data);
    break;
  case 'T': *next_index++ = cursor_.at_index() ? context_.index(Space::table) : 0; break;
  case 'M': *next_index++ = cursor_.at_index() ? context_.index(Space::memory) : 0; break;
  case 'k':
    *next_index = field(next_index[-1]);
    next_index++;
    break;
  case 'u': *next_index++ = static_cast<uint32_t>(cursor_.expect_nat(0xFFFF'FFFF, "a count")); break;
  case 'n': *next_index++ = static_cast<uint32_t>(cursor_.expect_nat(0xFF, "a lane index")); break;
  case 'm': memarg(op, false); break;
  case 'i': instruction_.bits = static_cast<uint64_t>(sign_extend(integer_constant(cursor_, 32), 32)); break;
  case 'I': instruction_.bits = integer_constant(cursor_, 64); break;
  case 's': instruction_.bits = float_constant(cursor_, 32); break;
  case 'D': instruction_.bits = float_constant(cursor_, 64); break;
  case 'V': instruction_.bytes = vector_constant(cursor_); break;
  case 'S': shuffle_lanes(); break;
  case 'h':
    if (op == Op::ref_null) {
      instruction_.heap[0] = heap_type(context_);
    } else {
      ValType type = reference_type(context_);
      if (type.nullable) op = op == Op::ref_test ? Op::ref_test_null : Op::ref_cast_null;
      instruction_.heap[0] = type.heap;
    }
    break;
  case 'L':
    do instruction_.labels.push_back(label());
    while (cursor_.at_index());
    break;
  case 'R':
    while (cursor_.take_list("result")) {
      while (!cursor_.at(TokenKind::right_paren) && !cursor_.failed())
        instruction_.types.push_back(value_type(context_));
      cursor_.expect_close();
    }
    break;
  case 'H': handlers(); break;
  default: break; // 'z' has no text; blocks and casts are read elsewhere
  }
}

// memidx? offset=n? align=n?, where a lane index may follow that looks like a memory index.
// https://webassembly.github.io/spec/core/text/instructions.html#memory-instructions
void ExpressionParser::memarg(Op op, bool lane_follows) {
  auto at_argument = [](const Token& token) {
    return token.kind == TokenKind::keyword &&
           (token.text.starts_with("offset=") || token.text.starts_with("align="));
  };
  const Token& second = cursor_.peek_second();
  bool is_lane =
      lane_follows && cursor_.at(TokenKind::nat) && second.kind != TokenKind::nat && !at_argument(second);
  if (cursor_.at_index() && !is_lane) instruction_.memarg.memory = {context_.index(Space::memory)};
  auto argument = [&](std::string_view name) -> std::optional<uint64_t> {
    if (!cursor_.at(TokenKind::keyword) || !cursor_.peek().text.starts_with(name)) return std::nullopt;
    Token token = cursor_.peek();
    std::string_view number = token.text.substr(name.size());
    if (classify_number(number) != NumberClass::nat) {
      cursor_.fail(token, fmt::format("unknown operator {}: expected {}N", token.text, name));
      return std::nullopt;
    }
    cursor_.take();
    std::optional<uint64_t> value = parse_nat(number);
    if (!value) cursor_.fail(token, fmt::format("i64 constant out of range: {}", token.text));
    return value;
  };
  if (std::optional<uint64_t> offset = argument("offset=")) instruction_.memarg.offset = *offset;
  Token at = cursor_.peek();
  if (std::optional<uint64_t> align = argument("align=")) {
    if (!std::has_single_bit(*align))
      cursor_.fail(at, fmt::format("alignment must be a power of two, got {}", at.text));
    instruction_.memarg.align_log2 = static_cast<uint32_t>(std::countr_zero(*align));
  } else {
    instruction_.memarg.align_log2 = natural_align(op);
  }
}

// br_on_cast l rt rt
void ExpressionParser::cast_types() {
  ValType source = reference_type(context_);
  ValType target = reference_type(context_);
  instruction_.cast_flags = static_cast<uint8_t>((source.nullable ? 1 : 0) | (target.nullable ? 2 : 0));
  instruction_.heap = {source.heap, target.heap};
}

// https://webassembly.github.io/spec/core/text/instructions.html#control-instructions: their labels lie
// outside of the block.
void ExpressionParser::catches() {
  using Kind = wasm::Catch::Kind;
  while (!cursor_.failed()) {
    wasm::Catch clause;
    if (cursor_.take_list("catch"))
      clause.kind = Kind::tag;
    else if (cursor_.take_list("catch_ref"))
      clause.kind = Kind::tag_ref;
    else if (cursor_.take_list("catch_all"))
      clause.kind = Kind::all;
    else if (cursor_.take_list("catch_all_ref"))
      clause.kind = Kind::all_ref;
    else
      return;
    if (clause.kind == Kind::tag || clause.kind == Kind::tag_ref) clause.tag = {context_.index(Space::tag)};
    clause.label = label();
    cursor_.expect_close();
    instruction_.catches.push_back(clause);
  }
}

// https://github.com/WebAssembly/stack-switching: (on tag label) or (on tag switch)
void ExpressionParser::handlers() {
  while (cursor_.take_list("on")) {
    wasm::Handler handler;
    handler.tag = {context_.index(Space::tag)};
    if (cursor_.take_keyword("switch"))
      handler.kind = 1;
    else
      handler.label = label();
    cursor_.expect_close();
    instruction_.handlers.push_back(handler);
  }
}

void ExpressionParser::shuffle_lanes() {
  auto at_other_number = [this] { return cursor_.at(TokenKind::integer) || cursor_.at(TokenKind::floating); };
  for (uint8_t& lane : instruction_.bytes) {
    if (at_other_number())
      return cursor_.fail(
          cursor_.peek(),
          fmt::format("i8 constant out of range: expected a lane index, got {}", cursor_.peek().text));
    if (!cursor_.at(TokenKind::nat))
      return cursor_.fail(cursor_.peek(), "invalid lane length: expected 16 lane indices");
    lane = static_cast<uint8_t>(cursor_.expect_nat(0xFF, "a lane index"));
  }
  if (cursor_.at(TokenKind::nat) || at_other_number())
    cursor_.fail(cursor_.peek(), "invalid lane length: expected 16 lane indices, got more");
}

uint32_t ExpressionParser::label() {
  if (!cursor_.at(TokenKind::id))
    return static_cast<uint32_t>(cursor_.expect_nat(std::numeric_limits<uint32_t>::max(), "a label"));
  Token id = cursor_.take();
  auto found = label_ids_.find(cursor_.id_name(id));
  if (found != label_ids_.end()) return static_cast<uint32_t>(labels_.size() - 1 - found->second);
  context_.fail_unknown(id, "label");
  return 0;
}

uint32_t ExpressionParser::local() {
  if (!cursor_.at(TokenKind::id))
    return static_cast<uint32_t>(cursor_.expect_nat(std::numeric_limits<uint32_t>::max(), "a local index"));
  Token id = cursor_.take();
  if (scope_) {
    auto found = scope_->ids.find(cursor_.id_name(id));
    if (found != scope_->ids.end()) return found->second;
  }
  context_.fail_unknown(id, "local");
  return 0;
}

uint32_t ExpressionParser::field(uint32_t type_index) {
  if (!cursor_.at(TokenKind::id))
    return static_cast<uint32_t>(cursor_.expect_nat(std::numeric_limits<uint32_t>::max(), "a field index"));
  Token id = cursor_.take();
  if (auto type = context_.field_ids.find(type_index); type != context_.field_ids.end()) {
    auto found = type->second.find(cursor_.id_name(id));
    if (found != type->second.end()) return found->second;
  }
  context_.fail_unknown(id, "field");
  return 0;
}

} // namespace swage::text
