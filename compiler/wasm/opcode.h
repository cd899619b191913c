// The instruction set as a table: one row per instruction in opcodes.inc, and everything that handles
// instructions is driven by it: decoder, encoder, validator, text parser and printer, lowering, fuzz
// generator, documentation.
//
//   OP(id, "text", feature, code, "immediates", "signature", lowering)
//
// code        one byte, or prefix << 16 | sub-opcode: 0x6A, 0xFC'0008, 0xFD'0114.
// immediates  one letter each, in binary order:
//               B block type   l label         L label list and default    f function     t type         T
//               table g global       x local         m memarg (align, memory, offset)           M memory d
//               data segment e element seg. G tag           i i32 constant   I i64      s f32 constant D f64
//               constant V v128 constant n lane (byte)  S 16 lanes      h heap type      R value-type list
//               (select)              k field u u32 (a count)  c cast flags  C catch list (try_table)    z a
//               zero byte                 H handler list (resume)
//             Where binary and text order differ (call_indirect, table.init, memory.init, table.copy) the
//             letters are in binary order and the text parser swaps them.
// signature   operands > results, one letter each: i I f F v are i32 i64 f32 f64 v128; a is the address type
// of the memory
//             of `m` or `M`, A that of the table of `T`; r a reference. "*" is a rule of its own: validate
//             has a function of the id's name for it.
// lowering    a call on the lowering's builder class, as C++: binary(Add), load(8, sext). lower/ alone
// expands it.
//
// https://webassembly.github.io/spec/core/binary/instructions.html
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "compiler/wasm/feature.h"

namespace swage::wasm {

enum class Op : uint16_t {
#define OP(id, text, feature, code, immediates, signature, lowering) id,
#include "compiler/wasm/opcodes.inc"
  count
};

struct OpInfo {
  std::string_view name;
  std::string_view text;
  Feature feature;
  uint32_t code;
  std::string_view immediates;
  std::string_view signature;
};

namespace detail {
inline constexpr OpInfo kOpInfos[] = {
#define OP(id, text, feature, code, immediates, signature, lowering)                                         \
  {#id, text, Feature::feature, code, immediates, signature},
#include "compiler/wasm/opcodes.inc"
};
} // namespace detail

constexpr const OpInfo& op_info(Op op) { return detail::kOpInfos[static_cast<uint16_t>(op)]; }
constexpr std::span<const OpInfo> op_infos() { return detail::kOpInfos; }

/// log2 of the bytes that an instruction with a memarg accesses: the alignment it may claim at most (atomics:
/// exactly), and the text format's default. The spec's names say it: the number after load, store, rmw or
/// wait, else the type's own width. Constant time when the op is a constant; elsewhere a table is worth
/// having. Meaningless without an `m` immediate.
constexpr uint32_t natural_align_log2(Op op) {
  std::string_view text = op_info(op).text;
  uint32_t bits = text.starts_with("v128")                             ? 128
                  : text.starts_with("i64") || text.starts_with("f64") ? 64
                                                                       : 32;
  for (std::string_view verb : {".load", ".store", ".rmw", ".wait"}) {
    size_t at = text.rfind(verb);
    if (at == std::string_view::npos) continue;
    size_t i = at + verb.size();
    uint32_t number = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; i++)
      number = number * 10 + uint32_t(text[i] - '0');
    if (number != 0) bits = number;
    if (i < text.size() && text[i] == 'x') bits = 64; // 8x8, 16x4, 32x2
  }
  uint32_t log2 = 0;
  while (8u << log2 < bits) log2++;
  return log2;
}

/// Lanes that an `n` immediate chooses from: the shape's second number, or the lanes of an access's width.
/// Meaningless without one.
constexpr uint32_t lane_count(Op op) {
  std::string_view text = op_info(op).text;
  if (text.starts_with("v128.")) return 16u >> natural_align_log2(op);
  uint32_t lanes = 0;
  for (size_t i = text.find('x') + 1; text[i] != '.'; i++) lanes = lanes * 10 + uint32_t(text[i] - '0');
  return lanes;
}

/// The instruction of a binary code (as in OpInfo::code). Constant time.
std::optional<Op> find_op(uint32_t code);
/// The instruction of a text name. Constant time.
std::optional<Op> find_op(std::string_view text);

} // namespace swage::wasm
