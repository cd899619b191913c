// Every row of the opcode table as text: one instruction of each, with immediates as its letters ask, printed
// and parsed back.
#include "compiler/wasm/encode.h"
#include "tests/text/helpers.h"

namespace swage::text::test {
namespace {

using wasm::Instruction;
using wasm::Op;

/// Immediates that differ from each other and from what may be left out.
Instruction sample(Op op) {
  Instruction instruction;
  instruction.op = op;
  instruction.index = {1, 2, 3};
  instruction.memarg = {.align_log2 = 5, .memory = {1}, .offset = 0x1'0000'0007};
  instruction.block = {
      .kind = wasm::BlockType::Kind::value, .value = ValType::ref(HeapType::concrete(0), true), .type = {}};
  instruction.bits = 0x8000'0001; // a negative i32, a denormal f32 and f64
  if (op == Op::i32_const) instruction.bits = static_cast<uint64_t>(int64_t(-5));
  instruction.bytes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  instruction.heap = {HeapType{HeapKind::any}, HeapType::concrete(0)};
  instruction.cast_flags = 2;
  instruction.labels = {0, 1, 7};
  instruction.types = {kI64, kExternRef};
  instruction.catches = {{wasm::Catch::Kind::tag, {1}, 0}, {wasm::Catch::Kind::all_ref, {}, 1}};
  instruction.handlers = {{0, {1}, 0}, {1, {2}, 0}};
  return instruction;
}

/// A module whose one body holds the instruction, inside of the blocks that it needs around it.
Binary module_with(Op op) {
  wasm::Encoder code;
  auto emit = [&code](Op other) { code.emit({.op = other}); };
  bool opens = op == Op::block || op == Op::loop || op == Op::if_ || op == Op::try_ || op == Op::try_table;
  bool in_try = op == Op::catch_ || op == Op::catch_all || op == Op::delegate;
  if (op == Op::else_) emit(Op::if_);
  if (in_try) emit(Op::try_);
  if (op != Op::end) code.emit(sample(op));
  if (opens || op == Op::else_ || op == Op::catch_ || op == Op::catch_all) emit(Op::end);
  emit(Op::end);
  wasm::Module module;
  module.types.emplace_back();
  module.rec_group_starts = {0};
  module.functions = {{0}};
  wasm::Body& body = module.bodies.emplace_back();
  body.code = code.view();
  if (wasm::op_info(op).immediates.find('d') != std::string_view::npos) module.data_count = 0;
  return wasm::encode(module);
}

TEST(Opcode, every_row_prints_what_parses_to_the_same_bytes) {
  for (size_t i = 0; i < static_cast<size_t>(Op::count); i++) {
    Op op = static_cast<Op>(i);
    Binary bytes = module_with(op);
    std::string text = reprint(bytes);
    Expected<Binary> again = parse(text);
    ASSERT_TRUE(again) << wasm::op_info(op).name << ": " << again.error().to_string() << "\n" << text;
    EXPECT_EQ(hex(bytes), hex(*again)) << text;
  }
}

} // namespace
} // namespace swage::text::test
