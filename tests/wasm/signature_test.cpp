// Every instruction whose row has a signature, from its row: valid with the operands that it names, and
// invalid with one fewer or with any one of another type.
#include "tests/wasm/support.h"

namespace swage::wasm {
namespace {

using testing::StartsWith;
using testing::verdict;

ValType type_of(char letter) {
  switch (letter) {
  case 'I': return kI64;
  case 'f': return kF32;
  case 'F': return kF64;
  case 'v': return kV128;
  default: return kI32; // i, and the addresses of the 32-bit memory and table below
  }
}

// Local i has the i-th of these types.
constexpr ValType kTypes[] = {kI32, kI64, kF32, kF64, kV128};
uint32_t local_of(ValType type) {
  return static_cast<uint32_t>(std::ranges::find(kTypes, type) - std::begin(kTypes));
}

/// A module whose only body pushes the operands and executes the instruction.
std::vector<std::byte> module_with(Op op, std::span<const ValType> operands, size_t results) {
  Encoder body;
  for (ValType type : operands) body.emit({.op = Op::local_get, .index = {local_of(type)}});
  body.emit({.op = op, .memarg = {.align_log2 = natural_align_log2(op), .memory = {}, .offset = 0}});
  for (size_t i = 0; i < results; i++) body.emit({.op = Op::drop});
  body.emit({.op = Op::end});

  Module module;
  module.types.resize(1); // () -> ()
  module.rec_group_starts = {0};
  module.functions = {{0}};
  module.memories = {{.limits = {1, 1}}};
  module.tables.resize(1);
  module.elems.resize(1);
  module.datas.resize(1);
  module.data_count = 1;
  Body code;
  for (ValType type : kTypes) code.locals.push_back({1, type});
  code.code = body.view();
  module.bodies.push_back(code);
  return encode(module);
}

/// A row's signature, taken apart.
struct Row {
  Op op;
  std::vector<ValType> operands;
  size_t results;
};

std::vector<Row> rows() {
  std::vector<Row> all;
  for (size_t i = 0; i < op_infos().size(); i++) {
    std::string_view signature = op_infos()[i].signature;
    if (signature == "*") continue;
    size_t arrow = signature.find('>');
    Row row{static_cast<Op>(i), {}, signature.size() - arrow - 1};
    for (char letter : signature.substr(0, arrow)) row.operands.push_back(type_of(letter));
    all.push_back(row);
  }
  return all;
}

TEST(Signatures, AcceptTheirOperands) {
  for (const Row& row : rows())
    EXPECT_EQ(verdict(module_with(row.op, row.operands, row.results)), "") << op_info(row.op).name;
}

TEST(Signatures, NeedEveryOperand) {
  for (const Row& row : rows()) {
    if (row.operands.empty()) continue;
    std::span<const ValType> all_but_one = std::span(row.operands).subspan(1);
    EXPECT_THAT(verdict(module_with(row.op, all_but_one, row.results)),
                StartsWith("invalid: type mismatch: expected "))
        << op_info(row.op).name;
  }
}

TEST(Signatures, RefuseOperandsOfAnotherType) {
  for (const Row& row : rows()) {
    for (size_t i = 0; i < row.operands.size(); i++) {
      ValType right = row.operands[i];
      std::vector<ValType> wrong = row.operands;
      wrong[i] = right == kF32 ? kI64 : kF32;
      EXPECT_EQ(verdict(module_with(row.op, wrong, row.results)),
                "invalid: type mismatch: expected " + to_string(right) + ", got " + to_string(wrong[i]))
          << op_info(row.op).name << " operand " << i;
    }
  }
}

TEST(Signatures, GiveNoMoreResultsThanTheySay) {
  for (const Row& row : rows())
    EXPECT_THAT(verdict(module_with(row.op, row.operands, row.results + 1)),
                StartsWith("invalid: type mismatch: expected an operand"))
        << op_info(row.op).name;
}

} // namespace
} // namespace swage::wasm
