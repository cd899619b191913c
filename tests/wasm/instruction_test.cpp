// Every instruction, encoded from its row and read back: what the letters write is what they read, and no
// prefix of it is an instruction.
#include "compiler/wasm/instruction.h"

#include "tests/wasm/support.h"

namespace swage::wasm {
namespace {

using testing::bytes_of;

/// An instruction whose every immediate has a value of its own.
Instruction example(Op op) {
  Instruction insn;
  insn.op = op;
  insn.index = {300, 301, 302};
  if (op_info(op).immediates.find('n') != std::string_view::npos) insn.index = {200};
  insn.memarg = {.align_log2 = 2, .memory = {7}, .offset = 0x1'0000'0001};
  insn.block = {.kind = BlockType::Kind::index, .value = {}, .type = {70'000}};
  insn.bits = 0xFFFF'FFFF'8123'4567;
  for (uint8_t i = 0; i < 16; i++) insn.bytes[i] = i;
  insn.heap = {HeapType::concrete(200), HeapType{HeapKind::i31}};
  insn.cast_flags = 2;
  insn.labels = {1, 2, 128};
  insn.types = {kI64, ValType::ref(HeapType::concrete(3), false)};
  insn.catches = {{Catch::Kind::tag, {1}, 2},
                  {Catch::Kind::tag_ref, {3}, 4},
                  {Catch::Kind::all, {}, 5},
                  {Catch::Kind::all_ref, {}, 6}};
  insn.handlers = {{0, {1}, 2}, {1, {3}, 0}};
  return insn;
}

std::vector<std::byte> encoded(const Instruction& insn) {
  Encoder out;
  out.emit(insn);
  return out.take();
}

TEST(Instructions, EachIsReadAsItWasWritten) {
  Module module;
  module.features = FeatureSet::all();
  for (size_t i = 0; i < op_infos().size(); i++) {
    Op op = static_cast<Op>(i);
    SCOPED_TRACE(op_infos()[i].name);
    std::vector<std::byte> bytes = encoded(example(op));
    InstructionReader reader(bytes, 0, module);
    Instruction insn;
    Expected<void> result = reader.next(insn);
    ASSERT_TRUE(result.has_value()) << result.error().to_string();
    EXPECT_EQ(insn.op, op);
    EXPECT_TRUE(reader.at_end());
    EXPECT_EQ(encoded(insn), bytes);
  }
}

TEST(Instructions, NoProperPrefixIsOne) {
  Module module;
  module.features = FeatureSet::all();
  for (size_t i = 0; i < op_infos().size(); i++) {
    std::vector<std::byte> bytes = encoded(example(static_cast<Op>(i)));
    for (size_t size = 0; size < bytes.size(); size++) {
      InstructionReader reader(Bytes(bytes).first(size), 0, module);
      Instruction insn;
      Expected<void> result = reader.next(insn);
      ASSERT_FALSE(result.has_value()) << op_infos()[i].name << " of " << size << " bytes";
      EXPECT_EQ(result.error().code, ErrorCode::malformed);
    }
  }
}

TEST(Instructions, EachNeedsTheFeatureOfItsRow) {
  Module module;
  for (size_t i = 0; i < op_infos().size(); i++) {
    const OpInfo& info = op_infos()[i];
    module.features = FeatureSet::all();
    module.features.disable(info.feature);
    std::vector<std::byte> bytes = encoded(example(static_cast<Op>(i)));
    InstructionReader reader(bytes, 0, module);
    Instruction insn;
    Expected<void> result = reader.next(insn);
    ASSERT_FALSE(result.has_value()) << info.name;
    EXPECT_EQ(result.error().code, ErrorCode::unsupported) << info.name;
    EXPECT_EQ(result.error().hint, "--features " + std::string(feature_info(info.feature).flag));
  }
}

/// What reading one instruction of these bytes says.
std::string read(const std::vector<std::byte>& bytes) {
  Module module;
  module.features = FeatureSet::all();
  InstructionReader reader(bytes, 0, module);
  Instruction insn;
  Expected<void> result = reader.next(insn);
  return result ? std::string(op_info(insn.op).text) : testing::verdict(result.error());
}

TEST(Instructions, IllegalOpcodesAreNamedByTheirBytes) {
  EXPECT_EQ(read(bytes_of({0x27})), "malformed: illegal opcode 27");
  EXPECT_EQ(read(bytes_of({0xFF})), "malformed: illegal opcode ff");
  EXPECT_EQ(read(bytes_of({0xFC, 0x18})), "malformed: illegal opcode fc 18");
  EXPECT_EQ(read(bytes_of({0xFD, 0x9A, 0x01})), "malformed: illegal opcode fd 9a");
  EXPECT_EQ(read(bytes_of({0xFD, 0x80, 0x80, 0x80, 0x08})), "malformed: illegal opcode fd 1000000");
}

TEST(Instructions, ASubOpcodeMayBePadded) {
  EXPECT_EQ(read(bytes_of({0xFC, 0x80, 0x80, 0x00, 0x0B})), "i32.trunc_sat_f32_s");
}

TEST(Instructions, MemargFlags) {
  EXPECT_EQ(read(bytes_of({0x28, 0x02, 0x00})), "i32.load");
  EXPECT_EQ(read(bytes_of({0x28, 0x42, 0x01, 0x00})), "i32.load");
  EXPECT_EQ(read(bytes_of({0x28, 0x80, 0x01, 0x00})), "malformed: malformed memop flags");
}

TEST(Instructions, SmallEnumerations) {
  EXPECT_EQ(read(bytes_of({0xFE, 0x03, 0x00})), "atomic.fence");
  EXPECT_EQ(read(bytes_of({0xFE, 0x03, 0x01})), "malformed: zero byte expected");
  EXPECT_EQ(read(bytes_of({0xFB, 0x18, 0x03, 0x00, 0x6E, 0x6D})), "br_on_cast");
  EXPECT_EQ(read(bytes_of({0xFB, 0x18, 0x04, 0x00, 0x6E, 0x6D})), "malformed: malformed br_on_cast flags");
  EXPECT_EQ(read(bytes_of({0x1F, 0x40, 0x01, 0x04, 0x00})), "malformed: malformed catch clause");
  EXPECT_EQ(read(bytes_of({0xE3, 0x00, 0x01, 0x02, 0x00, 0x00})), "malformed: malformed handler clause");
}

TEST(Instructions, BlockTypes) {
  EXPECT_EQ(read(bytes_of({0x02, 0x40})), "block");
  EXPECT_EQ(read(bytes_of({0x02, 0x64, 0x6E})), "block");
  EXPECT_EQ(read(bytes_of({0x02, 0x00})), "block");
  EXPECT_EQ(read(bytes_of({0x02, 0x41})), "malformed: malformed value type");
  EXPECT_EQ(read(bytes_of({0x02, 0xC0, 0x7F})), "malformed: malformed block type") << "a negative index";
}

TEST(Instructions, ABranchTableIsBounded) {
  Instruction table;
  table.op = Op::br_table;
  table.labels.assign(100'001, 0);
  EXPECT_EQ(read(encoded(table)), "br_table");
  table.labels.assign(100'002, 0);
  EXPECT_EQ(read(encoded(table)), "limit: br_table of 100001 targets, the limit is 100000");
}

TEST(Instructions, OffsetsCountFromTheExpressionsFirstByte) {
  Module module;
  module.features = FeatureSet::all();
  std::vector<std::byte> bytes = bytes_of({0x41, 0xC0, 0x00, 0x1A, 0x0B});
  InstructionReader reader(bytes, 1000, module);
  Instruction insn;
  std::vector<uint32_t> offsets;
  while (!reader.at_end()) {
    ASSERT_TRUE(reader.next(insn).has_value());
    offsets.push_back(insn.offset);
  }
  EXPECT_EQ(offsets, (std::vector<uint32_t>{0, 3, 4}));
}

} // namespace
} // namespace swage::wasm
