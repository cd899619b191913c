// Instructions as text, flat, by the letters of the opcode rows; the counterpart of
// expression_immediates.cpp. https://webassembly.github.io/spec/core/text/instructions.html
#include <bit>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "compiler/text/module_printer.h"
#include "compiler/text/natural_align.h"

namespace swage::text {

using wasm::Instruction;
using wasm::Op;

namespace {

bool opens_block(Op op) {
  return op == Op::block || op == Op::loop || op == Op::if_ || op == Op::try_ || op == Op::try_table;
}
bool divides_block(Op op) { return op == Op::else_ || op == Op::catch_ || op == Op::catch_all; }
bool closes_block(Op op) { return op == Op::end || op == Op::delegate; }

std::unexpected<Error> malformed_body(std::string message, uint64_t offset) {
  Error error;
  error.message = std::move(message);
  error.offset = offset;
  return std::unexpected(std::move(error));
}

} // namespace

Expected<void> ModulePrinter::body(const wasm::Body& body, Scope& scope) {
  wasm::InstructionReader reader(body.code, body.offset, module_);
  Instruction instruction;
  scope.labels.emplace_back(); // the function's own
  while (!reader.at_end()) {
    SWAGE_CHECK(reader.next(instruction));
    SWAGE_CHECK(check_size());
    Op op = instruction.op;
    if (op == Op::end && scope.labels.size() == 1) {
      if (reader.at_end()) return {};
      return malformed_body("instructions after the end of a function's body",
                            body.offset + reader.position());
    }
    if (op == Op::delegate && scope.labels.size() == 1)
      return malformed_body("delegate outside of a try block", body.offset + instruction.offset);
    if (divides_block(op) || closes_block(op)) depth_--;
    line();
    if (scope.hints && (op == Op::if_ || op == Op::br_if)) {
      auto hint = scope.hints->find(instruction.offset);
      if (hint != scope.hints->end()) {
        out_ += hint->second ? "(@metadata.code.branch_hint \"\\01\") "
                             : "(@metadata.code.branch_hint \"\\00\") ";
      }
    }
    this->instruction(instruction, scope);
    if (opens_block(op) || divides_block(op)) depth_++;
  }
  return malformed_body("a function's body without an end", body.offset + body.code.size());
}

Expected<void> ModulePrinter::expression(const wasm::ConstExpr& expr) {
  wasm::InstructionReader reader(expr.code, expr.offset, module_);
  Instruction instruction;
  Scope scope;
  IdTable no_locals;
  scope.locals = &no_locals;
  scope.labels.emplace_back();
  for (size_t count = 0; !reader.at_end(); count++) {
    SWAGE_CHECK(reader.next(instruction));
    if (reader.at_end()) return {}; // the final end
    SWAGE_CHECK(check_size());
    // One instruction alone is followed by nothing but the end.
    bool alone = count == 0 && expr.code.size() - reader.position() == 1 && !opens_block(instruction.op);
    if (count != 0) space();
    if (alone) out_ += '(';
    if (closes_block(instruction.op) && scope.labels.size() == 1)
      return malformed_body("instructions after the end of an expression", expr.offset + reader.position());
    this->instruction(instruction, scope);
    if (alone) out_ += ')';
  }
  return {};
}

Expected<void> ModulePrinter::expression_list(const wasm::ConstExpr& expr, std::string_view keyword) {
  size_t start = out_.size();
  SWAGE_CHECK(expression(expr));
  if (out_.size() > start && out_[start] == '(') return {};
  out_.insert(start, fmt::format("({}{}", keyword, out_.size() > start ? " " : ""));
  out_ += ')';
  return {};
}

void ModulePrinter::instruction(const Instruction& instruction, Scope& scope) {
  if (closes_block(instruction.op)) {
    std::string& label = scope.labels.back();
    if (!label.empty()) scope.positions[label].pop_back();
    scope.labels.pop_back();
  }
  out_ += wasm::op_info(instruction.op).text;
  immediates(instruction, scope);
}

void ModulePrinter::immediates(const Instruction& instruction, Scope& scope) {
  std::string_view letters = wasm::op_info(instruction.op).immediates;
  const uint32_t* index = instruction.index.data();
  if (letters == "tT") {
    optional_use(Space::table, index[1]);
    return type_use({index[0]}, {});
  }
  if (letters == "eT" || letters == "dM") {
    optional_use(letters == "eT" ? Space::table : Space::memory, index[1]);
    space();
    return use(letters == "eT" ? Space::elem : Space::data, index[0]);
  }
  if (letters == "TT" || letters == "MM") {
    if (index[0] == 0 && index[1] == 0) return;
    Space in = letters == "TT" ? Space::table : Space::memory;
    space();
    use(in, index[0]);
    space();
    return use(in, index[1]);
  }
  uint32_t struct_type = index[0]; // of a field index
  size_t heap = 0;
  for (char letter : letters) {
    switch (letter) {
    case 'B': block_header(instruction.block, scope); break;
    case 'C': catches(instruction, scope); break;
    case 'H': handlers(instruction, scope); break;
    case 'T': optional_use(Space::table, *index++); break;
    case 'M': optional_use(Space::memory, *index++); break;
    case 'm': memarg(instruction.op, instruction.memarg); break;
    case 'L':
      for (uint32_t label : instruction.labels) {
        space();
        label_use(label, scope);
      }
      break;
    case 'R':
      out_ += " (result";
      for (const ValType& type : instruction.types) {
        space();
        value_type(type);
      }
      out_ += ')';
      break;
    case 'S':
      for (uint8_t lane : instruction.bytes) {
        space();
        number(lane);
      }
      break;
    case 'V':
      out_ += " i32x4";
      for (size_t lane = 0; lane < 16; lane += 4) {
        uint32_t bits = 0;
        for (size_t i = 4; i-- > 0;) bits = bits << 8 | instruction.bytes[lane + i];
        out_ += fmt::format(" {:#010x}", bits);
      }
      break;
    case 'c':
    case 'z': break; // said by the types that follow; no text
    default:
      space();
      switch (letter) {
      case 'l': label_use(*index++, scope); break;
      case 'f': use(Space::func, *index++); break;
      case 't': use(Space::type, *index++); break;
      case 'g': use(Space::global, *index++); break;
      case 'G': use(Space::tag, *index++); break;
      case 'e': use(Space::elem, *index++); break;
      case 'd': use(Space::data, *index++); break;
      case 'x': scope.locals->append_use(out_, *index++); break;
      case 'u':
      case 'n': number(*index++); break;
      case 'k': {
        auto fields = field_ids_.find(struct_type);
        if (fields != field_ids_.end())
          fields->second.append_use(out_, *index++);
        else
          number(*index++);
        break;
      }
      case 'i': out_ += std::to_string(static_cast<int32_t>(instruction.bits)); break;
      case 'I': out_ += std::to_string(static_cast<int64_t>(instruction.bits)); break;
      case 's': float32(static_cast<uint32_t>(instruction.bits)); break;
      case 'D': float64(instruction.bits); break;
      case 'h': {
        Op op = instruction.op;
        if (op == Op::ref_null) {
          heap_type(instruction.heap[0]);
          break;
        }
        bool nullable = op == Op::ref_test_null || op == Op::ref_cast_null;
        if (letters == "clhh") nullable = instruction.cast_flags >> heap & 1;
        value_type(ValType::ref(instruction.heap[heap], nullable));
        heap++;
        break;
      }
      }
    }
  }
}

// Table 0 and memory 0 are what an instruction without an index means.
void ModulePrinter::optional_use(Space in, uint32_t index) {
  if (index == 0) return;
  space();
  use(in, index);
}

void ModulePrinter::memarg(Op op, const wasm::MemArg& memarg) {
  optional_use(Space::memory, memarg.memory.value);
  if (memarg.offset != 0) out_ += fmt::format(" offset={}", memarg.offset);
  if (memarg.align_log2 != natural_align(op))
    out_ += fmt::format(" align={}", uint64_t(1) << (memarg.align_log2 & 63));
}

void ModulePrinter::block_header(const wasm::BlockType& type, Scope& scope) {
  std::string id;
  if (scope.label_names) {
    auto name = scope.label_names->find(scope.labels_seen);
    if (name != scope.label_names->end() && !name->second.empty()) {
      id = id_of(name->second);
      out_ += ' ' + id;
      scope.positions[id].push_back(scope.labels.size());
    }
  }
  scope.labels_seen++;
  scope.labels.push_back(std::move(id));
  if (type.kind == wasm::BlockType::Kind::index) {
    type_use(type.type, {});
  } else if (type.kind == wasm::BlockType::Kind::value) {
    out_ += " (result ";
    value_type(type.value);
    out_ += ')';
  }
}

// An identifier is of use where it means this label and not one further in.
const std::string* ModulePrinter::label_id(size_t depth, const Scope& scope) {
  if (depth >= scope.labels.size()) return nullptr;
  size_t position = scope.labels.size() - 1 - depth;
  const std::string& id = scope.labels[position];
  return !id.empty() && scope.positions.at(id).back() == position ? &id : nullptr;
}

void ModulePrinter::label_use(uint32_t depth, const Scope& scope) {
  if (const std::string* id = label_id(depth, scope))
    out_ += *id;
  else
    number(depth);
}

// The clauses' labels lie outside of the block, whose own label block_header() has pushed already.
void ModulePrinter::catches(const Instruction& instruction, const Scope& scope) {
  constexpr std::string_view kTexts[] = {" (catch ", " (catch_ref ", " (catch_all ", " (catch_all_ref "};
  using Kind = wasm::Catch::Kind;
  for (const wasm::Catch& clause : instruction.catches) {
    out_ += kTexts[static_cast<size_t>(clause.kind)];
    if (clause.kind == Kind::tag || clause.kind == Kind::tag_ref) {
      use(Space::tag, clause.tag.value);
      space();
    }
    if (const std::string* id = label_id(size_t(clause.label) + 1, scope))
      out_ += *id;
    else
      number(clause.label);
    out_ += ')';
  }
}

void ModulePrinter::handlers(const Instruction& instruction, const Scope& scope) {
  for (const wasm::Handler& handler : instruction.handlers) {
    out_ += " (on ";
    use(Space::tag, handler.tag.value);
    space();
    if (handler.kind == 1)
      out_ += "switch";
    else
      label_use(handler.label, scope);
    out_ += ')';
  }
}

namespace {

/// The shortest text that reads back as the same bits.
template<class Float, class Bits> std::string float_text(Bits bits, int significand_bits) {
  auto value = std::bit_cast<Float>(bits);
  std::string sign = std::signbit(value) ? "-" : "";
  if (std::isinf(value)) return sign + "inf";
  if (std::isnan(value)) {
    Bits payload = bits & ((Bits(1) << significand_bits) - 1);
    bool canonical = payload == Bits(1) << (significand_bits - 1);
    return canonical ? sign + "nan" : fmt::format("{}nan:{:#x}", sign, payload);
  }
  char buffer[64];
  std::to_chars_result end = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, end.ptr};
}

} // namespace

void ModulePrinter::float32(uint32_t bits) { out_ += float_text<float>(bits, 23); }
void ModulePrinter::float64(uint64_t bits) { out_ += float_text<double>(bits, 52); }

} // namespace swage::text
