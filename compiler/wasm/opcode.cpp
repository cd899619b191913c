// Both ways into the table, by code and by text, built by the compiler from the rows: two array accesses for
// a code, one hash and usually one compare for a text.
#include "compiler/wasm/opcode.h"

#include <array>

namespace swage::wasm {

namespace {

constexpr uint16_t kNone = 0xFFFF;
constexpr size_t kOpCount = static_cast<size_t>(Op::count);
static_assert(kOpCount == std::size(detail::kOpInfos));

// https://webassembly.github.io/spec/core/binary/instructions.html: prefixes 0xFB (GC), 0xFC (misc), 0xFD
// (vectors), 0xFE (atomics).
constexpr uint32_t kFirstPrefix = 0xFB;
constexpr uint32_t kPrefixes = 4;
constexpr uint32_t kSubcodes = 0x200;

struct CodeTable {
  std::array<uint16_t, 256> single;
  std::array<std::array<uint16_t, kSubcodes>, kPrefixes> prefixed;
};

constexpr CodeTable make_code_table() {
  CodeTable table;
  table.single.fill(kNone);
  for (auto& row : table.prefixed) row.fill(kNone);
  for (uint16_t i = 0; i < kOpCount; i++) {
    uint32_t code = detail::kOpInfos[i].code;
    uint32_t prefix = code >> 16;
    if (prefix == 0)
      table.single[code] = i;
    else
      table.prefixed[prefix - kFirstPrefix][code & 0xFFFF] = i;
  }
  return table;
}
constexpr CodeTable kByCode = make_code_table();

constexpr uint32_t hash(std::string_view text) {
  uint32_t h = 2166136261u; // FNV-1a
  for (char c : text) h = (h ^ static_cast<uint8_t>(c)) * 16777619u;
  return h ^ h >> 15;
}

constexpr size_t kSlots = 2048; // open addressing, under a third full
static_assert(kOpCount * 3 < kSlots);

constexpr std::array<uint16_t, kSlots> make_text_table() {
  std::array<uint16_t, kSlots> slots;
  slots.fill(kNone);
  for (uint16_t i = 0; i < kOpCount; i++) {
    size_t slot = hash(detail::kOpInfos[i].text) % kSlots;
    while (slots[slot] != kNone && detail::kOpInfos[slots[slot]].text != detail::kOpInfos[i].text)
      slot = (slot + 1) % kSlots;
    if (slots[slot] == kNone) slots[slot] = i; // the first of two rows with one text
  }
  return slots;
}
constexpr std::array<uint16_t, kSlots> kByText = make_text_table();

std::optional<Op> found(uint16_t index) {
  return index == kNone ? std::nullopt : std::optional(static_cast<Op>(index));
}

} // namespace

std::optional<Op> find_op(uint32_t code) {
  uint32_t prefix = code >> 16;
  uint32_t subcode = code & 0xFFFF;
  if (prefix == 0) return subcode < 256 ? found(kByCode.single[subcode]) : std::nullopt;
  if (prefix < kFirstPrefix || prefix >= kFirstPrefix + kPrefixes || subcode >= kSubcodes)
    return std::nullopt;
  return found(kByCode.prefixed[prefix - kFirstPrefix][subcode]);
}

std::optional<Op> find_op(std::string_view text) {
  for (size_t slot = hash(text) % kSlots; kByText[slot] != kNone; slot = (slot + 1) % kSlots)
    if (detail::kOpInfos[kByText[slot]].text == text) return static_cast<Op>(kByText[slot]);
  return std::nullopt;
}

static_assert(op_info(Op::i32_add).signature == "ii>i");
static_assert(natural_align_log2(Op::i32_load8_s) == 0);
static_assert(natural_align_log2(Op::f64_store) == 3);
static_assert(natural_align_log2(Op::i64_load32_u) == 2);
static_assert(natural_align_log2(Op::v128_load8x8_s) == 3);
static_assert(natural_align_log2(Op::v128_load16_lane) == 1);
static_assert(natural_align_log2(Op::v128_store) == 4);
static_assert(natural_align_log2(Op::memory_atomic_notify) == 2);
static_assert(natural_align_log2(Op::memory_atomic_wait64) == 3);
static_assert(natural_align_log2(Op::i64_atomic_rmw16_cmpxchg_u) == 1);
static_assert(natural_align_log2(Op::i64_atomic_rmw_add) == 3);

} // namespace swage::wasm
