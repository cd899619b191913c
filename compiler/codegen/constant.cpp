// https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions
#include "compiler/codegen/constant.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "compiler/wasm/instruction.h"

namespace swage::codegen {

namespace {

abi::InitRow make_row(InitKind kind, uint64_t low = 0, uint64_t high = 0) {
  return {.kind = static_cast<uint32_t>(kind), .unused = 0, .low = low, .high = high};
}

} // namespace

ConstantRows::ConstantRows(const wasm::Module& module, const lower::Glue& glue)
    : module_(module), glue_(glue) {
  for (uint32_t i = 0; i < glue.expressions.size(); i++) numbers_.emplace(glue.expressions[i].offset, i);
  // A global may name only globals before it, so that one pass in order knows them all.
  for (uint32_t i = 0; i < module.globals.size(); i++)
    globals_.push_back(i < module.imported_globals ? make_row(InitKind::none) : row(module.globals[i].init));
}

uint32_t ConstantRows::escaping_position(wasm::FuncIdx function) const {
  auto found = std::lower_bound(glue_.escaping.begin(), glue_.escaping.end(), function);
  assert(found != glue_.escaping.end() && *found == function &&
         "every function that is named as a value escapes");
  return static_cast<uint32_t>(found - glue_.escaping.begin());
}

abi::InitRow ConstantRows::row(const wasm::ConstExpr& expression) const {
  if (auto number = numbers_.find(expression.offset); number != numbers_.end())
    return make_row(InitKind::expression, number->second);
  std::optional<abi::InitRow> plain = value(expression);
  assert(plain && "an expression that is not plain has a number");
  return *plain;
}

std::optional<abi::InitRow> ConstantRows::value(const wasm::ConstExpr& expression) const {
  wasm::InstructionReader reader(expression.code, expression.offset, module_);
  wasm::Instruction instruction;
  std::vector<abi::InitRow> stack;
  auto binary = [&](auto operation, uint64_t mask) {
    uint64_t right = stack.back().low;
    stack.pop_back();
    stack.back().low = operation(stack.back().low, right) & mask;
  };
  auto add = [](uint64_t a, uint64_t b) { return a + b; };
  auto sub = [](uint64_t a, uint64_t b) { return a - b; };
  auto mul = [](uint64_t a, uint64_t b) { return a * b; };
  constexpr uint64_t k32 = 0xFFFF'FFFF, k64 = ~uint64_t{0};
  while (!reader.at_end()) {
    if (!reader.next(instruction)) return std::nullopt;
    switch (instruction.op) {
    case wasm::Op::i32_const:
    case wasm::Op::f32_const: stack.push_back(make_row(InitKind::bits, instruction.bits & k32)); break;
    case wasm::Op::i64_const:
    case wasm::Op::f64_const: stack.push_back(make_row(InitKind::bits, instruction.bits)); break;
    case wasm::Op::v128_const: {
      abi::InitRow row = make_row(InitKind::bits);
      std::memcpy(&row.low, instruction.bytes.data(), 16); // low and high, both little-endian
      stack.push_back(row);
      break;
    }
    case wasm::Op::ref_null: stack.push_back(make_row(InitKind::bits)); break;
    case wasm::Op::ref_func:
      stack.push_back(make_row(InitKind::function, escaping_position(wasm::FuncIdx{instruction.index[0]})));
      break;
    case wasm::Op::global_get: stack.push_back(globals_[instruction.index[0]]); break;
    case wasm::Op::i32_add: binary(add, k32); break;
    case wasm::Op::i32_sub: binary(sub, k32); break;
    case wasm::Op::i32_mul: binary(mul, k32); break;
    case wasm::Op::i64_add: binary(add, k64); break;
    case wasm::Op::i64_sub: binary(sub, k64); break;
    case wasm::Op::i64_mul: binary(mul, k64); break;
    case wasm::Op::end: break;
    default: return std::nullopt;
    }
  }
  return stack.empty() ? std::nullopt : std::optional(stack.back());
}

} // namespace swage::codegen
