// Codes and flags of the binary format that decode and encode must agree on. Sections have sections.h,
// instructions their rows, value and heap types the values of their enums.
#pragma once

#include <cstdint>

namespace swage::wasm {

// https://webassembly.github.io/spec/core/binary/types.html
inline constexpr uint8_t kRecType = 0x4E;
inline constexpr uint8_t kSubType = 0x50;
inline constexpr uint8_t kSubFinalType = 0x4F;
inline constexpr uint8_t kFuncType = 0x60;
inline constexpr uint8_t kStructType = 0x5F;
inline constexpr uint8_t kArrayType = 0x5E;
inline constexpr uint8_t kContType = 0x5D;
inline constexpr uint8_t kPackedI8 = 0x78;
inline constexpr uint8_t kPackedI16 = 0x77;

// https://webassembly.github.io/spec/core/binary/types.html#limits
inline constexpr uint8_t kLimitsMax = 0x01;
inline constexpr uint8_t kLimitsShared = 0x02;
inline constexpr uint8_t kLimits64 = 0x04;
inline constexpr uint8_t kLimitsPageSize = 0x08; ///< its log2 follows
inline constexpr uint8_t kDefaultPageLog2 = 16;

// In place of an import's kind, after an empty name: a list of names and types follows, or a type and a list
// of names.
// https://github.com/WebAssembly/compact-import-section/blob/main/proposals/compact-import-section/Overview.md
inline constexpr uint8_t kImportItems = 0x7F;
inline constexpr uint8_t kImportsOfOneType = 0x7E;

// https://webassembly.github.io/spec/core/binary/modules.html#table-section: before a table with an
// initializer
inline constexpr uint8_t kTableWithInit = 0x40;

// Bits that an element segment begins with.
// https://webassembly.github.io/spec/core/binary/modules.html#element-section
inline constexpr uint32_t kElemPassive = 1;  ///< or declarative, with the next
inline constexpr uint32_t kElemExplicit = 2; ///< a table index if active, declarative if not
inline constexpr uint32_t kElemExpressions = 4;

// What a data segment begins with. https://webassembly.github.io/spec/core/binary/modules.html#data-section
inline constexpr uint32_t kDataPassive = 1;
inline constexpr uint32_t kDataExplicit = 2; ///< active, with a memory index

} // namespace swage::wasm
