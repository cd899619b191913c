// wasm::natural_align_log2 as a table, for parser and printer, which ask for every memory instruction.
#pragma once

#include <array>

#include "compiler/wasm/opcode.h"

namespace swage::text {

inline constexpr size_t kOpCount = static_cast<size_t>(wasm::Op::count);

inline constexpr std::array<uint8_t, kOpCount> kNaturalAlign = [] {
  std::array<uint8_t, kOpCount> table = {};
  for (size_t i = 0; i < kOpCount; i++)
    if (wasm::op_infos()[i].immediates.starts_with('m'))
      table[i] = static_cast<uint8_t>(wasm::natural_align_log2(static_cast<wasm::Op>(i)));
  return table;
}();

constexpr uint32_t natural_align(wasm::Op op) { return kNaturalAlign[static_cast<size_t>(op)]; }

} // namespace swage::text
