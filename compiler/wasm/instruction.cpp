// Reads one instruction: its code, then what each letter of its row says.
#include "compiler/wasm/instruction.h"

#include <fmt/core.h>

#include "compiler/wasm/limits.h"

namespace swage::wasm {

namespace {

// https://webassembly.github.io/spec/core/binary/instructions.html: codes from here on are followed by a
// sub-opcode.
constexpr uint8_t kFirstPrefix = 0xFB;
constexpr uint8_t kLastPrefix = 0xFE;

// What reading needs of a row, in 8 bytes: the whole table then stays in the first-level cache.
struct Row {
  std::array<char, 4> letters = {};
  uint8_t letter_count = 0;
  bool is_one_index = false; ///< the most frequent shape, read without a loop
  Feature feature = Feature::mvp;
};

constexpr auto kRows = [] {
  std::array<Row, static_cast<size_t>(Op::count)> rows;
  for (size_t i = 0; i < rows.size(); i++) {
    const OpInfo& info = detail::kOpInfos[i];
    rows[i].feature = info.feature;
    for (char letter : info.immediates) rows[i].letters[rows[i].letter_count++] = letter;
    rows[i].is_one_index = info.immediates.size() == 1 && info.immediates.find_first_of("xgfltdeG") == 0;
  }
  return rows;
}();

constexpr auto kSingleByteOps = [] {
  std::array<Op, 256> ops;
  ops.fill(Op::count);
  for (size_t i = 0; i < kRows.size(); i++)
    if (uint32_t code = detail::kOpInfos[i].code; code < ops.size()) ops[code] = static_cast<Op>(i);
  return ops;
}();

} // namespace

bool InstructionReader::read(Instruction& out) {
  uint64_t at = reader_.offset();
  out.offset = position();
  uint8_t code = reader_.byte();
  out.op = kSingleByteOps[code];
  if (out.op == Op::count && !read_prefixed(out, code, at)) return false;
  const Row& row = kRows[static_cast<size_t>(out.op)];
  if (!reader_.features().has(row.feature)) return reader_.require(row.feature, at, op_info(out.op).text);
  reader_.use(row.feature);
  if (row.is_one_index)
    out.index[0] = reader_.u32();
  else if (row.letter_count != 0)
    read_immediates(out, {row.letters.data(), row.letter_count});
  return !reader_.failed();
}

bool InstructionReader::read_prefixed(Instruction& out, uint8_t prefix, uint64_t at) {
  if (reader_.failed()) return false;
  if (prefix < kFirstPrefix || prefix > kLastPrefix) {
    reader_.fail_at(at, fmt::format("illegal opcode {:02x}", prefix));
    return false;
  }
  uint32_t code = reader_.u32();
  if (reader_.failed()) return false;
  std::optional<Op> op = code <= 0xFFFF ? find_op(uint32_t{prefix} << 16 | code) : std::nullopt;
  if (!op)
    reader_.fail_at(at, fmt::format("illegal opcode {:02x} {:02x}", prefix, code));
  else
    out.op = *op;
  return !reader_.failed();
}

void InstructionReader::read_immediates(Instruction& out, std::string_view letters) {
  uint32_t* index = out.index.data();
  HeapType* heap = out.heap.data();
  for (char letter : letters) {
    switch (letter) {
    case 'x':
    case 'g':
    case 'f':
    case 'l':
    case 't':
    case 'd':
    case 'e':
    case 'G':
    case 'k':
    case 'u': *index++ = reader_.u32(); break;
    case 'T': {
      uint64_t at = reader_.offset();
      if (uint32_t table = *index++ = reader_.u32(); table != 0)
        reader_.require(Feature::reference_types, at, "a second table");
      break;
    }
    case 'M': {
      uint64_t at = reader_.offset();
      if (uint32_t memory = *index++ = reader_.u32(); memory != 0)
        reader_.require(Feature::multi_memory, at, "a second memory");
      break;
    }
    case 'n': *index++ = reader_.byte(); break;
    case 'm': read_memarg(out.memarg); break;
    case 'B': out.block = read_block_type(); break;
    case 'i': out.bits = static_cast<uint64_t>(int64_t{reader_.s32()}); break;
    case 'I': out.bits = static_cast<uint64_t>(reader_.s64()); break;
    case 's': out.bits = reader_.fixed32(); break;
    case 'D': out.bits = reader_.fixed64(); break;
    case 'V':
    case 'S': {
      Bytes raw = reader_.take(out.bytes.size());
      if (!raw.empty()) std::memcpy(out.bytes.data(), raw.data(), raw.size());
      break;
    }
    case 'L': {
      uint64_t at = reader_.offset();
      uint32_t count = reader_.count();
      if (count > kMaxBranchTargets)
        reader_.fail_at(at, fmt::format("br_table of {} targets, the limit is {}", count, kMaxBranchTargets),
                        ErrorCode::limit);
      out.labels.clear();
      for (uint32_t i = 0; i <= count && !reader_.failed(); i++) out.labels.push_back(reader_.u32());
      break;
    }
    case 'R': {
      uint32_t count = reader_.count();
      out.types.clear();
      for (uint32_t i = 0; i < count && !reader_.failed(); i++) out.types.push_back(reader_.val_type());
      break;
    }
    case 'h': *heap++ = reader_.heap_type(); break; // br_on_cast has two, the source first
    case 'c':
      out.cast_flags = reader_.byte();
      if (out.cast_flags > 3) reader_.fail("malformed br_on_cast flags");
      break;
    case 'C': {
      uint32_t count = reader_.count();
      out.catches.clear();
      for (uint32_t i = 0; i < count && !reader_.failed(); i++) {
        Catch clause;
        uint8_t kind = reader_.byte();
        if (kind > 3) reader_.fail("malformed catch clause");
        clause.kind = static_cast<Catch::Kind>(kind);
        if (clause.kind == Catch::Kind::tag || clause.kind == Catch::Kind::tag_ref)
          clause.tag = {reader_.u32()};
        clause.label = reader_.u32();
        out.catches.push_back(clause);
      }
      break;
    }
    case 'H': {
      uint32_t count = reader_.count();
      out.handlers.clear();
      for (uint32_t i = 0; i < count && !reader_.failed(); i++) {
        Handler handler;
        handler.kind = reader_.byte();
        if (handler.kind > 1) reader_.fail("malformed handler clause");
        handler.tag = {reader_.u32()};
        if (handler.kind == 0) handler.label = reader_.u32();
        out.handlers.push_back(handler);
      }
      break;
    }
    case 'z':
      if (reader_.peek() != 0) reader_.fail("zero byte expected");
      reader_.byte();
      break;
    default: assert(false && "a letter that opcode.h does not know");
    }
  }
}

// https://webassembly.github.io/spec/core/binary/instructions.html#memory-instructions: bit 6 says that a
// memory index follows.
void InstructionReader::read_memarg(MemArg& memarg) {
  constexpr uint32_t kHasMemory = 0x40;
  uint64_t at = reader_.offset();
  uint32_t flags = reader_.u32();
  if (flags >= 2 * kHasMemory) reader_.fail_at(at, "malformed memop flags");
  memarg.memory = {};
  if (flags & kHasMemory && reader_.require(Feature::multi_memory, at, "a memory index"))
    memarg.memory = {reader_.u32()};
  memarg.align_log2 = flags & (kHasMemory - 1);
  memarg.offset = reader_.u64();
}

// https://webassembly.github.io/spec/core/binary/instructions.html#binary-blocktype
BlockType InstructionReader::read_block_type() {
  constexpr uint8_t kEmpty = 0x40;
  BlockType type;
  uint64_t at = reader_.offset();
  uint8_t first = reader_.peek();
  if (first == kEmpty) {
    reader_.byte();
  } else if (first > kEmpty && first < 0x80) {
    type.kind = BlockType::Kind::value;
    type.value = reader_.val_type();
  } else {
    int64_t index = reader_.s33();
    if (index < 0) reader_.fail_at(at, "malformed block type");
    reader_.require(Feature::multi_value, at, "a block type with parameters or several results");
    type.kind = BlockType::Kind::index;
    type.type = {static_cast<uint32_t>(index)};
  }
  return type;
}

} // namespace swage::wasm
