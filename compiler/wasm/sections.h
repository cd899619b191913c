// Ids and order of the sections, for decode and encode alike.
// https://webassembly.github.io/spec/core/binary/modules.html#sections
#pragma once

#include <array>
#include <cstdint>

namespace swage::wasm {

enum class Section : uint8_t {
  custom = 0,
  type = 1,
  import = 2,
  function = 3,
  table = 4,
  memory = 5,
  global = 6,
  export_ = 7,
  start = 8,
  element = 9,
  code = 10,
  data = 11,
  data_count = 12,
  tag = 13,
};

/// The order in which they stand in a module. It differs from the ids where a section came later.
inline constexpr std::array kSectionOrder = {
    Section::type,       Section::import, Section::function, Section::table, Section::memory,
    Section::tag,        Section::global, Section::export_,  Section::start, Section::element,
    Section::data_count, Section::code,   Section::data,
};

inline constexpr uint8_t kMagicAndVersion[] = {0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00};
inline constexpr char kNameSection[] = "name";
inline constexpr char kBranchHintSection[] = "metadata.code.branch_hint";

} // namespace swage::wasm
